import Tensors

/// A bijection of R^D that stretches all directions at a point alike: JᵀJ = λ² I.
///
/// By Liouville's theorem there are, for D ≥ 3, only the Möbius maps: compositions of dilations,
/// translations, orthogonal maps and inversions. As a bijection its volume term is D · log λ; after a
/// padding of d columns to D it stretches the embedded surface by d · log λ.
package protocol ConformalMap: Bijection {
  /// Whether its numbers depend on the context.
  var usesContext: Bool { get }

  /// Base → data.
  func image<Scalar>(of base: Value, context: Value?, on tape: Tape<Scalar>) -> ConformalImage

  /// Data → base, the exact inverse of ``image(of:context:on:)``.
  func preimage<Scalar>(of data: Value, context: Value?, on tape: Tape<Scalar>) -> ConformalImage
}

/// A value that went through a conformal map.
package struct ConformalImage {
  /// [B, D].
  package let value: Value
  /// log λ of the map just applied, [B, 1]; nil for an isometry.
  package let logFactor: Value?

  package init(_ value: Value, logFactor: Value?) {
    self.value = value
    self.logFactor = logFactor
  }
}

extension ConformalMap {
  package var usesContext: Bool { false }

  package func forward<Scalar>(_ base: Value, context: Value?, on tape: Tape<Scalar>)
    -> Transported
  { transported(image(of: base, context: context, on: tape), on: tape) }

  package func inverse<Scalar>(_ data: Value, context: Value?, on tape: Tape<Scalar>)
    -> Transported
  { transported(preimage(of: data, context: context, on: tape), on: tape) }

  private func transported<Scalar>(_ image: ConformalImage, on tape: Tape<Scalar>) -> Transported {
    Transported(
      image.value,
      logAbsDetJacobian: image.logFactor.map { tape.scale($0, by: Double(dimension)) })
  }
}

/// Conformal maps one after the other, base → data in order.
package struct ConformalChain: ConformalMap {
  package let dimension: Int
  /// Names for messages and parameter paths, and the maps.
  package let elements: [(name: String, map: any ConformalMap)]
  package var usesContext: Bool { elements.contains { $0.map.usesContext } }

  /// - Precondition: all maps have the same dimension.
  package init(dimension: Int, _ elements: [(name: String, map: any ConformalMap)]) {
    for element in elements {
      precondition(
        element.map.dimension == dimension,
        "\(element.name): expected dimension \(dimension), got \(element.map.dimension)")
    }
    self.dimension = dimension
    self.elements = elements
  }

  package func image<Scalar>(of base: Value, context: Value?, on tape: Tape<Scalar>)
    -> ConformalImage
  { run(elements, base, on: tape) { $0.image(of: $1, context: context, on: tape) } }

  package func preimage<Scalar>(of data: Value, context: Value?, on tape: Tape<Scalar>)
    -> ConformalImage
  { run(elements.reversed(), data, on: tape) { $0.preimage(of: $1, context: context, on: tape) } }

  private func run<Scalar>(
    _ elements: [(name: String, map: any ConformalMap)], _ start: Value, on tape: Tape<Scalar>,
    _ apply: (any ConformalMap, Value) -> ConformalImage
  ) -> ConformalImage {
    var value = start
    var logFactor: Value?
    for element in elements {
      let next = tape.scoped(element.name) { apply(element.map, value) }
      value = next.value
      if let term = next.logFactor { logFactor = logFactor.map { tape.add($0, term) } ?? term }
    }
    return ConformalImage(value, logFactor: logFactor)
  }
}
