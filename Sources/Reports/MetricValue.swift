/// One field of a metrics row.
public enum MetricValue: Sendable, Equatable, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByNilLiteral
{
  /// A count, such as the step.
  case integer(Int)
  /// A measured number.
  case number(Double)
  /// A name, such as the stage.
  case text(String)
  /// Not measured at this step: an empty field.
  case missing

  /// A count.
  public init(integerLiteral value: Int) { self = .integer(value) }
  /// A measured number.
  public init(floatLiteral value: Double) { self = .number(value) }
  /// A name.
  public init(stringLiteral value: String) { self = .text(value) }
  /// Not measured.
  public init(nilLiteral: ()) { self = .missing }

  /// The field as it stands in the file: numbers with the fewest digits that read back the same.
  var field: String {
    switch self {
    case .integer(let value): value.description
    case .number(let value): value.description
    case .text(let value): value
    case .missing: ""
    }
  }
}
