import MPI

/// Which of the launcher's processes this one is, as environment variables say before MPI has
/// started: enough to let one of them speak for all.
package struct LaunchedProcess: Sendable, Equatable {
  /// The rank of this process; 0 without a launcher.
  package var rank: Int
  /// The number of processes that the launcher started, at the least; 1 without a launcher.
  package var count: Int

  /// - Parameter environment: The variables, `ProcessInfo.processInfo.environment` in a program.
  package init(_ environment: [String: String]) {
    guard let launcher = LauncherEnvironment.detected(in: environment) else {
      (rank, count) = (0, 1)
      return
    }
    // mpirun's own word first: its processes may inherit the variables of a scheduler's step.
    let names = [
      "OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK", "FLUX_TASK_RANK", "SLURM_PROCID",
    ]
    rank = names.lazy.compactMap { environment[$0].flatMap { Int($0) } }.first ?? 0
    count = launcher.size
  }
}
