import Foundation

/// Programs of this package, started as processes of their own, alone or under `mpirun`.
public enum MPIRun {
  /// How a process ended.
  public struct Outcome: Sendable {
    /// The exit code; 128 + number after a signal; nil if it had to be killed at the time limit.
    public let exitCode: Int32?
    /// All that it wrote to standard output.
    public let output: String
    /// All that it wrote to standard error.
    public let errors: String
    /// How long it ran.
    public let seconds: Double

    /// The lines of the output.
    public var lines: [String] { output.split(separator: "\n").map(String.init) }
  }

  /// A program that this package builds, next to the running test bundle.
  public static func program(_ name: String) throws -> URL {
    let running = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    for bundle in [running, URL(fileURLWithPath: CommandLine.arguments[0])] {
      let candidate = bundle.deletingLastPathComponent().appendingPathComponent(name)
      if FileManager.default.isExecutableFile(atPath: candidate.path) { return candidate }
    }
    throw MissingProgram(name: name, bundle: running.path)
  }

  /// A program that should have been built and is not there.
  public struct MissingProgram: Error, CustomStringConvertible {
    let name: String
    let bundle: String
    /// What is missing, where, and how to make it.
    public var description: String {
      "no program \(name) next to \(bundle). hint: build it first, `swift build --build-tests`"
    }
  }

  /// Runs a program on `ranks` ranks of this machine.
  ///
  /// - Parameters:
  ///   - options: more arguments for `mpirun` itself.
  ///   - environment: added to that of this process.
  ///   - started: called with the process number of `mpirun` once it runs.
  public static func run(
    _ name: String, _ arguments: [String] = [], ranks: Int, options: [String] = [],
    environment: [String: String] = [:], timeoutSeconds: Double = 60,
    started: (Int32) throws -> Void = { _ in }
  ) throws -> Outcome {
    let mpirun = ["mpirun", "--oversubscribe", "-n", "\(ranks)"] + options
    return try spawn(
      URL(fileURLWithPath: "/usr/bin/env"), mpirun + [try program(name).path] + arguments,
      environment: environment, timeoutSeconds: timeoutSeconds, started: started)
  }

  /// Runs a program alone, without a launcher.
  public static func runAlone(
    _ name: String, _ arguments: [String] = [], environment: [String: String] = [:],
    timeoutSeconds: Double = 60, started: (Int32) throws -> Void = { _ in }
  ) throws -> Outcome {
    try spawn(
      try program(name), arguments, environment: environment, timeoutSeconds: timeoutSeconds,
      started: started)
  }

  /// Runs any executable file, and ends it by SIGTERM, then SIGKILL, at the time limit.
  public static func spawn(
    _ executable: URL, _ arguments: [String], environment: [String: String] = [:],
    timeoutSeconds: Double, started: (Int32) throws -> Void = { _ in }
  ) throws -> Outcome {
    let process = Process()
    process.executableURL = executable
    process.arguments = arguments
    var all = ProcessInfo.processInfo.environment
    all["OMPI_ALLOW_RUN_AS_ROOT"] = "1"
    all["OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"] = "1"
    all["OPENBLAS_NUM_THREADS"] = "1"
    all.merge(environment) { $1 }
    process.environment = all
    process.standardInput = FileHandle.nullDevice
    // Files, not pipes: nobody has to read them while the process runs, so that none can fill up.
    let output = try TemporaryFile()
    let errors = try TemporaryFile()
    // The process object keeps them open until it goes, which may be long.
    defer {
      output.close()
      errors.close()
    }
    process.standardOutput = output.handle
    process.standardError = errors.handle
    let start = Date()
    try process.run()
    try started(process.processIdentifier)
    let isInTime = wait(for: process, seconds: timeoutSeconds)
    if !isInTime {
      process.terminate()
      if !wait(for: process, seconds: 3) { kill(process.processIdentifier, SIGKILL) }
      process.waitUntilExit()
    }
    let code = process.terminationStatus
    let wasSignalled = process.terminationReason == .uncaughtSignal
    return Outcome(
      exitCode: isInTime ? (wasSignalled ? 128 + code : code) : nil, output: try output.text(),
      errors: try errors.text(), seconds: Date().timeIntervalSince(start))
  }

  private static func wait(for process: Process, seconds: Double) -> Bool {
    let limit = Date().addingTimeInterval(seconds)
    while process.isRunning {
      if Date() > limit { return false }
      usleep(5_000)
    }
    return true
  }
}

/// A file that is removed at the end of its life.
private final class TemporaryFile {
  let handle: FileHandle
  private let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try Data().write(to: url)
    handle = try FileHandle(forUpdating: url)
  }

  deinit { unlink(url.path) }

  func close() { _ = Result { try handle.close() } }

  func text() throws -> String { String(decoding: try Data(contentsOf: url), as: UTF8.self) }
}
