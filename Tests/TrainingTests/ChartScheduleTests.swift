import Testing
import Training

@Suite("The schedule of independent charts")
struct ChartScheduleTests {
  @Test("Longest first, each to the team that is done with it first")
  func longestFirst() {
    let costs: [Double] = [2, 7, 3, 5, 4]
    let lists = ChartSchedule.assign(costs: costs, groupSizes: [1, 1])
    #expect(lists == [[1, 2], [3, 4, 0]])
    #expect(ChartSchedule.makespan(lists, costs: costs, groupSizes: [1, 1]) == 11)
  }

  @Test("A team of two ranks is taken to be twice as fast")
  func sizes() {
    let lists = ChartSchedule.assign(costs: [6, 6, 6], groupSizes: [1, 2])
    #expect(lists == [[1], [0, 2]])
    #expect(ChartSchedule.makespan(lists, costs: [6, 6, 6], groupSizes: [1, 2]) == 6)
  }

  @Test("Every chart is in one list, and no schedule is longer than 4/3 of the bound")
  func bound() {
    for groups in 1...5 {
      let costs = (0..<23).map { Double(($0 * 7919) % 31 + 1) }
      let sizes = [Int](repeating: 1, count: groups)
      let lists = ChartSchedule.assign(costs: costs, groupSizes: sizes)
      #expect(lists.flatMap { $0 }.sorted() == Array(0..<23))
      for list in lists { #expect(list.map { costs[$0] } == list.map { costs[$0] }.sorted(by: >)) }
      let bound = max(costs.max()!, costs.reduce(0, +) / Double(groups))
      #expect(
        ChartSchedule.makespan(lists, costs: costs, groupSizes: sizes) <= 4.0 / 3 * bound + 1)
    }
  }

  @Test("Fewer charts than teams leave teams idle")
  func idle() {
    #expect(ChartSchedule.assign(costs: [1], groupSizes: [1, 1, 1]) == [[0], [], []])
    #expect(ChartSchedule.assign(costs: [], groupSizes: [2]) == [[]])
  }
}
