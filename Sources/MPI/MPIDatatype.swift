import CMPI

/// An element type that MPI can carry.
///
/// Closed: the types below are all there are, since only this package can make a handle.
public protocol MPIDatatype: BitwiseCopyable, Sendable {
  /// The library's handle of this type.
  static var mpiType: DatatypeHandle { get }
}

/// The library's name for an element type.
public struct DatatypeHandle {
  package let raw: OpaquePointer?
}

extension Float: MPIDatatype {
  /// `MPI_FLOAT`.
  public static var mpiType: DatatypeHandle { DatatypeHandle(raw: cmpi_float()) }
}

extension Double: MPIDatatype {
  /// `MPI_DOUBLE`.
  public static var mpiType: DatatypeHandle { DatatypeHandle(raw: cmpi_double()) }
}

extension Int32: MPIDatatype {
  /// `MPI_INT32_T`.
  public static var mpiType: DatatypeHandle { DatatypeHandle(raw: cmpi_int32()) }
}

extension Int64: MPIDatatype {
  /// `MPI_INT64_T`.
  public static var mpiType: DatatypeHandle { DatatypeHandle(raw: cmpi_int64()) }
}

extension UInt64: MPIDatatype {
  /// `MPI_UINT64_T`.
  public static var mpiType: DatatypeHandle { DatatypeHandle(raw: cmpi_uint64()) }
}

extension UInt8: MPIDatatype {
  /// `MPI_UINT8_T`.
  public static var mpiType: DatatypeHandle { DatatypeHandle(raw: cmpi_uint8()) }
}

/// How a reduction combines two elements.
public enum ReductionOperation: Sendable, CaseIterable {
  /// a + b. For floating point the order, hence the last bits, depends on the library and on
  /// the number of ranks: sums that training uses take the shard tree instead.
  case sum
  /// The smaller of a and b.
  case minimum
  /// The larger of a and b.
  case maximum

  var handle: OpaquePointer? {
    switch self {
    case .sum: cmpi_sum()
    case .minimum: cmpi_min()
    case .maximum: cmpi_max()
    }
  }
}
