/// What the report of a table of errors shows: tables, and charts of errors against a number.
package struct ErrorReport: Sendable {
  /// The error at one place of the horizontal axis.
  package struct Point: Sendable {
    package let place: Double
    package let mean: Double
    /// Half the width of an interval around the mean; nil for none.
    package let halfInterval: Double?

    package init(place: Double, mean: Double, halfInterval: Double? = nil) {
      (self.place, self.mean, self.halfInterval) = (place, mean, halfInterval)
    }
  }

  /// Errors of all models against a number, both axes logarithmic.
  package struct Chart: Sendable {
    package let title: String
    /// Of the horizontal axis.
    package let label: String
    /// Of the vertical axis.
    package let errorLabel: String
    /// A place that is marked by an upright line.
    package let mark: Double?
    /// In the order of ``ErrorReport/models``; empty for one that is not there.
    package let lines: [[Point]]

    package init(
      title: String, label: String, errorLabel: String, mark: Double? = nil, lines: [[Point]]
    ) {
      (self.title, self.label, self.errorLabel) = (title, label, errorLabel)
      (self.mark, self.lines) = (mark, lines)
    }
  }

  /// A heading with charts that share a legend.
  package struct Section: Sendable {
    package let heading: String
    package let explanation: String
    package let charts: [Chart]

    package init(heading: String, explanation: String, charts: [Chart]) {
      (self.heading, self.explanation, self.charts) = (heading, explanation, charts)
    }
  }

  package var title: String
  package var subtitle: String
  package var models: [ReportModel] = []
  package var sections: [Section] = []
  package var tables: [ReportTable] = []
  package var facts: [ReportInput.Fact] = []

  package init(title: String, subtitle: String) {
    (self.title, self.subtitle) = (title, subtitle)
  }
}
