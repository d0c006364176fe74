import Datasets
import Flows
import Layers
import Tensors

/// One training step of a fixed model on a fixed batch, the same in other programs.
package struct Workload: Sendable {
  /// Short name, "W1".
  package let name: String
  /// Kind of model.
  package let kind: Kind
  /// D, columns of the data.
  package let dimension: Int
  /// Couplings or MADE blocks.
  package let layers: Int
  /// H, units of each of the two hidden layers.
  package let hidden: Int
  /// Rows of the global batch.
  package let batch: Int
  /// Canonical shards.
  package let shards: Int

  package enum Kind: String, Sendable {
    case realNVP = "RealNVP"
    case maf = "MAF"
  }

  package init(
    _ name: String, _ kind: Kind, dimension: Int, layers: Int, hidden: Int, batch: Int,
    shards: Int = 8
  ) {
    self.name = name
    self.kind = kind
    self.dimension = dimension
    self.layers = layers
    self.hidden = hidden
    self.batch = batch
    self.shards = shards
  }

  /// The workloads by which training systems are compared.
  package static let all = [
    Workload("W1", .realNVP, dimension: 3, layers: 10, hidden: 64, batch: 256),
    Workload("W2", .realNVP, dimension: 3, layers: 10, hidden: 128, batch: 512),
    Workload("W3", .realNVP, dimension: 64, layers: 8, hidden: 512, batch: 2048),
    Workload("W4", .maf, dimension: 63, layers: 10, hidden: 512, batch: 1024),
    Workload("W5", .maf, dimension: 6, layers: 10, hidden: 100, batch: 512),
  ]

  /// The model in one line.
  package var summary: String {
    "\(kind.rawValue) D=\(dimension), \(layers) layers, H=\(hidden), batch \(batch)"
  }

  /// The same workload with another number of shards.
  package func with(shards: Int) -> Workload {
    Workload(
      name, kind, dimension: dimension, layers: layers, hidden: hidden, batch: batch,
      shards: shards)
  }

  /// Declares the parameters and builds the density model.
  func flow(in layout: inout ParameterLayout) -> Flow {
    let chain: Chain
    switch kind {
    case .realNVP:
      chain = RealNVP(
        couplings: layers, widths: [hidden, hidden], hasActNorm: false, mixing: .none
      ).chain(dimension: dimension, contextDimension: 0, seed: 1, in: &layout)
    case .maf:
      chain = MAF(blocks: layers, widths: [hidden, hidden], hasActNorm: false)
        .chain(dimension: dimension, contextDimension: 0, seed: 1, in: &layout)
    }
    return Flow(base: StandardNormal(dimension: dimension), bijection: chain)
  }

  /// The matrix products of a step as a list of linear layers (rows, inputs, outputs), on the whole
  /// batch at once; each is multiplied forward, for its weight's gradient and for its input's. Masked
  /// layers count as the products that are left of them.
  var linearLayers: [LinearShape] {
    (0..<layers).flatMap { layer -> [LinearShape] in
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
      }
    }
  }
}
