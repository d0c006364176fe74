import Tensors

/// A fixed permutation of the columns; preserves volume.
///
///     forward: x[j] = z[index[j]]
package struct Permutation: Bijection {
  /// index[j] is the base column that becomes data column j.
  package let index: [Int]
  private let inverseIndex: [Int]
  package var dimension: Int { index.count }

  /// - Precondition: `index` is a permutation of 0 ..< D.
  package init(_ index: [Int]) {
    precondition(index.sorted() == Array(0..<index.count), "\(index) is no permutation")
    self.index = index
    var inverse = index
    for (j, i) in index.enumerated() { inverse[i] = j }
    inverseIndex = inverse
  }

  /// A permutation drawn from (seed, position in the flow), never the identity for D > 1.
  package static func random(dimension: Int, seed: UInt64, position: Int) -> Permutation {
    guard dimension > 1 else { return Permutation(Array(0..<dimension)) }
    var random = SampleRandom(
      seed: seed, purpose: .initialisation, step: .max, sample: UInt64(position))
    var index = Array(0..<dimension)
    repeat {
      for i in stride(from: dimension - 1, to: 0, by: -1) {
        index.swapAt(i, random.integer(below: i + 1))
      }
    } while index == Array(0..<dimension)
    return Permutation(index)
  }

  package func forward<Scalar>(_ base: Value, context: Value?, on tape: Tape<Scalar>)
    -> Transported
  { Transported(tape.permuteColumns(base, index), logAbsDetJacobian: nil) }

  package func inverse<Scalar>(_ data: Value, context: Value?, on tape: Tape<Scalar>)
    -> Transported
  { Transported(tape.permuteColumns(data, inverseIndex), logAbsDetJacobian: nil) }
}
