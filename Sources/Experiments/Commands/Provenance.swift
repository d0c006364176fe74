import BLAS
import Checkpoints
import Distributed
import Foundation
import Kernels
import MPI

/// Where a checkpoint comes from. Not part of the state: it may differ between equal runs.
struct Provenance {
  private let ranks: Int
  private let hosts: Int
  /// The settings and the data that decide numbers, a line each.
  let experiment: String

  /// Counts the hosts. Collective.
  init(world: borrowing Communicator, group: JobGroup, experiment: String) throws {
    self.experiment = experiment
    ranks = group.size
    hosts = try world.nodePlacement().nodeCount
  }

  /// The texts of a checkpoint: the keys that decide numbers belong to the state, the rest does not.
  func texts(_ configuration: String) -> [CheckpointText] {
    let facts: [(String, String)] = [
      ("version", JobStart.version), ("commit", BuildInformation.commit), ("ranks", "\(ranks)"),
      ("hosts", "\(hosts)"), ("blas", BLASLibrary.configuration),
      ("blas-core", BLASLibrary.coreName), ("kernels", KernelSelection.build.rawValue),
      ("written", ISO8601DateFormatter().string(from: Date())),
    ]
    return [
      CheckpointText(path: "/configuration", text: configuration, isState: false),
      CheckpointText(path: "/experiment", text: experiment, isState: true),
    ] + facts.map { CheckpointText(path: "/provenance/\($0.0)", text: $0.1, isState: false) }
  }
}
