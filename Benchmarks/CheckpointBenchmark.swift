import Checkpoints
import Distributed
import Foundation

/// The whole commit of a checkpoint against the plainest way to bring as many bytes to the disk:
/// `write` in pieces of 4 MiB by root and one `fsync`, as `dd bs=4M conv=fsync` does.
///
/// Both write a new file of the same size into the same folder, in turns; files are removed, and the
/// disk is given time to settle, outside the measured times.
package struct CheckpointBenchmark {
  /// What came out.
  package struct Result: Codable, Sendable {
    /// "checkpoint".
    package var workload = "checkpoint"
    /// Bytes of the checkpoint, and of the plain file.
    package var bytes: Int
    /// Rounds; in each both sides had one time.
    package var rounds: Int
    /// Median seconds of a commit, of the slowest rank.
    package var ours: Double
    /// Median seconds of the plain write and `fsync`.
    package var plain: Double
    /// The fastest of each: a shared disk is often several times slower for a while.
    package var fastestOurs: Double
    package var fastestPlain: Double
    /// Ratio of the medians, and the quartiles of the rounds' ratios.
    package var ratio: Double
    package var ratioQuartiles: [Double]
    /// Median share of the commit's time that passes before root reaches each stage, since the stage
    /// before it; in order.
    package var phases: [Phase]

    /// Share of a commit.
    package struct Phase: Codable, Sendable {
      package let stage: String
      package let share: Double
    }

    /// A line for people.
    package var text: String {
      "\(bytes >> 20) MiB: \(decimals(ours, 3)) s, plain write and fsync \(decimals(plain, 3)) s  "
        + "ratio \(decimals(ratio, 3))  (middle half \(decimals(ratioQuartiles[0], 2)) … "
        + "\(decimals(ratioQuartiles[1], 2)); fastest \(decimals(fastestOurs, 3)) and "
        + "\(decimals(fastestPlain, 3)) s)"
    }
  }

  /// Times commits of `byteCount` bytes of state. Collective.
  ///
  /// - Parameters:
  ///   - folder: exists already; needs room for twice `byteCount`.
  ///   - byteCount: shared out over parameters and two moments, as training does.
  /// - Throws: errors of the commit and of the group.
  package static func run(
    folder path: String, byteCount: Int = 512 << 20, rounds: Int = 12, on group: JobGroup
  ) throws -> Result {
    let groups = ["/parameters", "/optimizer/first-moment", "/optimizer/second-moment"]
    let count = byteCount / groups.count / MemoryLayout<Float>.stride
    let owned = SliceLayout(count: count, ranks: group.size)[group.rank]
    let elements = UnsafeMutableBufferPointer<Float>.allocate(capacity: groups.count * owned.count)
    defer { elements.deallocate() }
    for index in elements.indices { elements[index] = Float(index &* 40503 % 65521) - 32760 }
    let layout = layout(count: count)
    let folder = CheckpointFolder(path: path)
    var (ours, plain, marks) = ([Double](), [Double](), [[Double]]())
    let zeros = [UInt8](repeating: 0, count: 4 << 20)
    for round in -1..<rounds {
      var content = CheckpointContent(
        step: round + 1, shards: group.tree.shards, blasCore: "none", parameterCount: count)
      for (index, name) in groups.enumerated() {
        let part = UnsafeMutableBufferPointer(
          rebasing: elements[index * owned.count..<(index + 1) * owned.count])
        content.distributed.append(
          DistributedArray(
            group: name, layout: layout, owned: owned, elements: UnsafeBufferPointer(part)))
      }
      var writer = CheckpointWriter(folder: folder, group: group)
      var mark: [Double] = []
      var start = 0.0
      writer.onStage = { _ in mark.append(monotonicSeconds() - start) }
      func commit() throws -> Double {
        try timed(group) {
          start = monotonicSeconds()
          try writer.commit(content)
        }
      }
      let file = folder.path(step: content.step)
      func writePlain() throws -> Double {
        try timed(group) {
          try group.agreed { if group.isRoot { try write(zeros, byteCount, to: path + "/plain") } }
        }
      }
      func remove(_ file: String) throws {
        try group.agreed {
          guard group.isRoot else { return }
          try FileManager.default.removeItem(atPath: file)
          sync()
          usleep(500_000)
        }
      }
      // Whoever comes second meets the disk as the first one left it, so they take turns at that too.
      var (time, other) = (0.0, 0.0)
      for isOurs in round % 2 == 0 ? [true, false] : [false, true] {
        if isOurs { time = try commit() } else { other = try writePlain() }
        try remove(isOurs ? file : path + "/plain")
      }
      guard round >= 0 else { continue }
      ours.append(time)
      plain.append(other)
      marks.append(mark)
    }
    let ratios = zip(ours, plain).map { $0 / $1 }.sorted()
    return Result(
      bytes: byteCount, rounds: rounds, ours: Timings(ours).median, plain: Timings(plain).median,
      fastestOurs: ours.min() ?? 0, fastestPlain: plain.min() ?? 0,
      ratio: Timings(ours).median / Timings(plain).median,
      ratioQuartiles: [ratios[rounds / 4], ratios[rounds * 3 / 4]],
      phases: phases(marks, totals: ours, isRoot: group.isRoot))
  }

  // MARK: - Helpers

  /// Matrices of 1024 × 1024 and what remains, as layers have.
  private static func layout(count: Int) -> [FlatArray] {
    var arrays: [FlatArray] = []
    var offset = 0
    while count - offset > 1 << 20 {
      arrays.append(
        FlatArray(name: "layer.\(arrays.count).weight", shape: [1024, 1024], offset: offset))
      offset += 1 << 20
    }
    arrays.append(FlatArray(name: "rest", shape: [count - offset], offset: offset))
    return arrays
  }

  private static func write(_ piece: [UInt8], _ byteCount: Int, to path: String) throws {
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard file >= 0 else { throw CheckpointError("open failed on \(path)") }
    defer { _ = close(file) }
    var done = 0
    while done < byteCount {
      let count = Glibc.write(file, piece, min(piece.count, byteCount - done))
      guard count > 0 else { throw CheckpointError("write failed on \(path)") }
      done += count
    }
    guard fsync(file) == 0 else { throw CheckpointError("fsync failed on \(path)") }
  }

  private static func phases(
    _ marks: [[Double]], totals: [Double], isRoot: Bool
  ) -> [Result.Phase] {
    guard isRoot else { return [] }
    return CommitStage.allCases.enumerated().map { index, stage in
      let shares = zip(marks, totals).map { mark, total in
        (mark[index] - (index > 0 ? mark[index - 1] : 0)) / total
      }
      return Result.Phase(stage: stage.rawValue, share: Timings(shares).median)
    }
  }

  private static func timed(_ group: JobGroup, _ body: () throws -> Void) throws -> Double {
    try group.barrier()
    let start = monotonicSeconds()
    try body()
    var time = [monotonicSeconds() - start]
    try group.communicator.allReduce(&time, .maximum)
    return time[0]
  }
}
