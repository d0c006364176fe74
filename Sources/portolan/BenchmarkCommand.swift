import ArgumentParser
import Benchmarks
import Distributed
import Experiments
import Foundation
import MPI

/// `portolan benchmark`
struct BenchmarkCommand: FailingCommand {
  static let configuration = CommandConfiguration(
    commandName: "benchmark",
    abstract: "Measure what training costs on this machine.",
    discussion: """
      Workloads (\(Workload.all.map(\.name).joined(separator: ", "))) time a training step and, in \
      turns with it, the step's matrix products alone (the GEMM floor): median, middle half, where \
      the time goes, allocations and memory. `reduction` times the sum over ranks against \
      MPI_Allreduce, `checkpoint` a commit of 512 MiB against a plain write. Under mpirun the ranks \
      share the work.

      Examples:
        portolan benchmark W1
        mpirun -n 2 portolan benchmark W1 W3 --plain --json
        mpirun -n 2 portolan benchmark reduction checkpoint
      """)

  @Argument(
    help: ArgumentHelp(
      "What to measure; all workloads by default.", valueName: "name"))
  var names: [String] = []

  @Option(help: ArgumentHelp("Turns of steps and products.", valueName: "n"))
  var rounds = 25

  @Option(
    help: ArgumentHelp(
      "Canonical shards of a step, a power of two; 8 by default, 4 for W6 and W6p.", valueName: "s")
  )
  var shards: Int?

  @Flag(help: "Time the ordinary step with local sums and one MPI_Allreduce, too.")
  var plain = false

  @Flag(inversion: .prefixedNo, help: "Go on to step 2,500 where that takes less than 10 s.")
  var lateSteps = true

  @Option(help: ArgumentHelp("Where `checkpoint` writes.", valueName: "path"))
  var folder = "."

  @Flag(help: "Print one JSON array.")
  var json = false

  private static let others = ["reduction", "checkpoint"]

  func validate() throws {
    let known = Workload.all.map(\.name) + Self.others
    for name in names where !known.contains(name) {
      throw ValidationError(
        "there is nothing named \"\(name)\". Known: \(known.joined(separator: ", ")).")
    }
    guard rounds >= 1 else { throw ValidationError("--rounds must be at least 1, got \(rounds).") }
    if let shards, shards < 1 || shards & (shards - 1) != 0 {
      throw ValidationError("--shards must be a power of two, got \(shards).")
    }
  }

  func execute() throws -> ExitStatus {
    AllocationCount.loadCounter()
    try JobStart.pinNumerics()
    return try onAllRanks { world in
      var report = BenchmarkReport(isRoot: world.isRoot, isJSON: json)
      for workload in Workload.all where names.isEmpty || names.contains(workload.name) {
        var measurement = try WorkloadMeasurement(
          shards.map(workload.with(shards:)) ?? workload, on: world)
        let result = try measurement.measure(
          rounds: rounds, withPlainStep: plain, lateSteps: lateSteps)
        report.add(result.text, result.record)
      }
      if names.contains("reduction") {
        for result in try ReductionBenchmark.run(on: JobGroup(world, shards: shards ?? 8)) {
          report.add(result.text, result)
        }
      }
      if names.contains("checkpoint") {
        let result = try CheckpointBenchmark.run(
          folder: folder, on: JobGroup(world, shards: shards ?? 8))
        report.add(result.text, result)
      }
      try report.end()
      return .success
    }
  }
}

/// Results as they come, for people, or all at the end, for programs. Rank 0 speaks.
private struct BenchmarkReport {
  let isRoot: Bool
  let isJSON: Bool
  private var records: [AnyRecord] = []

  init(isRoot: Bool, isJSON: Bool) {
    self.isRoot = isRoot
    self.isJSON = isJSON
  }

  mutating func add(_ text: String, _ record: some Encodable) {
    records.append(AnyRecord(record))
    if isRoot, !isJSON { print(text) }
  }

  func end() throws {
    if isRoot, isJSON { print(try JSONText.of(records)) }
  }
}

/// One object of the array, whatever its type.
private struct AnyRecord: Encodable {
  private let write: (any Encoder) throws -> Void

  init(_ record: some Encodable) { write = record.encode }

  func encode(to encoder: any Encoder) throws { try write(encoder) }
}
