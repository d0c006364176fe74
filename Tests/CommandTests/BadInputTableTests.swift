import Foundation
import TestSupport
import Testing

extension BadInput {
  @Suite("Bad tables")
  struct Tables {
    private let folder: Scratch

    init() throws { folder = try Scratch() }

    private func train(
      _ source: String, _ file: String, ranks: Int, _ more: String = ""
    ) throws -> MPIRun.Outcome {
      let configuration = try folder.configuration(
        "data: {source: \(source), path: \"\(file)\"\(more)}")
      return try portolan(["train", configuration, "--output", folder("run")], ranks: ranks)
    }

    struct Bad: Sendable {
      var text: String?
      var status: Int32 = 65
      var message: String
      var hint: String
    }

    static let tables = [
      Bad(
        text: "x,y\n1,2\n3\n4,5\n",
        message: "t.csv:3: expected 2 fields as in the header, got 1", hint: "missing comma"),
      Bad(
        text: "x,y\n1,2\n3,four\n",
        message: "t.csv:3: column 'y': expected a number, got 'four'", hint: "leave the column out"),
      Bad(
        text: "x,y\n1,2\n3,NaN\n",
        message: "t.csv:3: column 'y': expected a finite number, got 'NaN'", hint: "remove rows"),
      Bad(
        text: "", message: "t.csv: expected a header with column names, got an empty file",
        hint: "t.csv"
      ),
      Bad(
        text: "1,2\n3,4\n", message: "t.csv:1: expected a header with column names, got numbers",
        hint: "add a first line such as"),
      Bad(
        text: nil, status: 66, message: "t.csv: expected a CSV file, got no such file",
        hint: "paths are relative to"),
      Bad(
        text: "x\n1\n2\n3\n", message: "the data has the column x alone",
        hint: "name two or more columns"),
      Bad(
        text: "x,y\n1,2\n3,4\n", message: "1 training rows for 4 shards",
        hint: "give more data, or lower shards"),
    ]

    @Test("A bad CSV file is refused with line, column and hint", arguments: tables)
    func csv(bad: Bad) throws {
      if let text = bad.text { _ = try folder.file("t.csv", text) }
      let outcome = try train("csv", folder("t.csv"), ranks: 1)
      expectRefusal(outcome, bad.status, bad.message)
      #expect(outcome.errors.contains(bad.hint))
      #expect(!folder.exists("run"), "a run that cannot begin leaves no folder")
    }

    @Test("What all ranks find wrong in a table is said once")
    func onRanks() throws {
      let file = try folder.file("t.csv", "latitude,longitude\n1,2\n3,four\n")
      expectRefusal(
        try train("csv", file, ranks: 2), 65, "\(file):3: column 'longitude': expected a number")
      expectRefusal(
        try train("csv", file, ranks: 3, ", columns: [latitude, longtude]"), 65,
        "\(file):1: column 'longtude': expected a column of that name",
        "hint: did you mean 'longitude'?")
      #expect(!folder.exists("run"))
    }

    @Test("A truncated HDF5 file and a wrong data set are refused", arguments: [1, 2])
    func hdf5(ranks: Int) throws {
      try folder.train("model")
      let sampled = try portolan(
        ["sample", folder("model"), "--count", "100", "--output", folder("good.h5")])
      #expect(sampled.exitCode == 0, "\(sampled.errors)")
      let bytes = try folder.bytes("good.h5")
      try folder.write(Array(bytes.prefix(bytes.count / 2)), to: "cut.h5")
      expectRefusal(
        try train("hdf5", folder("cut.h5"), ranks: ranks, ", dataset: /"), 65,
        "\(folder("cut.h5")): expected a readable HDF5 table", "truncated file", "hint: ")
      expectRefusal(
        try train("hdf5", folder("good.h5"), ranks: ranks, ", dataset: /nosuch"), 65,
        "column '/nosuch': expected a data set of numbers", "hint: the file holds /chart, /x")
      expectRefusal(
        try train("hdf5", folder("good.h5"), ranks: ranks, ", dataset: /, columns: [x, why]"), 65,
        "column 'why': expected a column of that name")
      #expect(!folder.exists("run"))
    }

    @Test("Scoring refuses tables that lack columns, rows or a known format")
    func scoring() throws {
      try folder.train("model")
      func score(_ input: String, ranks: Int = 1, to output: String = "o.csv") throws
        -> MPIRun.Outcome
      {
        try portolan(
          ["log-probability", folder("model"), "--input", folder(input)]
            + ["--output", folder(output)], ranks: ranks)
      }
      _ = try folder.file("lacks.csv", "x,y\n1,2\n")
      _ = try folder.file("rowless.csv", "x,y,z\n")
      _ = try folder.file("empty.csv", "")
      _ = try folder.file("good.csv", "x,y,z\n1,2,3\n")
      for ranks in [1, 2] {
        expectRefusal(
          try score("lacks.csv", ranks: ranks), 65,
          "lacks.csv:1: column 'z': expected a column of that name, got the columns 'x', 'y'")
      }
      expectRefusal(try score("rowless.csv"), 65, "expected at least one row below the header")
      expectRefusal(try score("empty.csv"), 65, "got an empty file")
      expectRefusal(try score("none.csv"), 66, "got no such file")
      expectRefusal(try score("good.csv", to: "o.txt"), 64, "o.txt: cannot tell the format")
      for ranks in [1, 2] {
        expectRefusal(
          try score("good.csv", ranks: ranks, to: "no/o.csv"), 74,
          "no/o.csv: expected a file that can be written")
      }
      expectRefusal(try score("good.csv", to: "no/o.h5"), 74, "expected a file that can be written")
      let evaluated = try portolan(
        ["evaluate", folder("model"), "--data", folder("lacks.csv")], ranks: 2)
      expectRefusal(evaluated, 65, "lacks.csv:1: column 'z'")
      #expect(!folder.exists("o.csv") && !folder.exists("o.txt") && !folder.exists("no"))
    }
  }
}
