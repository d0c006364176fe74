import Foundation
import Tensors

/// What scoring, inference and sampling need of an atlas, however its charts were fitted.
///
///     p(x) = Σ_k p_k p(x | k)
package protocol AtlasDensity: AnyObject {
  /// D.
  var dimension: Int { get }
  /// d, columns of base coordinates; below D where the charts lie on surfaces.
  var chartDimension: Int { get }
  /// K.
  var chartCount: Int { get }
  /// Every trainable number.
  var layout: ParameterLayout { get }
  /// p_k, [K]; 0 for charts that are not in use.
  var chartWeights: [Double] { get }

  /// log p(x) of new points, [B, D] → [B, 1], in nats: over all charts, normalised; where each has a
  /// surface of its own, over those that hold the point.
  func logProbability<Scalar>(of x: Value, on tape: Tape<Scalar>) -> Value

  /// Records charts and base coordinates of points, [B, D].
  func recordInference<Scalar>(of x: Value, on tape: Tape<Scalar>) -> InferenceRecording

  /// Records the way of `rows` base points to the data.
  func recordSampling<Scalar>(rows: Int, on tape: Tape<Scalar>) -> SamplingRecording<Scalar>

  /// One draw of the base distribution of a chart, [d].
  func baseSample(ofChart chart: Int, using random: inout SampleRandom) -> [Double]
}

/// The recorded parts of an inference.
package struct InferenceRecording {
  /// log p_k + log p(x | k), [B, M].
  let joint: Value
  /// k, −1 for empty places, [B, M].
  let charts: Value?
  /// f_k(x), [B · M, d].
  let base: Value
}

/// A recorded draw: base points and their charts in, points out.
package struct SamplingRecording<Scalar: TensorScalar> {
  /// Base points, [B, d].
  package let base: Value
  /// Points in the model's units, [B, D]; kept.
  package let points: Value
  /// Tells the recording which chart a row is on, before a run.
  package let setChart: (_ row: Int, _ chart: Int) -> Void
}

extension AtlasDensity {
  /// exp of the entropy of p: how many charts are in use.
  package var perplexity: Double {
    exp(-chartWeights.filter { $0 > 0 }.reduce(0) { $0 + $1 * log($1) })
  }
}
