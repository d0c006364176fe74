// Swift imports functions, not macros: one static inline function for each HDF5 (and MPI) macro in use.
#include <hdf5.h>

// H5E_DEFAULT, H5P_DEFAULT, H5S_ALL, H5S_UNLIMITED, HADDR_UNDEF
static inline hid_t chdf5_error_stack_default(void) { return H5E_DEFAULT; }
static inline hid_t chdf5_property_default(void) { return H5P_DEFAULT; }
static inline hid_t chdf5_space_all(void) { return H5S_ALL; }
static inline haddr_t chdf5_address_undefined(void) { return HADDR_UNDEF; }

// H5F_ACC_*
static inline unsigned chdf5_access_read_only(void) { return H5F_ACC_RDONLY; }
static inline unsigned chdf5_access_read_write(void) { return H5F_ACC_RDWR; }
static inline unsigned chdf5_access_truncate(void) { return H5F_ACC_TRUNC; }

// H5P_* property list classes
static inline hid_t chdf5_class_file_create(void) { return H5P_FILE_CREATE; }
static inline hid_t chdf5_class_file_access(void) { return H5P_FILE_ACCESS; }
static inline hid_t chdf5_class_dataset_create(void) { return H5P_DATASET_CREATE; }
static inline hid_t chdf5_class_dataset_transfer(void) { return H5P_DATASET_XFER; }
static inline hid_t chdf5_class_link_create(void) { return H5P_LINK_CREATE; }
static inline hid_t chdf5_class_group_create(void) { return H5P_GROUP_CREATE; }

// H5T_* types; the files are little-endian on every machine, memory is native
static inline hid_t chdf5_native_float(void) { return H5T_NATIVE_FLOAT; }
static inline hid_t chdf5_native_double(void) { return H5T_NATIVE_DOUBLE; }
static inline hid_t chdf5_native_int32(void) { return H5T_NATIVE_INT32; }
static inline hid_t chdf5_native_int64(void) { return H5T_NATIVE_INT64; }
static inline hid_t chdf5_native_uint64(void) { return H5T_NATIVE_UINT64; }
static inline hid_t chdf5_native_uint8(void) { return H5T_NATIVE_UINT8; }
static inline hid_t chdf5_file_float(void) { return H5T_IEEE_F32LE; }
static inline hid_t chdf5_file_double(void) { return H5T_IEEE_F64LE; }
static inline hid_t chdf5_file_int32(void) { return H5T_STD_I32LE; }
static inline hid_t chdf5_file_int64(void) { return H5T_STD_I64LE; }
static inline hid_t chdf5_file_uint64(void) { return H5T_STD_U64LE; }
static inline hid_t chdf5_file_uint8(void) { return H5T_STD_U8LE; }
static inline hid_t chdf5_string(void) { return H5T_C_S1; }

// MPI_INFO_NULL
static inline MPI_Info chdf5_no_hints(void) { return MPI_INFO_NULL; }
