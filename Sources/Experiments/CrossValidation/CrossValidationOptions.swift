/// `portolan cross-validate`
package struct CrossValidationOptions: Sendable {
  /// Where folds are trained.
  package var output: String
  /// Go on with what is there.
  package var resume: Bool
  /// Where the table in Markdown goes besides the output folder; nil for nowhere.
  package var document: String?
  /// Keep the checkpoints of finished folds.
  package var keepsRuns: Bool
  /// Trains nothing: the table of what is there.
  package var onlyTable: Bool

  package init(
    output: String, resume: Bool, document: String? = nil, keepsRuns: Bool = false,
    onlyTable: Bool = false
  ) {
    (self.output, self.resume, self.document) = (output, resume, document)
    (self.keepsRuns, self.onlyTable) = (keepsRuns, onlyTable)
  }
}
