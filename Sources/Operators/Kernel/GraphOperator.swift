import Layers
import Tensors

/// The graph neural operator, GNO (Li et al., 2020): v ← σ(K v + W v + b) with the same K and W in all
/// layers, K the mean over neighbours within a radius; the last layer without σ.
///
/// A grid has too many neighbours: of those within the radius at most `maximumNeighbours`, equally
/// spaced, take part, always the same. The mean over them is a quadrature of the integral over the ball,
/// so that the same parameters serve any resolution. The kernel is evaluated once for all layers.
package struct GraphOperator: NeuralOperator {
  /// The shape of the model; 20,385 parameters by default.
  package struct Settings: Sendable, Equatable {
    package var inputs = 1
    package var outputs = 1
    package var width = 16
    /// Width of the kernel's network: 4 → k/2 → k → width².
    package var kernelWidth = 64
    package var layers = 6
    /// In shares of the period.
    package var radius = 0.2
    package var maximumNeighbours = 13

    package init() {}
  }

  package let settings: Settings
  private let lifting: Dense
  private let kernel: EdgeKernel
  private let skip: Dense
  private let projection: Dense
  private let head: Dense

  package init(_ settings: Settings = Settings(), in layout: inout ParameterLayout) {
    precondition(
      settings.radius > 0 && settings.radius < 0.5 && settings.maximumNeighbours >= 1,
      "a graph operator needs a radius in (0, 0.5) and a neighbour, got \(settings.radius) and "
        + "\(settings.maximumNeighbours)")
    self.settings = settings
    let width = settings.width
    lifting = layout.scoped("lifting") { Dense(settings.inputs + 1, width, in: &$0) }
    kernel = layout.scoped("kernel") {
      EdgeKernel(
        inputs: settings.inputs, channels: width,
        widths: [settings.kernelWidth / 2, settings.kernelWidth], in: &$0)
    }
    skip = layout.scoped("skip") { Dense(width, width, in: &$0) }
    projection = layout.scoped("projection") {
      Dense(width, settings.kernelWidth, activation: .relu, in: &$0)
    }
    head = layout.scoped("head") { Dense(settings.kernelWidth, settings.outputs, in: &$0) }
  }

  /// Offsets of the neighbours that take part, symmetric, itself among them where their number is odd.
  package static func offsets(positions: Int, radius: Double, maximum: Int) -> [Int] {
    let reach = min(Int(radius * Double(positions)), (positions - 1) / 2)
    if 2 * reach + 1 <= maximum { return Array(-reach...reach) }
    if maximum == 1 { return [0] }
    return (0..<maximum).map {
      Int((Double(reach) * (2 * Double($0) / Double(maximum - 1) - 1)).rounded())
    }
  }

  package func callAsFunction<Scalar>(_ u: Value, positions: Int, on tape: Tape<Scalar>) -> Value {
    let features = tape.concatenateColumns(
      u, Grid.coordinates(positions: positions, rows: tape.shape(of: u).rows, on: tape))
    let offsets = Self.offsets(
      positions: positions, radius: settings.radius, maximum: settings.maximumNeighbours)
    let edges = tape.scoped("kernel") {
      kernel.edges(
        u, positions: positions, offsets: Array(repeating: offsets, count: positions), on: tape)
    }
    var v = tape.scoped("lifting") { lifting(features, on: tape) }
    for layer in 0..<settings.layers {
      tape.endSegment()
      v = tape.add(
        EdgeKernel.mean(v, over: edges, on: tape), tape.scoped("skip") { skip(v, on: tape) })
      if layer < settings.layers - 1 { v = tape.relu(v) }
    }
    tape.endSegment()
    let hidden = tape.scoped("projection") { projection(v, on: tape) }
    return tape.scoped("head") { head(hidden, on: tape) }
  }
}
