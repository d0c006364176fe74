import CHDF5
import MPI

extension HDF5File {
  /// Creates a file together, replacing what was there. Collective.
  /// - Throws: `HDF5Error`.
  public static func create(
    at path: String, options: HDF5FileOptions = HDF5FileOptions(),
    on communicator: borrowing Communicator
  ) throws -> HDF5File {
    let access = try parallelAccessProperties(options: options, on: communicator)
    return try create(at: path, options: options, access: access, isParallel: true)
  }

  /// Opens a file together. Collective.
  /// - Throws: `HDF5Error`.
  public static func open(
    _ path: String, _ mode: Access, on communicator: borrowing Communicator
  ) throws -> HDF5File {
    let access = try parallelAccessProperties(options: HDF5FileOptions(), on: communicator)
    return try open(path, mode, access: access, isParallel: true)
  }

  private static func parallelAccessProperties(
    options: HDF5FileOptions, on communicator: borrowing Communicator
  ) throws -> HDF5Handle {
    let list = try accessProperties(options: options)
    // herr_t H5Pset_fapl_mpio(hid_t list, MPI_Comm communicator, MPI_Info hints)
    try HDF5Library.check(
      H5Pset_fapl_mpio(list.identifier, communicator.handle, chdf5_no_hints()), "H5Pset_fapl_mpio",
      "file access properties")
    return list
  }
}
