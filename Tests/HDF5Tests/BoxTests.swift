import HDF5
import Testing

@Suite("Flat ranges as boxes")
struct BoxTests {
  static let shapes = [
    [7], [3, 5], [1, 4], [4, 1], [2, 3, 4], [3, 1, 2], [2, 2, 2, 3], [1, 1, 5],
  ]

  /// Flat indices of a box, row-major.
  private func flatIndices(of box: Box, in shape: [Int]) -> [Int] {
    var indices = [0]
    for (axis, extent) in shape.enumerated() {
      indices = indices.flatMap { base in
        (0..<box.count[axis]).map { base * extent + box.start[axis] + $0 }
      }
    }
    return indices
  }

  @Test(
    "Every range of every small array is covered in order by at most 2N-1 boxes", arguments: shapes)
  func exhaustive(shape: [Int]) {
    let total = shape.reduce(1, *)
    for lower in 0...total {
      for upper in lower...total {
        let boxes = Box.covering(lower..<upper, of: shape)
        #expect(boxes.flatMap { flatIndices(of: $0, in: shape) } == Array(lower..<upper))
        #expect(boxes.count <= 2 * shape.count - 1)
      }
    }
  }

  @Test("A whole array is one box, a scalar too, and nothing is none")
  func special() {
    #expect(Box.covering(0..<24, of: [2, 3, 4]) == [Box(start: [0, 0, 0], count: [2, 3, 4])])
    #expect(Box.covering(0..<1, of: []) == [Box(start: [], count: [])])
    #expect(Box.covering(0..<0, of: [3, 0]).isEmpty)
    #expect(Box.covering(2..<2, of: [3]).isEmpty)
  }
}
