import Datasets
import Tensors

extension PointEvaluator {
  /// Whether each point lies outside a given chart, by the rule of charts (`neighbours`, `overlap`): for
  /// samples the leak of the flow over the chart's border. Nil for a plain flow and for charts that are fitted apart, which have no borders. Collective.
  ///
  /// - Parameter charts: a chart for each point, [points.count].
  package func leaks(_ points: any RowSource, charts: [Int]) throws -> [Bool]? {
    precondition(points.count == charts.count, "\(charts.count) charts, \(points.count) points")
    guard model.independent == nil else { return nil }
    return try holdingCharts(of: points) { row, held in held.contains(charts[row]) ? 0 : 1 }?
      .map { $0 > 0 }
  }

  /// The chart of the nearest code of each point, [points.count]: what the quantizer says, without the
  /// flow; of charts that are fitted apart the most probable one. Nil for a plain flow. Collective.
  package func nearestCharts(of points: any RowSource) throws -> [Int]? {
    guard model.independent == nil else {
      return try inferences(of: points, mode: .mostProbable).map(\.chart)
    }
    return try holdingCharts(of: points) { _, held in held[0] }
  }

  /// A number for each point from the charts that hold it, nearest first. Collective.
  private func holdingCharts(
    of points: any RowSource, _ number: (_ row: Int, _ held: [Int]) -> Int
  ) throws -> [Int]? {
    let atlas = model.atlas
    let tape = Tape<Float>(shardCount: 1, parameters: model.parameters)
    let x = tape.input(pieceRows, atlas.dimension)
    guard let chosen = atlas.charts(of: x, .holding, on: tape) else { return nil }
    tape.keep(chosen.indices)
    let places = tape.shape(of: chosen.indices).columns
    return try gather(count: points.count, width: 1) { rows, output in
      try fill(x, rows, from: points, on: tape)
      run(tape)
      let indices = tape.pointer(to: chosen.indices, shard: 0)
      for (i, row) in rows.enumerated() {
        let held = (0..<places).map { Int(indices[i * places + $0]) }.filter { $0 >= 0 }
        output.append(Double(number(row, held)))
      }
    }.map { Int($0) }
  }
}
