import CMPI

/// A failure that the MPI library reported.
public struct MPIError: Error, Equatable, CustomStringConvertible {
  /// The C function that failed.
  public let function: String
  /// Its return code, meaningful to this MPI library only.
  public let code: Int32
  /// The portable class of the code.
  public let errorClass: ErrorClass
  /// The library's own text for the code.
  public let text: String
  /// What to try, where something is known to help.
  public let hint: String?

  /// What failed, the library's words, and the hint.
  public var description: String {
    let advice = hint.map { " hint: \($0)" } ?? ""
    return "\(function) failed with code \(code) (\(errorClass)): \(text)\(advice)"
  }

  /// The portable classes of MPI errors that a caller may want to tell apart.
  public struct ErrorClass: RawRepresentable, Equatable, Sendable, CustomStringConvertible {
    /// The number of the class in the MPI standard's C binding.
    public let rawValue: Int32
    /// A class by its number.
    public init(rawValue: Int32) { self.rawValue = rawValue }

    /// A count was negative or too large.
    public static let count = ErrorClass(rawValue: MPI_ERR_COUNT)
    /// The communicator is not valid (any more).
    public static let communicator = ErrorClass(rawValue: MPI_ERR_COMM)
    /// A rank was outside the communicator.
    public static let rank = ErrorClass(rawValue: MPI_ERR_RANK)
    /// A root was outside the communicator.
    public static let root = ErrorClass(rawValue: MPI_ERR_ROOT)
    /// A message was longer than the buffer that should hold it.
    public static let truncated = ErrorClass(rawValue: MPI_ERR_TRUNCATE)
    /// A known error outside all other classes.
    public static let other = ErrorClass(rawValue: MPI_ERR_OTHER)
    /// A fault inside the library.
    public static let internalFault = ErrorClass(rawValue: MPI_ERR_INTERN)

    /// The name of the class, or its number.
    public var description: String {
      switch self {
      case .count: "count"
      case .communicator: "communicator"
      case .rank: "rank"
      case .root: "root"
      case .truncated: "truncated"
      case .other: "other"
      case .internalFault: "internal fault"
      default: "class \(rawValue)"
      }
    }
  }
}

extension MPIError {
  /// The error for a return code, with the class and the text that the library has for it.
  init(function: String, code: Int32) {
    var classNumber: Int32 = MPI_ERR_UNKNOWN
    // These two only translate codes; should they fail, the bare code is all there is to say.
    let classified = MPI_Error_class(code, &classNumber)
    var length: Int32 = 0
    var characters = [CChar](repeating: 0, count: Int(MPI_MAX_ERROR_STRING) + 1)
    let described = MPI_Error_string(code, &characters, &length)
    self.function = function
    self.code = code
    errorClass = ErrorClass(rawValue: classified == MPI_SUCCESS ? classNumber : MPI_ERR_UNKNOWN)
    text =
      described == MPI_SUCCESS
      ? String(
        decoding: characters.prefix(Int(length)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
      : "the library has no text for this code"
    hint =
      errorClass == .truncated
      ? "the ranks disagree about the length of a message; they may not run the same step" : nil
  }
}

/// Throws the library's error unless `code` is success.
func check(_ code: Int32, _ function: StaticString) throws {
  if code != MPI_SUCCESS { throw MPIError(function: "\(function)", code: code) }
}
