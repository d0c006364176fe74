import Datasets
import Tensors

extension PointEvaluator {
  /// Whether each point lies outside a given chart, by the rule of charts (`neighbours`, `overlap`): for
  /// samples the leak of the flow over the chart's border. Nil for a plain flow. Collective.
  ///
  /// - Parameter charts: a chart for each point, [points.count].
  package func leaks(_ points: any RowSource, charts: [Int]) throws -> [Bool]? {
    precondition(points.count == charts.count, "\(charts.count) charts, \(points.count) points")
    let atlas = model.atlas
    guard atlas.chartCount > 1 else { return nil }
    let tape = Tape<Float>(shardCount: 1, parameters: model.parameters)
    let x = tape.input(pieceRows, atlas.dimension)
    guard let chosen = atlas.charts(of: x, .holding, on: tape) else { return nil }
    tape.keep(chosen.indices)
    let places = tape.shape(of: chosen.indices).columns
    let flat = try gather(count: points.count, width: 1) { rows, output in
      try fill(x, rows, from: points, on: tape)
      run(tape)
      let indices = tape.pointer(to: chosen.indices, shard: 0)
      for (i, row) in rows.enumerated() {
        let holds = (0..<places).contains { Int(indices[i * places + $0]) == charts[row] }
        output.append(holds ? 0 : 1)
      }
    }
    return flat.map { $0 > 0 }
  }

  /// The most probable chart of each point, [points.count]; nil for a plain flow. Collective.
  package func mostProbableCharts(of points: any RowSource) throws -> [Int]? {
    guard model.atlas.chartCount > 1 else { return nil }
    return try inferences(of: points, mode: .mostProbable).map(\.chart)
  }
}
