import Foundation
import Tensors

/// An atlas of K flows that share nothing: each chart has a frame and a flow of its own.
///
///     p(x) = Σ_k p_k p(x | k),   log p(x | k) = log q(f_k(y)) + log |det J_{f_k}(y)| + log |J_frame|
///
/// with y the point in the frame of chart k. The flows start as the identity (or as a rotation), which
/// N(0, I) does not notice: before training the atlas is the mixture of its frames' Gaussians.
///
/// On the sphere two charts without parameters may come last: a uniform density of small fixed weight, so
/// that no point lies where the atlas has no density, and a *given* density of the whole sphere, which
/// weighs nothing until it is set.
package final class IndependentAtlas: AtlasDensity {
  package let dimension: Int
  package private(set) var charts: [IndependentChart]
  package let layout: ParameterLayout
  /// p_k, [K].
  package private(set) var chartWeights: [Double]
  /// log p_k, [K], −∞ for charts that are not in use. At a fixed address.
  package let logChartWeights: ParameterBuffer<Float>
  /// Weight of the uniform chart of the sphere; 0 without one.
  package let background: Double
  /// Whether the last chart is a given density.
  package let hasGivenChart: Bool
  /// Weight of the given density.
  package private(set) var givenShare = 0.0
  private let architecture: any FlowArchitecture

  /// K, the background among them.
  package var chartCount: Int { charts.count }
  package var chartDimension: Int { charts[0].frame.chartDimension }

  /// - Parameters:
  ///   - frames: one a chart that is fitted; their numbers may be set later.
  ///   - flow: the architecture of every chart.
  ///   - background: weight of one more chart, the uniform density of the sphere; 0 for none.
  ///   - hasGivenChart: whether one more chart is a density that ``setGivenChart(_:share:)`` gives.
  /// - Precondition: a background and a given chart need frames of the sphere.
  package init(
    frames: [any ChartFrame], flow: any FlowArchitecture, background: Double = 0,
    hasGivenChart: Bool = false, seed: UInt64
  ) {
    guard let first = frames.first else { preconditionFailure("an atlas needs a chart") }
    precondition(
      frames.allSatisfy { $0.dimension == first.dimension }, "frames of several dimensions")
    dimension = first.dimension
    architecture = flow
    var layout = ParameterLayout()
    var charts: [IndependentChart] = []
    for (k, frame) in frames.enumerated() {
      var chain: Chain!
      let range = layout.range { layout in
        chain = layout.scoped("charts/\(k)/flow") {
          flow.chain(
            dimension: frame.chartDimension, contextDimension: 0, seed: Self.key(seed, chart: k),
            in: &$0)
        }
      }
      charts.append(IndependentChart(frame: frame, chain: chain, parameterRange: range))
    }
    precondition(
      0..<1 ~= background && (background == 0 || first is SphereFrame),
      "a background needs a sphere and a weight below one, got \(background)")
    if background > 0 { charts.append(IndependentChart.uniform(at: layout.count)) }
    precondition(!hasGivenChart || first is SphereFrame, "a given chart needs a sphere")
    if hasGivenChart { charts.append(IndependentChart.uniform(at: layout.count)) }
    self.background = background
    self.hasGivenChart = hasGivenChart
    self.charts = charts
    self.layout = layout
    chartWeights = Array(repeating: 1 / Double(charts.count), count: charts.count)
    logChartWeights = ParameterBuffer(count: charts.count)
    setWeights(chartWeights)
  }

  /// Charts that are fitted; those without parameters follow.
  package var fittedCount: Int {
    charts.count - (background > 0 ? 1 : 0) - (hasGivenChart ? 1 : 0)
  }

  /// Sets p_k ≥ 0 of the fitted charts, scaled so that all add up to one; a background and a given chart
  /// keep their shares, whatever is given for them.
  package func setWeights(_ weights: [Double]) {
    precondition(weights.count == chartCount, "expected \(chartCount) weights, got \(weights)")
    let fitted = Array(weights[..<fittedCount])
    let total = fitted.reduce(0, +)
    precondition(total > 0 && total.isFinite, "an atlas needs a chart with weight, got \(weights)")
    let share = (1 - background) * (1 - givenShare)
    // What was scaled before keeps its bits.
    var all = abs(total - share) < 1e-12 ? fitted : fitted.map { $0 / total * share }
    if background > 0 { all.append(background * (1 - givenShare)) }
    if hasGivenChart { all.append(givenShare) }
    chartWeights = all
    for k in 0..<chartCount {
      logChartWeights[k] = chartWeights[k] > 0 ? Float(log(chartWeights[k])) : -.infinity
    }
  }

  /// Makes the last chart a density of the sphere, seen on the plane that touches it at the third axis,
  /// and gives it a share of the whole, 0 ≤ share < 1.
  ///
  /// - Precondition: the atlas has such a chart; the density has two dimensions.
  package func setGivenChart(_ density: any Distribution, share: Double) {
    precondition(hasGivenChart && 0..<1 ~= share, "no given chart, or a share of \(share)")
    charts[chartCount - 1] = IndependentChart.given(density, at: layout.count)
    givenShare = share
    setWeights(chartWeights)
  }

  /// The given density; the uniform one until another is set.
  package var givenChart: (any Distribution)? {
    hasGivenChart ? charts[chartCount - 1].flow.baseDistribution : nil
  }

  /// Where the numbers of a chart start: keyed by (seed, chart, attempt), whatever other charts there
  /// are. [parameterRange.count].
  package func start(ofChart chart: Int, seed: UInt64, attempt: Int) -> ParameterBuffer<Float> {
    if charts[chart].parameterRange.isEmpty { return ParameterBuffer(count: 0) }
    let key = Self.key(seed, chart: chart, attempt: attempt)
    var own = ParameterLayout()
    _ = architecture.chain(
      dimension: charts[chart].frame.chartDimension, contextDimension: 0,
      seed: Self.key(seed, chart: chart), in: &own)
    return ParameterBuffer(layout: own, seed: key)
  }

  /// A seed of a chart's own.
  package static func key(
    _ seed: UInt64, chart: Int, round: Int = 0, attempt: Int = 0
  ) -> UInt64 {
    var random = SampleRandom(
      seed: seed, purpose: .restart, step: UInt32(truncatingIfNeeded: (round << 4) + attempt),
      sample: UInt64(chart))
    return random.nextUInt64()
  }

  // MARK: - Density

  package func logProbability<Scalar>(of x: Value, on tape: Tape<Scalar>) -> Value {
    let joint = logJoint(of: x, on: tape)
    return chartCount == 1 ? joint : tape.rowLogSumExp(joint)
  }

  /// log p_k + log p(x | k), [B, K].
  package func logJoint<Scalar>(of x: Value, on tape: Tape<Scalar>) -> Value {
    let columns = charts.indices.map { k in
      tape.scoped("charts.\(k)") { charts[k].logProbability(of: x, on: tape) }
    }
    return tape.add(tape.concatenated(columns), rowVector: logWeights(on: tape))
  }

  /// log p_k as a value [1, K].
  package func logWeights<Scalar>(on tape: Tape<Scalar>) -> Value {
    if let tape = tape as? Tape<Float> {
      return tape.shared(1, chartCount, at: logChartWeights.pointer)
    }
    return tape.constant(1, chartCount, (0..<chartCount).map { Scalar(logChartWeights[$0]) })
  }

  // MARK: - Inference and sampling

  /// Every chart holds every point.
  package func recordInference<Scalar>(of x: Value, on tape: Tape<Scalar>) -> InferenceRecording {
    let rows = tape.shape(of: x).rows
    var (columns, bases): ([Value], [Value]) = ([], [])
    for chart in charts {
      let (base, density) = chart.basePoint(of: x, on: tape)
      columns.append(density)
      bases.append(base)
    }
    let joint = tape.add(tape.concatenated(columns), rowVector: logWeights(on: tape))
    let wide = tape.concatenated(bases)
    let base = tape.reshape(wide, rows * chartCount, charts[0].frame.chartDimension)
    let indices = tape.constant(
      rows, chartCount, (0..<rows * chartCount).map { Scalar($0 % chartCount) })
    return InferenceRecording(joint: tape.keep(joint), charts: indices, base: tape.keep(base))
  }

  package func recordSampling<Scalar>(rows: Int, on tape: Tape<Scalar>) -> SamplingRecording<Scalar>
  {
    let (count, width) = (chartCount, dimension)
    let base = tape.input(rows, charts[0].frame.chartDimension)
    let chosen = tape.input(rows, 1)
    let all = tape.concatenated(
      charts.map { chart in
        let coordinates = chart.flow.bijection.forward(base, context: nil, on: tape).value
        return chart.frame.points(at: coordinates, on: tape)
      })
    // A choice and no sum with zeros: another chart may be infinite where this one is sound.
    let points = tape.host(inputs: [all, chosen], outputs: [Shape(rows, width)]) { memory in
      let (all, chosen, points) = (memory.inputs.0!, memory.inputs.1!, memory.outputs.0!)
      for row in 0..<rows {
        let start = row * count * width + Int(chosen[row]) * width
        (points + row * width).update(from: all + start, count: width)
      }
    }[0]
    return SamplingRecording(
      base: base, points: tape.keep(points),
      setChart: { row, chart in tape.pointer(to: chosen, shard: 0)[row] = Scalar(chart) })
  }

  package func baseSample(ofChart chart: Int, using random: inout SampleRandom) -> [Double] {
    charts[chart].flow.baseDistribution.sample(using: &random)
  }
}

/// One chart of an ``IndependentAtlas``.
package struct IndependentChart {
  package let frame: any ChartFrame
  /// On the frame's coordinates.
  package let flow: Flow
  /// Its bijections, base → chart coordinates.
  package let chain: Chain
  /// Its numbers in the flat buffer.
  package let parameterRange: Range<Int>

  init(
    frame: any ChartFrame, chain: Chain, base: (any Distribution)? = nil,
    parameterRange: Range<Int>
  ) {
    self.frame = frame
    self.chain = chain
    self.parameterRange = parameterRange
    flow = Flow(
      base: base ?? StandardNormal(dimension: frame.chartDimension), bijection: chain)
  }

  /// A density of the sphere that has nothing to fit.
  static func given(_ density: any Distribution, at offset: Int) -> IndependentChart {
    precondition(density.dimension == 2, "expected a density of a plane")
    return IndependentChart(
      frame: SphereFrame(), chain: Chain(dimension: 2, []), base: density,
      parameterRange: offset..<offset)
  }

  /// The uniform density of the sphere.
  static func uniform(at offset: Int) -> IndependentChart {
    given(StereographicVonMisesFisher(), at: offset)
  }

  /// log p(x | k), [B, D] → [B, 1], in nats.
  package func logProbability<Scalar>(of x: Value, on tape: Tape<Scalar>) -> Value {
    basePoint(of: x, on: tape).density
  }

  /// f_k(x), [B, d], and log p(x | k), [B, 1].
  func basePoint<Scalar>(of x: Value, on tape: Tape<Scalar>) -> (base: Value, density: Value) {
    let framed = tape.scoped("frame") { frame.chartCoordinates(of: x, on: tape) }
    let base = tape.scoped("flow") { chain.inverse(framed.value, context: nil, on: tape) }
    var density = tape.scoped("base") {
      flow.baseDistribution.logProbability(of: base.value, on: tape)
    }
    for term in [base.logAbsDetJacobian, framed.logAbsDetJacobian] {
      if let term { density = tape.add(density, term) }
    }
    return (base.value, density)
  }
}

extension Tape {
  /// Values side by side, joined in pairs so that each column is copied log K times.
  func concatenated(_ values: [Value]) -> Value {
    guard values.count > 1 else { return values[0] }
    let middle = values.count / 2
    return concatenateColumns(
      concatenated(Array(values[..<middle])), concatenated(Array(values[middle...])))
  }
}
