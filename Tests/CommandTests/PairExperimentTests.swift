import Foundation
import TestSupport
import Testing

extension TrainingJobs {
  @Suite("portolan experiment pde", .serialized)
  struct PairExperimentTests {
    /// A folder with small files of pairs.
    private func data() throws -> RankFolder {
      let folder = try RankFolder()
      let outcome = try MPIRun.run(
        "portolan",
        ["generate", "ks-22", "--output", folder.file("ks-22.h5"), "--samples", "24"]
          + ["--test", "6"],
        ranks: 1, timeoutSeconds: 90)
      #expect(outcome.exitCode == 0, "\(outcome.errors)")
      return folder
    }

    @discardableResult
    private func run(
      _ folder: RankFolder, _ output: String, ranks: Int, _ more: [String] = [],
      models: String = "propagator,multiplier,fno",
      settings: [String] = ["samples=[12, 24]", "steps=8", "testPairs=6"],
      expecting code: Int32? = 0, started: (Int32) throws -> Void = { _ in }
    ) throws -> MPIRun.Outcome {
      // Worker threads block signals, and a launcher that inherits this would not hear one.
      var none = sigset_t()
      sigemptyset(&none)
      pthread_sigmask(SIG_SETMASK, &none, nil)
      let outcome = try MPIRun.run(
        "portolan",
        ["experiment", "pde-samples", "--sets", "ks-22", "--models", models, "--seeds", "1"]
          + ["--data", folder.path, "--output", folder.file(output)]
          + settings.flatMap { ["--set", $0] } + more, ranks: ranks, timeoutSeconds: 120,
        started: started)
      if let code { #expect(outcome.exitCode == code, "\(ranks) ranks: \(outcome.errors)") }
      return outcome
    }

    /// Scores of each cell: what must not depend on ranks.
    private func scores(_ folder: RankFolder, _ output: String) throws -> [String: [Double]] {
      var scores: [String: [Double]] = [:]
      let root = folder.file(output)
      for case let name as String in FileManager.default.enumerator(atPath: root)?.allObjects ?? []
      where name.hasSuffix("cell.json") {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(root)/\(name)"))
        let json = try #require(try JSONSerialization.jsonObject(with: bytes) as? [String: Any])
        #expect(json["failure"] == nil)
        let list = try #require(json["scores"] as? [[String: Any]])
        scores[name] = list.compactMap { $0["relativeError"] as? Double }
      }
      return scores
    }

    @Test("Teams and ranks do not change a cell; finished cells are not trained again")
    func ranks() throws {
      let folder = try data()
      try run(folder, "one", ranks: 1)
      let one = try scores(folder, "one")
      #expect(one.count == 5)
      #expect(one.values.allSatisfy { $0.count == 5 && $0.allSatisfy { $0 > 0 && $0 < 10 } })
      // Two ranks are two teams; --models with one cell left makes one team of two ranks.
      try run(folder, "two", ranks: 2)
      #expect(try scores(folder, "two") == one)
      let cell = folder.file("two/ks-22/fno/samples-24/seed-1/cell.json")
      try FileManager.default.removeItem(atPath: cell)
      let before = try FileManager.default.attributesOfItem(
        atPath: folder.file("two/ks-22/fno/samples-12/seed-1/cell.json"))
      try run(folder, "two", ranks: 2)
      #expect(try scores(folder, "two") == one)
      let after = try FileManager.default.attributesOfItem(
        atPath: folder.file("two/ks-22/fno/samples-12/seed-1/cell.json"))
      #expect(before[.modificationDate] as? Date == after[.modificationDate] as? Date)
      let other = try run(folder, "two", ranks: 1, ["--set", "batch=12"], expecting: 65)
      #expect(other.errors.contains("batch=20 there") && other.errors.contains("batch=12 here"))
    }

    @Test("Padé operators have the same scores and the same logged bounds on 1, 2 and 4 ranks")
    func padé() throws {
      let folder = try data()
      func bounds(_ output: String) throws -> [String: Double] {
        let path = folder.file("\(output)/ks-22/pade-residual/samples-24/seed-1")
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path + "/cell.json"))
        let json = try #require(try JSONSerialization.jsonObject(with: bytes) as? [String: Any])
        let log = try String(contentsOfFile: path + "/run/pade-bounds.csv", encoding: .utf8)
        #expect(log.split(separator: "\n").count == 9)
        return try #require(json["padeBounds"] as? [String: Double])
      }
      var scores: [[String: [Double]]] = []
      var logged: [[String: Double]] = []
      for ranks in [1, 2, 4] {
        // One cell: one team of all ranks.
        let outcome = try MPIRun.run(
          "portolan",
          ["experiment", "pde", "--sets", "ks-22", "--models", "pade-residual", "--seeds", "1"]
            + ["--data", folder.path, "--output", folder.file("\(ranks)"), "--keep-runs"]
            + ["samples=24", "steps=8", "testPairs=6"].flatMap { ["--set", $0] },
          ranks: ranks, timeoutSeconds: 120)
        #expect(outcome.exitCode == 0, "\(outcome.errors)")
        #expect(outcome.output.contains("on other grids resampled by Fourier series"))
        #expect(outcome.output.contains("- ks-22, multiplier + Padé Exp: ‖L‖"))
        scores.append(try self.scores(folder, "\(ranks)"))
        logged.append(try bounds("\(ranks)"))
      }
      #expect(scores[0] == scores[1] && scores[0] == scores[2])
      #expect(logged[0] == logged[1] && logged[0] == logged[2])
      #expect(logged[0]["step"] == 8 && (logged[0]["operatorNorm"] ?? 0) > 0)
      // The same function on every grid.
      let errors = try #require(scores[0].values.first)
      #expect(errors.count == 5 && errors.allSatisfy { abs($0 / errors[0] - 1) < 0.05 })
    }

    @Test("A cell that is stopped goes on where it was, on other ranks, to the same scores")
    func stop() throws {
      let folder = try data()
      func run(_ output: String, ranks: Int, started: (Int32) throws -> Void = { _ in }) throws
        -> Int32?
      {
        try self.run(
          folder, output, ranks: ranks, models: "fno",
          settings: ["samples=[24]", "steps=500", "testPairs=6"], expecting: nil, started: started
        ).exitCode
      }
      #expect(try run("whole", ranks: 1) == 0)
      let whole = try scores(folder, "whole")
      #expect(whole.count == 1)
      let mark = folder.file("stopped/ks-22/fno/samples-24/seed-1/run/settings.txt")
      let code = try run("stopped", ranks: 2) { launcher in
        let limit = Date() + 60
        while !FileManager.default.fileExists(atPath: mark), Date() < limit { usleep(2000) }
        usleep(300_000)
        if let rank = children(of: launcher).last { _ = kill(rank, SIGTERM) }
      }
      // All may be done before the signal is heard.
      #expect(code == 75 || code == 0)
      #expect(try scores(folder, "stopped").isEmpty == (code == 75))
      #expect(try run("stopped", ranks: 1) == 0)
      #expect(try scores(folder, "stopped") == whole)
    }

    @Test("A missing file of pairs is named, with the command that makes it")
    func missing() throws {
      let folder = try RankFolder()
      let outcome = try MPIRun.run(
        "portolan", ["experiment", "pde", "--data", folder.path, "--output", folder.file("out")],
        ranks: 1, timeoutSeconds: 60)
      #expect(outcome.exitCode == 66)
      #expect(outcome.errors.contains("portolan generate kdv-paper"))
    }
  }
}
