import HDF5
import TestSupport
import Testing

@Suite("HDF5 files of several ranks")
struct ParallelFileTests {
  @Test(
    "Flat slices written together fill an array, also with a rank that has none",
    arguments: [1, 2, 4])
  func collective(ranks: Int) throws {
    try withTemporaryFolder { folder in
      let path = folder + "/a.h5"
      let outcome = try MPIRun.run("MultiRankProbe", ["hdf5", path], ranks: ranks)
      #expect(
        outcome.lines == (0..<ranks).map { "rank \($0): true" },
        "\(outcome.output)\(outcome.errors)")
    }
  }
}
