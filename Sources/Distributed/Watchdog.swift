import Foundation
import Synchronization

/// Ends a process whose main thread does not come back from a blocking call.
///
/// The group's own operations have deadlines. A collective inside a library (HDF5 writing a file
/// together with a rank that has died) has none, and cannot be interrupted; so a second thread keeps
/// the time and ends the process, whereupon the launcher ends the other ranks. It does not call MPI,
/// which belongs to the main thread.
public final class Watchdog: Sendable {
  private struct Guard {
    var operation: String
    var start: Double
    var limitSeconds: Double
  }

  private struct State {
    var active: Guard?
    var isStopped = false
  }

  /// Shared with the thread, which must not keep the watchdog itself alive.
  private final class Box: Sendable {
    let state = Mutex(State())
  }

  private let box = Box()
  private let limitSeconds: Double

  /// A watchdog that prints `[rank r/P] …` and ends the process with code 70.
  ///
  /// - Parameters:
  ///   - limitSeconds: deadline of the job plus what a slow disk may take.
  ///   - group: where given, the death of one of its ranks on this machine ends the call as well.
  public convenience init(rank: Int, size: Int, limitSeconds: Double, group: JobGroup? = nil) {
    let peers = group?.localPeers
    self.init(limitSeconds: limitSeconds, isHopeless: { !(peers?.dead.isEmpty ?? true) }) {
      operation, waited in
      let seconds = (waited * 10).rounded() / 10
      let text = """
        [rank \(rank)/\(size)] no end of "\(operation)" after \(seconds) s; another rank may be \
        dead or stuck. hint: look at the other ranks' messages; if the file system is merely slow, \
        raise deadlineSeconds

        """
      FileHandle.standardError.write(Data(text.utf8))
      // Not `exit`: its handlers would wait for the very thread that is stuck.
      _exit(70)
    }
  }

  package init(
    limitSeconds: Double, isHopeless: @escaping @Sendable () -> Bool = { false },
    expired: @escaping @Sendable (String, Double) -> Void
  ) {
    self.limitSeconds = limitSeconds
    let box = box
    let pauseMicroseconds = UInt32(min(max(limitSeconds / 10, 0.01), 0.25) * 1e6)
    let thread = Thread {
      while true {
        usleep(pauseMicroseconds)
        let (active, isStopped) = box.state.withLock { ($0.active, $0.isStopped) }
        if isStopped { return }
        guard let active else { continue }
        let waited = monotonicSeconds() - active.start
        if waited > active.limitSeconds || isHopeless() {
          expired(active.operation, waited)
          return
        }
      }
    }
    thread.name = "watchdog"
    thread.start()
  }

  deinit { box.state.withLock { $0.isStopped = true } }

  /// Runs `body` under the limit. Not to be nested. Not collective by itself.
  ///
  /// - Parameter operation: what the message calls it, as "write checkpoint step 200".
  public func guarding<Result>(_ operation: String, _ body: () throws -> Result) rethrows -> Result
  {
    box.state.withLock { state in
      precondition(
        state.active == nil, "expected no guarded operation, got \(state.active?.operation ?? "")")
      state.active = Guard(
        operation: operation, start: monotonicSeconds(), limitSeconds: limitSeconds)
    }
    defer { box.state.withLock { $0.active = nil } }
    return try body()
  }
}
