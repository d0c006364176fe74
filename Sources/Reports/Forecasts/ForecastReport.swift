/// What the report of a cross-validation shows, as plain numbers and text.
package struct ForecastReport: Sendable {
  /// Numbers of all models over the days of a forecast.
  package struct Curves: Sendable {
    package let title: String
    /// Of the vertical axis.
    package let label: String
    /// Of the days.
    package let days: [String]
    /// What happened; empty where the curves are errors, NaN on days that are not known.
    package let actual: [Double]
    /// In the order of ``ForecastReport/models``; nil for one that is not there.
    package let values: [[Double]?]

    package init(
      title: String, label: String, days: [String], actual: [Double] = [], values: [[Double]?]
    ) {
      (self.title, self.label, self.days) = (title, label, days)
      (self.actual, self.values) = (actual, values)
    }
  }

  /// Errors by state of a few models.
  package struct StateErrors: Sendable {
    package let title: String
    package let states: [String]
    /// Places in ``ForecastReport/models``.
    package let models: [Int]
    /// Persons, of each of `models` in each state; NaN where nothing is scored.
    package let values: [[Double]]

    package init(title: String, states: [String], models: [Int], values: [[Double]]) {
      (self.title, self.states, self.models, self.values) = (title, states, models, values)
    }
  }

  /// A heading with figures of one plan.
  package struct Section: Sendable {
    package let heading: String
    package let explanation: String
    package let curves: [Curves]
    package let states: [StateErrors]

    package init(
      heading: String, explanation: String, curves: [Curves] = [], states: [StateErrors] = []
    ) {
      (self.heading, self.explanation, self.curves) = (heading, explanation, curves)
      self.states = states
    }
  }

  package var title: String
  package var subtitle: String
  package var models: [ReportModel] = []
  package var tables: [ReportTable] = []
  package var sections: [Section] = []
  package var facts: [ReportInput.Fact] = []
  package var configuration = ""

  package init(title: String, subtitle: String) {
    (self.title, self.subtitle) = (title, subtitle)
  }
}
