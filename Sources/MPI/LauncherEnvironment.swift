/// What the environment says about the launcher that started this process.
public struct LauncherEnvironment: Equatable, Sendable {
  /// The variable that gave the size.
  public let variable: String
  /// How many processes the launcher started, at the least.
  public let size: Int

  /// The launcher's trace in `environment`, or nil where none started this very process.
  ///
  /// Only variables that a launcher gives to each *task* count. `SLURM_NTASKS` alone describes an
  /// allocation and is set in a batch script too, where a plain start is one process by intention;
  /// so is `SLURM_PROCID` (always 0 there). A step that `srun` made has `SLURM_STEP_ID` as well.
  public static func detected(in environment: [String: String]) -> LauncherEnvironment? {
    func number(_ name: String) -> Int? { environment[name].flatMap { Int($0) } }
    // mpirun's own word wins: under Slurm its daemons are tasks of a step that has another size.
    for name in ["OMPI_COMM_WORLD_SIZE", "PMI_SIZE"] {
      if let size = number(name) { return LauncherEnvironment(variable: name, size: size) }
    }
    if number("SLURM_PROCID") != nil, environment["SLURM_STEP_ID"] != nil {
      for name in ["SLURM_STEP_NUM_TASKS", "SLURM_NTASKS"] {
        if let size = number(name) { return LauncherEnvironment(variable: name, size: size) }
      }
    }
    if number("FLUX_TASK_RANK") != nil, let size = number("FLUX_JOB_SIZE") {
      return LauncherEnvironment(variable: "FLUX_JOB_SIZE", size: size)
    }
    // No size, but rank r shows that there are at least r + 1.
    for name in ["PMIX_RANK", "PMI_RANK"] {
      if let rank = number(name) { return LauncherEnvironment(variable: name, size: rank + 1) }
    }
    return nil
  }

  /// Refuses a start in which a launcher made several processes, each alone in its own MPI world:
  /// all would call themselves rank 0 and overwrite each other's files. Not collective.
  ///
  /// - Throws: `SingletonError`.
  public static func requireConsistent(
    worldSize: Int, environment: [String: String]
  ) throws {
    guard worldSize == 1, let launcher = detected(in: environment), launcher.size > 1 else {
      return
    }
    throw SingletonError(launcher: launcher)
  }
}

/// Several processes were started, but MPI sees each one alone.
public struct SingletonError: Error, Equatable, CustomStringConvertible {
  /// What the environment says.
  public let launcher: LauncherEnvironment

  /// What was expected, what MPI says, and the way out.
  public var description: String {
    """
    \(launcher.variable) says that the launcher started \(launcher.size) or more processes, but MPI \
    sees rank 0 of 1: each process would be a job of its own and overwrite the others' files. \
    hint: start with `mpirun -n \(launcher.size) …`, under Slurm inside the allocation (sbatch or \
    salloc); a direct `srun` start is not supported by Debian's Open MPI. To run one process alone, \
    start it without a launcher.
    """
  }
}
