import Operators
import TestSupport
import Tensors
import Testing

@Suite("Kernel operators")
struct KernelOperatorTests {
  // MARK: - Low rank

  private var smallLowRank: LowRankOperator.Settings {
    var settings = LowRankOperator.Settings()
    settings.width = 2
    settings.rank = 2
    settings.kernelWidths = [3]
    settings.layers = 2
    settings.projection = 3
    return settings
  }

  @Test("Parameter counts")
  func counts() {
    #expect(Fixture { LowRankOperator(in: &$0) }.layout.count == 333_881)
    #expect(Fixture { GraphOperator(in: &$0) }.layout.count == 20_385)
  }

  @Test("A kernel of known rank is integrated exactly")
  func finiteRank() {
    let (positions, channels, rank) = (9, 2, 3)
    let fixture = Fixture {
      LowRankKernel(features: 1, channels: channels, rank: rank, widths: [2], in: &$0)
    }
    let count = channels * channels * rank
    let phi = noise(positions * count, seed: 1)
    let psi = noise(positions * count, seed: 2)
    let v = noise(positions * channels, seed: 3)
    let y = fixture.output(v, Shape(positions, channels), fixture.parameters()) { model, v, tape in
      model.apply(
        phi: tape.constant(positions, count, phi), psi: tape.constant(positions, count, psi),
        to: v, positions: positions, on: tape)
    }
    var expected = [Double](repeating: 0, count: positions * channels)
    for x in 0..<positions {
      for o in 0..<channels {
        for i in 0..<channels {
          for r in 0..<rank {
            let place = (o * channels + i) * rank + r
            for z in 0..<positions {
              expected[x * channels + o] +=
                phi[x * count + place] * psi[z * count + place] * v[z * channels + i]
                / Double(positions)
            }
          }
        }
      }
    }
    #expect(relativeError(y, expected) < 1e-13)
  }

  @Test("Gradients of the low-rank operator")
  func lowRankGradients() {
    let fixture = Fixture { LowRankOperator(smallLowRank, in: &$0) }
    #expect(
      fixture.gradientDeviation(input: Shape(5 * 2, 1)) { $0($1, positions: 5, on: $2) } < 1e-7)
  }

  // MARK: - Graphs

  private var smallGraph: GraphOperator.Settings {
    var settings = GraphOperator.Settings()
    settings.width = 2
    settings.kernelWidth = 6
    settings.layers = 2
    settings.maximumNeighbours = 3
    return settings
  }

  @Test("Neighbours lie within the radius, symmetric, and are at most so many")
  func neighbours() {
    #expect(GraphOperator.offsets(positions: 16, radius: 0.2, maximum: 99) == Array(-3...3))
    let many = GraphOperator.offsets(positions: 1024, radius: 0.2, maximum: 13)
    #expect(many.count == 13 && many.first == -204 && many.last == 204 && many.contains(0))
    #expect(many.map { -$0 }.reversed() == many)
    #expect(GraphOperator.offsets(positions: 3, radius: 0.4, maximum: 9) == [-1, 0, 1])
  }

  @Test("Messages are means of v · κ over neighbours, across the period")
  func messages() {
    let (positions, channels) = (6, 2)
    let fixture = Fixture {
      EdgeKernel(inputs: 1, channels: channels, widths: [3], in: &$0)
    }
    let buffer: ParameterBuffer<Double> = fixture.parameters()
    let offsets = (0..<positions).map { $0 % 2 == 0 ? [-2, 2, 3] : [-3, -2, 2] }
    let a = noise(positions, seed: 4)
    let v = noise(positions * channels, seed: 5)
    let y = fixture.output(v, Shape(positions, channels), buffer) { kernel, v, tape in
      let edges = kernel.edges(
        tape.constant(positions, 1, a), positions: positions, offsets: offsets, on: tape)
      return EdgeKernel.mean(v, over: edges, on: tape)
    }
    var expected = [Double](repeating: 0, count: positions * channels)
    for i in 0..<positions {
      for offset in offsets[i] {
        let j = (i + offset + positions) % positions
        let matrix = fixture.output(
          [Double(i) / 6, Double(i + offset) / 6, a[i], a[j]], Shape(1, 4), buffer
        ) { kernel, x, tape in kernel.network(x, on: tape) }
        for o in 0..<channels {
          for k in 0..<channels {
            expected[i * channels + o] += v[j * channels + k] * matrix[k * channels + o] / 3
          }
        }
      }
    }
    #expect(relativeError(y, expected) < 1e-13)
  }

  @Test("Gradients of the graph operator")
  func graphGradients() {
    let fixture = Fixture { GraphOperator(smallGraph, in: &$0) }
    #expect(
      fixture.gradientDeviation(input: Shape(6 * 2, 1)) { $0($1, positions: 6, on: $2) } < 1e-7)
  }

  // MARK: - Multipole

  private var smallMultipole: MultipoleOperator.Settings {
    var settings = MultipoleOperator.Settings()
    settings.width = 2
    settings.kernelWidth = 4
    settings.levels = 2
    settings.coarsest = 4
    settings.depth = 2
    return settings
  }

  @Test(
    "Interactive neighbours have neighbouring parents and are no neighbours", arguments: [8, 16])
  func interactive(positions: Int) {
    for (i, offsets) in MultipoleOperator.interactiveOffsets(positions: positions).enumerated() {
      for offset in -4...4 {
        let j = i + offset
        let parents = abs(Int((Double(i) / 2).rounded(.down)) - Int((Double(j) / 2).rounded(.down)))
        #expect(offsets.contains(offset) == (abs(offset) >= 2 && parents <= 1))
      }
    }
  }

  @Test("Gradients of the multipole operator")
  func multipoleGradients() {
    let fixture = Fixture { MultipoleOperator(smallMultipole, in: &$0) }
    #expect(fixture.model.grids(positions: 16) == [16, 8, 4])
    #expect(
      fixture.gradientDeviation(input: Shape(16, 1), stride: 3) { $0($1, positions: 16, on: $2) }
        < 1e-7)
  }

  // MARK: - Resolution

  @Test("The same parameters at 64 to 1024 points", arguments: 0..<3)
  func resolution(kind: Int) {
    var outputs: [[Double]] = []
    for positions in [64, 128, 256, 512, 1024] {
      func run<Model: NeuralOperator>(_ make: (inout ParameterLayout) -> Model) -> [Double] {
        let fixture = Fixture(make)
        return fixture.output(
          waves(positions), Shape(positions, 1), fixture.parameters(deviation: 0.3)
        ) { $0($1, positions: positions, on: $2) }
      }
      outputs.append(
        kind == 0
          ? run { LowRankOperator(smallLowRank, in: &$0) }
          : kind == 1
            ? run { GraphOperator(smallGraph, in: &$0) }
            : run { MultipoleOperator(smallMultipole, in: &$0) })
    }
    #expect(outputs.joined().allSatisfy { $0.isFinite })
    // Integrals converge with the grid; the multipole operator has levels that only fine grids have.
    if kind < 2 {
      let common = (0..<512).map { outputs[4][2 * $0] }
      #expect(relativeError(outputs[3], common) < 0.02)
    }
  }
}
