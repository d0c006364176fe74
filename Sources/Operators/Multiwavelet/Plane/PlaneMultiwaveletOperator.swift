import Layers
import Tensors

/// The multiwavelet operator of functions of two variables, MWT Leg in two dimensions (Gupta et al.,
/// 2021): lifting to c · k² channels, cells with ReLU between them, a layer of `projection` ReLU units and
/// a linear one, as ``MultiwaveletOperator`` has them.
package struct PlaneMultiwaveletOperator: Sendable {
  /// The shape of the model.
  package struct Settings: Sendable, Equatable {
    package var inputs = 1
    package var outputs = 1
    /// k of each variable.
    package var order = 2
    /// c.
    package var multiplier = 4
    /// Modes along the first variable, and |l| below this along the second.
    package var outerModes = 8
    package var innerModes = 4
    package var cells = 2
    package var projection = 64
    /// The output starts at zero.
    package var startsAtZero = false

    package init() {}
  }

  package let settings: Settings
  private let filters: LegendreFilters
  private let lifting: Dense
  package let cells: [PlaneMultiwaveletCell]
  private let projection: Dense
  private let head: Dense

  package init(_ settings: Settings = Settings(), in layout: inout ParameterLayout) {
    self.settings = settings
    filters = LegendreFilters(order: settings.order)
    let channels = settings.multiplier * settings.order * settings.order
    lifting = layout.scoped("lifting") { Dense(settings.inputs, channels, in: &$0) }
    var cells: [PlaneMultiwaveletCell] = []
    for index in 0..<settings.cells {
      cells.append(
        layout.scoped("\(index)") {
          PlaneMultiwaveletCell(
            channels: channels, outerModes: settings.outerModes, innerModes: settings.innerModes,
            in: &$0)
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

  /// [S·T·B, I] → [S·T·B, O], row (s·T + t)·B + sample; levels end where one variable has one cell left.
  ///
  /// - Precondition: S and T are powers of two, at least 2.
  package func callAsFunction<Scalar>(
    _ u: Value, outer: Int, inner: Int, on tape: Tape<Scalar>
  ) -> Value {
    precondition(
      min(outer, inner) >= 2 && outer & (outer - 1) == 0 && inner & (inner - 1) == 0,
      "a multiwavelet operator needs powers of two of positions, got \(outer) × \(inner): pad the "
        + "functions")
    let transform = PlaneMultiwaveletTransform(filters, on: tape)
    let levels = min(outer, inner).trailingZeroBitCount
    let bases = (1...levels).map { level in
      PlaneFourierBasis(
        outer: outer >> level, inner: inner >> level,
        outerModes: min(settings.outerModes, (outer >> level) / 2 + 1),
        innerModes: settings.innerModes, on: tape)
    }
    var v = tape.scoped("lifting") { lifting(u, on: tape) }
    for (index, cell) in cells.enumerated() {
      tape.endSegment()
      v = tape.scoped("\(index)") {
        cell(v, outer: outer, inner: inner, transform: transform, bases: bases, on: tape)
      }
      if index < cells.count - 1 { v = tape.relu(v) }
    }
    tape.endSegment()
    let hidden = tape.scoped("projection") { projection(v, on: tape) }
    return tape.scoped("head") { head(hidden, on: tape) }
  }
}
