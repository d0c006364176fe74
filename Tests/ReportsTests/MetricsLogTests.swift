import Foundation
import Reports
import Testing

@Suite("Metrics log")
struct MetricsLogTests {
  static let columns = ["step", "stage", "loss", "validationLoss", "elapsedSeconds"]

  static func row(_ step: Int, seconds: Double) -> [MetricValue] {
    [
      .integer(step), .text(step <= 20 ? "autoencoder" : "flow"), .number(1 / Double(step)),
      step % 20 == 0 ? .number(2 / Double(step)) : nil, .number(seconds),
    ]
  }

  static func contents(_ path: String) throws -> String {
    try String(contentsOfFile: path, encoding: .utf8)
  }

  @Test("rows are readable as soon as they are added")
  func rowsAppear() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/metrics.csv"
      let log = try MetricsLog(path: path, columns: Self.columns)
      try log.append([10, "flow", 0.25, nil, 1.5])
      #expect(
        try Self.contents(path)
          == "step,stage,loss,validationLoss,elapsedSeconds\n10,flow,0.25,,1.5\n")
      try log.synchronise()
    }
  }

  @Test("an interrupted run leaves the bytes of one that was not", arguments: [0, 10, 30, 35, 60])
  func resumeGivesTheSameBytes(step: Int) throws {
    try withTemporaryFolder { folder in
      let (whole, parts) = (folder + "/whole.csv", folder + "/parts.csv")
      let log = try MetricsLog(path: whole, columns: Self.columns)
      for step in stride(from: 10, through: 60, by: 10) {
        try log.append(Self.row(step, seconds: 1))
      }

      let first = try MetricsLog(path: parts, columns: Self.columns)
      for step in stride(from: 10, through: 50, by: 10) {
        try first.append(Self.row(step, seconds: 1))
      }
      // A row that a crash cut off.
      let handle = try #require(FileHandle(forWritingAtPath: parts))
      try handle.seekToEnd()
      try handle.write(contentsOf: Data("6".utf8))
      try handle.close()

      let second = try MetricsLog(path: parts, columns: Self.columns, resumingAt: step)
      for next in stride(from: 10, through: 60, by: 10) where next > min(step, 50) {
        try second.append(Self.row(next, seconds: 1))
      }
      #expect(try Self.contents(parts) == Self.contents(whole))
    }
  }

  @Test("a new run replaces an old file, and a resume may start without one")
  func newAndMissing() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/metrics.csv"
      try MetricsLog(path: path, columns: ["step"]).append([1])
      _ = try MetricsLog(path: path, columns: ["step", "loss"])
      #expect(try Self.contents(path) == "step,loss\n")
      _ = try MetricsLog(path: folder + "/none.csv", columns: ["step"], resumingAt: 5)
      #expect(try Self.contents(folder + "/none.csv") == "step\n")
    }
  }

  @Test("a file with other columns is not continued")
  func otherColumns() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/metrics.csv"
      try MetricsLog(path: path, columns: ["step", "accuracy"]).append([1, 0.5])
      let error = try #require(throws: ReportError.self) {
        try MetricsLog(path: path, columns: ["step", "loss"], resumingAt: 1)
      }
      #expect(
        error.description == "\(path): expected the columns 'step,loss', got 'step,accuracy'\n"
          + "hint: the file belongs to another experiment or version: move it away")
      #expect(try Self.contents(path) == "step,accuracy\n1,0.5\n")
    }
  }

  @Test("a folder that cannot be written to is named")
  func unwritable() throws {
    let error = try #require(throws: ReportError.self) {
      try MetricsLog(path: "/nonexistent/metrics.csv", columns: ["step"])
    }
    #expect(error.kind == .unwritable && error.place == "/nonexistent/metrics.csv")
  }

  @Test("columns, stages and curves are read back")
  func readBack() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/metrics.csv"
      let log = try MetricsLog(path: path, columns: Self.columns)
      for step in stride(from: 10, through: 60, by: 10) {
        try log.append(Self.row(step, seconds: 2))
      }
      try log.append([70, "flow", .number(.nan), nil, 2.0])
      let table = try MetricsTable(path: path)
      #expect(table.columns == Self.columns && table.rows.count == 7)
      #expect(table.stages == ["autoencoder", "flow"])
      #expect(table.numbers("validationLoss") == [nil, 0.1, nil, 0.05, nil, 2.0 / 60, nil])
      #expect(table.numbers("nothing") == nil)
      let curve = table.curve("loss", stage: "flow")
      #expect(curve.map(\.step) == [30, 40, 50, 60])
      let expected: [Double] = [30, 40, 50, 60].map { 1 / $0 }
      #expect(curve.map(\.value) == expected)
      let stages = ReportInput.stages(of: table)
      #expect(stages.map(\.name) == ["autoencoder", "flow"])
      #expect(stages[1].curves.map(\.name) == ["training", "validation"])
      #expect(stages[1].best?.step == 60 && stages[1].best?.value == 2.0 / 60)
    }
  }

  @Test("a metrics file that is ragged, headless or missing is refused")
  func malformed() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/metrics.csv"
      for (text, message) in [
        ("step,loss\n1,2\n3\n", "\(path):3: expected 2 fields, got 1"),
        ("1,2\n", "\(path): expected a header that begins with 'step'"),
        ("", "\(path): expected a header that begins with 'step'"),
      ] {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        let error = try #require(throws: ReportError.self) { try MetricsTable(path: path) }
        #expect(error.kind == .malformedMetrics && error.description == message)
      }
      let missing = try #require(throws: ReportError.self) {
        try MetricsTable(path: folder + "/none.csv")
      }
      #expect(missing.kind == .unreadable)
    }
  }
}
