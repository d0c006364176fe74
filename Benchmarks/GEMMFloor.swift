import BLAS
import Tensors

/// One linear layer as matrix products: [rows, inputs] times [inputs, outputs].
struct LinearShape {
  let rows: Int
  let inputs: Int
  let outputs: Int
  /// The left factor is no data but a fixed matrix: it has no gradient, and two products are left.
  var isFixed = false
}

/// The matrix products of a training step and nothing else, one plain call each, back to back: what
/// the same step costs at least as long as nobody finds a better form of the products.
///
/// Operands lie in one hot place, results too: no network can have it that good.
struct GEMMFloor {
  private let layers: [LinearShape]
  private let a: ParameterBuffer<Float>
  private let b: ParameterBuffer<Float>
  private let c: ParameterBuffer<Float>

  init(_ layers: [LinearShape]) {
    self.layers = layers
    let largest = layers.reduce(0) {
      max($0, max($1.rows, max($1.inputs, $1.outputs)) * max($1.inputs, $1.outputs))
    }
    a = ParameterBuffer(count: largest)
    b = ParameterBuffer(count: largest)
    c = ParameterBuffer(count: largest)
    for i in 0..<largest {
      a.pointer[i] = Float(i % 77) * 0.01
      b.pointer[i] = Float(i % 91) * 0.01
    }
  }

  /// All products once: forward, weight gradient, input gradient of each layer.
  func run() {
    let (x, y, z) = (UnsafePointer(a.pointer), UnsafePointer(b.pointer), c.pointer)
    for layer in layers {
      let (rows, inputs, outputs) = (layer.rows, layer.inputs, layer.outputs)
      Float.gemm(
        transposeA: false, transposeB: false, m: rows, n: outputs, k: inputs, alpha: 1, a: x,
        lda: inputs, b: y, ldb: outputs, beta: 0, c: z, ldc: outputs)
      // A fixed left factor: this one is the gradient of the data.
      Float.gemm(
        transposeA: true, transposeB: false, m: inputs, n: outputs, k: rows, alpha: 1, a: x,
        lda: inputs, b: y, ldb: outputs, beta: 0, c: z, ldc: outputs)
      if layer.isFixed { continue }
      Float.gemm(
        transposeA: false, transposeB: true, m: rows, n: inputs, k: outputs, alpha: 1, a: x,
        lda: outputs, b: y, ldb: outputs, beta: 0, c: z, ldc: inputs)
    }
  }
}
