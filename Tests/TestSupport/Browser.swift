import Foundation

/// A browser without a window and without a network.
public struct Browser: Sendable {
  /// The program.
  private let program: String

  /// What is installed; nil where no browser is, or none that runs.
  public static let installed: Browser? = {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(
      separator: ":")
    let names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
    for path in names.flatMap({ name in folders.map { "\($0)/\(name)" } })
    where FileManager.default.isExecutableFile(atPath: path) {
      // Some systems have a placeholder that only tells how to install it.
      let outcome = try? MPIRun.spawn(
        URL(fileURLWithPath: path), ["--version"], timeoutSeconds: 60)
      if outcome?.exitCode == 0 { return Browser(program: path) }
    }
    return nil
  }()

  /// What a page became.
  public struct View: Sendable {
    /// The document after all scripts, as HTML.
    public let document: String
    /// What the page wrote to its console, uncaught errors included, one message a line.
    public let console: [String]
    /// The picture, a PNG file; nil where none was asked for.
    public let screenshot: Data?
  }

  /// Opens a file in a window of the given size. The limit of time is wide: machines that test are busy.
  public func open(
    _ path: String, width: Int, height: Int, isDark: Bool = false, withScreenshot: Bool = false
  ) throws -> View {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let picture = folder.appendingPathComponent("picture.png")
    let outcome = try MPIRun.spawn(
      URL(fileURLWithPath: program),
      [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
        "--no-first-run", "--disable-extensions", "--disable-background-networking",
        "--disable-component-update", "--disable-sync", "--hide-scrollbars",
        "--user-data-dir=\(folder.path)/profile", "--host-resolver-rules=MAP * ~NOTFOUND",
        "--window-size=\(width),\(height)", "--enable-logging=stderr", "--log-level=0",
        "--blink-settings=preferredColorScheme=\(isDark ? 0 : 1)",
        withScreenshot ? "--screenshot=\(picture.path)" : "--dump-dom",
        URL(fileURLWithPath: path).absoluteString,
      ], timeoutSeconds: 240)
    guard outcome.exitCode == 0 else {
      throw Failed(
        description: "\(program) ended with \(outcome.exitCode.map(String.init) ?? "a timeout"): "
          + outcome.errors)
    }
    return View(
      document: outcome.output,
      console: outcome.errors.split(separator: "\n").map(String.init)
        .filter { $0.contains(":CONSOLE") },
      screenshot: withScreenshot ? try Data(contentsOf: picture) : nil)
  }

  /// The browser ended badly.
  public struct Failed: Error, CustomStringConvertible {
    /// How, with its own words.
    public let description: String
  }
}
