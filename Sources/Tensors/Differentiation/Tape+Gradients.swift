extension Tape {
  /// Records the reverse sweep of `outputs` and returns the gradients with respect to `inputs`.
  ///
  /// The sweep consists of ordinary operations, so its results can be differentiated again: a gradient
  /// of a gradient, a Jacobian-vector product of a gradient. Nothing runs yet.
  ///
  /// - Parameters:
  ///   - outputs: values and the gradient that arrives at each, of the same shape.
  ///   - inputs: any values upstream, parameters included.
  /// - Returns: Σ Jᵀ·seed for each input, zeros where nothing depends on it.
  /// - Complexity: one to three records a record between inputs and outputs.
  package func gradients(of outputs: [(Value, seed: Value)], withRespectTo inputs: [Value])
    -> [Value]
  {
    let sweep = ReverseSweep(tape: self, targets: inputs, isLast: false)
    for (output, seed) in outputs { sweep.seed(output, with: seed) }
    sweep.run()
    return inputs.map { input in
      sweep.gradient(of: input)
        ?? constant(shape(of: input).rows, shape(of: input).columns, repeating: 0)
    }
  }

  /// Records the last reverse sweep of a per-shard loss: gradients of all parameters upstream become
  /// leaves of the shard tree, added up into the sink at the parameters' offsets.
  ///
  /// Uses fused backward kernels; its values cannot be differentiated again. A sum replaces what the
  /// sink held at its place; elements of parameters that the loss does not depend on are left as they
  /// are. A parameter therefore belongs to one sweep of a tape.
  ///
  /// - Parameters:
  ///   - loss: [1, 1] on each shard; the job's loss is the sum over shards.
  ///   - parameterRange: only parameters inside are differentiated; the rest is held fixed. Element
  ///     `parameterRange.lowerBound` of the buffer is element 0 of the sink.
  package func backward(_ loss: Value, parameterRange: Range<Int>) {
    precondition(shape(of: loss) == Shape(1, 1), "expected a loss [1, 1], got \(shape(of: loss))")
    endSegment()
    firstBackwardSegment = segments.count
    let seed = constant(1, 1, repeating: 1)
    let targets = parameterSlots.values.filter {
      let slot = slots[Int($0)]
      guard parameterRange.contains(slot.parameterOffset) else { return false }
      precondition(
        slot.parameterOffset + slot.shape.count <= parameterRange.upperBound,
        "the parameter at \(slot.parameterOffset) reaches beyond \(parameterRange)")
      return true
    }
    let sweep = ReverseSweep(
      tape: self, targets: targets.sorted().map { Value($0) }, isLast: true,
      firstParameter: parameterRange.lowerBound)
    sweep.seed(loss, with: seed)
    sweep.run()
    endSegment()
  }

  /// Adds a per-shard value to the job-wide sums, at an offset of the sink.
  ///
  /// For what a model needs summed over the job: losses, counts, activation statistics. [R, C] is laid
  /// down row-major.
  package func sumOverShards(_ value: Value, at destination: Int) {
    addLeaf(leafCopy(of: value), at: destination)
  }

  /// A copy of its own on each shard: summing along the tree overwrites the leaf.
  func leafCopy(of value: Value) -> Value {
    emit(
      .stopGradient, value, shape: shape(of: value), isDifferentiable: false, isOncePerShard: true)
  }

  func addLeaf(_ value: Value, at destination: Int) {
    precondition(!slots[Int(value.index)].isLeaf, "a value is a leaf once")
    slots[Int(value.index)].isLeaf = true
    slots[Int(value.index)].lastSegment = max(slots[Int(value.index)].lastSegment, currentSegment)
    pendingLeaves.append(
      LeafSum(
        slot: value.index, destination: destination,
        count: slots[Int(value.index)].shape.count))
  }

  /// Records the forward sweep: the tangents of `outputs` when `inputs` move along their tangents.
  ///
  /// - Returns: J·tangent for each output, zeros where nothing depends on the inputs.
  package func tangents(of outputs: [Value], along inputs: [(Value, tangent: Value)]) -> [Value] {
    let sweep = TangentSweep(tape: self)
    for (input, tangent) in inputs { sweep.seed(input, with: tangent) }
    sweep.run()
    return outputs.map { output in
      sweep.tangent(of: output)
        ?? constant(shape(of: output).rows, shape(of: output).columns, repeating: 0)
    }
  }
}

extension Tape {
  /// The parts of 0 ..< count of the sink that no leaf writes.
  package func uncoveredDestinations(of count: Int) -> [Range<Int>] {
    let covered = segments.flatMap(\.leaves).map { $0.destination..<$0.destination + $0.count }
      .sorted { $0.lowerBound < $1.lowerBound }
    var gaps: [Range<Int>] = []
    var end = 0
    for range in covered {
      if range.lowerBound > end { gaps.append(end..<range.lowerBound) }
      end = max(end, range.upperBound)
    }
    if end < count { gaps.append(end..<count) }
    return gaps
  }
}
