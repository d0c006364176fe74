import Flows
import TestSupport
import Tensors

/// A row of the contract table: an injection with its parameters moved away from their start.
struct InjectionCase {
  let name: String
  let contextDimension: Int
  let isConformal: Bool
  let injection: any Injection
  let parameters: [Parameter]
  let buffer: ParameterBuffer<Double>

  /// - Parameter isFixed: its parameters are not to be differentiated.
  init(
    _ name: String, contextDimension: Int = 0, isConformal: Bool = true, isFixed: Bool = false,
    _ make: (inout ParameterLayout) -> any Injection
  ) {
    var layout = ParameterLayout()
    let injection = make(&layout)
    self.name =
      "\(name), d = \(injection.chartDimension), D = \(injection.dimension), C = \(contextDimension)"
    self.contextDimension = contextDimension
    self.isConformal = isConformal
    self.injection = injection
    parameters = isFixed ? [] : ParameterCollection.parameters(in: injection)
    buffer = ParameterCollection.randomised(layout, deviation: 0.3)
    precondition(
      isFixed || parameters.map(\.count).reduce(0, +) == layout.count, "a parameter was missed")
  }

  /// Normal points, [count][columns]; exact in Float.
  func points(_ count: Int, columns: Int, scale: Double = 1, seed: UInt64 = 2) -> [[Double]] {
    (0..<count).map { row in
      var random = SampleRandom(seed: seed, purpose: .test, sample: UInt64(row))
      return (0..<columns).map { _ in Double(Float(scale * random.normal())) }
    }
  }

  func charts(_ count: Int, scale: Double = 1) -> [[Double]] {
    points(count, columns: injection.chartDimension, scale: scale)
  }

  /// Contexts, each [C]; nil for an injection that takes none.
  func contexts(_ count: Int, seed: UInt64 = 4) -> [[Double]]? {
    contextDimension == 0 ? nil : points(count, columns: contextDimension, seed: seed)
  }

  /// Points of the surface and ½ log det JᵀJ.
  func embed<Scalar: TensorScalar>(
    _ u: [[Double]], _ contexts: [[Double]]?, in type: Scalar.Type
  ) -> (values: [[Double]], logVolumes: [Double]) {
    let tape = Tape<Scalar>(shardCount: 1, parameters: buffer.converted(to: type))
    let context = contexts.map { tape.matrix($0) }
    let result = injection.embed(tape.matrix(u), context: context, on: tape)
    tape.keep(result.value)
    if let logVolume = result.logVolumeElement { tape.keep(logVolume) }
    tape.run()
    return (
      rows(tape.elements(of: result.value).map { Double($0) }),
      result.logVolumeElement.map { tape.elements(of: $0).map { Double($0) } } ?? u.map { _ in 0 }
    )
  }

  /// Chart points and reconstructions.
  func project<Scalar: TensorScalar>(
    _ x: [[Double]], _ contexts: [[Double]]?, in type: Scalar.Type
  ) -> (values: [[Double]], reconstructions: [[Double]]) {
    let tape = Tape<Scalar>(shardCount: 1, parameters: buffer.converted(to: type))
    let (points, context) = (tape.matrix(x), contexts.map { tape.matrix($0) })
    let u = tape.keep(injection.project(points, context: context, on: tape))
    let back = tape.keep(injection.reconstruct(points, context: context, on: tape))
    tape.run()
    let values = tape.elements(of: u).map { Double($0) }
    let d = injection.chartDimension
    return (
      x.indices.map { Array(values[$0 * d..<($0 + 1) * d]) },
      rows(tape.elements(of: back).map { Double($0) })
    )
  }

  private func rows(_ values: [Double]) -> [[Double]] {
    stride(from: 0, to: values.count, by: injection.dimension).map {
      Array(values[$0..<$0 + injection.dimension])
    }
  }
}
