import Datasets

/// Everything that decides a cross-validation. The defaults forecast an epidemic that is generated, with
/// two small models.
package struct CrossValidationConfiguration: RootConfiguration {
  package static var printingCommand: String { "portolan configuration --for cross-validation" }

  package var seed = 1
  package var shards = 4
  package var data = EpidemicDataConfiguration()
  package var resampling = ResamplingConfiguration()
  package var models = [
    ForecastModelConfiguration(name: "linear"),
    ForecastModelConfiguration(name: "linear-slope", kind: .linear, residual: .increments),
  ]
  package var training = ForecastTrainingConfiguration()
  package var checkpoints = FoldCheckpointConfiguration()
  package var distributed = DistributedConfiguration()
  package var report = ForecastReportConfiguration()

  package init() {}

  package mutating func describe(to visitor: inout some ConfigurationVisitor) {
    visitor.key(
      "seed", &seed, .atLeast(0),
      "Start of every random number: folds, weights, shuffling, the generated epidemic.")
    visitor.key(
      "shards", &shards, .powerOfTwo(upTo: 1024),
      """
      Parts into which each batch of a fold is cut, whatever the number of ranks; at most so many ranks \
      can work on one fold. Another number gives another, equally good, run.
      """)
    visitor.section("data", &data, "The epidemic to forecast.")
    visitor.section("resampling", &resampling, "Which windows train and which test.")
    visitor.sections(
      "models", &models,
      """
      The models of the table, by names of your own; the keys of each may be left out. Those that are \
      given replace the default ones. A name that is a kind needs no kind.
      """)
    visitor.section("training", &training, "How each fold of each model is trained.")
    visitor.section(
      "checkpoints", &checkpoints, "When a fold is saved. May change on resume.")
    visitor.section(
      "distributed", &distributed, "How ranks watch over each other. May change on resume.")
    visitor.section("report", &report, "What `portolan report` draws. May change on resume.")
  }

  package func check(_ demands: inout ConfigurationDemands) {
    demands.require(
      training.globalBatchSize.isMultiple(of: shards), at: "training.globalBatchSize",
      expected: "a multiple of shards (\(shards))", got: "\(training.globalBatchSize)")
    for (place, model) in models.enumerated() {
      if let batch = model.training.globalBatchSize {
        demands.require(
          batch.isMultiple(of: shards), at: "models.\(model.name).training.globalBatchSize",
          expected: "a multiple of shards (\(shards))", got: "\(batch)")
      }
      demands.require(
        !models[..<place].contains { $0.name == model.name }, at: "models.\(model.name)",
        expected: "each name once", got: "\(model.name) twice")
    }
    if data.reports == nil {
      let windows = data.syntheticDays - EpidemicWindows.days + 1
      demands.require(
        resampling.folds <= windows, at: "resampling.folds",
        expected: "at most \(windows), the windows of \(data.syntheticDays) days",
        got: "\(resampling.folds)")
    }
  }
}

/// Where the counts come from.
package struct EpidemicDataConfiguration: ConfigurationSection {
  package var reports: String?
  package var populations: String?
  package var syntheticDays = 100

  package init() {}

  package mutating func describe(to visitor: inout some ConfigurationVisitor) {
    visitor.key(
      "reports", &reports,
      """
      A folder of daily reports, MM-DD-YYYY.csv as published (launch/get-covid-data fetches them), or one \
      tidy file with the columns date, state, confirmed, recovered, deaths. null: an epidemic is generated.
      """)
    visitor.key(
      "populations", &populations,
      """
      File with the columns state and population. null: the denominators that a folder of daily reports \
      itself uses.
      """)
    visitor.key(
      "syntheticDays", &syntheticDays, .within(EpidemicWindows.days + 1...5_000),
      "Days of the generated epidemic, where reports is null.")
  }

  package func check(_ demands: inout ConfigurationDemands) {
    demands.require(
      reports != nil || populations == nil, at: "populations",
      expected: "null, because reports is null", got: "a file")
  }
}

extension EpidemicPlan.Name: ConfigurationChoice {}

/// Which windows train and which test.
package struct ResamplingConfiguration: ConfigurationSection {
  package var plans = EpidemicPlan.Name.allCases
  package var folds = 10
  package var gap = EpidemicWindows.days - 1

  package init() {}

  package mutating func describe(to visitor: inout some ConfigurationVisitor) {
    visitor.key(
      "plans", &plans,
      """
      P: random folds over windows, blanks of recovered as zero; test windows share days with training \
      windows, so that a copy scores well. H: contiguous blocks with a gap, recovered where it is observed.
      """)
    visitor.key(
      "folds", &folds, .within(2...1_000), "Folds; each window is tested in one of them.")
    visitor.key(
      "gap", &gap, .within(0...5_000),
      """
      Windows on both sides of a test block of plan H that do not train. 20 is the least that keeps days \
      apart.
      """)
  }

  package func check(_ demands: inout ConfigurationDemands) {
    demands.require(
      !plans.isEmpty && Set(plans).count == plans.count, at: "plans",
      expected: "one or two plans, each once", got: plans.yaml)
  }
}

/// When a fold is saved.
package struct FoldCheckpointConfiguration: ConfigurationSection {
  package var everySteps = 0
  package var everySeconds = 30.0

  package init() {}

  package mutating func describe(to visitor: inout some ConfigurationVisitor) {
    visitor.key(
      "everySteps", &everySteps, .atLeast(0), mayChange: true,
      "Optimizer steps between checkpoints of a fold. 0 does not count steps.")
    visitor.key(
      "everySeconds", &everySeconds, .atLeast(0), mayChange: true,
      """
      Seconds between checkpoints of a fold: the longest work lost to a crash. 0 does not watch the \
      clock. A fold that is done leaves its result, and no checkpoint.
      """)
  }
}

/// What is drawn.
package struct ForecastReportConfiguration: ConfigurationSection {
  package var states = ["California", "Massachusetts"]
  package var firstDay = "2020-07-07"

  package init() {}

  package mutating func describe(to visitor: inout some ConfigurationVisitor) {
    visitor.key(
      "states", &states, .any, mayChange: true, "States whose forecasts are drawn.")
    visitor.key(
      "firstDay", &firstDay, .any, mayChange: true,
      """
      First of the seven days that are drawn, in quotes; where no forecast begins then, the middle one of \
      all windows is drawn.
      """)
  }

  package func check(_ demands: inout ConfigurationDemands) {
    for state in states {
      demands.require(
        USStates.place(of: state) != nil, at: "states", expected: "names of the 50 states",
        got: "\"\(state)\"")
    }
    demands.require(
      CalendarDay(iso: firstDay) != nil, at: "firstDay", expected: "a date such as \"2020-07-07\"",
      got: "\"\(firstDay)\"")
  }
}
