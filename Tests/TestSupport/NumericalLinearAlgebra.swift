import Foundation

/// Small dense linear algebra, written for clarity: an oracle.
package enum NumericalLinearAlgebra {
  /// log |det A| by elimination with partial pivoting; A is [D][D].
  package static func logAbsDeterminant(_ matrix: [[Double]]) -> Double {
    var a = matrix
    var result = 0.0
    for column in a.indices {
      let pivot = (column..<a.count).max { abs(a[$0][column]) < abs(a[$1][column]) }!
      a.swapAt(column, pivot)
      result += log(abs(a[column][column]))
      for row in column + 1..<a.count {
        let factor = a[row][column] / a[column][column]
        for k in column..<a.count { a[row][k] -= factor * a[column][k] }
      }
    }
    return result
  }
}
