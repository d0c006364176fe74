/// One model or control in the figures of a report; its place in the list is its colour.
package struct ReportModel: Sendable {
  package let name: String
  /// Drawn with dashes.
  package let isControl: Bool

  package init(_ name: String, isControl: Bool) {
    (self.name, self.isControl) = (name, isControl)
  }
}
