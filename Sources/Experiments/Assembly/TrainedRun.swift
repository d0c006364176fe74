import Checkpoints
import Datasets
import Distributed
import Foundation
import Tensors

/// A run folder's model at its newest checkpoint that verifies.
package struct TrainedRun {
  package let folder: RunFolder
  package let configuration: Configuration
  package let data: DataAssembly
  package let model: ModelAssembly
  package let step: Int
  /// The file it was read from.
  package let checkpoint: String
  /// Newer files that do not verify.
  package let skipped: [CheckpointRejection]

  /// Opens a run. Collective.
  ///
  /// - Throws: `RemoteError` or ``PortolanFailure``, the same on all ranks.
  package init(_ folder: RunFolder, configuration: Configuration, on group: JobGroup) throws {
    self.folder = folder
    self.configuration = configuration
    data = try group.agreed { try DataAssembly(configuration) }
    let latest = try CheckpointFolder(path: folder.checkpoints).latestVerified(on: group)
    skipped = latest.skipped
    guard let newest = latest.checkpoint else {
      let lines = latest.skipped.map { "\n  \($0.file): it \($0.reason)" }.joined()
      throw PortolanFailure(
        latest.skipped.isEmpty ? .noInput : .badData,
        latest.skipped.isEmpty
          ? "\(folder.path) holds no checkpoint"
          : "\(folder.path) holds no sound checkpoint:\(lines)",
        hint: latest.skipped.isEmpty ? "train first" : "`portolan verify` looks at one file")
    }
    let model = ModelAssembly(
      configuration, columns: data.columnNames.count,
      standardisation: Standardisation(identityOf: data.columnNames.count))
    try group.agreed {
      let reader = try CheckpointReader(newest.path, verified: newest.header)
      let layout = model.density.layout.entries.map {
        FlatArray(name: $0.path, shape: $0.shape, offset: $0.offset)
      }
      try reader.requireLayout(
        layout.map {
          ArraySpecification(path: "/parameters/\($0.name)", shape: $0.shape, type: .float32)
        }, in: ["/parameters"])
      try reader.read(
        group: "/parameters", layout: layout, range: 0..<model.density.layout.count,
        into: UnsafeMutableBufferPointer(
          start: model.parameters.pointer, count: model.density.layout.count))
      try model.restore(from: reader)
    }
    self.model = model
    step = newest.header.step
    checkpoint = newest.path
  }
}
