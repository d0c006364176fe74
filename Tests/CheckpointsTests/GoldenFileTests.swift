import Checkpoints
import Foundation
import TestSupport
import Testing

@Suite("Files of released format versions")
struct GoldenFileTests {
  /// Written by two ranks with format version 1; never written again.
  static let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Golden/format-1.h5").path

  @Test("The file of format version 1 verifies, and its content is read")
  func version1() throws {
    let header = try CheckpointVerifier.verify(Self.path)
    #expect(header.formatVersion == 1 && header.step == 12 && header.ranks == 2)
    #expect(
      header.stateDigest
        == "f566a53f044f1df1cc853f6590c1ee0c294e6a4f462b393802ca36903a2679a8")
    try withTemporaryFolder { folder in
      try write(contents(Self.path), to: folder + "/step-00000012.h5")
      let read = try Probe.read(folder, ranks: 1, ["10"])
      #expect(read.lines == ["step 12 wrong 0 digest \(header.stateDigest)"], "\(read.errors)")
    }
  }
}
