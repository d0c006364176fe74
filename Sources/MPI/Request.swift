import CMPI

/// A message under way.
///
/// It borrows its buffer, which must live and stay untouched (for a send: unwritten) until the
/// message is complete, so a request must be waited for. A request dropped before (an error
/// unwinds the stack) gives the message up: a receive that no message has met yet leaves its buffer
/// alone from then on.
public struct Request: ~Copyable {
  /// Null once complete; the first piece of the message.
  private var first: OpaquePointer?
  /// Further pieces of a message above the segment limit; empty, hence not allocated, as a rule.
  private var others: [OpaquePointer?]

  init(first: OpaquePointer?, others: [OpaquePointer?]) {
    self.first = first
    self.others = others
  }

  // The only way here with a message still under way is an error that unwinds the stack, which must
  // not be hidden by another one; so a failure to cancel stays silent.
  deinit {
    Self.giveUp(first)
    for request in others { Self.giveUp(request) }
  }

  /// Whether the message is complete; moves it forward if not. Not collective.
  public mutating func isComplete() throws -> Bool {
    var complete = try Self.test(&first)
    for index in others.indices {
      let pieceComplete = try Self.test(&others[index])
      complete = complete && pieceComplete
    }
    return complete
  }

  /// Returns when the message is complete. Not collective.
  public consuming func wait() throws {
    try check(MPI_Wait(&first, cmpi_status_ignore()), "MPI_Wait")
    for index in others.indices {
      try check(MPI_Wait(&others[index], cmpi_status_ignore()), "MPI_Wait")
    }
  }

  private static func test(_ request: inout OpaquePointer?) throws -> Bool {
    if request == cmpi_request_null() { return true }
    var flag: Int32 = 0
    // int MPI_Test(MPI_Request *request, int *flag, MPI_Status *status)
    try check(MPI_Test(&request, &flag, cmpi_status_ignore()), "MPI_Test")
    return flag != 0
  }

  private static func giveUp(_ request: OpaquePointer?) {
    var request = request
    if request == cmpi_request_null() { return }
    if MPI_Cancel(&request) == MPI_SUCCESS { _ = MPI_Request_free(&request) }
  }
}
