import Foundation

/// Runs gnuplot as a child process: script and data go in through its standard input, a picture in SVG
/// comes out of its standard output.
struct Gnuplot {
  /// Path of the program.
  private let program: String

  /// Looks the program up in `PATH`.
  /// - Throws: `ReportError` of kind `missingProgram`.
  init(named name: String = "gnuplot") throws {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")
      .split(separator: ":")
    let candidates = name.contains("/") ? [name] : folders.map { "\($0)/\(name)" }
    guard let found = candidates.first(where: FileManager.default.isExecutableFile(atPath:)) else {
      throw ReportError(
        kind: .missingProgram, place: name, message: "the program that draws reports was not found",
        hint: "install it, on Debian with `apt-get install gnuplot-nox`")
    }
    program = found
  }

  /// Draws one picture.
  /// - Parameter script: commands and data; the terminal is set already.
  /// - Returns: the SVG element.
  /// - Throws: `ReportError` of kind `drawingFailed` with gnuplot's own words.
  func svg(_ script: String, width: Int, height: Int) throws -> String {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("portolan-report-\(UUID().uuidString)")
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      let drawn = Result { try run(script, width: width, height: height, in: folder) }
      try FileManager.default.removeItem(at: folder)
      return try drawn.get()
    } catch let error as ReportError {
      throw error
    } catch {
      throw ReportError(
        kind: .drawingFailed, place: program, message: error.localizedDescription)
    }
  }

  /// Input and messages are files: a pipe that nobody empties would stop both sides, and writing to a
  /// child that has ended would end this process.
  private func run(_ script: String, width: Int, height: Int, in folder: URL) throws -> String {
    let input = folder.appendingPathComponent("script")
    let messages = folder.appendingPathComponent("messages")
    let terminal =
      "set terminal svg size \(width),\(height) dynamic noenhanced font 'Helvetica,14'\n"
    try Data((terminal + script).utf8).write(to: input)
    try Data().write(to: messages)
    let output = Pipe()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    // The user's own start-up file must not change the picture.
    process.arguments = ["-d"]
    process.standardInput = try FileHandle(forReadingFrom: input)
    process.standardOutput = output
    process.standardError = try FileHandle(forWritingTo: messages)
    try process.run()
    let drawn = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    let text = String(decoding: drawn, as: UTF8.self)
    guard process.terminationStatus == 0, let start = text.range(of: "<svg") else {
      let words = try String(contentsOf: messages, encoding: .utf8)
        .split(separator: "\n").suffix(4).joined(separator: " ")
      throw ReportError(
        kind: .drawingFailed, place: program,
        message: "ended with code \(process.terminationStatus): \(words)")
    }
    return String(text[start.lowerBound...])
  }

  /// A text as a gnuplot string. Single quotes: nothing inside is expanded.
  static func quoted(_ text: String) -> String {
    let line = String(
      text.map { $0.isNewline || $0.asciiValue.map { $0 < 32 } ?? false ? " " : $0 })
    return "'" + line.replacingOccurrences(of: "'", with: "''") + "'"
  }

  /// A named data block: one line for each point, fields separated by blanks.
  static func block(_ name: String, _ lines: some Sequence<[Double]>) -> String {
    var text = "$\(name) << END_OF_DATA\n"
    for line in lines { text += line.map { digits($0) }.joined(separator: " ") + "\n" }
    return text + "END_OF_DATA\n"
  }

  /// Six digits: more than a picture can show, and half the bytes of all of them.
  private static func digits(_ value: Double) -> String {
    value.isFinite ? String(format: "%.6g", value) : "NaN"
  }
}
