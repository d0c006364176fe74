import Flows
import TestSupport
import Tensors

/// A small atlas whose parameters and codes are random numbers, evaluated in any precision.
struct AtlasFixture {
  let atlas: Atlas
  let buffer: ParameterBuffer<Double>

  /// The codes are encoded points, so that every chart holds some part of the plane.
  init(
    charts: Int = 3, dimension: Int = 2, rule: ChartRule = ChartRule(),
    points: [Int64] = [5, 3, 2],
    couplings: Int = 2, embedding: ChartEmbedding = .none
  ) {
    let flow = RealNVP(
      couplings: couplings, widths: [8], activation: .tanh, transform: .affine(logScaleBound: 1))
    atlas = Atlas(
      Atlas.Shape(
        dimension: dimension, charts: charts, rule: rule, encoderWidths: [8],
        encoderActivation: .tanh, flow: flow, embedding: embedding),
      seed: 1)
    buffer = ParameterCollection.randomised(atlas.layout)
    if charts > 1 {
      atlas.setChartPoints(points)
      let encoded = encode(Self.points(charts, dimension: dimension, seed: 21))
      atlas.codebook.start(from: encoded.flatMap { $0 }.map { Float($0) })
    }
  }

  /// Normal numbers of deviation 1.5 that are exact in Float, [count, D].
  static func points(_ count: Int, dimension: Int = 2, seed: UInt64 = 9) -> [[Double]] {
    (0..<count).map { row in
      var random = SampleRandom(seed: seed, purpose: .test, sample: UInt64(row))
      return (0..<dimension).map { _ in Double(Float(1.5 * random.normal())) }
    }
  }

  /// v_k, [K, d].
  var codes: [[Double]] {
    (0..<atlas.chartCount).map { k in
      (0..<atlas.codebook.dimension).map {
        Double(atlas.codebook.codes[k * atlas.codebook.dimension + $0])
      }
    }
  }

  /// E(x), [B, d].
  func encode(_ x: [[Double]]) -> [[Double]] {
    let tape = Tape<Double>(shardCount: 1, parameters: buffer)
    let z = tape.keep(atlas.quantizer!.encoder(tape.matrix(x), on: tape))
    tape.run()
    return rows(tape.elements(of: z), atlas.codebook.dimension)
  }

  /// log p(x) over a selection of charts, [B].
  func density<Scalar: TensorScalar>(
    _ x: [[Double]], _ selection: ChartSelection, uniform: [Double]? = nil, in type: Scalar.Type
  ) -> [Double] {
    let tape = Tape<Scalar>(shardCount: 1, parameters: buffer.converted(to: type))
    let numbers = uniform.map { tape.matrix($0.map { [$0] }) }
    let density = tape.keep(
      atlas.logProbability(of: tape.matrix(x), over: selection, uniform: numbers, on: tape))
    tape.run()
    return tape.elements(of: density).map { Double($0) }
  }

  /// log p_k + log p(x | k) of every chart by one pass of the flow each, [K][B].
  func joint(_ x: [[Double]]) -> [[Double]] {
    codes.enumerated().map { k, code in
      let tape = Tape<Double>(shardCount: 1, parameters: buffer)
      let density = tape.keep(
        atlas.flow.logProbability(
          of: tape.matrix(x), context: tape.matrix(x.map { _ in code }), on: tape))
      tape.run()
      return tape.elements(of: density).map { $0 + Double(atlas.logChartWeights[k]) }
    }
  }

  /// The charts of points, −1 for empty places, [B, M].
  func charts(_ x: [[Double]], _ selection: ChartSelection, uniform: [Double]? = nil) -> [[Int]] {
    let tape = Tape<Double>(shardCount: 1, parameters: buffer)
    let numbers = uniform.map { tape.matrix($0.map { [$0] }) }
    let chosen = atlas.charts(of: tape.matrix(x), selection, uniform: numbers, on: tape)!
    tape.keep(chosen.indices)
    tape.run()
    let indices = rows(tape.elements(of: chosen.indices), atlas.places(of: selection))
    return indices.map { $0.map { Int($0) } }
  }

  /// The rule written down plainly: charts with d² ≤ (1 + ε)² d̃², [B] lists in order of distance.
  func plainCharts(_ x: [[Double]]) -> [[Int]] {
    encode(x).map { z in
      let distances = codes.map { code in zip(z, code).map { ($0 - $1) * ($0 - $1) }.reduce(0, +) }
      let allowed = codes.indices.filter { atlas.chartPoints[$0] > 0 }.sorted {
        (distances[$0], $0) < (distances[$1], $1)
      }
      let rule = atlas.rule
      let last = min(rule.neighbours, allowed.count) - 1
      let limit = distances[allowed[last]] * (1 + rule.overlap) * (1 + rule.overlap)
      return allowed.enumerated().filter {
        $0.offset <= last || (rule.overlap > 0 && distances[$0.element] <= limit)
      }.map(\.element)
    }
  }

  private func rows(_ values: [Double], _ columns: Int) -> [[Double]] {
    stride(from: 0, to: values.count, by: columns).map { Array(values[$0..<$0 + columns]) }
  }
}
