/// Which group of ranks trains which cells. Decides only when a cell is trained, never its result.
package enum TableSchedule {
  /// Longest first, each to the group that is free first.
  ///
  /// - Parameter seconds: expected time of each cell.
  /// - Returns: the cells of each group, in the order in which they are trained.
  package static func assign(seconds: [Double], groups: Int) -> [[Int]] {
    var lists = [[Int]](repeating: [], count: groups)
    var load = [Double](repeating: 0, count: groups)
    let order = seconds.indices.sorted {
      seconds[$0] == seconds[$1] ? $0 < $1 : seconds[$0] > seconds[$1]
    }
    for cell in order {
      let free = load.indices.min { load[$0] == load[$1] ? $0 < $1 : load[$0] < load[$1] }!
      lists[free].append(cell)
      load[free] += seconds[cell]
    }
    // Within a group in the order of the table, so that early seeds are whole first.
    return lists.map { $0.sorted() }
  }

  /// Mean time of the finished cells of the same model, else of all, else one second.
  package static func expectedSeconds(
    of cell: TableCell, finished: [TableCell: CellResult]
  ) -> Double {
    func mean(_ results: [CellResult]) -> Double? {
      results.isEmpty ? nil : results.reduce(0) { $0 + $1.seconds } / Double(results.count)
    }
    return mean(finished.filter { $0.key.model == cell.model }.map(\.value))
      ?? mean(Array(finished.values)) ?? 1
  }
}
