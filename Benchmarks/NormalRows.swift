import Datasets
import Tensors

/// Rows of standard normal numbers, held in memory.
struct NormalRows: RowSource {
  let count: Int
  let columnNames: [String]
  private let values: [Float]

  init(count: Int, columns: Int) {
    self.count = count
    columnNames = (0..<columns).map { "x\($0)" }
    values = (0..<count).flatMap { row -> [Float] in
      var random = SampleRandom(
        seed: 1, purpose: .initialisation, step: 0, sample: UInt64(row))
      return (0..<columns).map { _ in Float(random.normal()) }
    }
  }

  func read(rows: [Int], into destination: UnsafeMutablePointer<Double>) {
    for (place, row) in rows.enumerated() {
      for c in 0..<columnCount {
        destination[place * columnCount + c] = Double(values[row * columnCount + c])
      }
    }
  }

  func read(rows: [Int], into destination: UnsafeMutablePointer<Float>) {
    let columns = columnNames.count
    values.withUnsafeBufferPointer { values in
      guard let start = values.baseAddress else { return }
      for (place, row) in rows.enumerated() {
        (destination + place * columns).update(from: start + row * columns, count: columns)
      }
    }
  }
}
