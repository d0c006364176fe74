import Foundation

/// An optimizer of the Adam family and its constants.
///
/// - Adam: Kingma & Ba, 2015, <https://arxiv.org/abs/1412.6980>.
/// - AdamW: Loshchilov & Hutter, 2019, <https://arxiv.org/abs/1711.05101>; decoupled weight decay.
package struct Optimizer: Sendable, Equatable {
  package var learningRate: Double
  package var beta1: Double
  package var beta2: Double
  package var epsilon: Double
  /// Decoupled decay per step and unit of learning rate; 0 is Adam.
  package var weightDecay: Double

  package init(
    learningRate: Double = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-8, weightDecay: Double = 0
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
  }
}

/// The learning rate over the steps of a stage, as a factor on the optimizer's.
package struct Schedule: Sendable, Equatable {
  /// The shape after warm-up.
  package enum Kind: Sendable, Equatable {
    case constant
    /// From 1 to `final` along half a cosine (Loshchilov & Hutter, 2017).
    case cosine(final: Double)
    /// Multiplied by `factor` at each of these fractions of the stage.
    case step(fractions: [Double], factor: Double)
  }

  package var kind: Kind
  /// Fraction of the stage over which the rate rises linearly from 0.
  package var warmUpFraction: Double

  package init(_ kind: Kind = .constant, warmUpFraction: Double = 0) {
    self.kind = kind
    self.warmUpFraction = warmUpFraction
  }

  /// The factor for the step with this number (from 0) of `total`.
  ///
  /// A function of the position alone, so that a plan of other length stretches it.
  package func factor(step: Int, of total: Int) -> Double {
    let position = (Double(step) + 0.5) / Double(max(1, total))
    if position < warmUpFraction { return position / warmUpFraction }
    switch kind {
    case .constant: return 1
    case .cosine(let final):
      let progress = (position - warmUpFraction) / max(1e-12, 1 - warmUpFraction)
      return final + (1 - final) * 0.5 * (1 + cos(.pi * min(1, progress)))
    case .step(let fractions, let factor):
      return fractions.reduce(1) { $1 <= position ? $0 * factor : $0 }
    }
  }
}
