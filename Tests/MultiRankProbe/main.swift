import Distributed
import Foundation

// Usage: MultiRankProbe SCENARIO [ARGUMENT…]. Each scenario is a function in a file of its own; rank 0
// prints what the test compares.
let scenarios: KeyValuePairs<String, ([String]) throws -> Void> = [
  "collectives": collectivesScenario,
  "tree": treeScenario,
  "exchange": exchangeScenario,
  "agreement": agreementScenario,
  "disagreement": disagreementScenario,
  "stop": stopScenario,
  "deadline": deadlineScenario,
  "desynchronised": desynchronisedScenario,
  "death": deathScenario,
  "watchdog": watchdogScenario,
  "window": windowScenario,
  "mesh": meshScenario,
  "checkpoint-write": checkpointWriteScenario,
  "checkpoint-read": checkpointReadScenario,
  "checkpoint-retention": checkpointRetentionScenario,
  "run-lock": runLockScenario,
  "hdf5": hdf5Scenario,
  "atlas": atlasScenario,
  "charts": chartsScenario,
]

let arguments = Array(CommandLine.arguments.dropFirst())
guard let name = arguments.first, let scenario = scenarios.first(where: { $0.key == name })?.value
else {
  print("usage: MultiRankProbe \(scenarios.map(\.key).joined(separator: "|")) [ARGUMENT…]")
  exit(64)
}
do {
  try scenario(Array(arguments.dropFirst()))
} catch {
  exit(JobFailure.exitCode(of: error))
}
