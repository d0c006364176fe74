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
    // Whole vectors by hand: the compiler's own loop takes single elements where places coincide.
    let (lefts, rights) = (UnsafeRawPointer(left), UnsafeRawPointer(right))
    let results = UnsafeMutableRawPointer(result)
    var index = 0
    while index &+ 16 <= count {
      let offset = index &* MemoryLayout<Float>.stride
      let sum =
        lefts.loadUnaligned(fromByteOffset: offset, as: SIMD16<Float>.self)
        + rights.loadUnaligned(fromByteOffset: offset, as: SIMD16<Float>.self)
      results.storeBytes(of: sum, toByteOffset: offset, as: SIMD16<Float>.self)
      index &+= 16
    }
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
    // Whole vectors by hand: the compiler's own loop takes single elements where places coincide.
    let (lefts, rights) = (UnsafeRawPointer(left), UnsafeRawPointer(right))
    let results = UnsafeMutableRawPointer(result)
    var index = 0
    while index &+ 16 <= count {
      let offset = index &* MemoryLayout<Double>.stride
      let sum =
        lefts.loadUnaligned(fromByteOffset: offset, as: SIMD16<Double>.self)
        + rights.loadUnaligned(fromByteOffset: offset, as: SIMD16<Double>.self)
      results.storeBytes(of: sum, toByteOffset: offset, as: SIMD16<Double>.self)
      index &+= 16
    }
    while index < count {
      result[index] = left[index] + right[index]
      index &+= 1
    }
  }
}
