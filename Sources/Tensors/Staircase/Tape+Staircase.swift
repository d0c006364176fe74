extension Tape {
  // MARK: - Products with a staircase weight

  /// φ(x · W + b), where column c of W reads the first `limits[c]` columns of x only.
  ///
  /// x [R, I], W packed [1, count], b [1, O] or nil for none. Entries of W outside the pattern have no
  /// influence and no gradient. With `selecting` columns, W is still the whole packed vector.
  package func linear(
    _ x: Value, weight: Value, bias: Value?, pattern: Staircase,
    activation: Activation = .identity
  ) -> Value {
    let sx = shape(of: x)
    precondition(
      sx.columns == pattern.inputs && shape(of: weight).count == pattern.count
        && bias.map { shape(of: $0) == Shape(1, pattern.outputs) } ?? true,
      "linear: input \(sx), packed weight \(shape(of: weight)), bias "
        + "\(String(describing: bias.map { shape(of: $0) })) for \(pattern.inputs) inputs, "
        + "\(pattern.outputs) outputs, \(pattern.count) weights")
    let start = encode(pattern, activation)
    return emit(
      .staircaseLinear, x, masked(weight, start, pattern), bias,
      shape: Shape(sx.rows, pattern.outputs), first: start)
  }

  /// d · Wᵀ, [R, O] → [R, I]; `start` is the encoded pattern.
  func staircaseInputGradient(_ d: Value, weight: Value, _ start: Int, copiesWeight: Bool = false)
    -> Value
  {
    let pattern = staircase(at: start)
    let rows = shape(of: d).rows
    // A product with a transposed right factor is slow while it is small; a copy of W is not.
    let isSmall = rows * pattern.inputs * pattern.widestGroup <= ProductForm.smallProduct
    let copy =
      copiesWeight && isSmall && pattern.isWhole
      ? emit(.staircaseTranspose, weight, shape: shape(of: weight), first: start) : nil
    return emit(
      .staircaseInputGradient, d, weight, copy, shape: Shape(rows, pattern.inputs), first: start)
  }

  /// The entries of xᵀ · d inside the pattern, packed, zeros elsewhere; [R, I], [R, O] → [1, count].
  func staircaseWeightGradient(_ x: Value, _ d: Value, _ start: Int) -> Value {
    let pattern = staircase(at: start)
    let gradient = emit(
      .staircaseWeightGradient, x, d, shape: Shape(1, pattern.count), first: start)
    maskedSlots.insert(gradient.index)
    return gradient
  }

  /// x · W without bias and activation, for an encoded pattern.
  func staircaseProduct(_ x: Value, weight: Value, _ start: Int) -> Value {
    let pattern = staircase(at: start)
    // The pattern may have been encoded with an activation; a product has none.
    var plain = start
    if pattern.activation != 0 {
      plain = integers.count
      integers.append(0)
      integers.append(contentsOf: Array(integers[start + 1..<start + pattern.length]))
    }
    return emit(
      .staircaseLinear, x, masked(weight, start, isExact: pattern.isExact), nil,
      shape: Shape(shape(of: x).rows, pattern.outputs), first: plain)
  }

  /// The packed weight with zeros outside of the pattern.
  func masked(_ weight: Value, _ start: Int, isExact: Bool) -> Value {
    if isExact || maskedSlots.contains(weight.index) { return weight }
    let masked = emit(.staircaseMask, weight, shape: shape(of: weight), first: start)
    maskedSlots.insert(masked.index)
    return masked
  }

  private func masked(_ weight: Value, _ start: Int, _ pattern: Staircase) -> Value {
    masked(weight, start, isExact: pattern.isExact)
  }

  /// Writes a pattern into `integers` and returns where it starts; see ``EncodedStaircase``.
  private func encode(_ pattern: Staircase, _ activation: Activation) -> Int {
    let start = integers.count
    let code = Activation.allCases.firstIndex(of: activation)!
    let head = [
      code, pattern.inputs, pattern.outputs, pattern.groups.count, pattern.count,
      pattern.isWhole ? 1 : 0, pattern.isExact ? 1 : 0,
    ]
    integers.append(contentsOf: head.map(Int32.init))
    for group in pattern.groups {
      let numbers = [
        group.columns.lowerBound, group.columns.upperBound, group.reads, group.offset, group.stride,
      ]
      integers.append(contentsOf: numbers.map(Int32.init))
    }
    integers.append(contentsOf: pattern.limits.map(Int32.init))
    return start
  }
}

extension Tape {
  /// What recording needs to know of an encoded pattern.
  func staircase(at start: Int) -> StaircaseHead {
    integers.withUnsafeBufferPointer { StaircaseHead(EncodedStaircase($0.baseAddress! + start)) }
  }
}

/// The scalars of an ``EncodedStaircase``, by value.
struct StaircaseHead {
  let activation: Int
  let inputs: Int
  let outputs: Int
  let count: Int
  let isWhole: Bool
  let isExact: Bool
  /// w of the widest group.
  let widestGroup: Int
  /// Integers of the encoding.
  let length: Int

  init(_ pattern: EncodedStaircase) {
    activation = pattern.activation
    inputs = pattern.inputs
    outputs = pattern.outputs
    count = pattern.count
    isWhole = pattern.isWhole
    isExact = pattern.isExact
    widestGroup = (0..<pattern.groupCount).map { pattern.group($0).width }.max() ?? 0
    length = pattern.length
  }
}

/// A ``Staircase`` as it lies in the integers of a tape: activation, I, O, groups, weights, whole,
/// exact; five numbers a group; the limits of the columns.
struct EncodedStaircase {
  private let start: UnsafePointer<Int32>

  init(_ start: UnsafePointer<Int32>) { self.start = start }

  private static var headLength: Int { 7 }
  private static var groupLength: Int { 5 }

  private subscript(index: Int) -> Int { Int(start[index]) }

  var activation: Int { self[0] }
  var inputs: Int { self[1] }
  var outputs: Int { self[2] }
  var groupCount: Int { self[3] }
  var count: Int { self[4] }
  var isWhole: Bool { self[5] != 0 }
  var isExact: Bool { self[6] != 0 }
  /// Integers of the encoding.
  var length: Int { Self.headLength + Self.groupLength * groupCount + outputs }

  func limit(_ column: Int) -> Int {
    self[Self.headLength + Self.groupLength * groupCount + column]
  }

  func group(_ index: Int) -> (first: Int, width: Int, reads: Int, offset: Int, stride: Int) {
    let base = Self.headLength + Self.groupLength * index
    return (
      self[base], self[base + 1] - self[base], self[base + 2], self[base + 3], self[base + 4]
    )
  }
}
