import Checkpoints

/// Which checkpoint of a run had the lowest validation loss, so that a resumed run keeps it too.
///
/// A record and no state: it depends on when checkpoints were made, and the digest must not.
struct BestCheckpoint: Equatable {
  var stage: Int
  var step: Int
  var loss: Double

  private static let path = "/provenance/best-checkpoint"

  init(stage: Int, step: Int, loss: Double) {
    self.stage = stage
    self.step = step
    self.loss = loss
  }

  /// Reads the record; nil if the run had no validation yet. Not collective.
  init?(from reader: borrowing CheckpointReader) throws {
    guard reader.contains(Self.path) else { return nil }
    let fields = try reader.text(Self.path).split(separator: " ")
    guard fields.count == 3, let stage = Int(fields[0]), let step = Int(fields[1]),
      let loss = Double(fields[2])
    else {
      throw CheckpointError(
        "\(reader.path): \(Self.path): expected stage, step and loss, got \(fields)", exitCode: 65)
    }
    self.init(stage: stage, step: step, loss: loss)
  }

  var text: CheckpointText {
    CheckpointText(path: Self.path, text: "\(stage) \(step) \(loss)", isState: false)
  }
}
