/// The atlas and its parts.
package struct ModelConfiguration: ConfigurationSection {
  package enum Kind: String, ConfigurationChoice {
    case atlas
  }

  package var kind = Kind.atlas
  package var fit = ChartFitKind.amortized
  package var background = 0.001
  package var kernels = false
  package var charts = 32
  package var latentDimension = 2
  package var neighbours = 2
  package var overlap = 0.0
  package var encoder = EncoderConfiguration()
  package var codebook = CodebookConfiguration()
  package var flow = FlowConfiguration()
  package var embedding = EmbeddingConfiguration()

  package init() {}

  package mutating func describe(to visitor: inout some ConfigurationVisitor) {
    visitor.key("kind", &kind, "The family of models.")
    visitor.key("fit", &fit, ChartFitKind.documentation)
    visitor.key(
      "background", &background, .within(0.0..<1.0),
      """
      independent, embedding sphere: weight of the uniform density of the sphere that is added to the \
      charts, so that no place is without density.
      """)
    visitor.key(
      "kernels", &kernels,
      """
      independent, embedding sphere: the multi-scale kernel density of the training points is one more \
      chart, with no kernel narrower than training.noise.floorDegrees. Its share and the weights of its \
      scales are fitted to the validation points when the flows are done.
      """)
    visitor.key(
      "charts", &charts, .within(1...65_536),
      "Number of charts. 1 gives a plain flow, without encoder and codebook.")
    visitor.key(
      "latentDimension", &latentDimension, .within(1...4_096),
      "Dimension of the encoder's output, in which charts are cells.")
    visitor.key(
      "neighbours", &neighbours, .atLeast(1),
      "Every point lies in this many charts at least: those of its nearest codes.")
    visitor.key(
      "overlap", &overlap, .atLeast(0),
      """
      Relative width of the overlap of charts: a point also lies in every chart whose code is at \
      most 1 + overlap times as far as that of its last neighbour.
      """)
    visitor.section(
      "encoder", &encoder,
      "The auto-encoder that finds the charts. The decoder mirrors the encoder.")
    visitor.section(
      "codebook", &codebook, "The codes: one point of the latent space for each chart.")
    visitor.section("flow", &flow, "The flow, conditioned on the code of the chart.")
    visitor.section(
      "embedding", &embedding, "The surface on which the flow lives, if it does not fill the space."
    )
  }

  package func check(_ demands: inout ConfigurationDemands) {
    demands.require(
      neighbours <= charts || charts == 1, at: "neighbours",
      expected: "at most model.charts (\(charts))",
      got: "\(neighbours)")
    demands.require(
      embedding.kind == .none || embedding.dimension >= 2 || flow.kind != .realNVP,
      at: "embedding.dimension",
      expected:
        "at least 2, because model.flow.kind realNVP couples two columns (maf and iaf take one)",
      got: "\(embedding.dimension)")
  }
}

/// The function between the layers of a network.
package enum ActivationName: String, ConfigurationChoice {
  case relu, tanh, sigmoid
}

/// The networks of the auto-encoder.
package struct EncoderConfiguration: ConfigurationSection {
  package var hidden = [64, 64]
  package var activation = ActivationName.relu

  package init() {}

  package mutating func describe(to visitor: inout some ConfigurationVisitor) {
    visitor.key("hidden", &hidden, .each(.within(1...65_536)), "Widths of the hidden layers.")
    visitor.key("activation", &activation, "Function between the layers.")
  }
}

/// How codes follow the points (van den Oord et al., 2017, appendix A.1).
package struct CodebookConfiguration: ConfigurationSection {
  package var decay = 0.99
  package var epsilon = 1e-5
  package var commitment = 0.25
  package var revivalEverySteps = 100
  package var revivalThreshold = 0.05

  package init() {}

  package mutating func describe(to visitor: inout some ConfigurationVisitor) {
    visitor.key(
      "decay", &decay, .within(0.0..<1.0),
      "Weight of the past in the moving averages that move the codes.")
    visitor.key(
      "epsilon", &epsilon, .above(0), "Smoothing of the counts, so that no code is divided by zero."
    )
    visitor.key(
      "commitment", &commitment, .atLeast(0),
      "Weight of the term that keeps the encoder's output near its code.")
    visitor.key(
      "revivalEverySteps", &revivalEverySteps, .atLeast(0),
      "Steps between searches for dead codes; 0 never searches.")
    visitor.key(
      "revivalThreshold", &revivalThreshold, .within(0.0..<1.0),
      """
      A code is dead when its share of the points is below this part of an even share; it then \
      starts again at the encoder's output of a training point.
      """)
  }
}

/// One conditional flow for all charts.
package struct FlowConfiguration: ConfigurationSection {
  /// The family of flows.
  package enum Kind: String, ConfigurationChoice {
    case realNVP, maf, iaf
  }

  /// What a coupling or a map does to one coordinate.
  package enum Transform: String, ConfigurationChoice {
    case affine, spline
  }

  /// The invertible linear map between blocks.
  package enum Linear: String, ConfigurationChoice {
    case none, permutation, lu, full, orthogonal
  }

  package var kind = Kind.realNVP
  package var couplings = 8
  package var blocks = 5
  package var hidden = [64, 64]
  package var activation = ActivationName.relu
  package var transform = Transform.affine
  package var logScaleBound = 2.0
  package var bins = 8
  package var splineBound = 3.0
  package var actNorm = true
  package var linear = Linear.lu

  package init() {}

  package mutating func describe(to visitor: inout some ConfigurationVisitor) {
    visitor.key(
      "kind", &kind,
      """
      The family of flows. realNVP: affine couplings, equally fast in both directions; maf: masked \
      autoregressive maps, in which a coordinate depends on all before it, and which sample one \
      coordinate at a time; iaf: the same maps inverted, which sample in one pass and give densities \
      one coordinate at a time.
      """)
    visitor.key(
      "couplings", &couplings, .within(1...1_024), "realNVP: number of affine couplings.")
    visitor.key(
      "blocks", &blocks, .within(1...1_024),
      "maf, iaf: number of autoregressive maps; the order of the coordinates is reversed between them."
    )
    visitor.key(
      "hidden", &hidden, .each(.within(1...65_536)),
      "Widths of the hidden layers of the network of each coupling or map.")
    visitor.key("activation", &activation, "Function between the layers of these networks.")
    visitor.key(
      "transform", &transform,
      """
      What a coupling or map does to one coordinate. affine: scale and shift; spline: a monotonic \
      rational-quadratic spline (neural spline flow).
      """)
    visitor.key(
      "logScaleBound", &logScaleBound, .above(0),
      "affine: largest logarithm by which one coupling or map stretches or shrinks a coordinate.")
    visitor.key(
      "bins", &bins, .within(2...512),
      "spline: number of bins, each with a width, a height and slopes.")
    visitor.key(
      "splineBound", &splineBound, .above(0),
      """
      spline: coordinates beyond this size pass unchanged. actNorm brings coordinates to a standard \
      deviation of one.
      """)
    visitor.key(
      "actNorm", &actNorm,
      """
      Normalise each coordinate before each coupling or map, starting from the data's own mean and \
      spread.
      """
    )
    visitor.key(
      "linear", &linear,
      """
      Map that mixes the coordinates before each coupling or map; lu, full and orthogonal are learnt. \
      In a maf or iaf, permutation takes the place of the reversal.
      """)
  }
}

extension FlowConfiguration {
  /// The flow as papers name it.
  package var title: String {
    switch (kind, transform) {
    case (.realNVP, .affine): "RealNVP"
    case (.maf, .affine): "MAF"
    case (.iaf, .affine): "IAF"
    case (.realNVP, .spline): "neural spline flow (couplings)"
    case (.maf, .spline): "neural spline flow (autoregressive)"
    case (.iaf, .spline): "neural spline flow (inverse autoregressive)"
    }
  }
}
