import Tensors

/// Self-attention of several heads in which a token looks at itself and at earlier ones (Vaswani et
/// al., 2017, section 3.2).
///
///     head = softmax(Q Kᵀ / √(C/heads) + mask) V,    y = [heads] · W + b
///
/// Tokens lie sample by sample, [B·T, C]: T rows of the first sample, then those of the second. A
/// sample attends to itself alone, because products are taken block by block.
package struct CausalAttention: Sendable {
  package let heads: Int
  /// Queries, keys and values, C → 3C.
  package let projection: Dense
  /// C → C.
  package let output: Dense

  /// - Precondition: `heads` divides `width`.
  package init(_ width: Int, heads: Int, in layout: inout ParameterLayout) {
    precondition(width % heads == 0, "\(heads) heads do not divide \(width) channels")
    self.heads = heads
    projection = layout.scoped("projection") { Dense(width, 3 * width, in: &$0) }
    output = layout.scoped("output") { Dense(width, width, in: &$0) }
  }

  /// [B·T, C] → [B·T, C].
  /// - Complexity: B·T²·C for the attention itself.
  package func callAsFunction<Scalar>(_ x: Value, tokens: Int, on tape: Tape<Scalar>) -> Value {
    let shape = tape.shape(of: x)
    let (groups, width) = (shape.rows / tokens, shape.columns)
    let size = width / heads
    let projected = tape.scoped("projection") { projection(x, on: tape) }
    let mask = tape.causalMask(tokens)
    func part(_ index: Int, _ head: Int) -> Value {
      let first = index * width + head * size
      return tape.columns(projected, first..<first + size)
    }
    var joined: Value?
    for head in 0..<heads {
      let products = tape.batchedMatmul(
        part(0, head), part(1, head), groups: groups, transposeB: true)
      let scaled = tape.scale(products, by: 1 / Double(size).squareRoot())
      let masked = tape.reshape(
        tape.add(tape.reshape(scaled, groups, tokens * tokens), rowVector: mask),
        shape.rows, tokens)
      let logSum = tape.rowLogSumExp(masked)
      let shares = tape.exp(tape.add(masked, columnVector: tape.negate(logSum)))
      let seen = tape.batchedMatmul(shares, part(2, head), groups: groups)
      joined = joined.map { tape.concatenateColumns($0, seen) } ?? seen
    }
    guard let joined else { preconditionFailure("attention needs a head") }
    return tape.scoped("output") { output(joined, on: tape) }
  }
}

extension Tape {
  /// 0 where a token may look, −10³⁰ where it may not, [1, T·T]: an exponential of exactly zero.
  func causalMask(_ tokens: Int) -> Value {
    constant(
      1, tokens * tokens,
      (0..<tokens * tokens).map { $0 % tokens > $0 / tokens ? -1e30 : 0 })
  }
}
