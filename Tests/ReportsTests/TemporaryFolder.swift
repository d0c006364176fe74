import Foundation

/// Runs a body in a new folder that is removed afterwards.
func withTemporaryFolder(_ body: (String) throws -> Void) throws {
  let path = FileManager.default.temporaryDirectory
    .appendingPathComponent("portolan-\(UUID().uuidString)").path
  try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  let outcome = Result { try body(path) }
  try FileManager.default.removeItem(atPath: path)
  try outcome.get()
}
