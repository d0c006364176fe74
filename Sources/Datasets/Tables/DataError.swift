/// A data file that is missing, malformed or does not hold what was asked for.
public struct DataError: Error, Equatable, CustomStringConvertible {
  /// What is wrong.
  public enum Kind: String, Sendable {
    /// There is no such file.
    case missingFile
    /// The file cannot be read.
    case unreadable
    /// The file cannot be written.
    case unwritable
    /// The file name's extension is none of the known formats.
    case unknownFormat
    /// The file has no bytes but white space.
    case emptyFile
    /// There is a header or a shape, but not one row.
    case emptyTable
    /// The first line holds numbers, not names.
    case missingHeader
    /// A column has no name.
    case unnamedColumn
    /// Two columns have one name.
    case duplicateColumn
    /// A column that was asked for does not exist.
    case missingColumn
    /// A row has more or fewer fields than the header.
    case raggedRow
    /// A field holds text where a number is due.
    case notANumber
    /// A field holds NaN or an infinity.
    case notFinite
    /// A number outside the range of its column.
    case outOfRange
    /// Quotation marks do not match.
    case quotation
    /// A data set has an unsuitable rank, shape or type.
    case unsuitableShape
  }

  /// What is wrong.
  public let kind: Kind
  /// The file as the user named it.
  public let file: String
  /// Line in a text file, counted from 1.
  public let line: Int?
  /// Name of the column, or of the data set in the file.
  public let column: String?
  /// What was expected.
  public let expected: String
  /// What was found instead.
  public let got: String
  /// What to do about it.
  public let hint: String?

  /// Describes a problem with a file.
  public init(
    kind: Kind, file: String, line: Int? = nil, column: String? = nil, expected: String,
    got: String, hint: String? = nil
  ) {
    self.kind = kind
    self.file = file
    self.line = line
    self.column = column
    self.expected = expected
    self.got = got
    self.hint = hint
  }

  /// `file:line: column 'c': expected …, got …`, and the hint on a line of its own.
  public var description: String {
    var text = file.isEmpty ? "" : file
    if let line { text += ":\(line)" }
    if !text.isEmpty { text += ": " }
    if let column { text += "column '\(column)': " }
    text += "expected \(expected), got \(got)"
    if let hint { text += "\nhint: \(hint)" }
    return text
  }
}
