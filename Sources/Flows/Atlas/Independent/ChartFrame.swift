import Tensors

/// The coordinates that a chart fitted by itself is given before any training: a fixed map between the
/// data and a space in which the chart's points are near N(0, I).
///
/// No parameter of it is trained; its numbers are state of the model. A frame may lower the dimension,
/// as a projection of a sphere does: then its term is the log-volume element of the way back.
package protocol ChartFrame: AnyObject {
  /// D, columns of the data.
  var dimension: Int { get }
  /// d, columns of the chart's coordinates.
  var chartDimension: Int { get }

  /// Data → chart, [B, D] → [B, d], with what a log-density over chart coordinates gains on the way to
  /// one over the data, [B, 1].
  func chartCoordinates<Scalar>(of x: Value, on tape: Tape<Scalar>) -> Transported

  /// Chart → data, [B, d] → [B, D].
  func points<Scalar>(at coordinates: Value, on tape: Tape<Scalar>) -> Value

  /// Its numbers under their names, in fixed order.
  var state: [ChartFrameNumbers] { get }
  /// Takes numbers of the same names and shapes. Tapes that are recorded afterwards read them.
  func restore(_ state: [ChartFrameNumbers])
}

/// One named array of a frame.
package struct ChartFrameNumbers: Sendable, Equatable {
  package let name: String
  package let shape: [Int]
  package var elements: [Double]

  package init(name: String, shape: [Int], elements: [Double]) {
    precondition(
      elements.count == shape.reduce(1, *), "\(name): \(elements.count) numbers in \(shape)")
    self.name = name
    self.shape = shape
    self.elements = elements
  }
}
