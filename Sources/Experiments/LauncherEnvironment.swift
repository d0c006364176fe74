/// What the launcher of this process (mpirun, srun, flux) says in environment variables, readable
/// before MPI has started.
package struct LauncherEnvironment: Sendable, Equatable {
  /// The rank of this process; 0 without a launcher.
  package var rank: Int
  /// The number of processes that the launcher started; nil without a launcher.
  package var processCount: Int?
  /// The launcher's name, for messages.
  package var launcher: String

  /// - Parameter environment: The variables, `ProcessInfo.processInfo.environment` in a program.
  package init(_ environment: [String: String]) {
    func number(_ name: String) -> Int? { environment[name].flatMap { Int($0) } }
    // Processes under mpirun may also inherit the variables of the scheduler's step that started
    // mpirun's own helpers, so mpirun is asked first. SLURM_NTASKS is not asked: a batch script has
    // it too, and a program started there without a launcher is rightly alone.
    if let count = number("OMPI_COMM_WORLD_SIZE") {
      self.init(rank: number("OMPI_COMM_WORLD_RANK") ?? 0, processCount: count, launcher: "mpirun")
    } else if let count = number("PMI_SIZE") {
      self.init(rank: number("PMI_RANK") ?? 0, processCount: count, launcher: "the launcher")
    } else if let count = number("FLUX_JOB_SIZE") {
      self.init(rank: number("FLUX_TASK_RANK") ?? 0, processCount: count, launcher: "flux run")
    } else if let count = number("SLURM_STEP_NUM_TASKS") {
      self.init(rank: number("SLURM_PROCID") ?? 0, processCount: count, launcher: "srun")
    } else {
      self.init(rank: 0, processCount: nil, launcher: "")
    }
  }

  init(rank: Int, processCount: Int?, launcher: String) {
    self.rank = rank
    self.processCount = processCount
    self.launcher = launcher
  }

  /// Refuses processes that were started together but do not know of each other: each would take
  /// itself for rank 0 and overwrite the others' files.
  ///
  /// - Parameter worldSize: The number of ranks that MPI sees.
  /// - Throws: ``PortolanFailure`` with ``ExitStatus/usage``.
  package func requireWorld(ofSize worldSize: Int) throws {
    guard let processCount, processCount > 1, worldSize == 1 else { return }
    throw PortolanFailure(
      .usage,
      "\(launcher) started \(processCount) processes, but MPI sees only one: each of them would work "
        + "alone and overwrite the files of the others",
      hint: "start with mpirun inside the allocation, as launch/slurm.sbatch does")
  }
}
