import Layers
import Tensors

/// An operator along the days, the same for every state: each state of a window is a sample of its own.
///
/// The 14 days are padded to 16 positions and C, R, D and whether R is observed are channels. What the
/// operator makes of a day is gathered over all days, and one linear layer turns it into the seven days
/// ahead; a linear layer from the input beside it leaves the operator what is not linear. Both start at
/// zero. With 50 samples a window and nothing that names a state there are few parameters and no
/// alphabet, but a state does not see the others.
package struct CourseForecast: ForecastModel {
  /// The shape of the model.
  package struct Settings: Sendable, Equatable {
    package var order = 4
    package var multiplier = 4
    package var modes = 8
    package var cells = 1
    package var projection = 32
    /// What is kept of a day.
    package var features = 8
    /// [p/q] of Padé blocks; nil for linear spectral kernels.
    package var pade: PadeOrder? = PadeOrder(p: 4, q: 2)

    package init() {}
  }

  /// 14 days, padded to a power of two.
  package static let positions = 16
  private static let inputs = ForecastShape.series + 1
  private static let outputs = ForecastShape.forecastDays * ForecastShape.series

  package let settings: Settings
  package let network: MultiwaveletOperator
  private let head: Dense
  private let skip: Dense

  package init(_ settings: Settings = Settings(), in layout: inout ParameterLayout) {
    self.settings = settings
    var shape = MultiwaveletOperator.Settings()
    // One more channel: the place of the day.
    shape.inputs = Self.inputs + 1
    shape.outputs = settings.features
    shape.order = settings.order
    shape.multiplier = settings.multiplier
    shape.modes = settings.modes
    shape.cells = settings.cells
    shape.projection = settings.projection
    shape.pade = settings.pade
    network = MultiwaveletOperator(shape, in: &layout)
    head = layout.scoped("ahead") {
      Dense(Self.positions * settings.features, Self.outputs, startsAtZero: true, in: &$0)
    }
    skip = layout.scoped("skip") {
      Dense(
        ForecastShape.historyDays * Self.inputs, Self.outputs, startsAtZero: true, in: &$0)
    }
  }

  package var complexWeightCount: Int { network.complexWeightCount }
  package var padeBlocks: [PlacedPadeBlock] { network.padeBlocks(positions: Self.positions) }

  package func forecast<Scalar>(
    _ history: Value, observed: Value, on tape: Tape<Scalar>
  ) -> Value {
    let batch = tape.shape(of: history).rows
    let (days, states) = (ForecastShape.historyDays, ForecastShape.states)
    let samples = states * batch
    // Days as positions, (state, b) as samples.
    let byDay = (0..<Self.positions).flatMap { day in
      (0..<states).flatMap { state in
        (0..<batch).map { day < days ? ($0 * days + day) * states + state : -1 }
      }
    }
    func cells(_ x: Value, _ width: Int) -> Value {
      tape.gatherRows(tape.reshape(x, batch * days * states, width), byDay)
    }
    let course = tape.concatenateColumns(
      cells(history, ForecastShape.series), cells(observed, 1))
    let place = Grid.coordinates(
      positions: Self.positions, rows: Self.positions * samples, on: tape)
    let features = network(
      tape.concatenateColumns(course, place), positions: Self.positions, on: tape)
    tape.endSegment()
    let output = tape.scoped("ahead") {
      head(Self.perSample(features, positions: Self.positions, samples, on: tape), on: tape)
    }
    let linear = tape.scoped("skip") {
      skip(Self.perSample(course, positions: days, samples, on: tape), on: tape)
    }
    return EpidemicGrid.forecast(
      fromStates: tape.add(output, linear), positions: states, on: tape)
  }

  /// The first rows of each sample side by side, [N·S, C] → [S, positions·C].
  private static func perSample<Scalar>(
    _ x: Value, positions: Int, _ samples: Int, on tape: Tape<Scalar>
  ) -> Value {
    let index = (0..<samples).flatMap { sample in
      (0..<positions).map { $0 * samples + sample }
    }
    return tape.reshape(
      tape.gatherRows(x, index), samples, positions * tape.shape(of: x).columns)
  }
}
