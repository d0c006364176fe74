import Checkpoints
import Distributed
import KernelInterface
import Kernels
import Tensors

/// One rank's slice of all that an optimizer keeps for a stage: moments, averages, best weights.
///
/// The slices of all ranks make up each array once; none exists P times.
final class OptimizerState {
  /// The stage's range in the flat parameter buffer.
  let parameterRange: Range<Int>
  /// The elements of the range that this rank owns, counted from the range's start.
  let owned: Range<Int>
  /// [owned.count] each.
  let firstMoment: ParameterBuffer<Float>
  let secondMoment: ParameterBuffer<Float>
  /// The moving average of the weights, if the stage keeps one.
  let average: ParameterBuffer<Float>?
  /// The weights of the best validation, if the stage may restore them.
  let best: ParameterBuffer<Float>?
  private let layout: [FlatArray]

  init(
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
  func update(
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
