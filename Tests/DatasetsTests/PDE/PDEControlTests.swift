import Datasets
import Foundation
import Testing

@Suite("Controls of partial differential equations")
struct PDEControlTests {
  /// Relative L² of the controls on a problem, and the reference's.
  struct Row: Sendable, CustomStringConvertible {
    let name: String
    let problem: PDEProblem
    let train: Int
    let test: Int
    /// Least-squares multiplier and persistence of the reference, computed with other draws.
    let multiplier: Double
    let persistence: Double
    var description: String { name }

    init(
      _ set: PDESet, points: Int, steps: Int, train: Int, test: Int, multiplier: Double,
      persistence: Double, change: (inout PDEProblem) -> Void = { _ in }, name: String? = nil
    ) {
      var problem = PDESolverTests.problem(set, points: points, steps: steps)
      change(&problem)
      self.name = name ?? set.rawValue
      (self.problem, self.train, self.test) = (problem, train, test)
      (self.multiplier, self.persistence) = (multiplier, persistence)
    }

    func pairs() throws -> (fitted: PDEPairs, scored: PDEPairs) {
      let generator = PDEGenerator(problem: problem, seed: 1)
      return (
        PDEPairs(values: try generator.pairs(0..<train, of: .train), points: problem.points),
        PDEPairs(values: try generator.pairs(0..<test, of: .test), points: problem.points)
      )
    }

    func errors(fitted: PDEPairs, scored: PDEPairs) -> (
      multiplier: Double, propagator: Double, persistence: Double
    ) {
      let propagator = FourierMultiplier.linearPropagator(
        equation: problem.equation, length: problem.length, time: problem.endTime,
        points: scored.points)
      return (
        scored.meanRelativeError(of: MultiplierStatistics(of: fitted).multiplier),
        scored.meanRelativeError(of: propagator), scored.meanRelativeError(of: FieldPersistence())
      )
    }
  }

  static let rows = [
    Row(
      .kdvPaper, points: 64, steps: 2000, train: 60, test: 32, multiplier: 0.0011,
      persistence: 1.75),
    Row(
      .kdvHard, points: 64, steps: 1000, train: 300, test: 100, multiplier: 0.399,
      persistence: 0.69),
    Row(
      .kdvHard, points: 64, steps: 500, train: 300, test: 100, multiplier: 0.094,
      persistence: 0.75, change: { $0.initial = .korteweg() }, name: "kdv, 10, T = 1"),
    Row(
      .ks22, points: 64, steps: 100, train: 300, test: 100, multiplier: 0.498, persistence: 0.60),
    Row(
      .ks64, points: 64, steps: 100, train: 300, test: 100, multiplier: 0.599, persistence: 0.60),
    Row(
      .ks64, points: 64, steps: 200, train: 300, test: 100, multiplier: 0.836, persistence: 0.90,
      change: { $0.endTime = 10 }, name: "ks-64, T = 10"),
  ]

  @Test("the controls have the errors of the reference, within a tenth", arguments: rows)
  func reference(row: Row) throws {
    let (fitted, scored) = try row.pairs()
    let found = row.errors(fitted: fitted, scored: scored)
    print(
      "\(row.name): multiplier \(found.multiplier) (reference \(row.multiplier)), persistence "
        + "\(found.persistence) (\(row.persistence)), propagator \(found.propagator)")
    #expect(abs(found.multiplier / row.multiplier - 1) < 0.1)
    #expect(abs(found.persistence / row.persistence - 1) < 0.1)
    // The propagator is one of the multipliers that the fit chooses among; other draws are scored.
    #expect(found.propagator > 0.85 * found.multiplier)
  }

  @Test("on linear data propagator and multiplier are exact")
  func linearData() throws {
    let points = 64
    for equation in [EvolutionEquation.kortewegDeVries, .burgers(viscosity: 0.01)] {
      let propagator = FourierMultiplier.linearPropagator(
        equation: equation, length: 3, time: 0.5, points: points)
      let generator = PDEGeneratorTests.small(.kdvHard)
      let drawn = PDEPairs(values: try generator.pairs(0..<20, of: .train), points: points)
      var values: [Double] = []
      for sample in 0..<drawn.count {
        let start = Array(drawn.input(sample))
        values += start + propagator.predict(start)
      }
      let pairs = PDEPairs(values: values, points: points)
      #expect(pairs.meanRelativeError(of: propagator) == 0)
      #expect(pairs.meanRelativeError(of: MultiplierStatistics(of: pairs).multiplier) < 1e-10)
    }
  }

  @Test("a propagator of the transport symbol shifts a wave: the sign is right")
  func propagatorIsTheSolution() throws {
    // cos(kx) under u_t = −u_xxx becomes cos(kx + k³t).
    let (points, length, time) = (32, 4.0, 0.1)
    let k = 2 * Double.pi * 3 / length
    let start = (0..<points).map { cos(k * length * Double($0) / Double(points)) }
    let found = FourierMultiplier.linearPropagator(
      equation: .kortewegDeVries, length: length, time: time, points: points
    ).predict(start)
    for j in 0..<points {
      let expected = cos(k * length * Double(j) / Double(points) + k * k * k * time)
      #expect(abs(found[j] - expected) < 1e-12)
    }
  }

  @Test("sums of parts are the sums of all")
  func statisticsAddUp() throws {
    let generator = PDEGeneratorTests.small(.ks22)
    func statistics(_ range: Range<Int>) throws -> MultiplierStatistics {
      MultiplierStatistics(
        of: PDEPairs(values: try generator.pairs(range, of: .train, points: 32), points: 32))
    }
    let all = try statistics(0..<24)
    var sum = MultiplierStatistics(points: 32)
    for range in [0..<5, 5..<6, 6..<24] { sum.add(try statistics(range)) }
    for (a, b) in zip(all.multiplier.factors, sum.multiplier.factors) {
      #expect((a - b).magnitude < 1e-12 * (1 + a.magnitude))
    }
  }

  @Test(
    "table of the named sets on their fine grids",
    .enabled(if: ProcessInfo.processInfo.environment["PORTOLAN_PDE_TABLE"] == "1"),
    arguments: PDESet.allCases)
  func fineTable(set: PDESet) throws {
    let problem = set.problem
    let halving = try PDEGenerator(set: set, seed: 1).stepHalvingError(0..<4, of: .test)
    print("\(set.rawValue): step-halving error \(halving)")
    let row = Row(
      set, points: problem.points, steps: problem.steps, train: 48, test: 24, multiplier: 0,
      persistence: 0)
    let (fitted, scored) = try row.pairs()
    for points in [64, 128, 256, 512, 1024] {
      let errors = row.errors(
        fitted: fitted.subSampled(to: points), scored: scored.subSampled(to: points))
      print("\(set.rawValue), \(points) points: \(errors)")
    }
    #expect(halving.mean < 1e-4)
  }
}
