import Layers
import Tensors

/// A learnt kernel on the edges of a periodic grid, κ(x_i, x_j, a_i, a_j), and its mean over neighbours
/// (Li et al., 2020, eq. 10):
///
///     (K v)_i = 1/|N(i)| Σ_{j ∈ N(i)} v_j · κ_ij,  κ_ij a matrix [C, C]
///
/// x_j is unwrapped, so that the kernel sees the true distance across the period. The matrices depend on
/// the function and the grid alone; ``Edges`` holds them, to be used in several layers.
package struct EdgeKernel: Sendable {
  /// 2 + 2·I → C².
  package let network: MultilayerPerceptron
  package let channels: Int

  /// - Parameter inputs: I, channels of the function a.
  package init(inputs: Int, channels: Int, widths: [Int], in layout: inout ParameterLayout) {
    self.channels = channels
    network = MultilayerPerceptron(
      2 + 2 * inputs, widths: widths, channels * channels, in: &layout)
  }

  /// The kernel's matrices for all edges of a grid, [E·B·C, C].
  package struct Edges: Sendable {
    /// Neighbours of each position.
    package let neighbours: Int
    /// Position of the other end, [neighbours · N], neighbour-major.
    package let index: [Int]
    let matrices: Value
  }

  /// - Parameters:
  ///   - a: [N·B, I].
  ///   - offsets: for each position the neighbours, relative to it; equally many for all.
  /// - Complexity: edges × size of the network.
  package func edges<Scalar>(
    _ a: Value, positions: Int, offsets: [[Int]], on tape: Tape<Scalar>
  ) -> Edges {
    let shape = tape.shape(of: a)
    let batch = Grid.batch(rows: shape.rows, positions: positions)
    let count = offsets[0].count
    precondition(
      offsets.count == positions && offsets.allSatisfy { $0.count == count } && count > 0,
      "each of \(positions) positions needs equally many neighbours")
    var coordinates: [Scalar] = []
    coordinates.reserveCapacity(2 * count * positions * batch)
    var other: [Int] = []
    for neighbour in 0..<count {
      for position in 0..<positions {
        let unwrapped = position + offsets[position][neighbour]
        other.append((unwrapped % positions + positions) % positions)
        for _ in 0..<batch {
          coordinates.append(Scalar(position) / Scalar(positions))
          coordinates.append(Scalar(unwrapped) / Scalar(positions))
        }
      }
    }
    let rows = count * positions * batch
    let here = (0..<count).flatMap { _ in 0..<positions }
    func ends(_ index: [Int]) -> Value {
      tape.reshape(
        tape.gatherRows(tape.reshape(a, positions, batch * shape.columns), index), rows,
        shape.columns)
    }
    let features = tape.concatenateColumns(
      tape.constant(rows, 2, coordinates), tape.concatenateColumns(ends(here), ends(other)))
    let matrices = network(features, on: tape)
    return Edges(
      neighbours: count, index: other,
      matrices: tape.reshape(matrices, rows * channels, channels))
  }

  /// K v, [N·B, C] → [N·B, C].
  package static func mean<Scalar>(
    _ v: Value, over edges: Edges, on tape: Tape<Scalar>
  ) -> Value {
    let shape = tape.shape(of: v)
    let positions = edges.index.count / edges.neighbours
    let wide = tape.reshape(v, positions, shape.count / positions)
    let rows = edges.neighbours * shape.rows
    let others = tape.reshape(tape.gatherRows(wide, edges.index), rows, shape.columns)
    let messages = tape.batchedMatmul(others, edges.matrices, groups: rows)
    let sum = tape.columnSums(tape.reshape(messages, edges.neighbours, shape.count))
    return tape.reshape(
      tape.scale(sum, by: 1 / Double(edges.neighbours)), shape.rows, shape.columns)
  }
}
