import BLAS
import Datasets
import Distributed
import Flows
import KernelInterface
import Kernels
import MPI
import Tensors
import Training

/// Times the training step of a workload, and its matrix products, in turns.
///
/// The step is the one of `portolan train`: rows of a table, shards, tree, owned slices, Adam.
package struct WorkloadMeasurement {
  private let workload: Workload
  private let group: JobGroup
  private let run: StageRun
  private let plan: BatchPlan
  private let parameters: ParameterBuffer<Float>
  private let rows: NormalRows
  private var state = TrainingState()

  /// Steps before anything is timed: the first ones plan memory and warm caches.
  private static let warmUpSteps = 5

  /// Collective.
  package init(_ workload: Workload, on world: borrowing Communicator) throws {
    self.workload = workload
    group = try JobGroup(world, shards: workload.shards)
    var layout = ParameterLayout()
    let stage = workload.stage(in: &layout)
    parameters = ParameterBuffer(layout: layout, seed: 1)
    rows = NormalRows(count: 8 * workload.batch, columns: workload.columns)
    plan = BatchPlan(
      count: rows.count, globalBatchSize: workload.batch, shards: workload.shards, seed: 1)
    run = try StageRun(
      stage: stage,
      settings: StageSettings(steps: 1_000_000), group: group, parameters: parameters,
      layout: layout, source: rows, plan: plan, seed: 1, keepsBest: false)
  }

  private mutating func step() throws {
    try run.step(state)
    state.step += 1
    state.stepInStage += 1
  }

  /// Rounds of steps and matrix products, each `secondsPerTurn` long. Collective.
  ///
  /// - Parameters:
  ///   - withPlainStep: whether the ordinary data-parallel step takes turns too.
  ///   - lateSteps: whether to go on to step 2,500 where that takes less than ten seconds, to see
  ///     whether steps become slower.
  package mutating func measure(
    rounds: Int, secondsPerTurn: Double = 0.03, withPlainStep: Bool = false,
    lateSteps: Bool = true
  ) throws -> WorkloadResult {
    ProcessMemory.resetPeak()
    try step()
    let started = ProcessStart.secondsAgo
    for _ in 1..<Self.warmUpSteps { try step() }
    let peak = ProcessMemory.peakBytes

    var all = Timings()
    var steps = Timings()
    var floors = Timings()
    let floor = GEMMFloor(workload.linearLayers)
    floor.run()
    let estimate = try agreedDuration { try step() }
    let stepsPerTurn = max(1, Int(secondsPerTurn / estimate))
    let floorsPerTurn = max(1, Int(secondsPerTurn / duration { floor.run() }))
    all.reserve(rounds * stepsPerTurn + 3000)
    steps.reserve(rounds * stepsPerTurn)
    let clock = PhaseClock()
    let plain = withPlainStep ? PlainStep(workload, source: rows, group: group) : nil
    var plainSteps = Timings()
    var (floorRatios, plainRatios) = (Timings(), Timings())
    try plain?.run()
    var clockedSteps = 0
    for _ in 0..<rounds {
      var turn = (floor: Timings(), step: Timings(), plain: Timings())
      for _ in 0..<floorsPerTurn { turn.floor.append(duration { floor.run() }) }
      try step()  // Brings the caches back.
      for _ in 0..<stepsPerTurn {
        let seconds = try duration { try step() }
        turn.step.append(seconds)
      }
      if let plain {
        try plain.run()
        for _ in 0..<stepsPerTurn {
          let seconds = try duration { try plain.run() }
          turn.plain.append(seconds)
        }
        try step()
        plainSteps.append(contentsOf: turn.plain)
        plainRatios.append(turn.step.median / turn.plain.median)
      }
      floors.append(contentsOf: turn.floor)
      steps.append(contentsOf: turn.step)
      floorRatios.append(turn.step.median / turn.floor.median)
      run.clock = clock
      for _ in 0..<max(1, stepsPerTurn / 4) {
        try step()
        clockedSteps += 1
      }
      run.clock = nil
    }
    let counted = 20
    let allocations = try AllocationCount.during { for _ in 0..<counted { try step() } }
    let late = lateSteps && estimate * 2500 < 10 ? try lateRatio(floor) : nil

    return WorkloadResult(
      workload: workload, ranks: group.size, parameters: parameters.count, step: steps,
      floor: floors, plain: withPlainStep ? plainSteps : nil, floorRatios: floorRatios,
      plainRatios: plainRatios, phases: clock.seconds.map { $0 / Double(clockedSteps) },
      allocations: allocations.map { Double($0) / Double(counted) }, peakMemoryBytes: peak ?? 0,
      lateRatio: late, startSeconds: started)
  }

  /// Median of steps 2,000–2,500 over that of steps 100–200 of a training from its start, each in units
  /// of the matrix products at that time.
  private mutating func lateRatio(_ floor: GEMMFloor) throws -> Double {
    state = TrainingState()
    var steps = Timings()
    var floors = Timings()
    steps.reserve(2500)
    for index in 0..<2500 {
      if index % 25 == 0 {
        for _ in 0..<4 { floors.append(duration { floor.run() }) }
        try step()
      }
      let seconds = try duration { try step() }
      steps.append(seconds)
    }
    func inFloors(_ range: Range<Int>) -> Double {
      let products = floors.range(range.lowerBound / 25 * 4..<range.upperBound / 25 * 4)
      return steps.range(range).median / products.median
    }
    return inFloors(2000..<2500) / inFloors(100..<200)
  }

  /// How long `body` takes on the slowest rank, the same number on all of them.
  private func agreedDuration(_ body: () throws -> Void) throws -> Double {
    let own = try duration(body)
    let all = try group.allGather(withUnsafeBytes(of: own) { Array($0) })
    return all.map { $0.withUnsafeBytes { $0.loadUnaligned(as: Double.self) } }.max() ?? own
  }
}

/// Seconds that `body` takes.
func duration(_ body: () throws -> Void) rethrows -> Double {
  let start = monotonicSeconds()
  try body()
  return monotonicSeconds() - start
}
