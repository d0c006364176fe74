import Foundation
import MPI

/// How a job ends after an error.
public enum JobFailure {
  /// What `MPIEnvironment.run` should do after its body threw, for its `onFailure`.
  ///
  /// An error that all ranks have is printed by root alone, and all ranks leave MPI in order. Any
  /// other error is printed under the name of its rank and aborts the job with `exitCode(of:)`: the
  /// other ranks may be waiting for this one. A job of one rank ends in order in any case.
  /// Not collective.
  public static func response(
    to error: any Error, in world: borrowing Communicator
  ) -> MPIEnvironment.FailureResponse {
    let isShared = error is any SharedByAllRanks
    let name = isShared || world.size == 1 ? "" : "[rank \(world.rank)/\(world.size)] "
    if !isShared || world.isRoot {
      FileHandle.standardError.write(Data("\(name)\(error)\n".utf8))
    }
    return isShared || world.size == 1 ? .finalize : .abort(code: exitCode(of: error))
  }

  /// The error's own exit code, or 70 (internal).
  public static func exitCode(of error: any Error) -> Int32 {
    (error as? any ExitCodeCarrying)?.exitCode ?? 70
  }
}
