/// A function of the caller on the plain memory of one shard.
struct HostFunction<Scalar> {
  let body: (HostArguments<Scalar>) -> Void
}

/// The memory that a host function reads and writes, row-major, on one shard.
package struct HostArguments<Scalar> {
  /// Local shard.
  package let shard: Int
  package let inputs:
    (
      UnsafePointer<Scalar>?, UnsafePointer<Scalar>?, UnsafePointer<Scalar>?,
      UnsafePointer<Scalar>?,
      UnsafePointer<Scalar>?
    )
  package let outputs:
    (
      UnsafeMutablePointer<Scalar>?, UnsafeMutablePointer<Scalar>?, UnsafeMutablePointer<Scalar>?,
      UnsafeMutablePointer<Scalar>?
    )
}

extension Tape {
  /// A step that is not differentiable: choosing a code, counting, drawing.
  ///
  /// `body` runs once a shard in each run, in its place among the records. It must depend on its
  /// inputs alone and must not escape its arguments.
  /// - Precondition: at most five inputs and four outputs.
  package func host(
    inputs: [Value], outputs: [Shape], _ body: @escaping (HostArguments<Scalar>) -> Void
  ) -> [Value] {
    precondition(
      inputs.count <= 5 && (1...4).contains(outputs.count), "at most five inputs, four outputs")
    let made = outputs.map { makeSlot(.computed, $0, isDifferentiable: false) }
    func input(_ i: Int) -> Int32 { i < inputs.count ? inputs[i].index : -1 }
    func output(_ i: Int) -> Int32 { i < made.count ? made[i] : -1 }
    hostFunctions.append(HostFunction(body: body))
    append(
      Record(
        operation: .host, a: input(0), b: input(1), c: input(2), d: input(3), e: input(4),
        y: output(0), y2: output(1), y3: output(2), y4: output(3), first: hostFunctions.count - 1))
    return made.map(Value.init)
  }
}
