import Datasets
import Foundation
import Testing

@Suite("Windows and folds of the epidemic")
struct EpidemicWindowsTests {
  static func windows(_ blanks: RecoveredBlanks) throws -> EpidemicWindows {
    try EpidemicWindows(
      EpidemicFixture().table, populations: EpidemicFixture.populations, blanks: blanks)
  }

  @Test("A window is 14 days and the 7 after them, as shares of the population")
  func windows() throws {
    let fixture = EpidemicFixture()
    let windows = try Self.windows(.zero)
    #expect(windows.count == 24 - 20)
    #expect(windows.targetDay(0).description == "2020-05-04")
    for (window, day, state) in [(0, 0, 0), (1, 13, 7), (3, 14, 21), (3, 20, 49)] {
      let (c, _, d) = fixture.counts(day: window + day, state: state)
      let persons = Double(EpidemicFixture.population(state))
      #expect(
        windows.share(window: window, day: day, state: state, series: .confirmed)
          == Double(c) / persons)
      #expect(
        windows.share(window: window, day: day, state: state, series: .deaths)
          == Double(d) / persons)
    }
    #expect(windows.inputRange(2) == 300..<2400 && windows.targetRange(2) == 2400..<3450)
    #expect(windows.shares.count == 24 * 150)
  }

  @Test("Blanks: zero, carried forward, or masked and not scored")
  func blanks() throws {
    let texas = try #require(USStates.place(of: "Texas"))
    let persons = Double(EpidemicFixture.population(texas))
    // 2020-05-04 is day 14, the first target day of the first window; 2020-05-05 is observed.
    let last = EpidemicFixture().counts(day: 9, state: texas).1!
    let next = EpidemicFixture().counts(day: 15, state: texas).1!
    for blanks in RecoveredBlanks.allCases {
      let windows = try Self.windows(blanks)
      func share(_ day: Int, _ state: Int) -> Double {
        windows.share(window: 0, day: day, state: state, series: .recovered)
      }
      #expect(share(9, texas) == Double(last) / persons)
      // A placeholder is a zero of the source, so that nothing is carried over it.
      #expect(share(14, texas) == 0)
      #expect(share(15, texas) == Double(next) / persons)
      #expect(share(14, 3) == 0)
      #expect(windows.mask[14 * 150 + 3 * texas + 1] == 0)
      #expect(windows.mask[15 * 150 + 3 * texas + 1] == 1)
      #expect(windows.mask[14 * 150 + 3 * 3 + 1] == 0)
      let isMasked = blanks == .masked
      #expect(windows.isScored(window: 0, state: texas, series: .recovered) == !isMasked)
      #expect(windows.isScored(window: 0, state: 3, series: .recovered) == !isMasked)
      #expect(windows.isScored(window: 0, state: 4, series: .recovered))
      #expect(windows.scoredPairs(of: .deaths) == 4 * 50)
      #expect(windows.scoredPairs(of: .recovered) == (isMasked ? 4 * 42 : 4 * 50))
    }
  }

  @Test("A blank after a number is carried forward")
  func carried() throws {
    let fixture = EpidemicFixture()
    var lines = fixture.tidyLines
    let place = fixture.place(day: 23, "Ohio")
    let ohio = USStates.place(of: "Ohio")!
    lines[place] = "2020-05-13,Ohio,90000,,900"
    let table = try EpidemicFixture.table(lines)
    func share(_ blanks: RecoveredBlanks) throws -> Double {
      try EpidemicWindows(table, populations: EpidemicFixture.populations, blanks: blanks)
        .share(window: 3, day: 20, state: ohio, series: .recovered)
    }
    let before = try #require(table.count(day: 22, state: ohio, series: .recovered))
    #expect(try share(.carriedForward) == before / Double(EpidemicFixture.population(ohio)))
    #expect(try share(.zero) == 0)
  }

  @Test("Tables that give no windows are refused")
  func refused() throws {
    let short = try #require(throws: DataError.self) {
      try EpidemicWindows(
        EpidemicFixture(days: 20).table, populations: EpidemicFixture.populations, blanks: .zero)
    }
    #expect(short.description.contains("expected 21 days or more, got 20"))
    var lines = EpidemicFixture().tidyLines
    lines[EpidemicFixture().place(day: 23, "Ohio")] = "2020-05-13,Ohio,900000000,5,900"
    let crowded = try #require(throws: DataError.self) {
      try EpidemicWindows(
        EpidemicFixture.table(lines), populations: EpidemicFixture.populations, blanks: .zero)
    }
    #expect(crowded.kind == .outOfRange && crowded.description.contains("inhabitants of Ohio"))
    let zeros = (0..<21).flatMap { day in
      USStates.names.map { "\(EpidemicFixture.firstDay.advanced(by: day)),\($0),0,,0" }
    }
    #expect(throws: DataError.self) {
      try EpidemicWindows(
        EpidemicFixture.table(zeros), populations: EpidemicFixture.populations, blanks: .masked)
    }
  }

  @Test("Plan H: contiguous blocks of 49 and 48 windows, no day in training and test")
  func blocks() {
    let plan = EpidemicPlan(.blocks, windows: 484, seed: 1)
    #expect(plan == EpidemicPlan(.blocks, windows: 484, seed: 2))
    #expect(plan.folds.map(\.test.count) == [49, 49, 49, 49, 48, 48, 48, 48, 48, 48])
    #expect(plan.folds.flatMap(\.test) == Array(0..<484))
    #expect(plan.folds.map(\.training.count).min() == 395)
    #expect(plan.folds.map(\.training.count).max() == 416)
    for fold in plan.folds {
      let tested = Set(fold.test.flatMap { $0..<$0 + 21 })
      let trained = Set(fold.training.flatMap { $0..<$0 + 21 })
      #expect(tested.isDisjoint(with: trained))
      // The gap is no wider than it must be.
      #expect(tested.union(trained).count == 504)
    }
    #expect(!EpidemicPlan.Name.blocks.leaks && EpidemicPlan.Name.blocks.blanks == .masked)
  }

  @Test("Plan P: a permutation of the windows by seed, which says that it leaks")
  func randomWindows() {
    let plan = EpidemicPlan(.randomWindows, windows: 484, seed: 1)
    #expect(plan == EpidemicPlan(.randomWindows, windows: 484, seed: 1))
    #expect(plan != EpidemicPlan(.randomWindows, windows: 484, seed: 2))
    #expect(plan.folds.map(\.test.count) == [49, 49, 49, 49, 48, 48, 48, 48, 48, 48])
    #expect(plan.folds.flatMap(\.test).sorted() == Array(0..<484))
    for fold in plan.folds {
      #expect((fold.test + fold.training).sorted() == Array(0..<484))
      // Nearly every test window has a neighbour that trains: the leak.
      let training = Set(fold.training)
      let leaking = fold.test.count { training.contains($0 - 1) || training.contains($0 + 1) }
      #expect(leaking > 40)
    }
    #expect(EpidemicPlan.Name.randomWindows.leaks)
    #expect(EpidemicPlan.Name.randomWindows.caption.contains("leaks"))
    #expect(EpidemicPlan.Name.randomWindows.blanks == .zero)
  }
}
