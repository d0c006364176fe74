import Datasets
import Foundation
import TestSupport
import Testing

/// What is wrong with the data, through the command: each is a clear error or a repair that is told.
extension TrainingJobs {
  @Suite("portolan cross-validate on broken data") struct CrossValidationData {
    private let first = CalendarDay(iso: "2020-04-20")!
    private let days = 40

    private func line(_ day: Int, _ state: Int) -> String {
      let confirmed = 1000 + 40 * state + day * (20 + state) + day * day
      return "\(first.advanced(by: day)),\(USStates.names[state]),\(confirmed),"
        + "\(state % 7 == 3 ? "" : "\(confirmed / 3)"),\(20 + state + day)"
    }

    private var lines: [String] {
      ["date,state,confirmed,recovered,deaths"]
        + (0..<days).flatMap { day in USStates.names.indices.map { line(day, $0) } }
    }

    /// The place of a line of the file, counted from 0.
    private func place(_ day: Int, _ state: String) -> Int {
      1 + 50 * day + USStates.place(of: state)!
    }

    private func run(
      _ lines: [String], expecting code: Int32, ranks: Int = 1, _ more: [String] = []
    ) throws -> MPIRun.Outcome {
      let folder = try RankFolder()
      let reports = folder.file("counts.csv")
      let populations = folder.file("populations.csv")
      try Data((lines.joined(separator: "\n") + "\n").utf8).write(
        to: URL(fileURLWithPath: reports))
      let persons = USStates.names.map { "\($0),900000" }
      try Data((["state,population"] + persons).joined(separator: "\n").utf8).write(
        to: URL(fileURLWithPath: populations))
      let outcome = try MPIRun.run(
        "portolan",
        [
          "cross-validate", "--output", folder.file("run"), "--set", "data.reports=\(reports)",
          "--set", "data.populations=\(populations)", "--set", "resampling.folds=2", "--set",
          "resampling.gap=1", "--set", "training.epochs=1", "--set", "models.linear.kind=linear",
        ] + more, ranks: ranks)
      #expect(outcome.exitCode == code, "\(outcome.errors)")
      if code != 0 {
        #expect(!FileManager.default.fileExists(atPath: folder.file("run")), "nothing is begun")
        #expect(outcome.errors.components(separatedBy: "error:").count == 2, "\(outcome.errors)")
      }
      return outcome
    }

    @Test("Sound counts are read, and what they hold is told")
    func sound() throws {
      let outcome = try run(lines, expecting: 0, ranks: 2)
      #expect(outcome.errors.contains("40 days from 2020-04-20"), "\(outcome.errors)")
      #expect(outcome.errors.contains("280 blank recovered fields, missing"))
      #expect(outcome.output.contains("read from the reports; 20 windows"))
    }

    @Test("A day that is removed")
    func missingDay() throws {
      let day = first.advanced(by: 7)
      let outcome = try run(lines.filter { !$0.hasPrefix("\(day)") }, expecting: 65, ranks: 2)
      #expect(outcome.errors.contains("expected every day from the first to the last"))
      #expect(outcome.errors.contains("no row of 2020-04-27"), "\(outcome.errors)")
    }

    @Test("A state that is missing on a day")
    func missingState() throws {
      var lines = lines
      lines.remove(at: place(9, "Ohio"))
      let outcome = try run(lines, expecting: 65)
      #expect(outcome.errors.contains("expected a row for Ohio on 2020-04-29, got none"))
    }

    @Test("A negative count, and text in a number, each with its line and column")
    func badFields() throws {
      for (field, words) in [
        ("-5", "expected a count of 0 or more, got '-5'"),
        ("12x4", "expected a count of persons, or nothing, got '12x4'"),
      ] {
        var lines = lines
        let place = place(3, "Texas")
        var fields = lines[place].split(separator: ",", omittingEmptySubsequences: false)
        fields[4] = Substring(field)
        lines[place] = fields.joined(separator: ",")
        let outcome = try run(lines, expecting: 65)
        #expect(outcome.errors.contains("counts.csv:\(place + 1): column 'deaths': \(words)"))
      }
    }

    @Test("A day that stands there twice is read once and told; with other counts it is an error")
    func duplicatedDay() throws {
      let day = first.advanced(by: 5)
      let copy = lines.filter { $0.hasPrefix("\(day)") }
      let outcome = try run(lines + copy, expecting: 0)
      #expect(
        outcome.errors.contains("50 rows that repeat a state and day with equal counts, left out"),
        "\(outcome.errors)")
      let other = copy.map { $0 + "1" }
      let conflict = try run(lines + other, expecting: 65)
      #expect(conflict.errors.contains("expected one row for Alabama on 2020-04-25"))
    }

    @Test("Files that are not there, and inhabitants that are not given")
    func missingFiles() throws {
      let folder = try RankFolder()
      func run(_ settings: [String], expecting code: Int32) throws -> String {
        let outcome = try MPIRun.runAlone(
          "portolan",
          ["cross-validate", "--output", folder.file("run")]
            + settings.flatMap { ["--set", $0] })
        #expect(outcome.exitCode == code, "\(outcome.errors)")
        return outcome.errors
      }
      let missing = folder.file("nowhere.csv")
      #expect(try run(["data.reports=\(missing)"], expecting: 66).contains("nowhere.csv"))
      let counts = folder.file("counts.csv")
      try Data((lines.joined(separator: "\n") + "\n").utf8).write(
        to: URL(fileURLWithPath: counts))
      let errors = try run(["data.reports=\(counts)"], expecting: 65)
      #expect(errors.contains("data.populations is null") && errors.contains("hint: "), "\(errors)")
      #expect(!FileManager.default.fileExists(atPath: folder.file("run")))
    }
  }
}
