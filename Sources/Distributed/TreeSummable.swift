import MPI

/// An element type that the shard tree can add.
///
/// The loops are written for each type, not generically, so that callers in other modules reach
/// vector code without specialisation.
public protocol TreeSummable: MPIDatatype, AdditiveArithmetic {
  /// result[i] ← left[i] + right[i] for i in 0 ..< count. `result` may be `left` or `right`; partial
  /// overlap is not allowed.
  static func add(
    _ left: UnsafePointer<Self>, _ right: UnsafePointer<Self>,
    into result: UnsafeMutablePointer<Self>, count: Int)
}

extension Float: TreeSummable {
  /// result[i] ← left[i] + right[i].
  public static func add(
    _ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>,
    into result: UnsafeMutablePointer<Float>, count: Int
  ) {
    var index = 0
    while index < count {
      result[index] = left[index] + right[index]
      index &+= 1
    }
  }
}

extension Double: TreeSummable {
  /// result[i] ← left[i] + right[i].
  public static func add(
    _ left: UnsafePointer<Double>, _ right: UnsafePointer<Double>,
    into result: UnsafeMutablePointer<Double>, count: Int
  ) {
    var index = 0
    while index < count {
      result[index] = left[index] + right[index]
      index &+= 1
    }
  }
}
