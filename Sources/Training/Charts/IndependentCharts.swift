import Datasets
import Tensors

/// K densities without shared parameters whose weighted sum is fitted: what the training of charts that
/// are fitted apart sees of a model.
package protocol IndependentCharts: ModelState {
  /// K.
  var chartCount: Int { get }
  /// Every trainable number.
  var layout: ParameterLayout { get }
  /// p_k, [K]; 0 for charts that are not in use.
  var weights: [Double] { get }
  /// Sets p_k, scaled to add up to one.
  func setWeights(_ weights: [Double])
  /// A chart's numbers in the flat buffer.
  func parameterRange(ofChart chart: Int) -> Range<Int>
  /// Where the numbers of a chart start, by the number of the attempt.
  func start(ofChart chart: Int, attempt: Int) -> ParameterBuffer<Float>
  /// The key of the random numbers of an attempt.
  func key(ofChart chart: Int, round: Int, attempt: Int) -> UInt64
  /// log p(x | k), [B, D] → [B, 1], in nats.
  func logProbability(of x: Value, chart: Int, on tape: Tape<Float>) -> Value
  /// Settles what is chosen by validation points once the charts are fitted; the same on every rank.
  ///
  /// - Parameter logDensities: log p(x) of each validation row under the charts as they are, [n].
  ///   Collective.
  func finish(validation: any RowSource, logDensities: () throws -> [Double]) throws
}
