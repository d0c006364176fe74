/// Nodes of the midpoint rule along the curves of a point set.
enum CurveNodes {
  /// Midpoints in θ, as many per component that neighbours are at most s/4 apart, scaled.
  static func midpoints(of generator: PointGenerator) -> [SIMD3<Double>] {
    let range = generator.thetaRange
    let span = range.upperBound - range.lowerBound
    // The curves are trigonometric polynomials of degree ≤ 6: 4,096 chords find the top speed to 1e-5.
    let probes = 4096
    var longestChord = 0.0
    for component in 0..<generator.set.componentCount {
      var previous = generator.set.point(component: component, theta: range.lowerBound)
      for probe in 1...probes {
        let theta = range.lowerBound + span * Double(probe) / Double(probes)
        let point = generator.set.point(component: component, theta: theta)
        let chord = point - previous
        longestChord = max(longestChord, (chord * chord).sum().squareRoot())
        previous = point
      }
    }
    let length = 1.01 * generator.scale * longestChord * Double(probes)
    let count = max(64, Int((4 * length / generator.noise).rounded(.up)))
    var nodes: [SIMD3<Double>] = []
    nodes.reserveCapacity(count * generator.set.componentCount)
    for component in 0..<generator.set.componentCount {
      for node in 0..<count {
        let theta = range.lowerBound + span * (Double(node) + 0.5) / Double(count)
        nodes.append(generator.scale * generator.set.point(component: component, theta: theta))
      }
    }
    return nodes
  }
}
