import CBuildInformation

/// What this program was built from.
package enum BuildInformation {
  /// The commit, with a `+` if the tree had changes; "unknown" outside a git checkout.
  package static var commit: String { String(cString: portolan_commit()) }
}
