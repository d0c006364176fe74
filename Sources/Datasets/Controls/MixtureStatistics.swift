/// Weighted counts, first and second moments of the points of each component.
///
/// Moments are about the component's previous mean, so that the covariance S/n − δδᵀ (δ = new − old
/// mean) loses no digits where a component is small and far from the origin.
struct MixtureStatistics {
  private let dimension: Int
  /// Points the moments are about, [K, D].
  private let centres: [Double]
  /// Σ r, [K].
  private var totals: [Double]
  /// Σ r (x − centre), [K, D].
  private var first: [Double]
  /// Σ r (x − centre)(x − centre)ᵀ, lower half, [K, D, D].
  private var second: [Double]

  init(dimension: Int, centres: [Double]) {
    self.dimension = dimension
    self.centres = centres
    let components = centres.count / dimension
    totals = [Double](repeating: 0, count: components)
    first = [Double](repeating: 0, count: components * dimension)
    second = [Double](repeating: 0, count: components * dimension * dimension)
  }

  /// Adds one row wholly to one component.
  mutating func add(_ rows: [Double], row: Int, to component: Int) {
    totals[component] += 1
    for i in 0..<dimension {
      let offset = rows[row * dimension + i] - centres[component * dimension + i]
      first[component * dimension + i] += offset
      for j in 0...i {
        let other = rows[row * dimension + j] - centres[component * dimension + j]
        second[(component * dimension + i) * dimension + j] += offset * other
      }
    }
  }

  /// Adds an evaluated block by its responsibilities.
  mutating func add(_ block: MixtureBlock) {
    let (d, capacity, count) = (dimension, MixtureBlock.capacity, block.count)
    var weighted = [Double](repeating: 0, count: capacity)
    var offsets = [Double](repeating: 0, count: d * capacity)
    block.points.withUnsafeBufferPointer { x in
      block.responsibilities.withUnsafeBufferPointer { responsibilities in
        for k in totals.indices {
          let r = UnsafeBufferPointer(
            rebasing: responsibilities[k * capacity..<k * capacity + count])
          let total = r.reduce(0, +)
          // Far components have no weight in a block of neighbours.
          if total < 1e-30 { continue }
          totals[k] += total
          for i in 0..<d {
            let centre = centres[k * d + i]
            var sum = 0.0
            for place in 0..<count {
              let offset = x[i * capacity + place] - centre
              offsets[i * capacity + place] = offset
              weighted[place] = r[place] * offset
              sum += weighted[place]
            }
            first[k * d + i] += sum
            for j in 0...i {
              // Four running sums: one alone would wait for each addition to finish.
              var product = SIMD4<Double>()
              for start in stride(from: 0, to: count, by: 4) {
                for lane in 0..<min(4, count - start) {
                  let place = start + lane
                  product[lane] += weighted[place] * offsets[j * capacity + place]
                }
              }
              second[(k * d + i) * d + j] += product.sum()
            }
          }
        }
      }
    }
  }

  /// All sums, [K (1 + D + D²)].
  var numbers: [Double] { totals + first + second }

  /// Adds the sums of other points about the same centres.
  mutating func add(numbers: ArraySlice<Double>) {
    precondition(numbers.count == totals.count + first.count + second.count, "other components")
    var place = numbers.startIndex
    func add(to sums: inout [Double]) {
      for index in sums.indices { sums[index] += numbers[place + index] }
      place += sums.count
    }
    add(to: &totals)
    add(to: &first)
    add(to: &second)
  }

  /// Sets weights, means and Cholesky factors from the moments.
  ///
  /// A component without points keeps its mean and shape, with a weight that no longer matters.
  func update(_ mixture: inout GaussianMixture, ridge: Double) {
    let d = dimension
    let sum = totals.reduce(0, +)
    for k in totals.indices {
      mixture.weights[k] = max(totals[k], 1e-12) / sum
      let isEmpty = totals[k] < 1e-9
      let scale = isEmpty ? 0 : 1 / totals[k]
      var factor = [Double](repeating: 0, count: d * d)
      for i in 0..<d {
        let shift = first[k * d + i] * scale
        mixture.means[k * d + i] = centres[k * d + i] + shift
        for j in 0...i {
          let product = shift * first[k * d + j] * scale
          var covariance = second[(k * d + i) * d + j] * scale - product
          if i == j { covariance = max(covariance, 0) + ridge }
          for m in 0..<j { covariance -= factor[i * d + m] * factor[j * d + m] }
          // Rounding may leave a pivot below the ridge that the exact one has.
          factor[i * d + j] =
            i == j ? max(covariance, 0.5 * ridge).squareRoot() : covariance / factor[j * d + j]
        }
      }
      let hasShape = mixture.choleskyFactors[k * d * d] > 0
      if !isEmpty || !hasShape {
        mixture.choleskyFactors.replaceSubrange(k * d * d..<(k + 1) * d * d, with: factor)
      }
    }
  }
}
