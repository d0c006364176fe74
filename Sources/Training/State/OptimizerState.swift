import Checkpoints
import Distributed
import KernelInterface
import Kernels
import Tensors

/// One rank's slice of all that an optimizer keeps for a stage: moments, averages, best weights.
///
/// The slices of all ranks make up each array once; none exists P times.
package final class OptimizerState {
  /// The stage's range in the flat parameter buffer.
  let parameterRange: Range<Int>
  /// The elements of the range that this rank owns, counted from the range's start.
  let owned: Range<Int>
  /// [owned.count] each.
  package let firstMoment: ParameterBuffer<Float>
  package let secondMoment: ParameterBuffer<Float>
  /// The moving average of the weights, if the stage keeps one.
  package let average: ParameterBuffer<Float>?
  /// The weights of the best validation, if the stage may restore them.
  package let best: ParameterBuffer<Float>?
  private let layout: [FlatArray]

  package init(
    parameterRange: Range<Int>, owned: Range<Int>, layout: ParameterLayout, keepsAverage: Bool,
    keepsBest: Bool
  ) {
    self.parameterRange = parameterRange
    self.owned = owned
    firstMoment = ParameterBuffer(count: owned.count)
    secondMoment = ParameterBuffer(count: owned.count)
    average = keepsAverage ? ParameterBuffer(count: owned.count) : nil
    best = keepsBest ? ParameterBuffer(count: owned.count) : nil
    self.layout = layout.entries.filter { parameterRange.contains($0.offset) }.map {
      FlatArray(name: $0.path, shape: $0.shape, offset: $0.offset - parameterRange.lowerBound)
    }
  }

  private var buffers: [(group: String, buffer: ParameterBuffer<Float>)] {
    [
      ("/optimizer/first-moment", firstMoment), ("/optimizer/second-moment", secondMoment),
    ] + (average.map { [("/average", $0)] } ?? []) + (best.map { [("/best", $0)] } ?? [])
  }

  /// The slices for a checkpoint.
  func distributedArrays() -> [DistributedArray] {
    buffers.map { group, buffer in
      DistributedArray(
        group: group, layout: layout, owned: owned,
        elements: UnsafeBufferPointer(start: buffer.pointer, count: buffer.count))
    }
  }

  /// Reads this rank's slices, whatever number of ranks wrote them. Not collective.
  func restore(from reader: borrowing CheckpointReader) throws {
    for (group, buffer) in buffers {
      try reader.read(
        group: group, layout: layout, range: owned,
        into: UnsafeMutableBufferPointer(start: buffer.pointer, count: buffer.count))
    }
  }

  /// One step of Adam or AdamW on the owned slice (Kingma & Ba, 2015, algorithm 1).
  ///
  /// - Parameters:
  ///   - parameters: the owned elements.
  ///   - step: counted from 1 within the stage.
  package func update(
    _ parameters: UnsafeMutablePointer<Float>, gradient: UnsafePointer<Float>,
    optimizer: Optimizer, learningRate: Double, gradientScale: Double, step: Int
  ) {
    let scalars = AdamStep(
      learningRate: Float(learningRate), beta1: Float(optimizer.beta1),
      beta2: Float(optimizer.beta2), epsilon: Float(optimizer.epsilon),
      correction1: Float(1 / (1 - power(optimizer.beta1, step))),
      correction2: Float(1 / (1 - power(optimizer.beta2, step))),
      decay: Float(learningRate * optimizer.weightDecay), gradientScale: Float(gradientScale))
    Float.kernels.adam(
      owned.count, scalars,
      AdamArrays(
        parameters: parameters, gradient: gradient, firstMoment: firstMoment.pointer,
        secondMoment: secondMoment.pointer))
  }

  /// One step of the moving average of the weights: a ← a + (1 − decay) (θ − a), from a = θ on.
  /// Nothing where the stage keeps none.
  ///
  /// - Parameters:
  ///   - parameters: the owned elements after the update.
  ///   - step: counted from 1 within the stage.
  package func updateAverage(
    _ parameters: UnsafePointer<Float>, decay: Double, step: Int
  ) {
    guard let average else { return }
    if step == 1 { average.pointer.update(from: parameters, count: owned.count) }
    Float.kernels.movingAverage(owned.count, parameters, Float(1 - decay), average.pointer)
  }

  /// base^exponent by squaring: the same bits everywhere, unlike the C library's.
  private func power(_ base: Double, _ exponent: Int) -> Double {
    var (result, factor, rest) = (1.0, base, exponent)
    while rest > 0 {
      if rest & 1 == 1 { result *= factor }
      factor *= factor
      rest >>= 1
    }
    return result
  }
}
