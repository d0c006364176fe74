import TestSupport
import Testing

@Suite(.serialized)
struct ReductionTests {
  /// "oracle a reduced b …" as a table, one row a rank.
  private func hashes(
    ranks: Int, _ arguments: [String], transport: String = "automatic"
  ) throws -> [[String: String]] {
    let outcome = try MPIRun.run(
      "MultiRankProbe", ["tree"] + arguments, ranks: ranks,
      environment: ["PORTOLAN_TRANSPORT": transport])
    #expect(outcome.exitCode == 0, "\(outcome.output)\(outcome.errors)")
    #expect(outcome.lines.count == ranks)
    return outcome.lines.map { line in
      let words = line.split(separator: " ").dropFirst(2).map(String.init)
      return Dictionary(
        uniqueKeysWithValues: stride(from: 0, to: words.count - 1, by: 2).map {
          (words[$0], words[$0 + 1])
        })
    }
  }

  private func expectTree(_ row: [String: String]) {
    for way in ["reduced", "exchanged", "summed"] { #expect(row[way] == row["oracle"], "\(way)") }
  }

  @Test("Sums are the pure tree's bits on any number of ranks, where plain sums differ")
  func anyRanks() throws {
    var plain: Set<String> = []
    for ranks in 1...8 {
      for transport in ["automatic", "messages"] {
        let rows = try hashes(
          ranks: ranks, ["10007", "8", "4096", "float"], transport: transport)
        for row in rows {
          expectTree(row)
          let isInMemory = ranks > 1 && transport == "automatic"
          #expect(row["transport"] == (isInMemory ? "memory" : "messages"))
          plain.insert(row["plain"] ?? "")
        }
      }
    }
    #expect(plain.count > 2, "the numbers are too tame to show a wrong order: \(plain)")
  }

  @Test(
    "Sums are right for vectors shorter than a slice, uneven trees and either precision",
    arguments: [
      (3, ["0", "4", "64", "float"]), (4, ["7", "8", "64", "float"]),
      (2, ["2048", "8", "64", "float"]), (2, ["2049", "8", "64", "float"]),
      (3, ["1025", "16", "1048576", "double"]), (5, ["333", "64", "100", "double"]),
      (5, ["20011", "64", "100000", "double"]),
    ], ["automatic", "messages"])
  func shapes(shape: (ranks: Int, arguments: [String]), transport: String) throws {
    for row in try hashes(ranks: shape.ranks, shape.arguments, transport: transport) {
      expectTree(row)
    }
  }

  @Test("Windows lose their names at once, so that no kill leaves a file behind")
  func windows() throws {
    let outcome = try MPIRun.run("MultiRankProbe", ["window"], ranks: 2)
    // Of the board and of the exchange memory.
    let expected = (0..<2).map { "rank \($0): true 2 windows, 0 named" }
    #expect(outcome.lines == expected, "\(outcome.errors)")
    let messages = try MPIRun.run(
      "MultiRankProbe", ["window"], ranks: 2, environment: ["PORTOLAN_TRANSPORT": "messages"])
    #expect(messages.lines.allSatisfy { $0.hasSuffix("false 0 windows, 0 named") })
  }

  @Test("More ranks than shards are refused on all ranks")
  func tooManyRanks() throws {
    let outcome = try MPIRun.run("MultiRankProbe", ["tree", "7", "2", "64"], ranks: 3)
    #expect(outcome.exitCode == 65)
    #expect(outcome.errors.contains("at most as many ranks as shards (2), got 3"))
  }

  @Test("A fold's bits do not depend on how many ranks there are", arguments: [2, 3, 5, 8])
  func mesh(ranks: Int) throws {
    let reference = try MPIRun.runAlone("MultiRankProbe", ["mesh", "3"])
    #expect(reference.lines.count == 3)
    let outcome = try MPIRun.run("MultiRankProbe", ["mesh", "3"], ranks: ranks)
    #expect(outcome.lines == reference.lines, "\(outcome.errors)")
  }
}
