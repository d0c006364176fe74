import CHDF5

/// The element types that files of this project hold, all little-endian in the file.
public enum HDF5ScalarType: String, Sendable, Codable, CaseIterable {
  /// IEEE 754 binary32, 4 bytes.
  case float32
  /// IEEE 754 binary64, 8 bytes.
  case float64
  /// Two's complement, 4 bytes.
  case int32
  /// Two's complement, 8 bytes.
  case int64
  /// Unsigned, 8 bytes.
  case uint64
  /// Unsigned, 1 byte.
  case uint8

  /// Bytes of one element, in memory and in the file.
  public var byteCount: Int {
    switch self {
    case .uint8: 1
    case .float32, .int32: 4
    case .float64, .int64, .uint64: 8
    }
  }

  var fileType: hid_t {
    switch self {
    case .float32: chdf5_file_float()
    case .float64: chdf5_file_double()
    case .int32: chdf5_file_int32()
    case .int64: chdf5_file_int64()
    case .uint64: chdf5_file_uint64()
    case .uint8: chdf5_file_uint8()
    }
  }

  var memoryType: hid_t {
    switch self {
    case .float32: chdf5_native_float()
    case .float64: chdf5_native_double()
    case .int32: chdf5_native_int32()
    case .int64: chdf5_native_int64()
    case .uint64: chdf5_native_uint64()
    case .uint8: chdf5_native_uint8()
    }
  }
}

/// A Swift type whose arrays can be written to and read from a dataset. Conformances are closed.
public protocol HDF5Scalar: BitwiseCopyable, Sendable {
  /// The element type in the file.
  static var hdf5Type: HDF5ScalarType { get }
  /// The value that fresh buffers are filled with.
  static var zero: Self { get }
}

extension Float: HDF5Scalar {
  /// `float32`.
  public static var hdf5Type: HDF5ScalarType { .float32 }
}
extension Double: HDF5Scalar {
  /// `float64`.
  public static var hdf5Type: HDF5ScalarType { .float64 }
}
extension Int32: HDF5Scalar {
  /// `int32`.
  public static var hdf5Type: HDF5ScalarType { .int32 }
}
extension Int64: HDF5Scalar {
  /// `int64`.
  public static var hdf5Type: HDF5ScalarType { .int64 }
}
extension UInt64: HDF5Scalar {
  /// `uint64`.
  public static var hdf5Type: HDF5ScalarType { .uint64 }
}
extension UInt8: HDF5Scalar {
  /// `uint8`.
  public static var hdf5Type: HDF5ScalarType { .uint8 }
}
