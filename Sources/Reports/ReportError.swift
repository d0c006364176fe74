/// A report or metrics file that cannot be made or read.
public struct ReportError: Error, Equatable, CustomStringConvertible {
  /// What is wrong.
  public enum Kind: String, Sendable {
    /// A program that draws is not installed.
    case missingProgram
    /// A program that draws ended with an error.
    case drawingFailed
    /// A file cannot be read.
    case unreadable
    /// A file cannot be written.
    case unwritable
    /// A metrics file does not have the columns or rows it must have.
    case malformedMetrics
  }

  /// What is wrong.
  public let kind: Kind
  /// The file or program concerned.
  public let place: String
  /// What happened, with what was expected.
  public let message: String
  /// What to do about it.
  public let hint: String?

  /// Describes a problem.
  public init(kind: Kind, place: String, message: String, hint: String? = nil) {
    self.kind = kind
    self.place = place
    self.message = message
    self.hint = hint
  }

  /// `place: message`, and the hint on a line of its own.
  public var description: String {
    "\(place): \(message)" + (hint.map { "\nhint: \($0)" } ?? "")
  }
}
