import Datasets
import Distributed
import Foundation
import Tensors

/// The E-step: how much each training row belongs to each chart, r_nk = p_k p(x_n | k) / p(x_n).
///
/// Densities of (chart, piece of rows) units are shared out over all ranks and put together in chart
/// order; every rank then does the same log-sum-exp over charts, row after row, in Double. A unit's
/// shapes are fixed, so no bit depends on the number of ranks.
struct Responsibilities {
  /// The rows of each chart, [K]; smaller responsibilities than ``threshold`` are left out.
  let rows: [ChartRows]
  /// Σ_n r_nk, [K].
  let totals: [Double]
  /// Mean of log p(x_n), in nats.
  let meanLogLikelihood: Double

  /// A row with less of a chart than this does not train it.
  static let threshold = 1e-4
  private static let pieceRows = 256
  /// Densities that are in memory at a time.
  private static let blockNumbers = 1 << 22

  /// Collective.
  ///
  /// - Throws: ``NonFiniteError`` through the group for a row that no chart has any density for.
  init(
    of source: any RowSource, under model: any IndependentCharts,
    parameters: ParameterBuffer<Float>, step: Int, on group: JobGroup
  ) throws {
    let charts = model.chartCount
    var indices = [[Int32]](repeating: [], count: charts)
    var weights = [[Float]](repeating: [], count: charts)
    var totals = [Double](repeating: 0, count: charts)
    var sum = 0.0
    try Self.forEachRow(of: source, under: model, parameters, step, group) { row, joint, density in
      sum += density
      for k in 0..<charts {
        let r = exp(joint[k] - density)
        guard r > 0 else { continue }
        totals[k] += r
        guard r > Self.threshold else { continue }
        indices[k].append(Int32(row))
        weights[k].append(Float(r))
      }
    }
    rows = (0..<charts).map { ChartRows(base: source, indices: indices[$0], weights: weights[$0]) }
    self.totals = totals
    meanLogLikelihood = sum / Double(source.count)
  }

  /// The mean of log p(x) over the rows of a source. Collective.
  static func meanLogLikelihood(
    of source: any RowSource, under model: any IndependentCharts,
    parameters: ParameterBuffer<Float>, step: Int, on group: JobGroup
  ) throws -> Double {
    let densities = try logLikelihoods(
      of: source, under: model, parameters: parameters, step: step, on: group)
    return densities.reduce(0, +) / Double(source.count)
  }

  /// log p(x) of each row of a source. Collective.
  static func logLikelihoods(
    of source: any RowSource, under model: any IndependentCharts,
    parameters: ParameterBuffer<Float>, step: Int, on group: JobGroup
  ) throws -> [Double] {
    var densities: [Double] = []
    try forEachRow(of: source, under: model, parameters, step, group) { densities.append($2) }
    return densities
  }

  // MARK: -

  /// Calls `body` with each row's log p_k + log p(x | k), [K], and log p(x), in order, on every rank.
  private static func forEachRow(
    of source: any RowSource, under model: any IndependentCharts,
    _ parameters: ParameterBuffer<Float>, _ step: Int, _ group: JobGroup,
    _ body: (_ row: Int, _ joint: [Double], _ density: Double) -> Void
  ) throws {
    let used = (0..<model.chartCount).filter { model.weights[$0] > 0 }
    let logWeights = model.weights.map { $0 > 0 ? log($0) : -.infinity }
    let blockRows = max(pieceRows, blockNumbers / model.chartCount / pieceRows * pieceRows)
    var joint = [Double](repeating: -.infinity, count: model.chartCount)
    for start in stride(from: 0, to: source.count, by: blockRows) {
      let block = start..<min(start + blockRows, source.count)
      let densities = try densities(
        block, of: source, charts: used, under: model, parameters, group)
      for row in block {
        var largest = -Double.infinity
        for (place, k) in used.enumerated() {
          let density = Double(densities[place * block.count + row - block.lowerBound])
          // Where single precision ends a chart has no say.
          joint[k] = density.isNaN ? -.infinity : density + logWeights[k]
          largest = max(largest, joint[k])
        }
        guard largest.isFinite else {
          // Every rank sees the same densities, so every rank throws this.
          throw RowWithoutDensityError(row: source.originalRow(row), step: step)
        }
        var total = 0.0
        for k in used { total += exp(joint[k] - largest) }
        body(row, joint, largest + log(total))
      }
    }
  }

  /// log p(x | k) of a block, [charts][block]. Collective.
  private static func densities(
    _ block: Range<Int>, of source: any RowSource, charts: [Int],
    under model: any IndependentCharts, _ parameters: ParameterBuffer<Float>, _ group: JobGroup
  ) throws -> [Float] {
    let pieces = (block.count + pieceRows - 1) / pieceRows
    let units = charts.count * pieces
    let own = group.rank * units / group.size..<(group.rank + 1) * units / group.size
    let values = try group.agreed {
      var values: [Float] = []
      var evaluator: PieceEvaluator?
      for unit in own {
        let chart = charts[unit / pieces]
        if evaluator?.chart != chart {
          evaluator = PieceEvaluator(
            model, chart: chart, parameters, rows: pieceRows, columns: source.columnCount)
        }
        let first = block.lowerBound + unit % pieces * pieceRows
        let rows = first..<min(first + pieceRows, block.upperBound)
        values += try evaluator!.densities(of: rows, from: source)
      }
      return values
    }
    let all = try group.allGather(values.withUnsafeBytes { Array($0) })
    return all.flatMap { bytes in
      bytes.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
    }
  }
}

/// The density of one chart on a fixed number of rows at a time.
private struct PieceEvaluator {
  let chart: Int
  private let tape: Tape<Float>
  private let x: Value
  private let density: Value
  private let pieceRows: Int

  init(
    _ model: any IndependentCharts, chart: Int, _ parameters: ParameterBuffer<Float>, rows: Int,
    columns: Int
  ) {
    self.chart = chart
    pieceRows = rows
    tape = Tape<Float>(shardCount: 1, parameters: parameters)
    x = tape.input(rows, columns)
    density = tape.keep(model.logProbability(of: x, chart: chart, on: tape))
  }

  func densities(of rows: Range<Int>, from source: any RowSource) throws -> [Float] {
    // Padding repeats the last row.
    let padded = (0..<pieceRows).map { min(rows.lowerBound + $0, rows.upperBound - 1) }
    try source.read(rows: padded, into: tape.pointer(to: x, shard: 0))
    if tape.hasRun { tape.replay() } else { tape.run() }
    return Array(tape.elements(of: density)[..<rows.count])
  }
}

/// A training row outside of every chart.
package struct RowWithoutDensityError: SharedByAllRanks, ExitCodeCarrying, CustomStringConvertible {
  /// In the file or generator.
  let row: Int
  let step: Int

  /// Bad data.
  package var exitCode: Int32 { 65 }
  package var concernsWholeJob: Bool { true }

  package var description: String {
    """
    row \(row) of the data (counted from 0) has no finite density under any chart after step \(step)
    hint: look at this row: it lies too far from all others for single precision
    """
  }
}
