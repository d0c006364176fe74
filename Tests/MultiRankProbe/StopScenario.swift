import Distributed
import Foundation

/// The last rank is sent a signal (unless "off") in step 3; all ranks agree in one and the same step.
/// A second SIGINT must not end the process.
func stopScenario(_ arguments: [String]) throws {
  try Probe.run { group, _ in
    StopSignals.install()
    group.isStopRequested = { StopSignals.isRequested }
    var agreedStep = -1
    for step in 1...6 {
      group.step = step
      if step == 3, group.rank == group.size - 1,
        let number = arguments.first.flatMap({ Int32($0) })
      {
        raise(number)
        raise(SIGINT)
        raise(SIGINT)
      }
      _ = try group.treeSum(shardValues: group.ownShards.indices.map { [Float($0)] })
      if group.isStopAgreed, agreedStep < 0 { agreedStep = step }
    }
    let name = StopSignals.signalName ?? "no signal"
    let wasAgreed = try group.agreeOnStop(false)
    try Probe.printAll("\(agreedStep) \(wasAgreed) \(name)", group)
  }
}
