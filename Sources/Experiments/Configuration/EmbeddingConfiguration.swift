/// What carries the plane of a chart into the space of the data.
package struct EmbeddingConfiguration: ConfigurationSection {
  package enum Kind: String, ConfigurationChoice {
    case none, conformal, sphere
  }

  /// The base density of the flow.
  package enum Base: String, ConfigurationChoice {
    case normal, sphere
  }

  /// When the surface is learnt.
  package enum Fit: String, ConfigurationChoice {
    case joint, sequential
  }

  package var kind = Kind.none
  package var dimension = 2
  package var hidden: [Int] = []
  package var centre = [0.0, 0.0, 1.0]
  package var base = Base.normal
  package var fit = Fit.joint
  package var reconstructionWeight = 1_000.0

  package init() {}

  package mutating func describe(to visitor: inout some ConfigurationVisitor) {
    visitor.key(
      "kind", &kind,
      """
      none: the flow fills the space of the data. conformal: it lives on a surface, a learnt sphere or \
      plane for each chart, and densities are per unit of its area. sphere: on the unit sphere in three \
      columns, exactly, by stereographic projection from the pole opposite to the chart; needs \
      data.standardise false, or geographic data.
      """)
    visitor.key(
      "dimension", &dimension, .within(1...4_096),
      "conformal: dimension of the surface, below the number of columns. sphere: 2.")
    visitor.key(
      "hidden", &hidden, .each(.within(1...65_536)),
      """
      conformal: widths of the hidden layers of the networks that make the surface of a chart from its \
      code. An empty list takes linear maps.
      """)
    visitor.key(
      "centre", &centre,
      """
      sphere, one chart: its centre, three numbers of which the direction counts. Several charts have \
      their decoded codes as centres.
      """)
    visitor.key(
      "base", &base,
      """
      Density from which the flow starts. normal: standard normal; sphere: the uniform density of the \
      sphere, seen on the plane, whose tails leave no hole at the pole.
      """)
    visitor.key(
      "fit", &fit,
      """
      conformal: joint learns surface and density together; sequential first the surface, in the stage \
      training.embedding, then the density on it.
      """)
    visitor.key(
      "reconstructionWeight", &reconstructionWeight, .atLeast(0),
      """
      conformal, joint: weight of the squared distance from the surface in the loss, beside the negative \
      log-density. About 1e5 for points on a surface, 1e3 for points with noise around it.
      """)
  }

  package func check(_ demands: inout ConfigurationDemands) {
    demands.require(
      kind != .sphere || dimension == 2, at: "dimension",
      expected: "2, because kind is sphere", got: "\(dimension)")
    demands.require(
      base == .normal || (kind != .none && dimension == 2), at: "base",
      expected: "normal, because only a surface of dimension 2 can start from the sphere",
      got: base.rawValue)
    demands.require(
      centre.count == 3 && centre.contains { $0 != 0 }, at: "centre",
      expected: "three numbers, not all zero", got: centre.yaml)
  }

  /// Whether the surface has a stage of its own.
  package var hasStage: Bool { kind == .conformal && fit == .sequential }
}
