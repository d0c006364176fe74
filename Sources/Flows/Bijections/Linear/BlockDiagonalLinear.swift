import Tensors

/// Matrices without structure for consecutive blocks of columns, which do not mix with each other.
///
/// Starts as the identity.
package struct BlockDiagonalLinear: Bijection {
  package let dimension: Int
  package let blocks: [FullLinear]

  /// - Parameter sizes: columns of each block; together D.
  package init(sizes: [Int], in layout: inout ParameterLayout) {
    precondition(
      !sizes.isEmpty && sizes.allSatisfy { $0 > 0 }, "expected positive block sizes, got \(sizes)")
    dimension = sizes.reduce(0, +)
    var blocks: [FullLinear] = []
    for (index, size) in sizes.enumerated() {
      blocks.append(layout.scoped("\(index)") { FullLinear(dimension: size, in: &$0) })
    }
    self.blocks = blocks
  }

  package func forward<Scalar>(_ base: Value, context: Value?, on tape: Tape<Scalar>)
    -> Transported
  { transport(base, on: tape) { $0.forward($1, context: nil, on: tape) } }

  package func inverse<Scalar>(_ data: Value, context: Value?, on tape: Tape<Scalar>)
    -> Transported
  { transport(data, on: tape) { $0.inverse($1, context: nil, on: tape) } }

  private func transport<Scalar>(
    _ x: Value, on tape: Tape<Scalar>, _ apply: (FullLinear, Value) -> Transported
  ) -> Transported {
    var first = 0
    var value: Value?
    var logDet: Value?
    for block in blocks {
      let part = apply(block, tape.columns(x, first..<first + block.dimension))
      first += block.dimension
      value = value.map { tape.concatenateColumns($0, part.value) } ?? part.value
      if let term = part.logAbsDetJacobian {
        logDet = logDet.map { tape.add($0, term) } ?? term
      }
    }
    return Transported(value ?? x, logAbsDetJacobian: logDet)
  }
}
