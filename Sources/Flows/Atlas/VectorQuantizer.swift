import Layers
import Tensors

/// The VQ auto-encoder whose codes are the charts' centres (van den Oord et al., 2017; VQ-Flows §4.2).
///
///     loss = |x − D(v_k)|² / D + β |E(x) − v_k|² / d,  k = argmin_k |E(x) − v_k|
///
/// Gradients pass the quantizer straight through; the codes follow by moving averages (``Codebook``).
package struct VectorQuantizer: Sendable {
  /// E, R^D → R^d.
  package let encoder: MultilayerPerceptron
  /// D, R^d → R^D.
  package let decoder: MultilayerPerceptron
  /// β.
  package let commitment: Double

  package init(
    dimension: Int, latentDimension: Int, widths: [Int], activation: Activation,
    commitment: Double, in layout: inout ParameterLayout
  ) {
    encoder = layout.scoped("encoder") {
      MultilayerPerceptron(
        dimension, widths: widths, latentDimension, activation: activation, in: &$0)
    }
    decoder = layout.scoped("decoder") {
      MultilayerPerceptron(
        latentDimension, widths: widths.reversed(), dimension, activation: activation, in: &$0)
    }
    self.commitment = commitment
  }

  /// What one batch gives: the loss and what the codebook needs.
  package struct Recording {
    /// Σ_r weight[r] · loss[r], [1, 1].
    package let loss: Value
    /// Σ_r weight[r] · |x − x̂|² / D, [1, 1].
    package let reconstruction: Value
    /// Points at each code, [1, K].
    package let counts: Value
    /// Sums of encoded points at each code, [K, d].
    package let sums: Value
    /// Encoded points of the chosen rows, [K, d], zeros where the row is on another shard.
    package let candidates: Value
  }

  /// Records the loss of a batch.
  ///
  /// - Parameters:
  ///   - x: [B, D].
  ///   - weight: [B, 1]; rows of weight 0 count for nothing.
  ///   - chosenRows: for each code a row of this shard, or −1, [K, 1].
  package func record<Scalar>(
    _ x: Value, weight: Value, chosenRows: Value, codebook: Codebook, on tape: Tape<Scalar>
  ) -> Recording {
    let (rows, columns) = (tape.shape(of: x).rows, tape.shape(of: x).columns)
    let (k, d) = (codebook.count, codebook.dimension)
    let z = tape.scoped("encoder") { encoder(x, on: tape) }
    let codes = codebook.value(on: tape)
    let quantised = tape.scoped("codebook") {
      tape.host(
        inputs: [z, codes, weight, chosenRows],
        outputs: [Shape(rows, d), Shape(1, k), Shape(k, d), Shape(k, d)]
      ) { memory in
        // Concrete calls, so that the loops are compiled for the scalar type.
        switch memory {
        case let memory as HostArguments<Float>:
          Self.quantise(memory, rows: rows, count: k, dimension: d)
        case let memory as HostArguments<Double>:
          Self.quantise(memory, rows: rows, count: k, dimension: d)
        default: preconditionFailure("no quantizer for \(Scalar.self)")
        }
      }
    }
    let q = quantised[0]
    let straightThrough = tape.add(z, tape.stopGradient(tape.subtract(q, z)))
    let decoded = tape.scoped("decoder") { decoder(straightThrough, on: tape) }
    return tape.scoped("loss") {
      let errors = tape.scale(
        tape.rowSquaredSums(tape.subtract(x, decoded)), by: 1 / Double(columns))
      let distances = tape.scale(
        tape.rowSquaredSums(tape.subtract(z, q)), by: commitment / Double(d))
      let reconstruction = tape.columnSums(tape.multiply(errors, weight))
      let commitments = tape.columnSums(tape.multiply(distances, weight))
      return Recording(
        loss: tape.add(reconstruction, commitments), reconstruction: reconstruction,
        counts: quantised[1], sums: quantised[2], candidates: quantised[3])
    }
  }

  /// inputs: z, codes, weight, chosen rows; outputs: q, counts, sums, candidates.
  private static func quantise<Scalar: TensorScalar>(
    _ memory: HostArguments<Scalar>, rows: Int, count: Int, dimension: Int
  ) {
    let (z, codes) = (memory.inputs.0!, memory.inputs.1!)
    let (weight, chosen) = (memory.inputs.2!, memory.inputs.3!)
    let (q, counts) = (memory.outputs.0!, memory.outputs.1!)
    let (sums, candidates) = (memory.outputs.2!, memory.outputs.3!)
    counts.update(repeating: 0, count: count)
    sums.update(repeating: 0, count: count * dimension)
    for row in 0..<rows {
      let point = z + row * dimension
      let k = nearest(point, codes, count: count, dimension: dimension)
      (q + row * dimension).update(from: codes + k * dimension, count: dimension)
      guard weight[row] > 0 else { continue }
      counts[k] += 1
      for j in 0..<dimension { sums[k * dimension + j] += point[j] }
    }
    for k in 0..<count {
      let row = Int(chosen[k])
      for j in 0..<dimension {
        candidates[k * dimension + j] = row < 0 ? 0 : z[row * dimension + j]
      }
    }
  }

  /// The nearest code; ties go to the lowest.
  static func nearest<Scalar: BinaryFloatingPoint>(
    _ point: UnsafePointer<Scalar>, _ codes: UnsafePointer<Scalar>, count: Int, dimension: Int
  ) -> Int {
    var best = 0
    var bestDistance = Scalar.infinity
    for k in 0..<count {
      var squared: Scalar = 0
      for j in 0..<dimension {
        let difference = point[j] - codes[k * dimension + j]
        squared = squared.addingProduct(difference, difference)
      }
      if squared < bestDistance { (best, bestDistance) = (k, squared) }
    }
    return best
  }
}
