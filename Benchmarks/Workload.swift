import Datasets
import Flows
import Layers
import Operators
import Tensors
import Training

/// One training step of a fixed model on a fixed batch, the same in other programs.
package struct Workload: Sendable {
  /// Short name, "W1".
  package let name: String
  /// Kind of model.
  package let kind: Kind
  /// D, columns of the data; points of the grid of an operator.
  package let dimension: Int
  /// Couplings, MADE blocks, Fourier layers or multiwavelet cells.
  package let layers: Int
  /// H, units of each of the two hidden layers; channels of an operator.
  package let hidden: Int
  /// Fourier modes of an operator.
  package let modes: Int
  /// Rows of the global batch.
  package let batch: Int
  /// Canonical shards.
  package let shards: Int

  package enum Kind: String, Sendable {
    case realNVP = "RealNVP"
    case maf = "MAF"
    case fourier = "FNO-1D"
    case pade = "Padé Exp"

    /// Whether it maps functions on a grid.
    var isOperator: Bool { self == .fourier || self == .pade }
  }

  package init(
    _ name: String, _ kind: Kind, dimension: Int, layers: Int, hidden: Int, batch: Int,
    modes: Int = 0, shards: Int = 8
  ) {
    self.name = name
    self.kind = kind
    self.dimension = dimension
    self.layers = layers
    self.hidden = hidden
    self.batch = batch
    self.modes = modes
    self.shards = shards
  }

  /// The workloads by which training systems are compared.
  package static let all = [
    Workload("W1", .realNVP, dimension: 3, layers: 10, hidden: 64, batch: 256),
    Workload("W2", .realNVP, dimension: 3, layers: 10, hidden: 128, batch: 512),
    Workload("W3", .realNVP, dimension: 64, layers: 8, hidden: 512, batch: 2048),
    Workload("W4", .maf, dimension: 63, layers: 10, hidden: 512, batch: 1024),
    Workload("W5", .maf, dimension: 6, layers: 10, hidden: 100, batch: 512),
    Workload(
      "W6", .fourier, dimension: 1024, layers: 4, hidden: 64, batch: 20, modes: 16, shards: 4),
    Workload(
      "W6p", .pade, dimension: 1024, layers: 1, hidden: 64, batch: 20, modes: 10, shards: 4),
  ]

  /// The model in one line.
  package var summary: String {
    kind.isOperator
      ? "\(kind.rawValue) s=\(dimension), \(layers) layers, \(modes) modes, width \(hidden), "
        + "batch \(batch)"
      : "\(kind.rawValue) D=\(dimension), \(layers) layers, H=\(hidden), batch \(batch)"
  }

  /// The same workload with another number of shards.
  package func with(shards: Int) -> Workload {
    Workload(
      name, kind, dimension: dimension, layers: layers, hidden: hidden, batch: batch,
      modes: modes, shards: shards)
  }

  /// Numbers of a row: a point, or two functions on the grid.
  var columns: Int { kind.isOperator ? 2 * dimension : dimension }

  /// Declares the parameters and makes the objective of the step.
  func stage(in layout: inout ParameterLayout) -> any Stage {
    let chain: Chain
    switch kind {
    case .realNVP:
      chain = RealNVP(
        couplings: layers, widths: [hidden, hidden], hasActNorm: false, mixing: .none
      ).chain(dimension: dimension, contextDimension: 0, seed: 1, in: &layout)
    case .maf:
      chain = MAF(blocks: layers, widths: [hidden, hidden], hasActNorm: false)
        .chain(dimension: dimension, contextDimension: 0, seed: 1, in: &layout)
    case .fourier:
      var settings = FourierOperator.Settings()
      (settings.width, settings.modes, settings.layers) = (hidden, modes, layers)
      let model = FourierOperator(settings, in: &layout)
      return ErrorStage(model, parameterRange: 0..<layout.count)
    case .pade:
      // As published: k = 4, [4/2].
      var settings = MultiwaveletOperator.Settings.padeExponential
      settings.multiplier = hidden / settings.order
      (settings.modes, settings.cells) = (modes, layers)
      let model = MultiwaveletOperator(settings, in: &layout)
      return ErrorStage(model, parameterRange: 0..<layout.count)
    }
    let flow = Flow(base: StandardNormal(dimension: dimension), bijection: chain)
    return DensityStage(flow, parameterRange: 0..<layout.count)
  }

  /// The matrix products of a step as a list of linear layers (rows, inputs, outputs), on the whole
  /// batch at once; each is multiplied forward, for its weight's gradient and for its input's. Masked
  /// layers count as the products that are left of them.
  var linearLayers: [LinearShape] {
    if kind == .fourier { return fourierProducts }
    if kind == .pade { return padeProducts }
    return (0..<layers).flatMap { layer -> [LinearShape] in
      switch kind {
      case .realNVP:
        let kept = layer % 2 == 0 ? dimension / 2 : dimension - dimension / 2
        let outputs = 2 * (dimension - kept)
        return [
          LinearShape(rows: batch, inputs: kept, outputs: hidden),
          LinearShape(rows: batch, inputs: hidden, outputs: hidden),
          LinearShape(rows: batch, inputs: hidden, outputs: outputs),
        ]
      case .maf:
        var layout = ParameterLayout()
        let network = MaskedPerceptron(
          dimension: dimension, widths: [hidden, hidden], outputsPerColumn: 2, in: &layout)
        return network.layers.flatMap { dense in
          dense.pattern.groups.filter { $0.reads > 0 }.map {
            LinearShape(rows: batch, inputs: $0.reads, outputs: $0.columns.count)
          }
        }
      case .fourier, .pade: return []
      }
    }
  }

  /// Those of an operator: pointwise layers, transforms to and from the kept modes, a product a mode.
  private var fourierProducts: [LinearShape] {
    let points = batch * dimension
    let transforms = [
      LinearShape(
        rows: 2 * modes, inputs: dimension, outputs: batch * hidden, isFixed: true),
      LinearShape(
        rows: dimension, inputs: 2 * modes, outputs: batch * hidden, isFixed: true),
    ]
    let mode = LinearShape(rows: 2 * batch, inputs: 2 * hidden, outputs: hidden)
    let layer =
      [LinearShape(rows: points, inputs: hidden, outputs: hidden)] + transforms
      + Array(repeating: mode, count: modes)
    return [
      LinearShape(rows: points, inputs: 2, outputs: hidden),
      LinearShape(rows: points, inputs: hidden, outputs: 128),
      LinearShape(rows: points, inputs: 128, outputs: 1),
    ] + (0..<layers).flatMap { _ in layer }
  }

  /// Those of a Padé operator: pointwise layers, the wavelets of all functions, and in each of three
  /// blocks a level's transforms and a product a mode and power, real modes by their real part.
  private var padeProducts: [LinearShape] {
    let points = batch * dimension
    let order = MultiwaveletOperator.Settings.padeExponential.order
    var products = [
      LinearShape(rows: points, inputs: 1, outputs: hidden),
      LinearShape(rows: points, inputs: hidden, outputs: 128),
      LinearShape(rows: points, inputs: 128, outputs: 1),
    ]
    var level = dimension / 2
    while level >= 1 {
      let kept = min(modes, level / 2 + 1)
      let real = 1 + (level > 1 && 2 * (kept - 1) == level ? 1 : 0)
      let numbers = 2 * kept - real
      // Decomposition and reconstruction.
      products += Array(
        repeating: LinearShape(
          rows: level * batch * hidden / order, inputs: 2 * order, outputs: 2 * order,
          isFixed: true), count: 2 * layers)
      let width = batch * hidden
      let block =
        Array(
          repeating: LinearShape(rows: numbers, inputs: level, outputs: width, isFixed: true),
          count: 2)
        + Array(
          repeating: LinearShape(rows: level, inputs: numbers, outputs: width, isFixed: true),
          count: 2)
        + [LinearShape(rows: level * batch, inputs: hidden, outputs: hidden)]
        // Two powers of the denominator, four of the numerator.
        + Array(
          repeating: LinearShape(rows: batch, inputs: 2 * hidden, outputs: 2 * hidden),
          count: 6 * (kept - real))
        + Array(
          repeating: LinearShape(rows: batch, inputs: hidden, outputs: hidden), count: 6 * real)
      for _ in 0..<3 * layers { products += block }
      level /= 2
    }
    return products
  }
}
