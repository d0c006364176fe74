/// The part of a named array that a rank owns.
struct OwnedSlice {
  /// Range in the flat buffer.
  let elements: Range<Int>
  /// The same range, counted from the array's first element.
  let withinArray: Range<Int>
}

extension DistributedArray {
  /// The arrays that this rank holds a part of, in layout order.
  var ownedSlices: [(specification: ArraySpecification, slice: OwnedSlice)] {
    zip(specifications, layout).compactMap { specification, array in
      let range = array.range.clamped(to: owned)
      guard !range.isEmpty else { return nil }
      let within = range.lowerBound - array.offset..<range.upperBound - array.offset
      return (specification, OwnedSlice(elements: range, withinArray: within))
    }
  }

  /// The bytes of a range of the flat buffer.
  /// - Precondition: this rank owns the range.
  func bytes(of range: Range<Int>) -> UnsafeRawBufferPointer {
    precondition(owned.contains(range), "\(group): \(range) is not in \(owned)")
    let size = type.byteCount
    let start = (range.lowerBound - owned.lowerBound) * size
    return UnsafeRawBufferPointer(rebasing: elements[start..<start + range.count * size])
  }
}
