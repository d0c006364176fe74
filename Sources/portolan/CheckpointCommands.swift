import ArgumentParser
import Experiments

// The commands that look at one checkpoint file. They need neither MPI nor a second process.

/// `portolan inspect`
struct InspectCommand: FailingCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Say what a checkpoint holds.",
    discussion: """
      Prints the step, the format, the digest of the state, and where it was made.

      Example: portolan inspect runs/helix/checkpoints/step-00000200.h5 --json
      """)

  @Argument(help: "Checkpoint file (.h5).")
  var file: String

  @Flag(help: "Print one JSON object.")
  var json = false

  func execute() throws -> ExitStatus {
    print(try CheckpointInspection(of: file).text(json: json))
    return .success
  }
}

/// `portolan verify`
struct VerifyCommand: FailingCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Check every byte of a checkpoint against its digests.",
    discussion: """
      Status 0: the file is complete and as it was written. Status 65: it is not; the message says \
      what is wrong.

      Example: portolan verify runs/helix/checkpoints/step-00000200.h5
      """)

  @Argument(help: "Checkpoint file (.h5).")
  var file: String

  func execute() throws -> ExitStatus {
    print(try verifyCheckpoint(file))
    return .success
  }
}
