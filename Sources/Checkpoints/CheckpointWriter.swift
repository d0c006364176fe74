import Distributed
import HDF5

/// Commits checkpoints: after `commit` returns the file is on the disk, verified, under its name.
///
/// The order of events, and why it survives a kill at any point:
///
/// 1. Root alone reserves the space, creates `step-N.h5.partial` with every array and writes the
///    small ones. A full disk or a folder that may not be written shows here, before any rank writes.
/// 2. All ranks open the file together and write the slices that they own as hyperslabs. Transfers
///    are independent: a rank that meets an error is not waited for inside the library by the others.
///    After each piece the disk is put to work on it, and the rank hashes it from memory: ranks that
///    write into one file wait for each other, so while one writes another one hashes.
/// 3. Once the library has closed the file, each rank reads its slices back and compares them with
///    memory, so that what was hashed is what the file holds. Bytes that are not all one rank's are
///    hashed from the file. Meanwhile a thread of each rank waits for the disk (`fsync`).
/// 4. Root writes the header with the digests into the user block, syncs, reads it back, renames the
///    file and syncs the folder. Until then the head of the file is empty, hence not valid.
///
/// Older checkpoints are never touched. If a rank fails, all ranks throw the same error, and root
/// removes the partial file.
package struct CheckpointWriter {
  /// Called on each rank when it reaches a stage; an error thrown there is an error of that rank.
  package var onStage: (CommitStage) throws -> Void = { _ in }

  private let folder: CheckpointFolder
  private let group: JobGroup

  package init(folder: CheckpointFolder, group: JobGroup) {
    self.folder = folder
    self.group = group
  }

  /// Writes one checkpoint. Collective.
  ///
  /// - Parameter content: equal on all ranks except for the elements and ranges of what is distributed.
  /// - Returns: the header, the same on all ranks; its `stateDigest` is that of the content.
  /// - Throws: `RemoteError`, the same on all ranks, or an error of the group itself.
  @discardableResult
  package func commit(_ content: CheckpointContent) throws -> CheckpointHeader {
    let target = folder.path(step: content.step)
    let partial = target + ".partial"
    do {
      let owned = try requireWholeBuffers(content)
      var header = try create(partial, content)
      let plan = DigestPlan(header, content, owned: owned)
      var digests = BlockDigests(count: plan.blocks.count)
      try writeSlices(of: content, header, plan, &digests, to: partial)
      try complete(&header, content, plan, &digests, partial)
      try publish(header, partial, as: target)
      return header
    } catch {
      // The error that stopped the commit matters; a partial that stays is removed at the next start.
      if group.isRoot { _ = Result { try ByteFile.remove(partial) } }
      throw error
    }
  }

  // MARK: - The steps of a commit

  /// Checks that the ranks' slices cover each flat buffer exactly once. Collective.
  /// - Returns: for each rank, its slice of each flat buffer.
  private func requireWholeBuffers(_ content: CheckpointContent) throws -> [[Range<Int>]] {
    let bounds = content.distributed.flatMap { [$0.owned.lowerBound, $0.owned.upperBound] }
    let all = try group.allGather(bounds.map { "\($0)" }.joined(separator: " ").utf8.map { $0 })
    let ranks = all.map {
      String(decoding: $0, as: UTF8.self).split(separator: " ").map { Int($0)! }
    }
    for (index, array) in content.distributed.enumerated() {
      var end = 0
      for bounds in ranks {
        precondition(
          bounds.count == 2 * content.distributed.count && bounds[2 * index] == end,
          "\(array.group): the ranks' slices have a hole or overlap at element \(end)")
        end = bounds[2 * index + 1]
      }
      precondition(
        array.layout.allSatisfy { $0.range.upperBound <= end },
        "\(array.group): no rank owns the elements from \(end) on")
    }
    return ranks.map { bounds in
      content.distributed.indices.map { bounds[2 * $0]..<bounds[2 * $0 + 1] }
    }
  }

  /// Root creates the file; all ranks learn where each array lies. Collective.
  private func create(_ partial: String, _ content: CheckpointContent) throws -> CheckpointHeader {
    var block = try group.agreed {
      guard group.isRoot else { return [UInt8]() }
      let header = try CheckpointSchema.create(partial, content, ranks: group.size)
      try onStage(.created)
      return header.rendered
    }
    try group.broadcast(&block)
    return try CheckpointHeader(userBlock: block, file: partial)
  }

  /// All ranks write what they own, and hash what they can from memory. Collective.
  private func writeSlices(
    of content: CheckpointContent, _ header: CheckpointHeader, _ plan: DigestPlan,
    _ digests: inout BlockDigests, to partial: String
  ) throws {
    // Opening together must not fail on one rank alone: it would wait for the others in the library.
    try group.agreed { _ = try ByteFile(partial, .readWrite) }
    let file = try HDF5File.open(partial, .readWrite, on: group.communicator)
    var failure: (any Error)?
    do {
      let bytes = try ByteFile(partial, .readWrite)
      for (index, array) in content.distributed.enumerated() {
        for (entry, slice) in array.ownedSlices {
          let dataset = try file.openDataset(entry.path)
          let place = plan.place(ofArray: index, entry.path)
          for piece in slice.pieces(of: array.type.byteCount) {
            let memory = array.bytes(of: piece.elements)
            try dataset.write(
              bytes: memory, of: array.type.scalarType!,
              to: Box.covering(piece.withinArray, of: entry.shape))
            let start = place + piece.withinArray.lowerBound * array.type.byteCount
            bytes.startWriting(start..<start + memory.count)
            digests.add(memory, at: start, ofArrayAt: place, plan: plan)
          }
        }
      }
      try onStage(.written)
    } catch { failure = error }
    // Closing is collective, so no rank may leave before, whatever it met. No `H5Fflush`: its `fsync`
    // would be waited for here, while `complete` has the disk and the processor work together.
    do { try file.close() } catch { failure = failure ?? error }
    try group.agree(on: failure)
    try group.agreed { try onStage(.closed) }
  }

  /// Compares the file with memory, completes its digests, brings it to the disk. Collective.
  private func complete(
    _ header: inout CheckpointHeader, _ content: CheckpointContent, _ plan: DigestPlan,
    _ digests: inout BlockDigests, _ partial: String
  ) throws {
    let layout = header
    let own = try group.agreed {
      let file = try ByteFile(partial, .read)
      // On every rank: on a network file system one node does not push another one's pages.
      return try file.synchronize {
        try CheckpointSchema.compare(file, with: content, layout)
        try digests.addMissing(from: file, layout, rank: group.rank, plan: plan)
        return digests.bytes(ofRank: group.rank, plan: plan)
      }
    }
    let all = BlockDigests.merged(try group.allGather(own), plan: plan)
    let result = CheckpointDigests(header: header, blockDigests: all)
    header.stateDigest = result.state
    header.remainderDigest = result.remainder
    try group.agreed { try onStage(.digested) }
  }

  /// Root writes the header and gives the file its name. Collective.
  private func publish(
    _ header: CheckpointHeader, _ partial: String, as target: String
  ) throws {
    try group.agreed {
      guard group.isRoot else { return }
      let file = try ByteFile(partial, .readWrite)
      try file.write(header.rendered, at: 0)
      try file.synchronize()
      guard try CheckpointHeader(of: file) == header else {
        throw CheckpointError("\(partial): the header reads back differently")
      }
      try onStage(.headed)
      try ByteFile.rename(partial, to: target)
      try ByteFile.synchronizeFolder(folder.path)
      try onStage(.renamed)
    }
  }
}
