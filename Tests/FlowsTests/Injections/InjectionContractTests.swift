import Flows
import Layers
import TestSupport
import Tensors
import Testing

/// A conformal map after a padding, or alone where d = D.
private func conformal(
  _ name: String, _ d: Int, _ dimension: Int, context: Int = 0,
  _ make: @escaping (inout ParameterLayout) -> any ConformalMap
) -> InjectionCase {
  InjectionCase(name, contextDimension: context) {
    ConformalInjection(padding: Padding(from: d, to: dimension), map: make(&$0))
  }
}

/// The table: a new injection joins it.
private func table(_ d: Int, _ dimension: Int) -> [InjectionCase] {
  var rows = [
    InjectionCase("Padding") { _ in Padding(from: d, to: dimension) },
    conformal("Orthogonal", d, dimension) { Orthogonal(dimension: dimension, in: &$0) },
  ]
  for context in [0, 2] {
    rows += [
      conformal("Dilation", d, dimension, context: context) {
        Dilation(dimension: dimension, contextDimension: context, in: &$0)
      },
      conformal("Translation", d, dimension, context: context) {
        Translation(dimension: dimension, contextDimension: context, in: &$0)
      },
      conformal("HouseholderReflection", d, dimension, context: context) {
        HouseholderReflection(dimension: dimension, contextDimension: context, in: &$0)
      },
      conformal("SpecialConformal", d, dimension, context: context) {
        SpecialConformal(
          dimension: dimension, contextDimension: context, widths: context == 0 ? [] : [5],
          in: &$0)
      },
      InjectionCase("ConformalInjection", contextDimension: context) {
        ConformalInjection(
          from: d, to: dimension, contextDimension: context, widths: [4], in: &$0)
      },
    ]
    for (name, transform) in [
      ("affine", ColumnTransform.affine(logScaleBound: 1)),
      ("splines", .spline(SplineSettings(bins: 4, bound: 4))),
    ] where dimension > 1 {
      rows.append(
        InjectionCase(
          "PaddedBijection of couplings, \(name)", contextDimension: context, isConformal: false
        ) {
          let chain = RealNVP(couplings: 2, widths: [6], activation: .tanh, transform: transform)
            .chain(dimension: dimension, contextDimension: context, seed: 2, in: &$0)
          return PaddedBijection(
            padding: Padding(from: d, to: dimension), bijection: chain, usesContext: context > 0)
        })
    }
  }
  return rows
}

/// An inversion of a plane that does not pass the origin: the shift keeps points away from it.
private func inversion(_ d: Int, _ dimension: Int) -> InjectionCase {
  let row = InjectionCase("Translation, Inversion") {
    let shift = Translation(dimension: dimension, in: &$0)
    return ConformalInjection(
      padding: Padding(from: d, to: dimension),
      map: ConformalChain(
        dimension: dimension, [("shift", shift), ("inversion", Inversion(dimension: dimension))]))
  }
  for j in 0..<dimension { row.buffer[j] = j == dimension - 1 ? 1.5 : 0.2 }
  return row
}

private func spheres() -> [InjectionCase] {
  [
    InjectionCase("StereographicChart") { _ in StereographicChart(centre: [0.3, -2, 1], scale: 0.8)
    },
    InjectionCase("DecodedStereographicChart", contextDimension: 2, isFixed: true) {
      DecodedStereographicChart(
        decoder: MultilayerPerceptron(2, widths: [8], 3, activation: .tanh, in: &$0))
    },
  ]
}

@Suite("Contract of injections")
struct InjectionContractTests {
  private static let shapes = [(1, 2), (1, 3), (2, 3), (3, 3), (2, 5)]

  private func check<Scalar: TensorScalar>(_ type: Scalar.Type) {
    for (d, dimension) in Self.shapes {
      for row in table(d, dimension) + (d < dimension ? [inversion(d, dimension)] : []) {
        #expect(InjectionContract<Scalar>.failures(of: row) == [])
      }
    }
    for row in spheres() { #expect(InjectionContract<Scalar>.failures(of: row) == []) }
  }

  @Test("Every injection keeps the contract in Double")
  func double() { check(Double.self) }

  @Test("Every injection keeps the contract in Float")
  func float() { check(Float.self) }

  @Test(
    "A broken injection is caught, whatever it breaks", arguments: BrokenInjection.Fault.allCases)
  func broken(fault: BrokenInjection.Fault) {
    let row = InjectionCase("broken", contextDimension: fault == .ignoresContext ? 2 : 0) {
      BrokenInjection(fault: fault, inner: ConformalInjection(from: 2, to: 3, in: &$0))
    }
    let failures = InjectionContract<Double>.failures(of: row)
    #expect(failures.contains { $0.contains(fault.rawValue) }, "\(fault): \(failures)")
  }

  // The special conformal map is not among them: far out 1/λ grows as |b|² |x|², and a round trip loses
  // as much, which the contract of injections allows for and that of bijections does not.
  @Test("Similarities are bijections too, and keep their contract")
  func bijections() {
    for dimension in [2, 3] {
      for context in [0, 2] {
        let rows = [
          BijectionCase("Dilation", contextDimension: context) {
            Dilation(dimension: dimension, contextDimension: context, in: &$0)
          },
          BijectionCase("Translation", contextDimension: context) {
            Translation(dimension: dimension, contextDimension: context, in: &$0)
          },
          BijectionCase("HouseholderReflection", contextDimension: context) {
            HouseholderReflection(dimension: dimension, contextDimension: context, in: &$0)
          },
        ]
        for row in rows { #expect(BijectionContract<Double>.failures(of: row) == []) }
      }
    }
  }
}

/// A conformal injection with a mistake, to prove that the contract notices.
struct BrokenInjection: Injection {
  enum Fault: String, CaseIterable {
    case powerOfAmbientSpace = "volume element against the Jacobian"
    case notConformal = "JᵀJ = λ² I"
    case wrongProjection = "project of embed"
    case ignoresContext = "the context changes row"
    case cutsGradient = "gradient with respect to parameters"
    case overflows = "finite at 1e6"
  }

  let fault: Fault
  let inner: ConformalInjection
  var chartDimension: Int { inner.chartDimension }
  var dimension: Int { inner.dimension }
  var hasOneSurface: Bool { true }

  func embed<Scalar>(_ u: Value, context: Value?, on tape: Tape<Scalar>) -> Embedded {
    let surface = inner.embed(u, context: nil, on: tape)
    guard let logVolume = surface.logVolumeElement else { return surface }
    switch fault {
    case .powerOfAmbientSpace:
      return Embedded(surface.value, logVolumeElement: tape.scale(logVolume, by: 1.5))
    case .notConformal:
      let stretched = tape.concatenateColumns(
        tape.columns(surface.value, 0..<2), tape.scale(tape.columns(surface.value, 2..<3), by: 2))
      return Embedded(stretched, logVolumeElement: logVolume)
    case .cutsGradient:
      return Embedded(surface.value, logVolumeElement: tape.stopGradient(logVolume))
    case .overflows:
      let excess = tape.relu(tape.add(tape.rowSums(u), constant: -1e3))
      return Embedded(
        surface.value, logVolumeElement: tape.add(logVolume, tape.exp(tape.square(excess))))
    case .wrongProjection, .ignoresContext: return surface
    }
  }

  func project<Scalar>(_ x: Value, context: Value?, on tape: Tape<Scalar>) -> Value {
    let u = inner.project(x, context: nil, on: tape)
    return fault == .wrongProjection ? tape.add(u, constant: 0.01) : u
  }
}
