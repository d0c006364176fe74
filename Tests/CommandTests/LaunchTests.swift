import Foundation
import TestSupport
import Testing

/// The scripts that a user starts, and what the documentation says of them.
@Suite("Launch scripts and documentation")
struct LaunchTests {
  static let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  func text(_ path: String) throws -> String {
    try String(contentsOf: Self.package.appending(path: path), encoding: .utf8)
  }

  /// The lines of the indented or fenced blocks of a page.
  func codeLines(_ path: String) throws -> [String] {
    var isCode = false
    return try text(path).components(separatedBy: "\n").filter { line in
      if line.hasPrefix("```") { isCode.toggle() }
      return isCode && !line.hasPrefix("```")
    }
  }

  @Test(
    "Every script is sound for the shell",
    arguments: [
      "quickstart", "test", "install-packages", "bind", "job", "environment", "slurm.sbatch",
      "pbs.sh",
      "lsf.sh", "flux.sh", "get-covid-data",
    ])
  func syntax(_ name: String) throws {
    let path = Self.package.appending(path: "launch/\(name)").path
    let outcome = try MPIRun.spawn(
      URL(fileURLWithPath: "/usr/bin/env"), ["bash", "-n", path], timeoutSeconds: 10)
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    #expect(!(try text("launch/\(name)")).contains("\t"))
  }

  @Test("Continuous integration runs the README's test command")
  func integration() throws {
    #expect(try text(".ci/run").contains("/../launch/test\" \"$@\""))
    #expect(try codeLines("README.md").contains { $0.hasPrefix("launch/test") })
  }

  @Test("Every file and every command of the README is there", arguments: ["README.md"])
  func commands(_ page: String) throws {
    let files = FileManager.default
    for match in try text(page).matches(of: /\]\(([^)#:]+)\)/) {
      let path = Self.package.appending(path: String(match.1)).path
      #expect(files.fileExists(atPath: path), "\(match.1)")
    }
    for match in try text(page).matches(of: /(?:launch|configs|docs|Tests)\/[\w.\/-]*\w/) {
      let path = Self.package.appending(path: String(match.0)).path
      #expect(files.fileExists(atPath: path), "\(match.0)")
    }
    let subcommands = Set(
      try codeLines(page).compactMap { $0.firstMatch(of: /portolan ([a-z-]+)/)?.1 }.map(String.init)
    )
    #expect(subcommands.count >= 5)
    for command in subcommands.sorted() {
      let outcome = try MPIRun.runAlone("portolan", [command, "--help"])
      #expect(outcome.exitCode == 0, "\(command)")
      #expect(outcome.output.contains("USAGE: portolan \(command)"), "\(command)")
    }
  }

  @Test("launch/bind gives a core to each rank, or says that they share")
  func bind() throws {
    let bind = Self.package.appending(path: "launch/bind")
    let one = try MPIRun.spawn(bind, ["1"], timeoutSeconds: 10)
    #expect(one.output == "--map-by core --bind-to core\n")
    let many = try MPIRun.spawn(bind, ["100000"], timeoutSeconds: 10)
    #expect(many.output == "--oversubscribe --bind-to none\n")
    #expect(try MPIRun.spawn(bind, ["none"], timeoutSeconds: 10).exitCode == 64)
  }
}
