import TestSupport
import Tensors
import Testing

@Suite("Inverse of a matrix")
struct InverseTests {
  private func inverse<Scalar: TensorScalar>(_ size: Int, _ elements: [Scalar]) -> (
    inverse: [Scalar], logAbsDeterminant: Scalar
  ) {
    let tape = Tape<Scalar>(shardCount: 1)
    let result = tape.inverse(tape.input(Shape(size, size), repeating: elements))
    tape.keep(result.inverse)
    tape.keep(result.logAbsDeterminant)
    tape.run()
    return (
      tape.elements(of: result.inverse), tape.elements(of: result.logAbsDeterminant)[0]
    )
  }

  @Test("The inverse times the matrix is the identity, and the volume is that of elimination")
  func random() {
    for size in [1, 2, 7, 33] {
      var random = SampleRandom(seed: 9, purpose: .test, sample: UInt64(size))
      let w = (0..<size * size).map { _ in random.normal() }
      let result = inverse(size, w)
      for i in 0..<size {
        for j in 0..<size {
          let sum = (0..<size).map { result.inverse[i * size + $0] * w[$0 * size + j] }
            .reduce(0, +)
          #expect(abs(sum - (i == j ? 1 : 0)) < 1e-9)
        }
      }
      let rows = (0..<size).map { Array(w[$0 * size..<($0 + 1) * size]) }
      let expected = NumericalLinearAlgebra.logAbsDeterminant(rows)
      #expect(abs(result.logAbsDeterminant - expected) < 1e-11 * Double(size))
    }
  }

  @Test("Determinants beyond the range of the type have their logarithm; a singular matrix has −∞")
  func extremes() {
    let size = 40
    for factor in [1e-8, 1e8] as [Float] {
      let w = (0..<size * size).map { $0 / size == $0 % size ? factor : 0 }
      let result = inverse(size, w)
      #expect(abs(result.logAbsDeterminant / (factor < 1 ? -736.827 : 736.827) - 1) < 1e-5)
      #expect(abs(result.inverse[0] * factor - 1) < 1e-6)
    }
    #expect(inverse(2, [1.0, 2, 2, 4]).logAbsDeterminant == -.infinity)
  }
}
