import MPI
import Testing

struct LauncherEnvironmentTests {
  @Test("A plain start has no launcher, also inside a batch script of several tasks")
  func plainStart() {
    #expect(LauncherEnvironment.detected(in: [:]) == nil)
    let batch = ["SLURM_NTASKS": "8", "SLURM_PROCID": "0", "SLURM_JOB_ID": "17"]
    #expect(LauncherEnvironment.detected(in: batch) == nil)
  }

  @Test(
    "Each launcher is known by what it gives to a task",
    arguments: [
      (["OMPI_COMM_WORLD_SIZE": "4"], 4), (["PMI_SIZE": "3", "PMI_RANK": "0"], 3),
      (["SLURM_NTASKS": "8", "SLURM_PROCID": "2", "SLURM_STEP_ID": "0"], 8),
      (["FLUX_TASK_RANK": "1", "FLUX_JOB_SIZE": "2"], 2), (["PMIX_RANK": "5"], 6),
    ])
  func launchers(environment: [String: String], size: Int) {
    #expect(LauncherEnvironment.detected(in: environment)?.size == size)
  }

  @Test("The size of the step wins over that of the allocation, mpirun over both")
  func precedence() {
    var environment = [
      "SLURM_NTASKS": "8", "SLURM_STEP_NUM_TASKS": "1", "SLURM_PROCID": "0", "SLURM_STEP_ID": "2",
    ]
    #expect(LauncherEnvironment.detected(in: environment)?.size == 1)
    environment["OMPI_COMM_WORLD_SIZE"] = "6"
    #expect(LauncherEnvironment.detected(in: environment)?.size == 6)
  }

  @Test("Only a world of one rank under a launcher of several is refused")
  func refusal() throws {
    let environment = ["OMPI_COMM_WORLD_SIZE": "2"]
    #expect(throws: SingletonError.self) {
      try LauncherEnvironment.requireConsistent(worldSize: 1, environment: environment)
    }
    try LauncherEnvironment.requireConsistent(worldSize: 2, environment: environment)
    try LauncherEnvironment.requireConsistent(worldSize: 1, environment: [:])
  }

  @Test("Networks are left to the library as soon as there is more than one node")
  func startSettings() {
    func names(_ environment: [String: String]) -> [String] {
      MPIEnvironment.startSettings(environment: environment).map(\.key)
    }
    #expect(
      names([:]) == ["OMPI_MCA_sharedfp", "OMPI_MCA_ess_singleton_isolated", "OMPI_MCA_pml"])
    let node = ["OMPI_COMM_WORLD_SIZE": "4", "OMPI_COMM_WORLD_LOCAL_SIZE": "4"]
    #expect(names(node) == ["OMPI_MCA_sharedfp", "OMPI_MCA_pml"])
    #expect(
      names(node.merging(["OMPI_COMM_WORLD_LOCAL_SIZE": "2"]) { $1 }) == ["OMPI_MCA_sharedfp"])
  }
}
