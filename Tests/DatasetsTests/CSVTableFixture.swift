import Datasets
import Foundation

/// Tables that several suites read.
enum CSVTableFixture {
  /// Columns: waves far from zero, a parabola, a constant.
  static func numbers(rows: Int) -> CSVTable {
    var text = "wave,parabola,constant\n"
    for row in 0..<rows {
      let x = Double(row)
      text += "\(1e5 + sin(x)),\(x * x / 1000),7.3\n"
    }
    do {
      return try CSVTable(text: text, file: "numbers.csv")
    } catch {
      fatalError("the fixture is wrong: \(error)")
    }
  }

  /// Folder with the public data sets, if it is there.
  static var sharedData: String? {
    let environment = ProcessInfo.processInfo.environment["PORTOLAN_SHARED_DATA"]
    let folder = environment ?? packageRoot + "/../shared/data"
    return FileManager.default.fileExists(atPath: folder) ? folder : nil
  }

  private static var packageRoot: String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().path
  }

  /// Runs a body in a new folder that is removed afterwards.
  static func withTemporaryFolder(_ body: (String) throws -> Void) throws {
    let path = FileManager.default.temporaryDirectory
      .appendingPathComponent("portolan-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    let outcome = Result { try body(path) }
    try FileManager.default.removeItem(atPath: path)
    try outcome.get()
  }
}
