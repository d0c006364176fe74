import Experiments
import Foundation
import Testing

@Suite("A table as text")
struct TableTextTests {
  /// Scores as a cell's file holds them.
  private func scores(
    _ likelihood: Double, ceiling: Double? = nil, divergence: Bool = false, dimension: Int? = nil,
    isOnSphere: Bool = false, controls: [(String, Double)] = []
  ) throws -> Scores {
    func score(_ mean: Double) -> String {
      #"{"mean": \#(mean), "standardError": 0.1, "count": 9}"#
    }
    var keys = [
      #""step": 1, "charts": 4, "chartsInUse": 4, "chartPerplexity": 4"#,
      #""testLogLikelihood": \#(score(likelihood))"#,
    ]
    if let ceiling { keys.append(#""entropyCeiling": \#(score(ceiling))"#) }
    if divergence { keys.append(#""divergence": \#(score(0.5))"#) }
    if let dimension {
      keys.append(
        #""reconstruction": {"dimension": \#(dimension), "meanSquaredDistance": 0, "largestDistance": 0}"#
      )
    }
    if isOnSphere { keys.append(#""densityMeasure": "area""#) }
    let list = controls.map { #"{"name": "\#($0)", "testLogLikelihood": \#(score($1))}"# }
    keys.append(#""controls": [\#(list.joined(separator: ", "))]"#)
    return try JSONDecoder().decode(
      Scores.self, from: Data("{\(keys.joined(separator: ", "))}".utf8))
  }

  private func table(
    _ models: [ExperimentTable.Choice], seeds: [Int] = [1, 2],
    _ measure: ExperimentTable.Measure = .logLikelihood
  ) -> ExperimentTable {
    ExperimentTable(
      name: "trial", title: "a trial", measure: measure, sets: [.init("ring", [])], models: models,
      seeds: seeds)
  }

  private func text(
    _ table: ExperimentTable, _ cells: [(model: String, seed: Int, scores: Scores?)]
  ) -> [String] {
    var results: [TableCell: CellResult] = [:]
    for cell in cells {
      results[TableCell(set: "ring", model: cell.model, seed: cell.seed)] = CellResult(
        settings: [], scores: cell.scores,
        failure: cell.scores == nil ? "step 3: not finite\nhint: lower it" : nil, seconds: 1)
    }
    return TableText(table: table, results: results).markdown
      .split(separator: "\n", omittingEmptySubsequences: true).map(String.init)
  }

  @Test("Means, intervals, ceiling, differences; the best of a row is bold")
  func likelihoods() throws {
    let lines = text(
      table([.init("A", []), .init("B", [], parent: "A")]),
      [
        ("A", 1, try scores(-2, ceiling: -1, divergence: true, controls: [("mixture", -4)])),
        ("A", 2, try scores(-3, ceiling: -1, divergence: true, controls: [("mixture", -5)])),
        ("B", 1, try scores(-1.5, divergence: true)), ("B", 2, try scores(-2.5, divergence: true)),
      ])
    #expect(
      lines[1].contains("higher is better") && lines[1].contains("4 of 4 cells are finished."))
    #expect(lines[2] == "| set | ceiling | A | B | mixture |")
    // Student's t with one degree of freedom: 12.706 · 0.7071 / √2; none where both seeds agree.
    #expect(lines[4] == "| ring | -1.000 | -2.500 ± 6.353 | **-2.000 ± 6.353** | -4.500 ± 6.353 |")
    #expect(lines[5].contains("positive: the first is better"))
    #expect(lines[6] == "| set | B − A |" && lines[8] == "| ring | 0.500 |")
  }

  @Test("Where lower is better signs are turned: best, differences and their note")
  func negative() throws {
    let lines = text(
      table([.init("A", []), .init("B", [], parent: "A")], .negativeLogLikelihood),
      [
        ("A", 1, try scores(-2, isOnSphere: true, controls: [("kernels", 1)])),
        ("A", 2, try scores(-2, isOnSphere: true, controls: [("kernels", 1)])),
        ("B", 1, try scores(-1, isOnSphere: true)), ("B", 2, try scores(-1, isOnSphere: true)),
      ])
    #expect(lines[1].contains("lower is better"))
    #expect(lines[4] == "| ring | – | 2.000 | 1.000 | **-1.000** |")
    #expect(lines[5].contains("negative: the first is better"))
    #expect(lines[8] == "| ring | -1.000 |")
  }

  @Test("A density on a surface is marked in a row of densities of the space, and never its best")
  func surfaces() throws {
    let models = [
      ExperimentTable.Choice("A", []), .init("CEF", [], parent: "A"),
      .init("VQ-CEF", [], parent: "CEF"),
    ]
    let cells = [
      ("A", 1, try scores(-2, ceiling: -1, divergence: true, controls: [("mixture", -3)])),
      ("CEF", 1, try scores(5, ceiling: -1, dimension: 2)),
      ("VQ-CEF", 1, try scores(6, ceiling: -1, dimension: 2)),
    ]
    let lines = text(table(models, seeds: [1]), cells)
    #expect(lines[4] == "| ring | -1.000 | **-2.000** | 5.000 † | 6.000 † | -3.000 |")
    #expect(lines[5].hasPrefix("† ") && lines[5].contains("per unit area"))
    // Two surfaces are compared, a surface and a space are not.
    #expect(lines.last == "| ring | – | 1.000 |")
    // Without the model of the space the ceiling and the control are still of the space.
    let alone = text(table(Array(models.dropFirst()), seeds: [1]), Array(cells.dropFirst()))
    #expect(alone[4] == "| ring | -1.000 | 5.000 † | 6.000 † |")
    // On the sphere the true density and the controls are per unit area themselves.
    let sphere = text(
      table([.init("CEF", [])], seeds: [1]),
      [
        (
          "CEF", 1,
          try scores(
            -0.5, ceiling: -0.4, divergence: true, dimension: 2, isOnSphere: true,
            controls: [("kernels", -0.7)])
        )
      ])
    #expect(sphere[4] == "| ring | -0.400 | **-0.500** | -0.700 |")
    #expect(!sphere.joined().contains("†"))
  }

  @Test(
    "Controls whose names differ in numbers are one column; those of charts, one for each model")
  func controls() throws {
    let lines = text(
      table([.init("A", []), .init("B", [])]),
      [
        (
          "A", 1,
          try scores(
            -2,
            controls: [("mixture, 12 and uniform", -3), ("a Gaussian for each of 31 charts", -4)])
        ),
        (
          "A", 2,
          try scores(
            -2,
            controls: [("mixture, 9 and uniform", -3), ("a Gaussian for each of 32 charts", -4)])
        ),
        (
          "B", 1,
          try scores(
            -1,
            controls: [("mixture, 12 and uniform", -3), ("a Gaussian for each of 7 charts", -6)])
        ),
      ])
    #expect(lines[2] == "| set | ceiling | A | B | mixture, 9–12 and uniform |")
    #expect(lines[4] == "| ring | – | -2.000 | **-1.000** | -3.000 |")
    #expect(lines[5].hasSuffix("without its flow: a Gaussian for each of 7–32 charts."))
    #expect(lines[6] == "| set | charts of A | charts of B |")
    #expect(lines[8] == "| ring | -4.000 | -6.000 |")
  }

  @Test(
    "Missing cells are dashes, failures are listed with the reason, not numbers are not the best")
  func gaps() throws {
    var broken = try scores(0)
    broken.testLogLikelihood.mean = .nan
    let lines = text(
      table([.init("A", []), .init("B", []), .init("C", [])], seeds: [1]),
      [("A", 1, broken), ("B", 1, try scores(-3)), ("C", 1, nil)])
    #expect(lines[1].contains("3 of 3 cells are finished, 1 of them failed."))
    #expect(lines[4].hasSuffix("| **-3.000** | – |") && lines[4].contains("nan |"))
    #expect(lines.suffix(2) == ["Failed:", "- ring/C/seed-1: step 3: not finite"])
    #expect(text(table([.init("A", [])]), [])[4] == "| ring | – | – |")
  }
}
