#if canImport(Glibc)
  import Glibc
#endif

/// The exact density of a `PointGenerator`: p*(x) = mean over components and θ of N(x; γ(θ), s² I₃).
///
/// The mean over θ is a midpoint rule whose nodes lie at most s/4 apart along the curve. A Gaussian
/// sampled that finely is integrated to rounding error, so the result is exact for every purpose here.
/// Nodes are sorted into a grid of cells at least 8 s wide: a point whose nearest node is within 4 s
/// needs the 27 cells around it only (what is left out is below e⁻²⁴ of the sum per node); any
/// other point sums over all nodes.
public struct CurveDensity: Sendable {
  /// Standard deviation of the noise.
  private let noise: Double
  /// log(1/N) + log((2π s²)^(−3/2)): what each node's exponential is multiplied by.
  private let logNodeWeight: Double
  /// Nodes of one cell stand together.
  private let nodes: [SIMD3<Double>]
  /// Nodes of cell c: `nodes[cellStarts[c]..<cellStarts[c + 1]]`.
  private let cellStarts: [Int]
  private let cells: CellGrid

  /// Lays the nodes and their grid.
  /// - Precondition: the set is one of curves, and its noise is positive; without noise there is no
  ///   density in space.
  public init(_ generator: PointGenerator) {
    precondition(generator.set.shape == .curve, "\(generator.set) is no set of curves")
    precondition(generator.noise > 0, "a density needs noise > 0")
    noise = generator.noise
    let laid = CurveNodes.midpoints(of: generator)
    logNodeWeight = -log(Double(laid.count)) - 1.5 * log(2 * .pi * noise * noise)

    let grid = CellGrid(covering: laid, cellSize: 8 * noise)
    let cellOfNode = laid.map { grid.cell(at: grid.coordinates(of: $0)) }
    var starts = [Int](repeating: 0, count: grid.count + 1)
    for cell in cellOfNode { starts[cell + 1] += 1 }
    for cell in 0..<grid.count { starts[cell + 1] += starts[cell] }
    var next = starts
    var sorted = laid
    for (node, cell) in zip(laid, cellOfNode) {
      sorted[next[cell]] = node
      next[cell] += 1
    }
    (cells, cellStarts, nodes) = (grid, starts, sorted)
  }

  /// log p*(x), in nats per unit volume.
  package func logProbability(of point: SIMD3<Double>) -> Double {
    // Points far outside would overflow the cell numbers.
    if let ranges = cells.neighbourhood(of: point) {
      let local = logSum(at: point, over: ranges)
      if local.nearest <= 16 * noise * noise { return local.value }
    }
    return logSum(at: point, over: [0..<cells.count]).value
  }

  /// Distance to the nearest node: to the curve but for s/8 along it, so to d²/(128 d) at distance d.
  package func distance(of point: SIMD3<Double>) -> Double {
    if let ranges = cells.neighbourhood(of: point) {
      let local = nearestSquared(to: point, among: ranges)
      if local <= 64 * noise * noise { return local.squareRoot() }
    }
    return nearestSquared(to: point, among: [0..<cells.count]).squareRoot()
  }

  /// log p*(x) of each row, [rows], in nats per unit volume.
  /// - Parameter rows: points, [rows, 3], row after row.
  public func logProbability(of rows: [Double]) -> [Double] {
    precondition(rows.count % 3 == 0, "points have 3 coordinates, got \(rows.count) numbers")
    return (0..<rows.count / 3).map { row in
      logProbability(of: SIMD3(rows[3 * row], rows[3 * row + 1], rows[3 * row + 2]))
    }
  }

  private func nearestSquared(to point: SIMD3<Double>, among cellRanges: [Range<Int>]) -> Double {
    var nearest = Double.infinity
    for range in cellRanges {
      for node in cellStarts[range.lowerBound]..<cellStarts[range.upperBound] {
        let offset = nodes[node] - point
        nearest = min(nearest, (offset * offset).sum())
      }
    }
    return nearest
  }

  /// Log-sum-exp over the nodes of runs of cells, and the smallest squared distance met.
  private func logSum(
    at point: SIMD3<Double>, over cellRanges: [Range<Int>]
  ) -> (value: Double, nearest: Double) {
    let nearest = nearestSquared(to: point, among: cellRanges)
    guard nearest.isFinite else { return (-.infinity, nearest) }
    let factor = -0.5 / (noise * noise)
    var sum = 0.0
    for range in cellRanges {
      for node in cellStarts[range.lowerBound]..<cellStarts[range.upperBound] {
        let offset = nodes[node] - point
        let exponent = factor * ((offset * offset).sum() - nearest)
        // Below e⁻⁴⁰ a term is lost in the rounding of a sum that is at least 1.
        if exponent > -40 { sum += exp(exponent) }
      }
    }
    return (logNodeWeight + factor * nearest + log(sum), nearest)
  }
}
