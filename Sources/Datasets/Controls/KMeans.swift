import Tensors

/// K-means with a keyed k-means++ start, on the whole of a small table.
package enum KMeans {
  /// Centres, [K, D], after `iterations` Lloyd steps.
  ///
  /// A centre that loses all its points stays where it is.
  package static func centres(
    of rows: [Double], dimension: Int, count: Int, seed: UInt64, iterations: Int
  ) -> [Double] {
    var centres = start(of: rows, dimension: dimension, count: count, seed: seed)
    let rowCount = rows.count / dimension
    for _ in 0..<iterations {
      var sums = [Double](repeating: 0, count: centres.count)
      var totals = [Double](repeating: 0, count: count)
      for row in 0..<rowCount {
        let index = nearest(to: row, of: rows, dimension: dimension, centres: centres).index
        totals[index] += 1
        for axis in 0..<dimension { sums[index * dimension + axis] += rows[row * dimension + axis] }
      }
      for index in 0..<count where totals[index] > 0 {
        for axis in 0..<dimension {
          centres[index * dimension + axis] = sums[index * dimension + axis] / totals[index]
        }
      }
    }
    return centres
  }

  /// The centre nearest to a row (the lowest of equals) and its squared distance.
  static func nearest(
    to row: Int, of rows: [Double], dimension: Int, centres: [Double]
  ) -> (index: Int, squaredDistance: Double) {
    var best = (index: 0, squaredDistance: Double.infinity)
    for index in 0..<centres.count / dimension {
      var distance = 0.0
      for axis in 0..<dimension {
        let offset = rows[row * dimension + axis] - centres[index * dimension + axis]
        distance += offset * offset
      }
      if distance < best.squaredDistance { best = (index, distance) }
    }
    return best
  }

  /// Rows drawn one after another with probability proportional to the squared distance from those
  /// already drawn (Arthur & Vassilvitskii, 2007).
  private static func start(
    of rows: [Double], dimension: Int, count: Int, seed: UInt64
  ) -> [Double] {
    let rowCount = rows.count / dimension
    var random = SampleRandom(seed: seed, purpose: .codebook, sample: 0)
    var chosen = random.integer(below: rowCount)
    var centres: [Double] = []
    var distances = [Double](repeating: .infinity, count: rowCount)
    for index in 0..<count {
      let centre = Array(rows[chosen * dimension..<(chosen + 1) * dimension])
      centres += centre
      if index == count - 1 { break }
      var total = 0.0
      for row in 0..<rowCount {
        let distance = nearest(to: row, of: rows, dimension: dimension, centres: centre)
        distances[row] = min(distances[row], distance.squaredDistance)
        total += distances[row]
      }
      var threshold = random.uniform() * total
      // The last row with a distance is the answer where rounding lets the loop run through.
      for row in 0..<rowCount where distances[row] > 0 {
        chosen = row
        threshold -= distances[row]
        if threshold < 0 { break }
      }
    }
    return centres
  }
}
