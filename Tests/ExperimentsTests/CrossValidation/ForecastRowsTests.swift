import Datasets
import Experiments
import Operators
import Tensors
import Testing
import Training

/// The generated epidemic, which has blanks of recovered.
@Suite("Windows as rows of a training")
struct ForecastRowsTests {
  private func assembly(_ overrides: [String] = []) throws -> EpidemicAssembly {
    try EpidemicAssembly(CrossValidationConfiguration(overrides: overrides))
  }

  @Test("No training window of plan H shares a day with a test window of its fold")
  func noSharedDay() throws {
    let plan = try assembly().plan(.blocks)
    for fold in plan.folds {
      func days(_ windows: [Int]) -> Set<Int> {
        Set(windows.flatMap { $0..<$0 + EpidemicWindows.days })
      }
      #expect(!fold.training.isEmpty && !fold.test.isEmpty)
      #expect(days(fold.training).isDisjoint(with: days(fold.test)))
    }
    // Plan P leaks, or its name would be wrong.
    let random = try assembly().plan(.randomWindows).folds[0]
    #expect(random.training.contains { near in random.test.contains { abs($0 - near) < 3 } })
  }

  @Test("Blanks have no weight under plan H, and are zeros with a weight under plan P")
  func blanks() throws {
    for plan in try assembly().plans {
      let fold = plan.folds[2]
      let scale = SeriesScale(of: plan.windows, training: fold.training)
      for loss in ForecastLoss.allCases {
        let rows = ForecastRows(
          plan.windows, numbers: fold.test, scale: scale,
          weights: TargetWeights(loss, of: plan.windows, training: fold.training, scale: scale))
        let row = try rows.values(rows: [0])
        let weights = row[ForecastRows.Part.weight]
        for column in 0..<EpidemicWindows.targetDays * EpidemicWindows.dayWidth {
          let state = column % 150 / 3
          let isBlank = column % 3 == 1 && state % 7 == 3
          let weight = weights[weights.startIndex + column]
          #expect(
            (weight == 0) == (isBlank && plan.name == .blocks), "\(plan.name) \(loss) \(column)")
        }
        let observed = row[ForecastRows.Part.observed]
        for cell in 0..<14 * 50 where cell % 50 % 7 == 3 {
          #expect(observed[observed.startIndex + cell] == 0)
        }
      }
    }
  }

  @Test("The scale is that of the training windows: what the test holds does not change it")
  func scale() throws {
    let plan = try assembly().plan(.blocks)
    let fold = plan.folds[4]
    let scale = SeriesScale(of: plan.windows, training: fold.training)
    for series in EpidemicSeries.allCases {
      var (sum, count) = (0.0, 0.0)
      for day in Set(fold.training.flatMap { $0..<$0 + 21 }).sorted() {
        for state in 0..<50 {
          let place = (day * 50 + state) * 3 + series.rawValue
          sum += plan.windows.mask[place] * plan.windows.shares[place] * plan.windows.shares[place]
          count += plan.windows.mask[place]
        }
      }
      let expected = (count / sum).squareRoot()
      #expect(abs(scale.factors[series.rawValue] / expected - 1) < 1e-12)
    }
    #expect(scale != SeriesScale(of: plan.windows, training: fold.test))
  }

  @Test("What is usual of a day's numbers comes from the training windows, where they are known")
  func dayStatistics() throws {
    for plan in try assembly().plans {
      let training = [0, 1, 30]
      let scale = SeriesScale(of: plan.windows, training: training)
      let statistics = DayStatistics(of: plan.windows, training: training, scale: scale)
      #expect(statistics.masksBlanks == (plan.name == .blocks))
      // Confirmed cases of state 4 on days 0…21 and 30…50.
      let column = 4 * 3
      func share(_ day: Int) -> Double {
        plan.windows.shares[day * 150 + column] * scale.factors[0]
      }
      let days = Array(0...21) + Array(30...50)
      let mean = days.reduce(0) { $0 + share($1) } / 43
      let rise =
        days.filter { $0 != 0 && $0 != 30 }
        .reduce(0) { $0 + abs(share($1) - share($1 - 1)) } / 41
      let squares = days.reduce(0) { $0 + (share($1) - mean) * (share($1) - mean) }
      #expect(abs(statistics.level[column] - mean) < 1e-12)
      #expect(abs(statistics.spread[column] - (squares / 43).squareRoot()) < 1e-12)
      #expect(abs(statistics.rise[column] - rise) < 1e-12)
      // Recovered of state 3 is never known: it takes the smallest scale, which is positive.
      #expect(statistics.rise[3 * 3 + 1] > 0 && statistics.level[3 * 3 + 1] == 0)
      #expect(
        statistics != DayStatistics(of: plan.windows, training: [0, 1, 31], scale: scale))
    }
  }

  /// Loss of a model on windows as training has it, one a window.
  private func losses(
    _ model: any ForecastModel, _ loss: ForecastLoss, plan: EpidemicAssembly.Plan, training: [Int],
    on numbers: [Int]
  ) throws -> [Double] {
    let scale = SeriesScale(of: plan.windows, training: training)
    let rows = ForecastRows(
      plan.windows, numbers: numbers, scale: scale,
      weights: TargetWeights(loss, of: plan.windows, training: training, scale: scale))
    var layout = ParameterLayout()
    _ = layout.add("unused", shape: [1], .zeros)
    let tape = Tape<Float>(
      shardCount: numbers.count, parameters: ParameterBuffer(layout: layout, seed: 1))
    let batch = BatchValues(
      x: tape.input(1, rows.columnCount), weight: tape.input(1, 1), uniform: tape.input(1, 1))
    let recording = ForecastStage(model: model, layout: layout, loss: loss).record(batch, on: tape)
    tape.keep(recording.loss)
    for shard in numbers.indices {
      rows.read(rows: [shard], into: tape.pointer(to: batch.x, shard: shard))
      tape.pointer(to: batch.weight, shard: shard)[0] = 1
    }
    tape.run()
    return numbers.indices.map { Double(tape.elements(of: recording.loss, shard: $0)[0]) }
  }

  @Test(
    "The relative loss is the relative L2 error of the scores; the absolute one is 1 for the slope")
  func lossIsScore() throws {
    /// Nothing added to the slope.
    struct Nothing: ForecastModel {
      func forecast<Scalar>(_ history: Value, observed: Value, on tape: Tape<Scalar>) -> Value {
        tape.constant(tape.shape(of: history).rows, 7 * 150, repeating: 0)
      }
    }
    for plan in try assembly().plans {
      let fold = plan.folds[5]
      let slope = EpidemicControl.slope.fitted(to: fold.training, of: plan.windows)
      for scale in [SlopeResidual.Scale.shares, .increments] {
        let model = SlopeResidual(Nothing(), scale: scale)
        let relative = try losses(
          model, .relative, plan: plan, training: fold.training, on: fold.test)
        for (window, loss) in zip(fold.test, relative) {
          let score = EpidemicScore(of: slope, on: [window], of: plan.windows)
          let expected = try #require(score.relativeL2Error)
          #expect(abs(loss / expected - 1) < 1e-3, "\(plan.name) window \(window)")
        }
        let absolute = try losses(
          model, .absolute, plan: plan, training: fold.training, on: fold.training)
        let mean = absolute.reduce(0, +) / Double(absolute.count)
        // Series without a score in some windows shift the mean.
        #expect(abs(mean - 1) < (plan.name == .blocks ? 0.3 : 2e-3), "\(plan.name) \(mean)")
      }
    }
  }
}
