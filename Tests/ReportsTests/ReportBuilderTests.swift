import Foundation
import Reports
import Testing

@Suite("Report")
struct ReportBuilderTests {
  /// A run on two circles, with hostile text wherever text goes.
  static func input(columns: Int = 3, count: Int = 300, hostile: String = "") -> ReportInput {
    var input = ReportInput(title: "Circles\(hostile)", subtitle: "An atlas of 8 charts\(hostile)")
    input.results = [
      ReportInput.Result(
        name: "Atlas\(hostile)", mean: -2.19, standardError: 0.014, count: 5000, note: "8\(hostile)"
      ),
      ReportInput.Result(name: "Gaussian mixture", mean: -2.22),
    ]
    input.ceiling = ReportInput.Result(name: "Entropy ceiling", mean: -2.147, standardError: 0.005)
    input.stages = ["autoencoder", "flow\(hostile)"].map { name in
      let train = (1...100).map { (step: Double(10 * $0), value: 3 / Double($0).squareRoot()) }
      return ReportInput.Stage(
        name: name,
        curves: [
          ReportInput.Series(name: "training\(hostile)", points: train),
          ReportInput.Series(
            name: "validation",
            points: train.enumerated().filter { $0.offset % 20 == 0 }
              .map { ($0.element.step, $0.element.value * 1.1) }),
        ], best: (810, 3 / 9 * 1.1))
    }
    input.columnNames = (0..<columns).map { "column \($0)\(hostile)" }
    for index in 0..<count {
      let t = Double(index) * 0.7
      let wobble = 0.1 * sin(Double(index * index))
      let point = [cos(t) + wobble, sin(t) - wobble, wobble] + [Double](repeating: t, count: 3)
      input.data += point.prefix(columns)
      input.samples += point.prefix(columns).map { $0 * 1.05 }
    }
    input.charts = ReportInput.Charts(
      points: input.data, chartIndices: (0..<count).map { $0 % 8 },
      weights: [0.2, 0.1, 0.1, 0.3, 0.1, 0.1, 0.1, 0])
    input.facts = [
      ReportInput.Fact("command", "portolan train\(hostile)"), ReportInput.Fact("ranks", "2"),
    ]
    input.configuration = "seed: 1\nname: \(hostile)\n"
    return input
  }

  @Test("the page holds every figure, number and text and needs no other file")
  func pageIsWhole() throws {
    try withTemporaryFolder { folder in
      let path = try ReportBuilder.write(Self.input(), runFolder: folder)
      #expect(path.hasSuffix("/report/index.html"))
      let page = try String(contentsOfFile: path, encoding: .utf8)
      // Two stages, four views of data, of samples and of charts, and weights.
      #expect(page.components(separatedBy: "<svg").count - 1 == 2 + 12 + 1)
      #expect(page.components(separatedBy: "aria-label=\"").count - 1 == 15)
      for text in [
        "Loss in stage flow", "-2.190 ± 0.014", "-2.147 ± 0.005", "<td>0.073</td>", "seed: 1",
        "<dt>ranks</dt><dd>2</dd>", "Gaussian mixture", "7 of 8 charts hold points",
        "Share of the training rows on each chart", "<td>-0.030</td>", "<td>+0.043</td>",
        "lowest validation 0.3667 at step 810", "prefers-color-scheme:dark",
      ] {
        #expect(page.contains(text), "\(text)")
      }
      for reference in ["src=", "http-equiv", "<link", "<script", "@import", "url(http"] {
        #expect(!page.contains(reference), "\(reference)")
      }
      #expect(page.utf8.count < 3_000_000)
    }
  }

  @Test("every kind of data can be drawn", arguments: [1, 2, 3, 5])
  func dimensions(columns: Int) throws {
    let page = try ReportBuilder.html(Self.input(columns: columns, count: 40))
    let views = columns < 3 ? 1 : 4
    #expect(page.components(separatedBy: "<svg").count - 1 == 2 + 3 * views + 1)
    // A mark is one circle: data and samples are really in the pictures.
    if columns > 1 { #expect(page.components(separatedBy: "<circle").count > 2 * views * 40) }
  }

  @Test("a report without charts, samples, curves or results is still a page")
  func emptyParts() throws {
    let page = try ReportBuilder.html(ReportInput(title: "Nothing yet"))
    #expect(page.contains("<h1>Nothing yet</h1>") && !page.contains("<svg"))
    var constant = ReportInput(title: "Constant")
    constant.columnNames = ["a", "b"]
    constant.data = [1, 1, 1, 1]
    constant.stages = [
      ReportInput.Stage(name: "s", curves: [ReportInput.Series(name: "loss", points: [(1, 2)])])
    ]
    #expect(try ReportBuilder.html(constant).components(separatedBy: "<svg").count - 1 == 2)
  }

  @Test("text from outside is never markup, nor a command")
  func textIsEscaped() throws {
    try withTemporaryFolder { folder in
      let hostile =
        "<script>alert(1)</script>&\"'`touch \(folder)/owned`'; system \"touch \(folder)/owned\" #\n"
      let page = try ReportBuilder.html(Self.input(count: 30, hostile: hostile))
      #expect(!page.contains("<script"))
      #expect(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;&amp;&quot;&#39;"))
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [])
    }
  }

  @Test("a missing gnuplot is explained")
  func missingProgram() throws {
    let error = try #require(throws: ReportError.self) {
      try ReportBuilder.html(Self.input(), gnuplot: "no-such-program")
    }
    #expect(
      error.description == "no-such-program: the program that draws reports was not found\n"
        + "hint: install it, on Debian with `apt-get install gnuplot-nox`")
  }

  @Test("a program that fails is quoted")
  func failingProgram() throws {
    let error = try #require(throws: ReportError.self) {
      try ReportBuilder.html(Self.input(), gnuplot: "false")
    }
    #expect(error.kind == .drawingFailed && error.message.contains("ended with code 1"))
  }

  @Test("a run folder that cannot be written to is named")
  func unwritable() throws {
    try withTemporaryFolder { folder in
      try Data().write(to: URL(fileURLWithPath: folder + "/report"))
      let error = try #require(throws: ReportError.self) {
        try ReportBuilder.write(ReportInput(title: "t"), runFolder: folder)
      }
      #expect(error.kind == .unwritable && error.place == folder + "/report/index.html")
    }
  }
}
