/// The pattern of a weight matrix [I, O] in which output column c reads the first `limits[c]` inputs.
///
/// Networks with an order among their columns have such weights once their units are sorted by degree
/// (MADE; Germain et al., 2015). Half of a square one is zero, and products should not pay for it: the
/// columns are cut into groups, group g keeps the first n_g rows of its w_g columns, and a product with
/// the matrix is one product a group. The weight is stored packed, one row-major block [n_g, w_g] after
/// the other in one vector; entries of a block that lie below the limit of their column count as zero.
package struct Staircase: Hashable, Sendable {
  /// Columns that are multiplied at once.
  package struct Group: Hashable, Sendable {
    /// Output columns.
    package let columns: Range<Int>
    /// n_g, the largest limit among them.
    package let reads: Int
    /// First element of the block in the packed vector, and elements between two of its rows.
    package let offset: Int
    package let stride: Int
  }

  /// I; columns of x.
  package let inputs: Int
  /// Inputs that each output column reads, [O].
  package let limits: [Int]
  /// The group that reads most comes first.
  package let groups: [Group]
  /// Elements of the packed vector.
  package let count: Int
  /// Whether the groups cover the packed vector; a selection of columns does not.
  package let isWhole: Bool

  /// O.
  package var outputs: Int { limits.count }
  /// Whether no block holds an entry that counts as zero.
  package var isExact: Bool {
    groups.allSatisfy { group in group.columns.allSatisfy { limits[$0] == group.reads } }
  }

  /// - Parameter limits: from 0 to I. Each ascending run of columns is a staircase of its own.
  package init(inputs: Int, limits: [Int]) {
    precondition(
      !limits.isEmpty && limits.allSatisfy { (0...inputs).contains($0) },
      "expected limits from 0 to \(inputs), got \(limits)")
    var groups: [Group] = []
    var count = 0
    for columns in Self.columns(of: limits, inputs: inputs) {
      let reads = limits[columns].max() ?? 0
      groups.append(Group(columns: columns, reads: reads, offset: count, stride: columns.count))
      count += reads * columns.count
    }
    self.init(inputs: inputs, limits: limits, groups: groups, count: count, isWhole: true)
  }

  private init(inputs: Int, limits: [Int], groups: [Group], count: Int, isWhole: Bool) {
    self.inputs = inputs
    self.limits = limits
    self.groups = groups.enumerated().sorted {
      ($1.element.reads, $0.offset) < ($0.element.reads, $1.offset)
    }.map(\.element)
    self.count = count
    self.isWhole = isWhole
  }

  /// Some columns of the same weight, as a matrix of their own over the inputs that they read.
  package func selecting(_ ranges: [Range<Int>]) -> Staircase {
    var selected: [Int] = []
    var parts: [Group] = []
    for range in ranges {
      for group in groups.sorted(by: { $0.columns.lowerBound < $1.columns.lowerBound }) {
        let common = group.columns.clamped(to: range)
        guard !common.isEmpty else { continue }
        parts.append(
          Group(
            columns: selected.count..<selected.count + common.count,
            reads: common.map { limits[$0] }.max() ?? 0,
            offset: group.offset + common.lowerBound - group.columns.lowerBound,
            stride: group.stride))
        selected += common.map { limits[$0] }
      }
    }
    return Staircase(
      inputs: selected.max() ?? 0, limits: selected, groups: parts, count: count, isWhole: false)
  }

  /// Columns by group.
  ///
  /// More groups waste less work on zeros, but products of few columns are slow: the more rows a column
  /// has, the fewer columns a group needs. At most about eight groups, which leave 1/16 of the matrix as
  /// waste. All groups but the first of a flight, which reads least, are whole multiples of the library's
  /// inner loop; 36 columns and then 64 are 12 % faster than 64 and then 36. Flights that together are
  /// narrower than a group share one. The rule reads shapes alone, because it decides bits.
  private static func columns(of limits: [Int], inputs: Int) -> [Range<Int>] {
    let narrowest =
      switch inputs {
      case 384...: 16
      case 192...: 32
      case 32...: 64
      default: limits.count
      }
    var groups: [Range<Int>] = []
    var start = 0
    while start < limits.count {
      var end = start + 1
      while end < limits.count, limits[end] >= limits[end - 1] { end += 1 }
      if let last = groups.last, last.count + end - start <= narrowest {
        groups[groups.count - 1] = last.lowerBound..<end
      } else {
        let width = max(narrowest, (end - start + 127) / 128 * 16)
        var borders = [start] + stride(from: end, to: start, by: -width).reversed()
        if borders.count > 2, 2 * (borders[1] - start) < width { borders.remove(at: 1) }
        groups += zip(borders, borders.dropFirst()).map { $0..<$1 }
      }
      start = end
    }
    return groups
  }
}
