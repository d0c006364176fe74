import Distributed

/// A step whose loss or gradient is no finite number. Nothing was updated, nothing is saved.
package struct NonFiniteError: ExitCodeCarrying, Equatable, CustomStringConvertible {
  /// The step, counted from 1 as in the metrics.
  package let step: Int
  package let stage: String
  /// Dotted names of the layers around the operation that made the first one.
  package let layer: String
  package let operation: String
  /// Numbers of the rows, in the file or generator, that it appeared in; empty if it belongs to no row.
  package let rows: [Int]

  /// Bad data or bad settings.
  package var exitCode: Int32 { 65 }

  package var description: String {
    var rowText = "no single row"
    if !rows.isEmpty {
      // The first row under a header has number 0.
      rowText =
        (rows.count == 1 ? "row " : "rows ")
        + rows.prefix(16).map(String.init).joined(separator: ", ")
      if rows.count > 16 { rowText += " and \(rows.count - 16) more" }
      rowText += " of the data (counted from 0)"
    }
    return """
      step \(step) of stage "\(stage)": the loss or its gradient is not finite; it first appeared in \
      \(layer.isEmpty ? "the objective" : layer) (\(operation)), \(rowText)
      hint: look at these rows; if they are sound, lower the learning rate, set \
      gradientClipNorm, or lower logScaleBound. No checkpoint was made of this state.
      """
  }
}
