/// The part of a named array that a rank owns.
struct OwnedSlice {
  /// Range in the flat buffer.
  let elements: Range<Int>
  /// The same range, counted from the array's first element.
  let withinArray: Range<Int>

  /// The slice in pieces that are written at a time; they end at borders of blocks of the array, so
  /// that each block within the slice lies in one piece.
  func pieces(of elementBytes: Int) -> [OwnedSlice] {
    let count = 8 * CheckpointHeader.blockBytes / elementBytes
    let shift = elements.lowerBound - withinArray.lowerBound
    var pieces: [OwnedSlice] = []
    var start = withinArray.lowerBound
    while start < withinArray.upperBound {
      let end = min((start / count + 1) * count, withinArray.upperBound)
      pieces.append(OwnedSlice(elements: start + shift..<end + shift, withinArray: start..<end))
      start = end
    }
    return pieces
  }
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
