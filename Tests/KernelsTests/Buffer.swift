/// Memory with a stable address, for kernels that take pointers.
final class Buffer<Scalar> {
  let count: Int
  let output: UnsafeMutablePointer<Scalar>

  init(_ count: Int, _ value: (Int) -> Scalar) {
    self.count = count
    output = .allocate(capacity: max(count, 1))
    for i in 0..<count { (output + i).initialize(to: value(i)) }
  }

  convenience init(_ values: [Scalar]) {
    self.init(values.count) { values[$0] }
  }

  deinit { output.deallocate() }

  var input: UnsafePointer<Scalar> { UnsafePointer(output) }

  var values: [Scalar] { Array(UnsafeBufferPointer(start: output, count: count)) }
}
