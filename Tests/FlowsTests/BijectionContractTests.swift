import Flows
import Layers
import TestSupport
import Tensors
import Testing

/// The table: a new bijection joins it.
private func table(dimension: Int) -> [BijectionCase] {
  let half = dimension / 2
  let coupling = { (context: Int, isPrefix: Bool, activation: Activation) in
    BijectionCase(
      "Coupling of a \(isPrefix ? "prefix" : "suffix") with \(activation)",
      contextDimension: context
    ) {
      Coupling(
        dimension: dimension, transformed: isPrefix ? 0..<half : half..<dimension,
        contextDimension: context, widths: [8], activation: activation,
        transform: .affine(logScaleBound: 1.5),
        in: &$0)
    }
  }
  var rows = [0, 2].flatMap { context in
    [true, false].flatMap { isPrefix in
      [Activation.relu, .tanh].map { coupling(context, isPrefix, $0) }
    }
  }
  rows += [0, 2].map { context in
    BijectionCase("MaskedAutoregressive", contextDimension: context) {
      MaskedAutoregressive(
        dimension: dimension, contextDimension: context, widths: [9, 6], activation: .tanh,
        transform: .affine(logScaleBound: 1), in: &$0)
    }
  }
  let spline = ColumnTransform.spline(SplineSettings(bins: 5, bound: 4))
  rows += [0, 2].map { context in
    BijectionCase("Coupling of splines", contextDimension: context) {
      Coupling(
        dimension: dimension, transformed: half..<dimension, contextDimension: context,
        widths: [8], activation: .tanh, transform: spline, in: &$0)
    }
  }
  rows += [0, 2].map { context in
    BijectionCase("MaskedAutoregressive with splines", contextDimension: context) {
      MaskedAutoregressive(
        dimension: dimension, contextDimension: context, widths: [9], activation: .tanh,
        transform: spline, in: &$0)
    }
  }
  rows += [0, 2].map { context in
    BijectionCase("MAF", contextDimension: context) {
      MAF(blocks: 2, widths: [7], transform: .affine(logScaleBound: 1), mixing: .lu).chain(
        dimension: dimension, contextDimension: context, seed: 3, in: &$0)
    }
  }
  rows += [0, 2].map { context in
    BijectionCase("IAF", contextDimension: context) {
      MAF(
        blocks: 2, widths: [7], transform: .affine(logScaleBound: 1), mixing: .lu,
        isInverted: true
      ).chain(dimension: dimension, contextDimension: context, seed: 3, in: &$0)
    }
  }
  rows.append(
    BijectionCase("Permutation") { _ in
      Permutation.random(dimension: dimension, seed: 5, position: 1)
    })
  rows.append(BijectionCase("ActNorm") { ActNorm(dimension: dimension, in: &$0) })
  rows.append(BijectionCase("InvertibleLinear") { InvertibleLinear(dimension: dimension, in: &$0) })
  rows += [
    BijectionCase("DiagonalLinear") { DiagonalLinear(dimension: dimension, in: &$0) },
    BijectionCase("TriangularLinear, upper") { TriangularLinear(dimension: dimension, in: &$0) },
    BijectionCase("TriangularLinear, lower") {
      TriangularLinear(dimension: dimension, isUpper: false, in: &$0)
    },
    BijectionCase("FullLinear") { FullLinear(dimension: dimension, in: &$0) },
    BijectionCase("BlockDiagonalLinear") {
      BlockDiagonalLinear(sizes: [1, dimension - 1], in: &$0)
    },
    BijectionCase("Orthogonal") { Orthogonal(dimension: dimension, in: &$0) },
    BijectionCase("Orthogonal, one reflection") {
      Orthogonal(dimension: dimension, reflections: 1, in: &$0)
    },
  ]
  rows.append(
    BijectionCase("Chain of couplings, one with context", contextDimension: 2) { layout in
      let elements = [0, 2].map { context -> (name: String, bijection: any Bijection) in
        let name = "context \(context)"
        return (
          name,
          layout.scoped(name) {
            Coupling(
              dimension: dimension, transformed: context == 0 ? 0..<half : half..<dimension,
              contextDimension: context, widths: [5], activation: .tanh, in: &$0)
          }
        )
      }
      return Chain(dimension: dimension, elements)
    })
  rows += [0, 2].map { context in
    BijectionCase("Chain of all", contextDimension: context) {
      chain(dimension: dimension, contextDimension: context, in: &$0)
    }
  }
  return rows
}

/// Two blocks of each bijection there is.
private func chain(dimension: Int, contextDimension: Int, in layout: inout ParameterLayout)
  -> Chain
{
  let half = dimension / 2
  let elements = (0..<2).flatMap { block -> [(name: String, bijection: any Bijection)] in
    layout.scoped("\(block)") { layout in
      [
        ("norm", layout.scoped("norm") { ActNorm(dimension: dimension, in: &$0) }),
        ("linear", layout.scoped("linear") { InvertibleLinear(dimension: dimension, in: &$0) }),
        ("shuffle", Permutation.random(dimension: dimension, seed: 5, position: block)),
        (
          "coupling",
          layout.scoped("coupling") {
            Coupling(
              dimension: dimension, transformed: block == 0 ? half..<dimension : 0..<half,
              contextDimension: contextDimension, widths: [6, 5], activation: .tanh,
              transform: .affine(logScaleBound: 1), in: &$0)
          }
        ),
      ]
    }
  }
  return Chain(dimension: dimension, elements)
}

@Suite("Contract of bijections")
struct BijectionContractTests {
  @Test("Every bijection keeps the contract in Double", arguments: [2, 3, 5])
  func double(dimension: Int) {
    for row in table(dimension: dimension) {
      #expect(BijectionContract<Double>.failures(of: row) == [])
      #expect(BijectionContract<Double>.failures(of: row.inverted) == [])
    }
  }

  @Test("Every bijection keeps the contract in Float", arguments: [2, 3, 5])
  func float(dimension: Int) {
    for row in table(dimension: dimension) {
      #expect(BijectionContract<Float>.failures(of: row) == [])
      #expect(BijectionContract<Float>.failures(of: row.inverted) == [])
    }
  }

  @Test("A broken bijection is caught, whatever it breaks", arguments: BrokenMap.Fault.allCases)
  func broken(fault: BrokenMap.Fault) {
    let row = BijectionCase("broken", contextDimension: fault == .ignoresContext ? 2 : 0) {
      BrokenMap(fault: fault, inner: ActNorm(dimension: 3, in: &$0))
    }
    let failures = BijectionContract<Double>.failures(of: row)
    #expect(failures.contains { $0.contains(fault.rawValue) }, "\(fault): \(failures)")
  }

  @Test("Chain gives what reaches an element from the data side")
  func inverseInput() {
    let row = BijectionCase("chain") { chain(dimension: 3, contextDimension: 0, in: &$0) }
    guard let chain = row.bijection as? Chain else { return }
    let tape = Tape<Double>(shardCount: 1, parameters: row.buffer)
    let x = tape.matrix(row.points(4))
    let reached = tape.keep(chain.inverseInput(of: 5, x, context: nil, on: tape))
    let last = chain.elements[7].bijection.inverse(x, context: nil, on: tape).value
    let expected = tape.keep(
      chain.elements[6].bijection.inverse(last, context: nil, on: tape).value)
    let all = tape.keep(chain.inverseInput(of: 7, x, context: nil, on: tape))
    tape.run()
    #expect(tape.elements(of: reached) == tape.elements(of: expected))
    #expect(tape.elements(of: all) == tape.elements(of: x))
  }

  @Test("ActNorm's data-dependent start gives mean 0 and variance 1, constant columns keep scale 1")
  func actNormStart() {
    let row = BijectionCase("norm") { ActNorm(dimension: 2, in: &$0) }
    guard let norm = row.bijection as? ActNorm else { return }
    norm.initialise(mean: [3, -1], variance: [4, 0], in: row.buffer)
    let result = row.apply(.inverse, [[5, -1], [1, 0]], nil, in: Double.self)
    #expect(result.values == [[1, 0], [-1, 1]])
  }
}

/// ActNorm with a mistake, to prove that the contract notices.
struct BrokenMap: Bijection {
  enum Fault: String, CaseIterable {
    case wrongVolume = "volume term of forward against the Jacobian"
    case volumeOfOneDirection = "sum of volume terms"
    case wrongInverse = "forward of inverse"
    case mixesRows = "alone"
    case ignoresContext = "the context changes row"
    case overflows = "finite at 1e12"
    case cutsGradient = "gradient with respect to parameters"
  }

  let fault: Fault
  let inner: ActNorm
  var dimension: Int { inner.dimension }

  func forward<Scalar>(_ base: Value, context: Value?, on tape: Tape<Scalar>) -> Transported {
    var result = inner.forward(base, context: nil, on: tape)
    switch fault {
    case .wrongVolume, .volumeOfOneDirection:
      result = Transported(
        result.value, logAbsDetJacobian: result.logAbsDetJacobian.map { tape.scale($0, by: 1.1) })
    case .wrongInverse:
      result = Transported(
        tape.add(result.value, constant: 0.01), logAbsDetJacobian: result.logAbsDetJacobian)
    case .overflows:
      let excess = tape.relu(tape.add(base, constant: -1e6))
      result = Transported(
        tape.add(result.value, tape.multiply(tape.exp(excess), excess)),
        logAbsDetJacobian: result.logAbsDetJacobian)
    case .mixesRows, .ignoresContext, .cutsGradient: break
    }
    return result
  }

  func inverse<Scalar>(_ data: Value, context: Value?, on tape: Tape<Scalar>) -> Transported {
    var result = inner.inverse(data, context: nil, on: tape)
    switch fault {
    case .wrongVolume:
      result = Transported(
        result.value, logAbsDetJacobian: result.logAbsDetJacobian.map { tape.scale($0, by: 1.1) })
    case .mixesRows:
      let sum = tape.broadcastRows(tape.columnSums(data), to: tape.shape(of: data).rows)
      result = Transported(
        tape.add(result.value, tape.scale(sum, by: 0.1)),
        logAbsDetJacobian: result.logAbsDetJacobian)
    case .cutsGradient:
      result = Transported(
        result.value, logAbsDetJacobian: result.logAbsDetJacobian.map { tape.stopGradient($0) })
    case .volumeOfOneDirection, .wrongInverse, .ignoresContext, .overflows: break
    }
    return result
  }
}
