import CHDF5

/// A failed call of the HDF5 library: which function, on what, and the library's own words.
public struct HDF5Error: Error, Equatable, CustomStringConvertible {
  /// The C function that failed, for example `H5Fopen`.
  public let function: String
  /// What it was called on: a file path, or file path and object path.
  public let path: String
  /// The library's error stack, outermost call first: "function: description".
  public let stack: [String]
  /// What the user can do about it; empty when there is nothing to say.
  public let hint: String

  /// Creates an error with a stack that is known already.
  public init(function: String, path: String, stack: [String], hint: String = "") {
    self.function = function
    self.path = path
    self.stack = stack
    self.hint = hint
  }

  /// Takes the library's current error stack and clears it.
  init(function: String, path: String, hint: String = "") {
    self.init(function: function, path: path, stack: Self.takeErrorStack(), hint: hint)
  }

  /// One line for what failed, one for each level of the library's stack, one for the hint.
  public var description: String {
    var lines = ["\(function) failed on \(path)"]
    lines += stack.map { "  " + $0 }
    if !hint.isEmpty { lines.append("hint: \(hint)") }
    return lines.joined(separator: "\n")
  }

  private static func takeErrorStack() -> [String] {
    final class Collector { var lines: [String] = [] }
    let collector = Collector()
    let context = Unmanaged.passUnretained(collector).toOpaque()
    // herr_t H5Ewalk2(hid_t stack, H5E_direction_t direction, H5E_walk2_t function, void *context)
    let status = H5Ewalk2(
      chdf5_error_stack_default(), H5E_WALK_DOWNWARD,
      { _, entry, context in
        guard let entry = entry?.pointee, let context else { return 0 }
        let collector = Unmanaged<Collector>.fromOpaque(context).takeUnretainedValue()
        let function = entry.func_name.map { String(cString: $0) } ?? "?"
        let text = entry.desc.map { String(cString: $0) } ?? "no description"
        collector.lines.append("\(function): \(text)")
        return 0
      }, context)
    if status < 0 { collector.lines.append("the error stack could not be read") }
    H5Eclear2(chdf5_error_stack_default())
    return collector.lines
  }
}
