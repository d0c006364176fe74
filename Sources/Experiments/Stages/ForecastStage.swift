import Operators
import Tensors
import Training

/// The only stage of a fold: a forecast of the epidemic from rows of ``ForecastRows``.
///
///     relative, balanced: loss = ‖w (ŷ − y)‖₂        absolute: loss = Σ |w (ŷ − y)|
package final class ForecastStage: Stage {
  package let name = "forecast"
  package var restoresBest: Bool { false }
  package let parameterRange: Range<Int>
  package var statisticsCount: Int { 0 }
  private let model: any ForecastModel
  private let loss: ForecastLoss
  /// Rounds the corner of roots and of absolute values, whose derivative has no value at 0.
  private static let smallestSquare = 1e-14

  package init(model: any ForecastModel, layout: ParameterLayout, loss: ForecastLoss) {
    (self.model, self.loss) = (model, loss)
    parameterRange = 0..<layout.count
  }

  package func prepare(_ context: StageContext) throws {}
  package func absorb(statistics: UnsafePointer<Float>, step: Int) {}

  package func record(_ batch: BatchValues, on tape: Tape<Float>) -> StageRecording {
    let history = tape.columns(batch.x, ForecastRows.Part.history)
    let observed = tape.columns(batch.x, ForecastRows.Part.observed)
    let target = tape.columns(batch.x, ForecastRows.Part.target)
    let forecast = tape.scoped("model") {
      model.taughtForecast(history, observed: observed, target: target, on: tape)
    }
    return StageRecording(
      loss: tape.scoped("loss") {
        let difference = tape.subtract(forecast, target)
        let weighted = tape.multiply(difference, tape.columns(batch.x, ForecastRows.Part.weight))
        let ofWindows =
          switch loss {
          case .relative, .balanced:
            tape.squareRoot(
              tape.add(tape.rowSquaredSums(weighted), constant: Self.smallestSquare))
          case .absolute:
            tape.rowSums(
              tape.squareRoot(tape.add(tape.square(weighted), constant: Self.smallestSquare)))
          }
        return tape.columnSums(tape.multiply(ofWindows, batch.weight))
      })
  }
}
