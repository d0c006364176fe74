/// Pairs of fields on s points, [n, 2, s].
package struct PDEPairs: Sendable, Equatable {
  /// [n, 2, s].
  package let values: [Double]
  /// s.
  package let points: Int

  /// - Precondition: `values` are whole pairs.
  package init(values: [Double], points: Int) {
    precondition(
      points > 0 && values.count % (2 * points) == 0,
      "\(values.count) values are no pairs of \(points) points")
    self.values = values
    self.points = points
  }

  /// n.
  package var count: Int { values.count / (2 * points) }

  /// u(0) of a pair, [s].
  package func input(_ sample: Int) -> ArraySlice<Double> {
    values[2 * sample * points..<(2 * sample + 1) * points]
  }

  /// u(T) of a pair, [s].
  package func output(_ sample: Int) -> ArraySlice<Double> {
    values[(2 * sample + 1) * points..<(2 * sample + 2) * points]
  }

  /// Some of the pairs.
  package func keeping(_ samples: [Int]) -> Self {
    Self(values: samples.flatMap { input($0) + output($0) }, points: points)
  }

  /// The same pairs at every (points/s)-th point.
  /// - Precondition: s divides the number of points.
  package func subSampled(to s: Int) -> Self {
    precondition(s > 0 && points % s == 0, "\(s) points do not divide \(points)")
    let fields = values.count / points
    return Self(
      values: (0..<fields * s).map { values[$0 / s * points + $0 % s * (points / s)] }, points: s)
  }

  /// ‖prediction − u(T)‖/‖u(T)‖ of a pair.
  package func relativeError(
    of prediction: some Collection<Double>, sample: Int
  ) -> Double {
    precondition(prediction.count == points, "expected \(points) values, got \(prediction.count)")
    var (difference, size) = (0.0, 0.0)
    for (p, u) in zip(prediction, output(sample)) {
      difference += (p - u) * (p - u)
      size += u * u
    }
    return (difference / size).squareRoot()
  }

  /// Mean of the relative L² errors of a control.
  package func meanRelativeError(of control: some PDEControl) -> Double {
    var sum = 0.0
    for sample in 0..<count {
      sum += relativeError(of: control.predict(Array(input(sample))), sample: sample)
    }
    return sum / Double(count)
  }
}
