import Distributed

extension JobGroup {
  /// What root alone may take while the others wait, in seconds: fitting a control, writing a table.
  private static var rootWorkSeconds: Double { 3600 }

  /// Runs `body` on root while the other ranks wait longer than for each other. Collective.
  ///
  /// - Returns: what `body` returned on root, nil elsewhere.
  /// - Throws: `RemoteError`, the same on all ranks, if it threw.
  package func onRoot<Result>(_ body: () throws -> Result) throws -> Result? {
    let usual = deadlineSeconds
    deadlineSeconds = max(usual, Self.rootWorkSeconds)
    defer { deadlineSeconds = usual }
    return try agreed { isRoot ? try body() : nil }
  }
}
