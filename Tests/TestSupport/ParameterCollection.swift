import Tensors

/// Handles of a model and numbers for them.
package enum ParameterCollection {
  /// All parameter handles that a model's structs hold, in declaration order.
  package static func parameters(in model: Any) -> [Parameter] {
    var found: [Parameter] = []
    collect(model, into: &found)
    return Set(found).sorted { $0.offset < $1.offset }
  }

  private static func collect(_ value: Any, into found: inout [Parameter]) {
    if let parameter = value as? Parameter {
      found.append(parameter)
      return
    }
    for child in Mirror(reflecting: value).children { collect(child.value, into: &found) }
  }

  /// A buffer of normal numbers, so that nothing stays at its start as the identity.
  package static func randomised<Scalar>(
    _ layout: ParameterLayout, deviation: Double = 0.4, seed: UInt64 = 3
  ) -> ParameterBuffer<Scalar> {
    let buffer = ParameterBuffer<Scalar>(count: layout.count)
    for index in 0..<layout.count {
      var random = SampleRandom(seed: seed, purpose: .test, sample: UInt64(index))
      buffer[index] = Scalar(deviation * random.normal())
    }
    return buffer
  }
}
