/// One contiguous, 64-byte aligned array of numbers at a fixed address, [count].
///
/// Parameters, gradients, moments and averages are all of this type. A class, because recorded
/// tapes point into it for as long as it lives.
package final class ParameterBuffer<Scalar: TensorScalar> {
  package let count: Int
  package let pointer: UnsafeMutablePointer<Scalar>
  /// Who frees the memory; nil if this buffer does.
  private let owner: AnyObject?

  /// A buffer of zeros.
  package init(count: Int) {
    self.count = count
    let bytes = max(64, (count * MemoryLayout<Scalar>.stride + 63) / 64 * 64)
    let raw = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
    pointer = raw.bindMemory(to: Scalar.self, capacity: max(1, count))
    pointer.initialize(repeating: 0, count: count)
    owner = nil
  }

  /// A buffer in somebody else's memory, which holds `count` numbers, 64-byte aligned.
  ///
  /// - Parameter owner: keeps the memory as long as it lives.
  package init(count: Int, at memory: UnsafeMutableRawPointer, of owner: AnyObject) {
    precondition(UInt(bitPattern: memory) % 64 == 0, "expected 64-byte alignment, got \(memory)")
    self.count = count
    pointer = memory.bindMemory(to: Scalar.self, capacity: max(1, count))
    self.owner = owner
  }

  /// Parameters at their start. The same bits for the same (layout, seed), on any rank.
  package convenience init(layout: ParameterLayout, seed: UInt64) {
    self.init(count: layout.count)
    for (index, entry) in layout.entries.enumerated() {
      for element in 0..<entry.count {
        pointer[entry.offset + element] = Scalar(
          entry.initialisation.value(element: element, parameter: index, seed: seed))
      }
    }
  }

  deinit { if owner == nil { pointer.deallocate() } }

  /// The same numbers in another precision.
  package func converted<Other: TensorScalar>(to type: Other.Type) -> ParameterBuffer<Other> {
    let other = ParameterBuffer<Other>(count: count)
    for i in 0..<count { other.pointer[i] = Other(pointer[i]) }
    return other
  }

  /// Copies all numbers of a buffer of the same length.
  package func copy(from other: ParameterBuffer<Scalar>) {
    precondition(count == other.count, "expected \(count) elements, got \(other.count)")
    pointer.update(from: other.pointer, count: count)
  }

  package subscript(index: Int) -> Scalar {
    get {
      precondition(index >= 0 && index < count, "element \(index) of \(count)")
      return pointer[index]
    }
    set {
      precondition(index >= 0 && index < count, "element \(index) of \(count)")
      pointer[index] = newValue
    }
  }
}
