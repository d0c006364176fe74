import Tensors

/// An invertible map R^D → R^D with a tractable volume term; `forward` goes base → data.
///
/// Two requirements, each returning the value *and* its log |det J|; everything else is derived. A
/// bijection is a struct of parameter handles and runs on a tape of any scalar type.
package protocol Bijection: Sendable {
  /// D, the number of columns of its values.
  var dimension: Int { get }

  /// Base → data.
  ///
  /// - Parameters:
  ///   - base: [B, D].
  ///   - context: conditioning input, [B, C], for bijections that take one.
  func forward<Scalar>(_ base: Value, context: Value?, on tape: Tape<Scalar>) -> Transported

  /// Data → base, the exact inverse of ``forward(_:context:on:)``.
  func inverse<Scalar>(_ data: Value, context: Value?, on tape: Tape<Scalar>) -> Transported
}

/// A value that went through a bijection, with the volume term of the map just applied.
package struct Transported {
  /// [B, D].
  package let value: Value
  /// log |det J| in nats, [B, 1]; nil for a map that preserves volume.
  package let logAbsDetJacobian: Value?

  package init(_ value: Value, logAbsDetJacobian: Value?) {
    self.value = value
    self.logAbsDetJacobian = logAbsDetJacobian
  }
}

/// Bijections one after the other, base → data in order.
package struct Chain: Bijection {
  /// Names for messages and parameter paths, and the elements.
  package let elements: [(name: String, bijection: any Bijection)]
  package let dimension: Int

  /// - Precondition: all elements have the same dimension.
  package init(dimension: Int, _ elements: [(name: String, bijection: any Bijection)]) {
    for element in elements {
      precondition(
        element.bijection.dimension == dimension,
        "\(element.name): expected dimension \(dimension), got \(element.bijection.dimension)")
    }
    self.elements = elements
    self.dimension = dimension
  }

  package func forward<Scalar>(_ base: Value, context: Value?, on tape: Tape<Scalar>)
    -> Transported
  {
    run(elements[...], base, on: tape) { $0.forward($1, context: context, on: tape) }
  }

  package func inverse<Scalar>(_ data: Value, context: Value?, on tape: Tape<Scalar>)
    -> Transported
  {
    run(elements.reversed()[...], data, on: tape) { $0.inverse($1, context: context, on: tape) }
  }

  /// The value that reaches element `index` from the data side, before its inverse is applied.
  package func inverseInput<Scalar>(
    of index: Int, _ data: Value, context: Value?, on tape: Tape<Scalar>
  ) -> Value {
    run(elements[(index + 1)...].reversed()[...], data, on: tape) {
      $0.inverse($1, context: context, on: tape)
    }.value
  }

  /// Each element is a segment of the tape.
  private func run<Scalar>(
    _ elements: some Collection<(name: String, bijection: any Bijection)>, _ start: Value,
    on tape: Tape<Scalar>, _ apply: (any Bijection, Value) -> Transported
  ) -> Transported {
    var value = start
    var logDet: Value?
    for element in elements {
      let next = tape.scoped(element.name) { () -> Transported in
        let next = apply(element.bijection, value)
        if let term = next.logAbsDetJacobian { logDet = logDet.map { tape.add($0, term) } ?? term }
        return next
      }
      value = next.value
      tape.endSegment()
    }
    return Transported(value, logAbsDetJacobian: logDet)
  }
}

/// A bijection with its directions exchanged.
package struct Inverse: Bijection {
  package let bijection: any Bijection
  package var dimension: Int { bijection.dimension }

  package init(_ bijection: any Bijection) { self.bijection = bijection }

  package func forward<Scalar>(_ base: Value, context: Value?, on tape: Tape<Scalar>)
    -> Transported
  { bijection.inverse(base, context: context, on: tape) }

  package func inverse<Scalar>(_ data: Value, context: Value?, on tape: Tape<Scalar>)
    -> Transported
  { bijection.forward(data, context: context, on: tape) }
}
