import Datasets
import Testing

#if canImport(Glibc)
  import Glibc
#endif

@Suite("ETDRK4 solver")
struct PDESolverTests {
  typealias Solver = ETDRK4Solver<EvolutionEquation, QuadraticFlux>

  /// ‖a − b‖/‖b‖.
  static func relative(_ a: [Double], _ b: [Double]) -> Double {
    let difference = zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    return (difference / b.reduce(0) { $0 + $1 * $1 }).squareRoot()
  }

  static func problem(_ set: PDESet, points: Int, steps: Int) -> PDEProblem {
    var problem = set.problem
    problem.points = points
    problem.steps = steps
    return problem
  }

  /// First sample of a problem, solved in `steps` steps.
  static func solve(_ problem: PDEProblem, steps: Int) throws -> [Double] {
    let pairs = try PDEGenerator(problem: problem, seed: 11).pairs(0..<1, of: .train, steps: steps)
    return Array(pairs[problem.points...])
  }

  /// A solver on the first modes of the problem's first sample.
  static func solver(_ problem: PDEProblem, steps: Int, keep: Int? = nil) -> Solver {
    var solver = Solver(
      linear: problem.equation, term: QuadraticFlux(), grid: problem.grid,
      step: problem.endTime / Double(steps))
    let drawn = PDEGenerator(problem: problem, seed: 11).initialModes(0..<1, of: .train)
    var modes = solver.modes
    for n in 0...(keep ?? problem.grid.cutoff) { modes[n] = drawn[n, 0] }
    solver.modes = modes
    return solver
  }

  @Test(
    "coefficients equal their series near zero, where the closed forms have no digits",
    arguments: [0, 1e-14, 1e-9, 1e-4, 0.1, 1])
  func coefficientsNearZero(size: Double) {
    let h = 0.25
    for direction in 0..<8 {
      let z = size * ComplexNumber.unit(turns: Double(direction) / 8)
      let c = ETDRK4Coefficients(symbol: (1 / h) * z, step: h)
      // φ_j(z) = Σ z^n/(n + j)!
      func phi(_ j: Int, _ z: ComplexNumber) -> ComplexNumber {
        var term = ComplexNumber(1 / (1...j).reduce(1) { $0 * Double($1) })
        var sum = term
        for n in 1..<30 {
          term = (1 / Double(n + j)) * (term * z)
          sum += term
        }
        return sum
      }
      let (p1, p2, p3) = (phi(1, z), phi(2, z), phi(3, z))
      #expect((c.full - .exp(z)).magnitude < 1e-15)
      #expect((c.half - .exp(0.5 * z)).magnitude < 1e-15)
      #expect((c.stage - (0.5 * h) * phi(1, 0.5 * z)).magnitude < 1e-15)
      // A contour around |z| = 1 passes zero at a distance of 0.05, where z³ costs four digits.
      let tolerance = size < 1 ? 1e-14 : 1e-12
      #expect((c.first - h * (p1 - 3 * p2 + 4 * p3)).magnitude < tolerance)
      #expect((c.middle - h * (p2 - 2 * p3)).magnitude < tolerance)
      #expect((c.last - h * (4 * p3 - p2)).magnitude < tolerance)
    }
  }

  @Test("at zero they are those of the classical Runge–Kutta scheme; far out the closed forms")
  func coefficientsAtTheEnds() {
    let zero = ETDRK4Coefficients(symbol: .zero, step: 0.5)
    #expect(zero.full == ComplexNumber(1) && zero.half == ComplexNumber(1))
    #expect(abs(zero.stage.real - 0.25) < 1e-15)
    for weight in [zero.first, zero.middle, zero.last] {
      #expect(abs(weight.real - 0.5 / 6) < 1e-15 && weight.imaginary == 0)
    }
    let four = ComplexNumber(4)
    for z in [
      ComplexNumber(-50), ComplexNumber(-1e5), ComplexNumber(0, 300), ComplexNumber(0, -1e6),
    ] {
      let c = ETDRK4Coefficients(symbol: z, step: 1)
      let (e, square) = (ComplexNumber.exp(z), z * z)
      let first = (e * (four - 3 * z + square) - four - z) / (square * z)
      let last = (e * (four - z) - four - 3 * z - square) / (square * z)
      #expect((c.first - first).magnitude < 1e-9 * first.magnitude)
      #expect((c.last - last).magnitude < 1e-9 * last.magnitude)
    }
  }

  /// No nonlinear term.
  struct NoTerm: PointwiseTerm {
    func apply(to values: UnsafeMutableBufferPointer<Double>) {
      for i in values.indices { values[i] = 0 }
    }
    func multiplier(waveNumber k: Double) -> ComplexNumber { .zero }
  }

  @Test(
    "without a nonlinear term a step of any length is exact",
    arguments: [
      EvolutionEquation.kortewegDeVries, .kuramotoSivashinsky, .burgers(viscosity: 0.1),
    ])
  func linearPartIsExact(equation: EvolutionEquation) {
    let grid = SpectralGrid(points: 32, length: 9)
    var solver = ETDRK4Solver(linear: equation, term: NoTerm(), grid: grid, step: 1.5, lanes: 2)
    var modes = PDEFourierTests.field(count: grid.cutoff + 1, lanes: 2)
    for lane in 0..<2 { modes[0, lane].imaginary = 0 }
    solver.modes = modes
    solver.advance(steps: 2)
    for n in 0..<modes.count {
      let factor = ComplexNumber.exp(3 * equation.symbol(waveNumber: grid.waveNumber(n)))
      for lane in 0..<2 {
        let expected = factor * modes[n, lane]
        #expect((solver.modes[n, lane] - expected).magnitude <= 1e-11 * expected.magnitude)
      }
    }
  }

  @Test(
    "halving the step divides the error by sixteen",
    arguments: [(PDESet.kdvHard, 2000), (PDESet.ks64, 100), (PDESet.burgers, 100)])
  func orderIsFour(set: PDESet, steps: Int) throws {
    var problem = Self.problem(set, points: 64, steps: steps)
    if set == .burgers {
      // At T = 1 nothing but the first mode is left; the order shows while there is a slope.
      problem.initial = .sines
      problem.endTime = 0.1
    }
    let solutions = try (0..<4).map { try Self.solve(problem, steps: steps << $0) }
    let changes = (0..<3).map { Self.relative(solutions[$0], solutions[$0 + 1]) }
    let slopes = (0..<2).map { log2(changes[$0] / changes[$0 + 1]) }
    print("\(set.rawValue): step-halving changes \(changes), slopes \(slopes)")
    for slope in slopes { #expect(slope > 3.8 && slope < 4.2) }
  }

  @Test("a soliton of KdV travels as it should")
  func soliton() {
    // u = 3c sech²(√c (x − ct)/2); on a domain of 40 with c = 4 its tails are below e⁻⁴⁰.
    let (c, grid) = (4.0, SpectralGrid(points: 256, length: 40))
    func wave(at time: Double) -> [Double] {
      (0..<grid.points).map { j in
        let x = grid.length * (Double(j) / Double(grid.points)) - 15 - c * time
        let cosine = cosh(0.5 * c.squareRoot() * x)
        return 3 * c / (cosine * cosine)
      }
    }
    let steps = 2000
    var solver = Solver(
      linear: .kortewegDeVries, term: QuadraticFlux(), grid: grid, step: 1 / Double(steps))
    let spectrum = grid.spectrum(of: wave(at: 0))
    var modes = solver.modes
    for n in 0...grid.cutoff { modes[n] = spectrum[n] }
    solver.modes = modes
    solver.advance(steps: steps)
    let error = Self.relative(solver.values, wave(at: 1))
    print("soliton: relative error \(error)")
    #expect(error < 1e-6)
  }

  @Test("KdV keeps mass, momentum and energy")
  func conservation() {
    let problem = Self.problem(.kdvHard, points: 64, steps: 1000)
    let drifts = [1000, 2000].map { steps in
      var solver = Self.solver(problem, steps: steps)
      let start = ConservedQuantities(of: solver.modes, on: problem.grid)
      solver.advance(steps: steps)
      return ConservedQuantities(of: solver.modes, on: problem.grid).drift(from: start)
    }
    print("kdv-hard, 64 points: drift \(drifts)")
    for drift in drifts {
      #expect(drift.mass < 1e-12)
      #expect(drift.momentum < 1e-6)
      #expect(drift.energy < 1e-5)
    }
    #expect(drifts[1].momentum < drifts[0].momentum / 8)
    #expect(drifts[1].energy < drifts[0].energy / 8)
  }

  @Test("the integrals are those of a wave that is known")
  func integrals() {
    // u = 1 + 2 cos(kx): ∫u = l, ∫u² = 3 l, ∫u_x² = 2k² l, ∫u³ = (1 + 6) l.
    let grid = SpectralGrid(points: 32, length: 5)
    let spectrum = grid.spectrum(
      of: (0..<32).map { 1 + 2 * ComplexNumber.unit(turns: 3 * Double($0) / 32).real })
    var modes = ComplexField(count: grid.cutoff + 1)
    for n in 0...grid.cutoff { modes[n] = spectrum[n] }
    let found = ConservedQuantities(of: modes, on: grid)
    let k = grid.waveNumber(3)
    #expect(abs(found.mass - 5) < 1e-13)
    #expect(abs(found.momentum - 15) < 1e-13)
    #expect(abs(found.energy - (5 * k * k - 35.0 / 6)) < 1e-11)
  }

  @Test("KS agrees with a finer grid and eight times the steps while chaos has not set in")
  func refinedReference() {
    let coarse = Self.problem(.ks22, points: 64, steps: 100)
    let fine = Self.problem(.ks22, points: 128, steps: 800)
    var first = Self.solver(coarse, steps: 100)
    var second = Self.solver(fine, steps: 800, keep: coarse.grid.cutoff)
    let mean = first.modes[0].real
    first.advance(steps: 100)
    second.advance(steps: 800)
    let refined = second.values
    let error = Self.relative(
      first.values, stride(from: 0, to: 128, by: 2).map { refined[$0] })
    print("ks-22, 64 points, 100 steps: \(error) from 128 points, 800 steps")
    #expect(error < 2e-6)
    #expect(abs(first.modes[0].real - mean) < 1e-12)
  }

  @Test("Burgers agrees with the transformation of Cole and Hopf")
  func coleHopf() {
    // u = −2ν φ_x/φ, φ_t = ν φ_xx, φ(0) = exp(−∫u(0)/2ν).
    let (viscosity, time) = (0.1, 0.2)
    var problem = Self.problem(.burgers, points: 256, steps: 2000)
    problem.endTime = time
    var solver = Self.solver(problem, steps: 2000, keep: 20)
    let (grid, start) = (problem.grid, solver.modes)
    var potential = start
    for n in 1...grid.cutoff {
      potential[n] = start[n] * ComplexNumber(0, -1 / grid.waveNumber(n))
    }
    var heat = grid.spectrum(of: grid.values(of: potential).map { exp(-$0 / (2 * viscosity)) })
    var slope = heat
    for n in 0...grid.points / 2 {
      let k = grid.waveNumber(n)
      heat[n] = exp(-viscosity * k * k * time) * heat[n]
      slope[n] = ComplexNumber(0, k) * heat[n]
    }
    slope[grid.points / 2] = .zero
    let expected = zip(grid.values(of: slope), grid.values(of: heat)).map {
      -2 * viscosity * $0 / $1
    }
    solver.advance(steps: 2000)
    let error = Self.relative(solver.values, expected)
    print("burgers: \(error) from Cole–Hopf")
    #expect(error < 1e-8)
  }
}
