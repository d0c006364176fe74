import Distributed

private struct BadRow: ExitCodeCarrying, CustomStringConvertible {
  let row: Int
  var exitCode: Int32 { 65 }
  var description: String { "row \(row) is not a number" }
}

/// The last rank meets an error; every rank throws it, and the group works on.
func agreementScenario(_ arguments: [String]) throws {
  try Probe.run { group, _ in
    let quiet = try group.agreed { group.rank }
    var seen = "nothing"
    do {
      try group.agreed {
        if group.rank == group.size - 1, arguments.first != "off" { throw BadRow(row: 17) }
      }
    } catch let error as RemoteError {
      seen = "rank \(error.rank), code \(error.exitCode), \(error.message)"
    }
    try Probe.printAll("\(quiet == group.rank) \(seen)", group)
  }
}

/// The last rank has another configuration (unless "off"); the job is refused on all ranks.
func disagreementScenario(_ arguments: [String]) throws {
  try Probe.run { group, _ in
    let isOther = group.rank == group.size - 1 && arguments.first != "off"
    do {
      try group.requireAgreement([
        "version": "1.0", "configuration digest": isOther ? "beef" : "cafe", "BLAS core": "Haswell",
      ])
      try Probe.printAll("accepted", group)
    } catch {
      try Probe.printAll("\(error)", group)
      throw error
    }
  }
}
