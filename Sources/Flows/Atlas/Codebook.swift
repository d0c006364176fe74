import Tensors

/// The codes v_k of the vector quantizer, kept by exponential moving averages of job-wide sums
/// (van den Oord et al., 2017, appendix A.1).
///
///     N_k ← γ N_k + (1 − γ) n_k,  M_k ← γ M_k + (1 − γ) Σ z,  v_k = M_k / N̂_k
///
/// with N̂ the Laplace-smoothed counts. Not trained by gradients: a statistic of the model, the same on
/// all ranks. At a fixed address, because tapes read it in place.
package final class Codebook {
  /// K.
  package let count: Int
  /// d, the latent dimension.
  package let dimension: Int
  /// v, [K, d].
  package let codes: ParameterBuffer<Float>
  /// N, [K].
  package let averageCounts: ParameterBuffer<Float>
  /// M, [K, d].
  package let averageSums: ParameterBuffer<Float>

  package init(count: Int, dimension: Int) {
    self.count = count
    self.dimension = dimension
    codes = ParameterBuffer(count: count * dimension)
    averageCounts = ParameterBuffer(count: count)
    averageSums = ParameterBuffer(count: count * dimension)
  }

  /// Starts from given codes, [K, d], each with weight one.
  package func start(from start: [Float]) {
    precondition(start.count == count * dimension, "expected \(count) codes of \(dimension)")
    for i in 0..<start.count {
      codes[i] = start[i]
      averageSums[i] = start[i]
    }
    for k in 0..<count { averageCounts[k] = 1 }
  }

  /// One step of the moving averages.
  ///
  /// - Parameters:
  ///   - counts: points of the batch at each code over the whole job, [K].
  ///   - sums: sums of the encoded points at each code, [K, d].
  package func update(
    counts: UnsafePointer<Float>, sums: UnsafePointer<Float>, decay: Float, epsilon: Float
  ) {
    var total: Float = 0
    for k in 0..<count {
      averageCounts[k] = decay * averageCounts[k] + (1 - decay) * counts[k]
      total += averageCounts[k]
      for j in k * dimension..<(k + 1) * dimension {
        averageSums[j] = decay * averageSums[j] + (1 - decay) * sums[j]
      }
    }
    let scale = total / (total + Float(count) * epsilon)
    for k in 0..<count {
      let smoothed = (averageCounts[k] + epsilon) * scale
      for j in k * dimension..<(k + 1) * dimension { codes[j] = averageSums[j] / smoothed }
    }
  }

  /// Moves codes that hardly any point uses onto given encoded points.
  ///
  /// - Parameters:
  ///   - candidates: one encoded point a code, [K, d].
  ///   - threshold: share of the average usage below which a code counts as dead.
  /// - Returns: the codes that were moved.
  @discardableResult
  package func revive(candidates: UnsafePointer<Float>, threshold: Float) -> [Int] {
    var total: Float = 0
    for k in 0..<count { total += averageCounts[k] }
    let usual = total / Float(count)
    var revived: [Int] = []
    for k in 0..<count where averageCounts[k] < threshold * usual {
      averageCounts[k] = usual
      for j in k * dimension..<(k + 1) * dimension {
        codes[j] = candidates[j]
        averageSums[j] = candidates[j] * usual
      }
      revived.append(k)
    }
    return revived
  }

  /// The codes as a value [K, d]: read in place on a tape of Floats, copied otherwise.
  package func value<Scalar>(on tape: Tape<Scalar>) -> Value {
    if let tape = tape as? Tape<Float> {
      return tape.shared(count, dimension, at: codes.pointer)
    }
    return tape.constant(
      count, dimension, (0..<count * dimension).map { Scalar(codes[$0]) })
  }
}
