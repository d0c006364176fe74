import Checkpoints
import Training

/// A model that keeps nothing but its parameters.
final class NoModelState: ModelState {
  func arrays() -> [ReplicatedArray] { [] }
  func restore(from reader: borrowing CheckpointReader) throws {}
}
