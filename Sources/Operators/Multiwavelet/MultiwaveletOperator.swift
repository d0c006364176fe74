import Layers
import Tensors

/// The multiwavelet operator with Legendre filters, MWT Leg (Gupta et al., 2021), and with Padé blocks
/// in its cells the multiwavelet Padé exponential operator, Padé Exp (Gupta et al., 2022).
///
/// A linear layer lifts the input to c · k channels, which play the part of multiwavelet coefficients;
/// cells follow with ReLU between them, then a layer of `projection` ReLU units and a linear one.
package struct MultiwaveletOperator: NeuralOperator {
  /// The shape of the model; the defaults are those of the authors' KdV experiment.
  package struct Settings: Sendable, Equatable {
    package var inputs = 1
    package var outputs = 1
    /// k.
    package var order = 4
    /// c.
    package var multiplier = 16
    package var modes = 10
    package var cells = 2
    package var projection = 128
    /// log₂ of the positions at the coarsest level.
    package var coarsestLevel = 0
    /// [p/q] of Padé blocks; nil for linear spectral kernels.
    package var pade: PadeOrder?
    /// The output starts at zero.
    package var startsAtZero = false

    package init() {}

    /// Padé Exp in the sizes of the authors' Gray–Scott experiment.
    package static var padeExponential: Settings {
      var settings = Settings()
      settings.pade = PadeOrder(p: 4, q: 2)
      settings.cells = 1
      return settings
    }
  }

  package let settings: Settings
  private let filters: LegendreFilters
  private let lifting: Dense
  package let cells: [MultiwaveletCell]
  private let projection: Dense
  private let head: Dense

  package init(_ settings: Settings = Settings(), in layout: inout ParameterLayout) {
    self.settings = settings
    filters = LegendreFilters(order: settings.order)
    let channels = settings.multiplier * settings.order
    lifting = layout.scoped("lifting") { Dense(settings.inputs, channels, in: &$0) }
    var cells: [MultiwaveletCell] = []
    for index in 0..<settings.cells {
      cells.append(
        layout.scoped("\(index)") {
          MultiwaveletCell(
            channels: channels, order: settings.order, modes: settings.modes, pade: settings.pade,
            coarsestLevel: settings.coarsestLevel, in: &$0)
        })
    }
    self.cells = cells
    projection = layout.scoped("projection") {
      Dense(channels, settings.projection, activation: .relu, in: &$0)
    }
    head = layout.scoped("head") {
      Dense(
        settings.projection, settings.outputs, startsAtZero: settings.startsAtZero, in: &$0)
    }
  }

  package var complexWeightCount: Int { cells.reduce(0) { $0 + $1.complexWeightCount } }

  package func padeBlocks(positions: Int) -> [PlacedPadeBlock] {
    cells.flatMap { cell -> [PlacedPadeBlock] in
      guard case .pade(let blocks) = cell.kernel else { return [] }
      return blocks.map { PlacedPadeBlock(block: $0, positions: max(1, positions / 2)) }
    }
  }

  /// - Precondition: N is a power of two, at least 2^coarsestLevel.
  package func callAsFunction<Scalar>(_ u: Value, positions: Int, on tape: Tape<Scalar>) -> Value {
    precondition(
      positions > 0 && positions & (positions - 1) == 0
        && positions >> settings.coarsestLevel >= 1,
      "a multiwavelet operator needs a power of two of positions, at least "
        + "\(1 << settings.coarsestLevel), got \(positions): pad the functions")
    let transform = MultiwaveletTransform(filters, functions: settings.multiplier, on: tape)
    var levels: [Int] = []
    var coarse = positions / 2
    while coarse >= 1 << settings.coarsestLevel {
      levels.append(coarse)
      coarse /= 2
    }
    let basis =
      levels.isEmpty
      ? nil : MultilevelBasis(levels: levels, modes: settings.modes, on: tape)
    var v = tape.scoped("lifting") { lifting(u, on: tape) }
    for (index, cell) in cells.enumerated() {
      tape.endSegment()
      v = tape.scoped("\(index)") {
        cell(v, positions: positions, transform: transform, basis: basis, on: tape)
      }
      if index < cells.count - 1 { v = tape.relu(v) }
    }
    tape.endSegment()
    let hidden = tape.scoped("projection") { projection(v, on: tape) }
    return tape.scoped("head") { head(hidden, on: tape) }
  }
}
