import Layers
import Tensors

/// A low-rank operator over the states for the epidemic, "LNO 3D" of its table: days and series are
/// channels, and φ and ψ of each layer see the features of the moment, which makes the layer nonlinear in
/// them. They see them through tanh: otherwise a layer would be cubic in its input, and four of them
/// leave the range of single precision.
///
/// The published layout has one point a state, series and day; with the states alone as points an
/// evaluation costs a fourteenth. The inner products are means over the states. About 0.28 million
/// parameters.
package struct LowRankForecast: ForecastModel {
  /// The shape of the model.
  package struct Settings: Sendable, Equatable {
    package var width = 8
    package var rank = 4
    package var kernelWidths = [128]
    package var layers = 4
    package var projection = 128

    package init() {}
  }

  package let settings: Settings
  private let lifting: Dense
  private let kernels: [LowRankKernel]
  private let skips: [Dense]
  private let projection: Dense
  private let head: Dense

  package init(_ settings: Settings = Settings(), in layout: inout ParameterLayout) {
    self.settings = settings
    let width = settings.width
    let inputs = ForecastShape.historyDays * (ForecastShape.series + 1) + 1
    lifting = layout.scoped("lifting") { Dense(inputs, width, in: &$0) }
    var kernels: [LowRankKernel] = []
    var skips: [Dense] = []
    for index in 0..<settings.layers {
      layout.scoped("\(index)") { layout in
        kernels.append(
          layout.scoped("kernel") {
            LowRankKernel(
              features: width, channels: width, rank: settings.rank,
              widths: settings.kernelWidths, in: &$0)
          })
        skips.append(layout.scoped("skip") { Dense(width, width, in: &$0) })
      }
    }
    self.kernels = kernels
    self.skips = skips
    projection = layout.scoped("projection") {
      Dense(width, settings.projection, activation: .relu, in: &$0)
    }
    head = layout.scoped("head") {
      Dense(
        settings.projection, ForecastShape.forecastDays * ForecastShape.series,
        startsAtZero: true, in: &$0)
    }
  }

  package func forecast<Scalar>(
    _ history: Value, observed: Value, on tape: Tape<Scalar>
  ) -> Value {
    let states = ForecastShape.states
    let rows = states * tape.shape(of: history).rows
    let input = tape.concatenateColumns(
      EpidemicGrid.statesAsPositions(history, observed: observed, positions: states, on: tape),
      Grid.coordinates(positions: states, rows: rows, on: tape))
    var v = tape.scoped("lifting") { lifting(input, on: tape) }
    for index in kernels.indices {
      tape.endSegment()
      v = tape.scoped("\(index)") {
        tape.add(
          tape.scoped("kernel") {
            kernels[index](v, features: tape.tanh(v), positions: states, on: tape)
          }, tape.scoped("skip") { skips[index](v, on: tape) })
      }
      if index < kernels.count - 1 { v = tape.relu(v) }
    }
    tape.endSegment()
    let hidden = tape.scoped("projection") { projection(v, on: tape) }
    let output = tape.scoped("head") { head(hidden, on: tape) }
    return EpidemicGrid.forecast(fromStates: output, positions: states, on: tape)
  }
}
