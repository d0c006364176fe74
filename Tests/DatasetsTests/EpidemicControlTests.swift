import Datasets
import Foundation
import Testing

@Suite("Controls of the epidemic")
struct EpidemicControlTests {
  /// An epidemic over 40 days with confirmed counts of one's own.
  static func windows(
    blanks: RecoveredBlanks = .zero, _ confirmed: (_ day: Int, _ state: Int) -> Int
  ) throws -> EpidemicWindows {
    let lines = (0..<40).flatMap { day in
      USStates.names.indices.map { state in
        let c = confirmed(day, state)
        // Recovered ends after 30 days.
        return "\(EpidemicFixture.firstDay.advanced(by: day)),\(USStates.names[state]),\(c),"
          + "\(day < 30 ? "\(c + 1)" : ""),\(c + 7)"
      }
    }
    return try EpidemicWindows(
      EpidemicFixture.table(lines), populations: EpidemicFixture.populations, blanks: blanks)
  }

  static func errors(
    _ control: EpidemicControl, _ windows: EpidemicWindows, training: [Int], test: [Int]
  ) -> EpidemicScore {
    EpidemicScore(of: control.fitted(to: training, of: windows), on: test, of: windows)
  }

  @Test("Persistence errs by the mean growth, a straight line not at all")
  func line() throws {
    let windows = try Self.windows { day, state in 500 + (3 + state) * day }
    let persistence = Self.errors(.persistence, windows, training: [], test: [0, 5, 19])
    // Mean of 1…7 is 4, mean of 3…52 is 27.5.
    #expect(abs(persistence.meanAbsoluteError(.confirmed)! - 4 * 27.5) < 1e-8)
    #expect(abs(persistence.meanAbsoluteError(.deaths, horizon: 7)! - 7 * 27.5) < 1e-8)
    #expect(abs(persistence.meanAbsoluteError(.deaths, state: 10)! - 4 * 13) < 1e-8)
    for control in [EpidemicControl.slope, .dampedSlope] {
      let score = Self.errors(control, windows, training: [], test: [0, 5, 8])
      #expect(score.meanAbsoluteError(.confirmed)! < 1e-8)
      #expect(score.relativeL2Error! < 1e-12)
    }
  }

  @Test("The damped slope follows a weekly ratio of its own days")
  func damped() throws {
    let windows = try Self.windows { day, state in 1000 + day * day * (1 + state % 3) }
    let forecast = EpidemicControl.dampedSlope.fitted(to: [], of: windows)
      .forecast(4, of: windows)
    func x(_ day: Int) -> Double {
      windows.share(window: 4, day: day, state: 8, series: .confirmed)
    }
    let slope = (x(13) - x(6)) / 7
    let ratio = min(max(slope / ((x(6) - x(0)) / 6), 0.5), 2)
    let expected = (1...7).map { h in
      x(13) + slope * (1...h).reduce(0) { $0 + pow(pow(ratio, 1.0 / 7), 0.7 * Double($1)) }
    }
    for h in 0..<7 { #expect(abs(forecast[h * 150 + 24] - expected[h]) < 1e-15) }
  }

  @Test("The ridge learns a recurrence that a straight line cannot")
  func ridge() throws {
    // Increments alternate between many and few: linear in the increments before.
    let windows = try Self.windows { day, state in
      20_000 + (day + 1) / 2 * 9000 + day / 2 * 1000 + state * day
    }
    let training = Array(0..<12)
    let ridge = Self.errors(.ridge, windows, training: training, test: [17, 18, 19])
    let slope = Self.errors(.slope, windows, training: training, test: [17, 18, 19])
    #expect(ridge.meanAbsoluteError(.confirmed)! < 0.1 * slope.meanAbsoluteError(.confirmed)!)
  }

  @Test("The ridge minimises its penalised squares")
  func normalEquations() throws {
    let windows = try Self.windows { day, state in
      20_000 + day * 900 + (day * day * (state + 3)) % 71 * 10
    }
    let training = Array(3..<15)
    let forecaster = EpidemicControl.ridge.fitted(to: training, of: windows)
    // A jump on the last input day alone shows the weight of the last increment.
    let probe = try Self.windows { day, _ in day < 13 ? 1000 : 2000 }
    let jump = 1000 / Double(EpidemicFixture.population(5))
    let weight =
      (forecaster.forecast(0, of: probe)[300 + 15] - 2000 / Double(EpidemicFixture.population(5)))
      / jump
    var (correlation, size) = (0.0, 0.0)
    for window in training {
      let forecast = forecaster.forecast(window, of: windows)
      let target = windows.targetRange(window).lowerBound
      for state in 0..<50 {
        let increment =
          1000
          * (windows.share(window: window, day: 13, state: state, series: .confirmed)
            - windows.share(window: window, day: 12, state: state, series: .confirmed))
        let residual = 1000 * (forecast[300 + state * 3] - windows.shares[target + 300 + state * 3])
        correlation += increment * residual
        size += abs(increment * residual)
      }
    }
    // The gradient of ½‖ZW − Y‖² + ½‖W‖² in this weight.
    #expect(abs(weight) > 1e-3 && size > 10)
    #expect(abs(correlation + weight) < 1e-9 * size, "\(correlation) \(weight) \(size)")
  }

  @Test("The nearest window returns what followed, shifted, and leaves out what is not observed")
  func nearest() throws {
    // The same course every twelve days, each time 100 higher.
    let course: (Int, Int) -> Int = { day, state in
      1000 + (day % 12) * (day % 12) * (state + 1) + day / 12 * 100
    }
    let windows = try Self.windows(course)
    let control = EpidemicControl.nearestWindow.fitted(to: Array(0..<6), of: windows)
    var score = EpidemicScore()
    for window in 12..<16 {
      score.add(control.forecast(window, of: windows), window: window, of: windows)
    }
    #expect(score.windowCount == 4 && score.meanAbsoluteError(.confirmed)! < 1e-9)
    let wrong = EpidemicControl.nearestWindow.fitted(to: [3, 4, 5], of: windows)
    var other = EpidemicScore()
    other.add(wrong.forecast(12, of: windows), window: 12, of: windows)
    #expect(other.meanAbsoluteError(.confirmed)! > 100)

    let masked = try Self.windows(blanks: .masked, course)
    // Windows 10 and later have targets without recovered: their change of recovered is not copied.
    let late = EpidemicControl.nearestWindow.fitted(to: [12], of: masked).forecast(2, of: masked)
    let last = masked.inputRange(2).upperBound - 150
    for state in 0..<50 {
      #expect(late[6 * 150 + 3 * state + 1] == masked.shares[last + 3 * state + 1])
      #expect(late[6 * 150 + 3 * state] != masked.shares[last + 3 * state])
    }
  }

  @Test("The nearest day copies changes from inside training windows, where they are known")
  func nearestDay() throws {
    let course: (Int, Int) -> Int = { day, state in 1000 + day * day * (state + 1) }
    let windows = try Self.windows(course)
    // Window 5's days and those after them stand in windows 2 and 8: 2…8 and 8…14 begin pairs.
    let control = EpidemicControl.nearestDay.fitted(to: [2, 8], of: windows)
    #expect(Self.maximumError(control.forecast(5, of: windows), 5, windows) < 1e-12)
    // Windows 2 … 8 alone know changes up to that of day 22.
    let early = EpidemicControl.nearestDay.fitted(to: [2], of: windows).forecast(5, of: windows)
    let last = windows.inputRange(5).upperBound - 150
    for state in 0..<50 {
      let persons = windows.populations.persons[state]
      let changes = (0..<7).map { h in
        let before = h == 0 ? windows.shares[last + 3 * state] : early[(h - 1) * 150 + 3 * state]
        return ((early[h * 150 + 3 * state] - before) * persons).rounded()
      }
      // Days 19 … 22 are looked up; then the change of day 22 is the nearest, again and again.
      #expect(changes == [37, 39, 41, 43, 43, 43, 43].map { Double($0 * (state + 1)) })
    }
    let masked = try Self.windows(blanks: .masked, course)
    // Recovered is missing from day 30 on.
    let late = EpidemicControl.nearestDay.fitted(to: [14, 15, 16], of: masked)
      .forecast(14, of: masked)
    let lastKnown = masked.inputRange(14).upperBound - 150
    for state in 0..<50 {
      for day in 2..<7 {
        #expect(late[day * 150 + 3 * state + 1] == late[150 + 3 * state + 1])
      }
      #expect(late[150 + 3 * state + 1] > masked.shares[lastKnown + 3 * state + 1])
    }
  }

  private static func maximumError(
    _ forecast: [Double], _ window: Int, _ windows: EpidemicWindows
  ) -> Double {
    zip(forecast, windows.shares[windows.targetRange(window)]).map { abs($0 - $1) }.max() ?? 0
  }

  @Test("Only what is scored counts, and folds without it have no number")
  func masked() throws {
    let windows = try Self.windows(blanks: .masked) { day, state in 500 + 10 * day }
    let score = Self.errors(.persistence, windows, training: [], test: [8, 9, 10, 19])
    // Recovered is there on days 0..<30, so up to window 9.
    #expect(score.scoredWindows[1] == 2 && score.scoredWindows[0] == 4)
    #expect(abs(score.meanAbsoluteError(.recovered)! - 40) < 1e-8)
    let none = Self.errors(.persistence, windows, training: [], test: [10, 19])
    #expect(none.meanAbsoluteError(.recovered) == nil)
    #expect(abs(none.meanAbsoluteError(.confirmed)! - 40) < 1e-8)
    let result = EpidemicResult(folds: [score, none])
    #expect(result.meanAbsoluteError(.recovered)?.count == 1)
    #expect(result.meanAbsoluteError(.confirmed)?.count == 2)
    #expect(EpidemicResult(folds: [none]).meanAbsoluteError(.recovered) == nil)
  }

  @Test("Summaries over folds: mean, deviation by the number of folds, paired differences")
  func summaries() throws {
    let summary = try #require(FoldSummary([1, nil, 3, 8]))
    #expect(summary.mean == 4 && summary.count == 3)
    #expect(abs(summary.deviation - (26.0 / 3).squareRoot()) < 1e-12)
    #expect(FoldSummary([nil, nil]) == nil)
    let windows = try Self.windows { day, state in 500 + 10 * day + day * day }
    let plan = EpidemicPlan(order: Array(0..<20), folds: 4, gap: 3)
    let slope = EpidemicResult(.slope, plan: plan, windows: windows)
    let persistence = EpidemicResult(.persistence, plan: plan, windows: windows)
    let paired = try #require(slope.pairedDifference(.deaths, to: persistence))
    let means = try #require(slope.meanAbsoluteError(.deaths))
    let others = try #require(persistence.meanAbsoluteError(.deaths))
    #expect(abs(paired.mean - (means.mean - others.mean)) < 1e-8 && paired.mean < 0)
  }

  @Test("A fold's score does not depend on the other folds")
  func folds() throws {
    let windows = try Self.windows { day, state in
      5000 + day * 90 + (day * day * (state + 3)) % 71
    }
    let plan = EpidemicPlan(.randomWindows, windows: 20, folds: 4, seed: 3)
    for control in EpidemicControl.allCases {
      let all = EpidemicResult(control, plan: plan, windows: windows)
      for (place, fold) in plan.folds.enumerated().reversed() {
        #expect(
          Self.errors(control, windows, training: fold.training, test: fold.test)
            == all.folds[place], "\(control)")
      }
    }
  }
}
