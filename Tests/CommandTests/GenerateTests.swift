import Datasets
import Foundation
import HDF5
import TestSupport
import Testing

extension TrainingJobs {
  @Suite("portolan generate", .serialized)
  struct GenerateTests {
    @discardableResult
    private func generate(
      _ folder: RankFolder, _ name: String, ranks: Int, _ more: [String] = [],
      expecting code: Int32? = 0
    ) throws -> MPIRun.Outcome {
      let outcome = try MPIRun.run(
        "portolan", ["generate"] + more + ["--output", folder.file(name)], ranks: ranks,
        timeoutSeconds: 90)
      if let code { #expect(outcome.exitCode == code, "\(ranks) ranks: \(outcome.errors)") }
      return outcome
    }

    @Test(
      "Any number of ranks writes the same arrays, those of the generator, and says what they are")
    func ranks() throws {
      let folder = try RankFolder()
      let options = ["ks-22", "--samples", "11", "--test", "5", "--points", "64", "--seed", "7"]
      var arrays: [[[Double]]] = []
      for ranks in 1...3 {
        try generate(folder, "\(ranks).h5", ranks: ranks, options)
        let file = try HDF5File.open(folder.file("\(ranks).h5"))
        var held: [[Double]] = []
        for name in ["/train/input", "/train/output", "/test/input", "/test/output"] {
          held.append(try file.openDataset(name).read(as: Double.self))
        }
        arrays.append(held)
        #expect(!FileManager.default.fileExists(atPath: folder.file("\(ranks).h5.partial")))
      }
      #expect(arrays[0] == arrays[1] && arrays[0] == arrays[2])
      let generator = PDEGenerator(set: .ks22, seed: 7)
      let file = try PDEFile(path: folder.file("3.h5"))
      for (split, count) in [(DatasetSplit.train, 11), (.test, 5)] {
        let expected = PDEPairs(
          values: try generator.pairs(0..<count, of: split, points: 64), points: 64)
        #expect(try file.pairs(of: split) == expected)
        #expect(try file.pairs(of: split, count: 2).count == 2)
      }
      #expect(file.description.set == .ks22 && file.description.seed == 7)
      #expect(file.description.points == 64)
      #expect(file.description.train == 11 && file.description.test == 5)
      #expect(file.description.stepHalvingError.mean > 0)
      #expect(file.description.stepHalvingError.largest < 1e-6)
      #expect(throws: DataError.self) { try file.pairs(of: .train, count: 12) }
    }

    @Test("What cannot be generated is refused, and leaves no file")
    func refusals() throws {
      let folder = try RankFolder()
      let unknown = try generate(
        folder, "a.h5", ranks: 2, ["ks", "--samples", "0", "--points", "100"], expecting: 64)
      for part in ["no set of the name ks", "kdv-hard", "--samples", "--points"] {
        #expect(unknown.errors.contains(part), "\(unknown.errors)")
      }
      let missing = try MPIRun.run(
        "portolan", ["generate", "ks-22", "--output", "/dev/null/a.h5", "--samples", "1"],
        ranks: 1, timeoutSeconds: 60)
      #expect(missing.exitCode == 74, "\(missing.errors)")
      #expect(missing.errors.contains("/dev/null"))
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }
  }
}
