/// Which group of ranks fits which charts, and in which order: longest first, each to the group that
/// would be done with it first (Graham, 1969: within 4/3 of the best schedule).
///
/// Costs may come from a clock: the schedule decides who works when, never what comes out. Pure.
package enum ChartSchedule {
  /// - Parameters:
  ///   - costs: of the charts, any unit; more ranks are taken to divide them.
  ///   - groupSizes: ranks of each group.
  /// - Returns: for each group, positions in `costs`, longest first.
  package static func assign(costs: [Double], groupSizes: [Int]) -> [[Int]] {
    precondition(
      !groupSizes.isEmpty && groupSizes.allSatisfy { $0 > 0 }, "no ranks in \(groupSizes)")
    var lists = [[Int]](repeating: [], count: groupSizes.count)
    var loads = [Double](repeating: 0, count: groupSizes.count)
    let order = costs.indices.sorted { costs[$0] == costs[$1] ? $0 < $1 : costs[$0] > costs[$1] }
    for chart in order {
      func end(_ group: Int) -> Double { (loads[group] + costs[chart]) / Double(groupSizes[group]) }
      var best = 0
      for group in groupSizes.indices where end(group) < end(best) { best = group }
      lists[best].append(chart)
      loads[best] += costs[chart]
    }
    return lists
  }

  /// The time until the last group is done, in the unit of the costs.
  package static func makespan(
    _ lists: [[Int]], costs: [Double], groupSizes: [Int]
  ) -> Double {
    zip(lists, groupSizes).map { list, size in
      list.reduce(0) { $0 + costs[$1] } / Double(size)
    }.max() ?? 0
  }
}
