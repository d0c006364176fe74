import BLAS
import Training

/// What was measured of a workload.
package struct WorkloadResult {
  package let workload: Workload
  package let ranks: Int
  package let parameters: Int
  /// The whole step, and its matrix products alone.
  package let step: Timings
  package let floor: Timings
  /// The ordinary data-parallel step, nil where it was not timed.
  package let plain: Timings?
  /// Step over floor, and step over ordinary step, of each turn's medians: a machine whose clock wanders
  /// moves both sides of a turn, and the medians of all turns not always alike.
  package let floorRatios: Timings
  package let plainRatios: Timings
  /// Mean seconds of each `PhaseClock.Phase`.
  package let phases: [Double]
  /// Allocations of ours a step; nil where they could not be counted.
  package let allocations: Double?
  /// Peak resident memory of this rank while the model was made and ran first.
  package let peakMemoryBytes: Int
  /// Median of steps 2,000–2,500 over that of steps 100–200; nil where it was not measured.
  package let lateRatio: Double?
  /// Seconds from the start of the process to the end of the first step. Of use for the first workload
  /// of a process.
  package let startSeconds: Double?

  /// Step over matrix products, the median of the turns.
  package var floorRatio: Double { floorRatios.median }

  /// A paragraph for people.
  package var text: String {
    let (low, high) = step.quartiles
    let (floorLow, floorHigh) = floor.quartiles
    var lines = [
      "\(workload.name)  \(workload.summary), \(parameters) parameters, "
        + "\(workload.shards) shards, \(ranks) rank\(ranks == 1 ? "" : "s"), "
        + "\(BLASLibrary.coreName)",
      "  step        \(milliseconds(step.median)) ms  "
        + "(middle half \(milliseconds(low)) … \(milliseconds(high)))",
      "  GEMM floor  \(milliseconds(floor.median)) ms  "
        + "(middle half \(milliseconds(floorLow)) … \(milliseconds(floorHigh)))  "
        + "step / floor \(decimals(floorRatio, 3))",
      "  of it       "
        + zip(PhaseClock.Phase.allCases, phases).map { "\($0) \(milliseconds($1))" }
        .joined(separator: " · "),
    ]
    let count = allocations.map { decimals($0, 2) } ?? "not counted"
    var last =
      "  allocations a step \(count) · "
      + "peak memory \(decimals(Double(peakMemoryBytes) / 1_048_576, 1)) MiB"
    if let lateRatio { last += " · steps 2000–2500 / 100–200 \(decimals(lateRatio, 3))" }
    if let startSeconds { last += " · first step after \(decimals(startSeconds, 2)) s" }
    lines.append(last)
    if let plain {
      lines.append(
        "  plain sums and MPI_Allreduce \(milliseconds(plain.median)) ms  "
          + "step / plain \(decimals(plainRatios.median, 3))")
    }
    return lines.joined(separator: "\n")
  }

  /// For programs.
  package var record: Record {
    Record(
      workload: workload.name, model: workload.summary, ranks: ranks, shards: workload.shards,
      blasCore: BLASLibrary.coreName, parameterCount: parameters,
      stepMilliseconds: step.median * 1e3,
      stepQuartilesMilliseconds: [step.quartiles.0 * 1e3, step.quartiles.1 * 1e3],
      gemmFloorMilliseconds: floor.median * 1e3,
      gemmFloorQuartilesMilliseconds: [floor.quartiles.0 * 1e3, floor.quartiles.1 * 1e3],
      splitMilliseconds: Dictionary(
        uniqueKeysWithValues: zip(PhaseClock.Phase.allCases, phases).map {
          ("\($0)", $1 * 1e3)
        }),
      allocationsPerStep: allocations, peakMemoryBytes: peakMemoryBytes, lateStepRatio: lateRatio,
      plainStepMilliseconds: plain.map { $0.median * 1e3 }, stepOverFloor: floorRatio,
      startToFirstStepSeconds: startSeconds,
      stepOverPlain: plain.map { _ in plainRatios.median })
  }

  /// One object of `portolan benchmark --json`.
  package struct Record: Codable, Sendable {
    package let workload: String
    package let model: String
    package let ranks: Int
    package let shards: Int
    package let blasCore: String
    package let parameterCount: Int
    package let stepMilliseconds: Double
    package let stepQuartilesMilliseconds: [Double]
    package let gemmFloorMilliseconds: Double
    package let gemmFloorQuartilesMilliseconds: [Double]
    package let splitMilliseconds: [String: Double]
    package let allocationsPerStep: Double?
    package let peakMemoryBytes: Int
    package let lateStepRatio: Double?
    package let plainStepMilliseconds: Double?
    package let stepOverFloor: Double
    package let startToFirstStepSeconds: Double?
    package let stepOverPlain: Double?
  }
}

func milliseconds(_ seconds: Double) -> String {
  decimals(seconds * 1e3, seconds < 0.01 ? 3 : seconds < 0.1 ? 2 : 1)
}
