import Datasets

/// Pairs of fields as rows of a training: u(0) on s points, then u(T), [2s].
package struct PairRows: RowSource, Sendable {
  /// s.
  package let points: Int
  package let columnNames: [String]
  /// The pair of each row, counted in the file.
  private let samples: [Int]
  private let values: [Float]

  /// - Parameters:
  ///   - samples: which of the pairs; all where left out.
  package init(_ pairs: PDEPairs, samples: [Int]? = nil) {
    let samples = samples ?? Array(0..<pairs.count)
    points = pairs.points
    columnNames =
      (0..<pairs.points).map { "input\($0)" } + (0..<pairs.points).map { "output\($0)" }
    self.samples = samples
    values = samples.flatMap { sample in
      (pairs.input(sample) + pairs.output(sample)).map { Float($0) }
    }
  }

  package var count: Int { samples.count }
  package func originalRow(_ row: Int) -> Int { samples[row] }

  package func read(rows: [Int], into destination: UnsafeMutablePointer<Float>) {
    let width = 2 * points
    values.withUnsafeBufferPointer { source in
      for (place, row) in rows.enumerated() {
        precondition(samples.indices.contains(row), "row \(row) is not in 0..<\(count)")
        (destination + place * width).update(
          from: source.baseAddress! + row * width, count: width)
      }
    }
  }

  package func read(rows: [Int], into destination: UnsafeMutablePointer<Double>) {
    let width = 2 * points
    for (place, row) in rows.enumerated() {
      precondition(samples.indices.contains(row), "row \(row) is not in 0..<\(count)")
      for column in 0..<width {
        destination[place * width + column] = Double(values[row * width + column])
      }
    }
  }
}
