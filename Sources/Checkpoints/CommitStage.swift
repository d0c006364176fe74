/// The points of a commit at which a process may die. Tests look in here; training passes no hook.
package enum CommitStage: String, CaseIterable, Sendable {
  /// Root has created the file with all arrays, small ones filled.
  case created
  /// This rank's slices are written.
  case written
  /// The library has closed the file.
  case closed
  /// Bytes read back equal those in memory, are on the disk, and their digests are known.
  case digested
  /// The header is on the disk.
  case headed
  /// The file has its name.
  case renamed
}
