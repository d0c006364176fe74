import Foundation
import Synchronization

/// The first signal since `install`, 0 if none. All that a handler may safely touch.
private let receivedSignal = Atomic<Int32>(0)

/// The signals by which people and schedulers ask a job to stop.
///
/// The handlers only set a flag, for MPI and most of the C library must not be called in one. Training
/// looks at the flag, agrees with the other ranks, writes its checkpoint and ends. A second signal
/// does not cut the checkpoint short. Not collective.
public enum StopSignals {
  /// SIGTERM (every scheduler), SIGINT (keyboard), SIGUSR1 (Slurm's `--signal`), SIGUSR2 (LSF).
  public static let numbers: [Int32] = [SIGTERM, SIGINT, SIGUSR1, SIGUSR2]

  /// Catches the signals from now on, for the whole process; again does nothing more.
  ///
  /// Call after MPI has started: an MPI library may install handlers of its own.
  public static func install() {
    // Touched here, so that no handler is the first to initialise it; a signal that has come stays.
    _ = receivedSignal.load(ordering: .sequentiallyConsistent)
    for number in numbers {
      var action = sigaction()
      action.__sigaction_handler.sa_handler = { number in
        _ = receivedSignal.compareExchange(
          expected: 0, desired: number, ordering: .sequentiallyConsistent)
      }
      // Calls under way go on, so that a signal does not tear a write.
      action.sa_flags = SA_RESTART
      let result = sigaction(number, &action, nil)
      precondition(result == 0, "expected to install a handler for signal \(number)")
    }
    // Whoever started this process may have handed down a mask that holds them back.
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in numbers { sigaddset(&signals, number) }
    let result = pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    precondition(result == 0, "expected to unblock the signals to stop, got error \(result)")
  }

  /// Whether one of the signals has come.
  public static var isRequested: Bool { receivedSignal.load(ordering: .relaxed) != 0 }

  /// The name of the first one that came, as "SIGTERM".
  public static var signalName: String? {
    switch receivedSignal.load(ordering: .relaxed) {
    case SIGTERM: "SIGTERM"
    case SIGINT: "SIGINT"
    case SIGUSR1: "SIGUSR1"
    case SIGUSR2: "SIGUSR2"
    default: nil
    }
  }
}
