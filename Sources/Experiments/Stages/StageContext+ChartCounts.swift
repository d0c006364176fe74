import Flows
import Tensors
import Training

extension StageContext {
  /// The pass that counts the points of each chart (VQ-Flows, eq. 18): r_k = points in U_k, whole numbers,
  /// exact in any order. Nothing for one chart. Collective.
  func countCharts(of atlas: Atlas) throws {
    guard atlas.chartCount > 1 else { return }
    atlas.setChartPoints(Array(repeating: 1, count: atlas.chartCount))
    let charts = atlas.chartCount
    let sums = try sums(count: train.count, length: charts) { batch, tape in
      let chosen = atlas.charts(of: batch.x, .holding, on: tape)!
      let shape = tape.shape(of: chosen.indices)
      return tape.host(
        inputs: [chosen.indices, batch.weight], outputs: [Shape(1, charts)]
      ) { memory in
        let (indices, weight) = (memory.inputs.0!, memory.inputs.1!)
        let counts = memory.outputs.0!
        counts.update(repeating: 0, count: charts)
        for row in 0..<shape.rows where weight[row] > 0 {
          for place in 0..<shape.columns {
            let k = Int(indices[row * shape.columns + place])
            if k >= 0 { counts[k] += 1 }
          }
        }
      }[0]
    }
    atlas.setChartPoints(sums.map { Int64($0) })
  }
}
