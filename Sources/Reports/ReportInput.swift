/// All that a report shows, as plain numbers and text.
public struct ReportInput: Sendable {
  /// A named number in the table of results.
  public struct Result: Sendable {
    /// What was scored, such as `Atlas of RealNVP`.
    public let name: String
    /// Mean log-likelihood, nats per point.
    public let mean: Double
    /// Standard error of the mean.
    public let standardError: Double?
    /// Number of points.
    public let count: Int?
    /// One line on what it is.
    public let note: String

    /// A row of the table.
    public init(
      name: String, mean: Double, standardError: Double? = nil, count: Int? = nil, note: String = ""
    ) {
      self.name = name
      self.mean = mean
      self.standardError = standardError
      self.count = count
      self.note = note
    }
  }

  /// A named line of a figure.
  public struct Series: Sendable {
    /// Name in the legend.
    public let name: String
    /// Points (step, value).
    public let points: [(step: Double, value: Double)]

    /// A line.
    public init(name: String, points: [(step: Double, value: Double)]) {
      self.name = name
      self.points = points
    }
  }

  /// The curves of one stage of training.
  public struct Stage: Sendable {
    /// Name of the stage.
    public let name: String
    /// The curves: training loss first, then validation loss where there is one.
    public let curves: [Series]

    /// Where the validation loss was lowest.
    public let best: (step: Double, value: Double)?

    /// A figure.
    public init(
      name: String, curves: [Series], best: (step: Double, value: Double)? = nil
    ) {
      self.name = name
      self.curves = curves
      self.best = best
    }
  }

  /// Points with the chart each belongs to, and the weight of each chart.
  public struct Charts: Sendable {
    /// Points, [rows, D].
    public let points: [Double]
    /// Chart of each point, [rows].
    public let chartIndices: [Int]
    /// Chart of each sample of the report, [samples]; may be empty.
    public let sampleIndices: [Int]
    /// Weights p_k, [K].
    public let weights: [Double]

    /// The regions of an atlas.
    public init(
      points: [Double], chartIndices: [Int], sampleIndices: [Int] = [], weights: [Double]
    ) {
      self.points = points
      self.chartIndices = chartIndices
      self.sampleIndices = sampleIndices
      self.weights = weights
    }
  }

  /// A label with its text.
  public struct Fact: Sendable {
    /// What is told.
    public let label: String
    /// Its value.
    public let value: String

    /// A fact.
    public init(_ label: String, _ value: String) {
      self.label = label
      self.value = value
    }
  }

  /// Heading of the page.
  public var title: String
  /// One sentence below the heading.
  public var subtitle: String
  /// Mean test log-likelihood of the model and of each control, the model first.
  public var results: [Result] = []
  /// Largest reachable mean log-likelihood, where it is known.
  public var ceiling: Result?
  /// Curves, stage by stage.
  public var stages: [Stage] = []
  /// Names of the columns, [D].
  public var columnNames: [String] = []
  /// Points of the data, [rows, D].
  public var data: [Double] = []
  /// Points drawn from the model, [rows, D].
  public var samples: [Double] = []
  /// Regions and weights of the charts, where the model has charts.
  public var charts: Charts?
  /// The density of a model of points on the sphere x² + y² + z² = 1; points are then drawn on maps.
  /// The columns are x, y and z.
  package var sphere: SphereDensity?
  /// How it was run: command, ranks, shards, versions, times.
  public var facts: [Fact] = []
  /// Text of the configuration.
  public var configuration = ""

  /// A report with a heading and nothing else yet.
  public init(title: String, subtitle: String = "") {
    self.title = title
    self.subtitle = subtitle
  }

  /// The curves of each stage of a metrics file.
  /// - Parameters:
  ///   - metrics: the file.
  ///   - trainColumn: column of the training loss.
  ///   - validationColumn: column of the validation loss, empty in most rows.
  public static func stages(
    of metrics: MetricsTable, trainColumn: String = "loss",
    validationColumn: String = "validationLoss"
  ) -> [Stage] {
    metrics.stages.map { stage in
      let train = metrics.curve(trainColumn, stage: stage)
      let validation = metrics.curve(validationColumn, stage: stage)
      return Stage(
        name: stage,
        curves: [Series(name: "training", points: train)]
          + (validation.isEmpty ? [] : [Series(name: "validation", points: validation)]),
        best: validation.min { $0.value < $1.value })
    }
  }
}
