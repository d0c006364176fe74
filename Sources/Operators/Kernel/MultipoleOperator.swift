import Layers
import Tensors

/// The multipole graph operator, MGNO (Li et al., 2020b): a V-cycle of kernel integrals on grids of N,
/// N/2, … points, each over the few neighbours whose interaction no coarser grid has covered.
///
///     down: φ₁ = v, φ_{l+1} = mean of pairs of φ_l;  coarsest: x = σ(φ + K φ) over near neighbours
///     up: x ← repeat each value twice;  x ← σ(x + K_l φ_l) over |i − j| ∈ {2, 3} with neighbouring parents
///     finest: v ← σ(x + K₀ φ₁) over the point and its two neighbours
///
/// The cycle runs `depth` times with the same kernels. Levels are counted from the coarsest, so that a
/// kernel keeps its distance when the resolution changes; grids finer than the last level share its
/// kernel. Cost grows with N.
package struct MultipoleOperator: NeuralOperator {
  /// The shape of the model.
  package struct Settings: Sendable, Equatable {
    package var inputs = 1
    package var outputs = 1
    package var width = 16
    /// Width of the networks of the kernels: 4 → k → k → width², halved from level to level towards the
    /// coarse grids, at least 16.
    package var kernelWidth = 64
    /// Kernels of interactive neighbours, coarsest first.
    package var levels = 5
    /// Points of the coarsest grid, at least.
    package var coarsest = 8
    package var depth = 4

    package init() {}
  }

  package let settings: Settings
  private let lifting: Dense
  private let nearest: EdgeKernel
  private let top: EdgeKernel
  /// Coarsest first.
  private let interactive: [EdgeKernel]
  private let projection: Dense
  private let head: Dense

  package init(_ settings: Settings = Settings(), in layout: inout ParameterLayout) {
    self.settings = settings
    let width = settings.width
    func kernel(_ name: String, _ level: Int, _ layout: inout ParameterLayout) -> EdgeKernel {
      let hidden = max(settings.kernelWidth >> level, 16)
      return layout.scoped(name) {
        EdgeKernel(inputs: settings.inputs, channels: width, widths: [hidden, hidden], in: &$0)
      }
    }
    lifting = layout.scoped("lifting") { Dense(settings.inputs + 1, width, in: &$0) }
    nearest = kernel("nearest", 0, &layout)
    top = kernel("top", settings.levels, &layout)
    interactive = (0..<settings.levels).map {
      kernel("level\($0)", settings.levels - 1 - $0, &layout)
    }
    projection = layout.scoped("projection") {
      Dense(width, settings.kernelWidth, activation: .relu, in: &$0)
    }
    head = layout.scoped("head") { Dense(settings.kernelWidth, settings.outputs, in: &$0) }
  }

  /// Positions of the grids, finest first.
  package func grids(positions: Int) -> [Int] {
    var grids = [positions]
    while let last = grids.last, last % 2 == 0, last / 2 >= max(4, settings.coarsest) {
      grids.append(last / 2)
    }
    return grids
  }

  /// |i − j| ∈ {2, 3} with neighbouring parents: three for each point.
  package static func interactiveOffsets(positions: Int) -> [[Int]] {
    (0..<positions).map { $0 % 2 == 0 ? [-2, 2, 3] : [-3, -2, 2] }
  }

  package func callAsFunction<Scalar>(_ u: Value, positions: Int, on tape: Tape<Scalar>) -> Value {
    let features = tape.concatenateColumns(
      u, Grid.coordinates(positions: positions, rows: tape.shape(of: u).rows, on: tape))
    let grids = grids(positions: positions)
    let (near, edges) = self.edges(u, grids: grids, on: tape)
    var v = tape.scoped("lifting") { lifting(features, on: tape) }
    for _ in 0..<settings.depth {
      tape.endSegment()
      var pyramid = [v]
      for grid in grids.dropLast() {
        pyramid.append(Self.pooled(pyramid[pyramid.count - 1], positions: grid, on: tape))
      }
      var x = pyramid[grids.count - 1]
      for level in grids.indices.reversed() {
        if level < grids.count - 1 {
          x = Self.repeated(x, positions: grids[level + 1], on: tape)
        }
        x = tape.relu(
          tape.add(x, EdgeKernel.mean(pyramid[level], over: edges[level], on: tape)))
      }
      v = tape.relu(tape.add(x, EdgeKernel.mean(pyramid[0], over: near, on: tape)))
    }
    tape.endSegment()
    let hidden = tape.scoped("projection") { projection(v, on: tape) }
    return tape.scoped("head") { head(hidden, on: tape) }
  }

  /// Kernels on the edges of all grids; `edges` finest first, the last one of the coarsest grid.
  private func edges<Scalar>(
    _ u: Value, grids: [Int], on tape: Tape<Scalar>
  ) -> (near: EdgeKernel.Edges, edges: [EdgeKernel.Edges]) {
    let near = tape.scoped("nearest") {
      nearest.edges(
        u, positions: grids[0], offsets: Array(repeating: [-1, 0, 1], count: grids[0]), on: tape)
    }
    var function = u
    var edges: [EdgeKernel.Edges] = []
    for (level, grid) in grids.enumerated() {
      let fromCoarsest = grids.count - 2 - level
      if fromCoarsest < 0 {
        // All of a small grid, and what is near on a larger one.
        let reach = Array(-((min(grid, 7) - 1) / 2)...(min(grid, 7) / 2))
        edges.append(
          tape.scoped("top") {
            top.edges(
              function, positions: grid, offsets: Array(repeating: reach, count: grid), on: tape)
          })
      } else {
        let index = min(fromCoarsest, settings.levels - 1)
        edges.append(
          tape.scoped("level\(index)") {
            interactive[index].edges(
              function, positions: grid, offsets: Self.interactiveOffsets(positions: grid),
              on: tape)
          })
        function = Self.pooled(function, positions: grid, on: tape)
      }
    }
    return (near, edges)
  }

  /// Means of pairs, [N·B, C] → [N/2·B, C].
  private static func pooled<Scalar>(
    _ x: Value, positions: Int, on tape: Tape<Scalar>
  ) -> Value {
    let shape = tape.shape(of: x)
    let half = shape.count / positions
    let pairs = tape.reshape(x, positions / 2, 2 * half)
    let sum = tape.add(
      tape.columns(pairs, 0..<half), tape.columns(pairs, half..<2 * half))
    return tape.reshape(tape.scale(sum, by: 0.5), shape.rows / 2, shape.columns)
  }

  /// Each value twice, [N·B, C] → [2N·B, C]; `positions` is N.
  private static func repeated<Scalar>(
    _ x: Value, positions: Int, on tape: Tape<Scalar>
  ) -> Value {
    let shape = tape.shape(of: x)
    let wide = tape.reshape(x, positions, shape.count / positions)
    return tape.reshape(tape.concatenateColumns(wide, wide), 2 * shape.rows, shape.columns)
  }
}
