import TestSupport
import Testing

@Suite(.serialized)
struct CollectivesTests {
  @Test(
    "Collectives and messages are right, whole and cut into pieces",
    arguments: [1, 2, 3, 5], [[], ["4"]])
  func collectives(ranks: Int, arguments: [String]) throws {
    let outcome = try MPIRun.run("MultiRankProbe", ["collectives"] + arguments, ranks: ranks)
    #expect(outcome.lines == ["0 failures on \(ranks) ranks"], "\(outcome.errors)")
    #expect(outcome.exitCode == 0)
  }

  @Test("A program works alone, without a launcher")
  func alone() throws {
    let outcome = try MPIRun.runAlone("MultiRankProbe", ["collectives"])
    #expect(outcome.lines == ["0 failures on 1 ranks"], "\(outcome.errors)")
  }

  @Test("A start that yields rank 0 of 1 under a launcher of more is refused with a hint")
  func singleton() throws {
    let step = ["SLURM_STEP_ID": "0", "SLURM_PROCID": "0", "SLURM_STEP_NUM_TASKS": "4"]
    let outcome = try MPIRun.runAlone("MultiRankProbe", ["collectives"], environment: step)
    #expect(outcome.exitCode == 70)
    #expect(outcome.errors.contains("rank 0 of 1") && outcome.errors.contains("hint: start with"))
    #expect(outcome.output.isEmpty)
  }
}
