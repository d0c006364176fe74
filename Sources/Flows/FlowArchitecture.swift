import Tensors

/// What a flow is made of, before it knows its dimension.
package protocol FlowArchitecture: Sendable {
  /// Declares the parameters and builds the chain, base → data.
  ///
  /// - Parameters:
  ///   - contextDimension: C, columns of the context; 0 for a flow that takes none.
  ///   - seed: of the fixed permutations.
  func chain(
    dimension: Int, contextDimension: Int, seed: UInt64, in layout: inout ParameterLayout
  ) -> Chain
}

/// The linear map of the columns between two blocks of a flow.
package enum ColumnMixing: Sendable {
  case none
  /// A fixed permutation drawn from the seed.
  case permutation
  /// A trained linear map in LU form.
  case lu
  /// A trained matrix without structure.
  case full
  /// A trained rotation or reflection.
  case orthogonal
}

/// The elements of a chain, collected block by block.
struct ChainElements {
  let dimension: Int
  let seed: UInt64
  private(set) var elements: [(name: String, bijection: any Bijection)] = []

  init(dimension: Int, seed: UInt64) {
    self.dimension = dimension
    self.seed = seed
  }

  var chain: Chain { Chain(dimension: dimension, elements) }

  mutating func append(_ name: String, _ bijection: any Bijection) {
    elements.append((name, bijection))
  }

  /// What follows the curved map of block `position`, base → data: mixing, then ActNorm.
  mutating func appendMixing(
    _ mixing: ColumnMixing, hasActNorm: Bool, position: Int, in layout: inout ParameterLayout
  ) {
    switch mixing {
    case .none: break
    case .permutation:
      append(
        "\(position).permutation",
        Permutation.random(dimension: dimension, seed: seed, position: position))
    case .lu:
      append(
        "\(position).linear",
        layout.scoped("linear") { InvertibleLinear(dimension: dimension, in: &$0) })
    case .full:
      append(
        "\(position).linear",
        layout.scoped("linear") { FullLinear(dimension: dimension, in: &$0) })
    case .orthogonal:
      append(
        "\(position).linear",
        layout.scoped("linear") { Orthogonal(dimension: dimension, in: &$0) })
    }
    if hasActNorm {
      append(
        "\(position).norm", layout.scoped("norm") { ActNorm(dimension: dimension, in: &$0) })
    }
  }
}
