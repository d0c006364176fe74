import CMPI
import Foundation

/// The life of MPI in this process.
public enum MPIEnvironment {
  /// What becomes of the job after `run`'s body has thrown.
  public enum FailureResponse: Sendable {
    /// Every rank is known to throw as well: leave MPI in order, then rethrow.
    case finalize
    /// Other ranks may be waiting for this one: end all of them with this exit code, now.
    case abort(code: Int32)
  }

  /// Starts MPI, runs `body` with the communicator of all ranks, and ends MPI.
  ///
  /// Only the thread that calls `run` may use MPI (`MPI_THREAD_FUNNELED`). MPI can be started once
  /// in the life of a process. MPI's own errors are returned to the caller, hence thrown.
  /// Collective.
  ///
  /// - Parameters:
  ///   - onFailure: called on a rank whose body threw, while MPI still works; the place to print
  ///     `[rank 3/8] …`. By default the error is printed and the job aborted with code 70: an
  ///     error on one rank alone would leave the others waiting for ever.
  ///   - body: its communicator must not escape.
  /// - Throws: `MPIError`; `SingletonError` if a launcher started several processes but MPI sees
  ///   one; the body's error after `FailureResponse.finalize`.
  public static func run<Result>(
    onFailure: (any Error, borrowing Communicator) -> FailureResponse = abortWithMessage,
    _ body: (borrowing Communicator) throws -> Result
  ) throws -> Result {
    let environment = ProcessInfo.processInfo.environment
    for (name, value) in startSettings(environment: environment) { setenv(name, value, 0) }
    var provided: Int32 = 0
    try check(MPI_Init_thread(nil, nil, cmpi_thread_funneled(), &provided), "MPI_Init_thread")
    try check(
      MPI_Comm_set_errhandler(cmpi_comm_world(), cmpi_errors_return()), "MPI_Comm_set_errhandler")
    try check(
      MPI_Comm_set_errhandler(cmpi_comm_self(), cmpi_errors_return()), "MPI_Comm_set_errhandler")
    precondition(
      provided >= cmpi_thread_funneled(),
      "expected thread support \(cmpi_thread_funneled()) or more from MPI, got \(provided)")
    let outcome = Swift.Result {
      try bodyOutcome(environment: environment, onFailure: onFailure, body)
    }
    try check(MPI_Finalize(), "MPI_Finalize")
    return try outcome.get()
  }

  /// Settings of Open MPI that make its start 0.2 s shorter and its files independent of other jobs;
  /// they never replace the user's own.
  ///
  /// Shared file pointers, which nobody here uses, would be kept in the session folder for every file
  /// that is opened. Processes without a launcher have that folder in common, and the first one to end
  /// removes it: the others could then open no file.
  ///
  /// Without a launcher it would fork a daemon that serves only dynamic process creation. On a single
  /// node it would probe for networks, then take `ob1` over shared memory all the same.
  package static func startSettings(
    environment: [String: String]
  ) -> KeyValuePairs<String, String> {
    if LauncherEnvironment.detected(in: environment) == nil {
      return [
        "OMPI_MCA_sharedfp": "individual", "OMPI_MCA_ess_singleton_isolated": "1",
        "OMPI_MCA_pml": "ob1",
      ]
    }
    if let size = environment["OMPI_COMM_WORLD_SIZE"],
      size == environment["OMPI_COMM_WORLD_LOCAL_SIZE"]
    {
      return ["OMPI_MCA_sharedfp": "individual", "OMPI_MCA_pml": "ob1"]
    }
    return ["OMPI_MCA_sharedfp": "individual"]
  }

  private static func bodyOutcome<Result>(
    environment: [String: String],
    onFailure: (any Error, borrowing Communicator) -> FailureResponse,
    _ body: (borrowing Communicator) throws -> Result
  ) throws -> Result {
    let world = try Communicator(borrowing: cmpi_comm_world())
    do {
      try LauncherEnvironment.requireConsistent(worldSize: world.size, environment: environment)
      return try body(world)
    } catch {
      if case .abort(let code) = onFailure(error, world) {
        try check(MPI_Abort(cmpi_comm_world(), code), "MPI_Abort")
      }
      throw error
    }
  }

  /// Prints the error under the name of its rank and asks for an abort with code 70. Not collective.
  public static func abortWithMessage(
    _ error: any Error, _ world: borrowing Communicator
  ) -> FailureResponse {
    FileHandle.standardError.write(Data("[rank \(world.rank)/\(world.size)] \(error)\n".utf8))
    return .abort(code: 70)
  }

  /// Name and version of the library, for provenance. Works before and after `run`. Not collective.
  public static func libraryVersion() throws -> String {
    var length: Int32 = 0
    var characters = [CChar](repeating: 0, count: Int(MPI_MAX_LIBRARY_VERSION_STRING) + 1)
    try check(MPI_Get_library_version(&characters, &length), "MPI_Get_library_version")
    let bytes = characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    return String(decoding: bytes, as: UTF8.self)
  }
}
