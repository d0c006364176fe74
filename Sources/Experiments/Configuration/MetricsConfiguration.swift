// Sections of `evaluation`: what stands beside the score of a model.

/// What is measured of samples and charts.
package struct MetricsConfiguration: ConfigurationSection {
  package var samples = true
  package var bandwidth: Double?
  package var directions = 64
  package var chartControl = true

  package init() {}

  package mutating func describe(to visitor: inout some ConfigurationVisitor) {
    visitor.key(
      "samples", &samples, .any, mayChange: true,
      """
      Score evaluation.samples points of the model where the true density is known: under that \
      density, under kernel densities, by their distance from the test points and from the set, each \
      beside the number of true points.
      """)
    visitor.key(
      "bandwidth", &bandwidth, .orNull(.above(0)), mayChange: true,
      "Width of the kernels, in the units of the data. null takes the noise of the generator.")
    visitor.key(
      "directions", &directions, .within(1...10_000), mayChange: true,
      "Fixed directions of the sliced Wasserstein distance.")
    visitor.key(
      "chartControl", &chartControl, .any, mayChange: true,
      """
      A control with one Gaussian for the training points of each chart (von Mises-Fisher \
      distributions on the sphere): what the charts do without the flow.
      """)
  }
}

/// Controls for points of a sphere.
package struct SphereControlsConfiguration: ConfigurationSection {
  package var mixtureComponents = 400
  package var kernels = true
  package var floorDegrees = 0.01

  package init() {}

  package mutating func describe(to visitor: inout some ConfigurationVisitor) {
    visitor.key(
      "mixtureComponents", &mixtureComponents, .within(0...4_096), mayChange: true,
      """
      Most von Mises-Fisher distributions in the mixture; the validation points choose how many. 0 \
      leaves it out.
      """)
    visitor.key(
      "kernels", &kernels, .any, mayChange: true,
      "The multi-scale kernel density, whose scales the validation points choose.")
    visitor.key(
      "floorDegrees", &floorDegrees, .within(1e-6...10), mayChange: true,
      """
      Smallest width in all controls on the sphere. Where places occur twice, a likelihood has no \
      bound without it: quote it with the numbers.
      """)
  }
}
