/// Functions on one periodic grid as functions on another, by their Fourier series.
///
/// The modes that both grids have are kept, all others are zero: exact for functions that are
/// band-limited on the coarser grid. Its highest mode, if its number of points is even, is a cosine
/// whose size is that of both ±N/2 of the finer grid together, so that the way up and down again is the
/// identity.
package enum FourierResampling {
  /// [to, from] row-major, the same bits on any machine.
  ///
  /// - Complexity: O(to · from · min(to, from)), once a recording.
  package static func matrix(from: Int, to: Int) -> [Double] {
    precondition(from >= 1 && to >= 1, "grids have points, got \(from) and \(to)")
    let coarse = min(from, to)
    let modes = coarse / 2 + 1
    let analysis = FourierMatrices(positions: from, modes: modes).analysis
    let synthesis = FourierMatrices(positions: to, modes: modes).synthesis
    var matrix = [Double](repeating: 0, count: to * from)
    for mode in 0..<modes {
      let isHighest = mode > 0 && 2 * mode == coarse
      let weight = isHighest && from < to ? 0.5 : isHighest && from > to ? 2.0 : 1
      for part in 0..<2 {
        let row = (2 * mode + part) * from
        for i in 0..<to {
          let factor = weight * synthesis[i * 2 * modes + 2 * mode + part]
          if factor == 0 { continue }
          for j in 0..<from { matrix[i * from + j] += factor * analysis[row + j] }
        }
      }
    }
    return matrix
  }
}
