import Distributed
import MPI
import Training

/// Ranks that do one training of several after the other, without a word to the other teams.
struct Team {
  /// For agreements between two trainings.
  let group: JobGroup
  let bell: StopBell
  /// This rank tells of progress.
  let speaks: Bool

  /// Whether this or another rank of the job wants to stop: a signal to one rank is heard by all.
  func isStopRequested() -> Bool {
    let isWanted = StopSignals.isRequested
    if isWanted { bell.ring() }
    return isWanted || bell.isRung
  }

  /// Deals trainings to teams, at most one a rank and one a training, until all ranks meet again. With
  /// more ranks than trainings a team has several, at most one a shard; what is left over waits.
  /// Collective.
  ///
  /// - Parameters:
  ///   - count: number of trainings, at least 1.
  ///   - order: the trainings of each of so many teams, in their order.
  ///   - train: does one on the ranks of its team; false after a stop.
  /// - Throws: `RemoteError`, the same on all ranks, where a team met an error that is not that of a
  ///   training alone.
  static func share(
    _ count: Int, shards: Int, on group: JobGroup, world: borrowing Communicator,
    order: (_ teams: Int) -> [[Int]],
    train: (Int, Team, borrowing Communicator) throws -> Bool
  ) throws {
    let active = min(world.size, count * shards)
    let layout = try MeshLayout(ranks: active, folds: count, shards: shards)
    let number = world.rank < active ? layout.group(ofRank: world.rank) : layout.groups
    let ranks = try world.split(color: number, key: world.rank)
    let team = Team(
      group: try JobStart.agreedGroup(ranks, [:], deadlineSeconds: 60),
      bell: try StopBell(on: group), speaks: world.isRoot)
    let own = number < layout.groups ? order(layout.groups)[number] : []
    try team.bell.open()
    var failure: (any Error)?
    do {
      for training in own {
        if try team.group.agreeOnStop(team.isStopRequested()) { break }
        guard try train(training, team, ranks) else { break }
      }
    } catch {
      // A rank that is alone with an error cannot meet the others any more.
      guard PortolanFailure(describing: error).isShared else { throw error }
      failure = error
      team.bell.ring()
    }
    team.bell.finish()
    // Teams end at different times, as long apart as a training takes.
    let usual = group.deadlineSeconds
    group.deadlineSeconds = 7 * 86_400
    defer { group.deadlineSeconds = usual }
    try group.agree(on: failure)
    try team.bell.close()
  }

  /// Why a training failed, without the rank that met it, which depends on how many there are; nil for
  /// an error of the job. Numbers that overflow and data that do not fit are a result; a full disk or a
  /// lost rank is not.
  static func reasonOfTraining(_ error: any Error) -> String? {
    let failure = PortolanFailure(describing: error)
    guard failure.isShared, [.badData, .internalError].contains(failure.status) else { return nil }
    guard let remote = error as? RemoteError else { return failure.message }
    var messages: [String] = []
    for report in remote.reports where !messages.contains(report.message) {
      messages.append(report.message)
    }
    return messages.joined(separator: "\n")
  }
}
