import Tensors

/// A division of a table in which whole groups of rows train, validate or test.
///
/// Groups are put in an order keyed by the seed. In that order each group goes to the part in whose
/// share of all rows the group's middle lies, so that the parts have the fractions asked for to within
/// a group, whatever the sizes. Rows of a part keep the order of the table. A function of the rows and
/// the seed alone, so every rank makes the same one.
package struct GroupedSplit: Sendable {
  /// Rows of each part in the order of ``DatasetSplit``, ascending.
  private let parts: [[Int]]
  /// Number of groups.
  package let groupCount: Int

  /// - Parameters:
  ///   - keys: the group of each row; groups are numbered by their first row.
  ///   - seed: key of the order of groups.
  /// - Precondition: fractions are ≥ 0 and add up to 1 within 1e-9.
  package init<Key: Hashable>(
    keys: [Key], trainFraction: Double, validationFraction: Double, testFraction: Double,
    seed: UInt64
  ) {
    let fractions = [trainFraction, validationFraction, testFraction]
    precondition(
      fractions.allSatisfy { $0 >= 0 } && abs(fractions.reduce(0, +) - 1) < 1e-9,
      "fractions must be ≥ 0 and add up to 1, got \(fractions)")
    var numbers: [Key: Int] = [:]
    var sizes: [Int] = []
    let groups = keys.map { key -> Int in
      let number = numbers[key] ?? sizes.count
      if number == sizes.count {
        numbers[key] = number
        sizes.append(0)
      }
      sizes[number] += 1
      return number
    }
    groupCount = sizes.count
    let order = KeyedPermutation(count: sizes.count, seed: seed, purpose: .split)
    var partOfGroup = [Int](repeating: 0, count: sizes.count)
    var before = 0
    for place in 0..<sizes.count {
      let group = order[place]
      let middle = (Double(before) + 0.5 * Double(sizes[group])) / Double(keys.count)
      let part = middle < trainFraction ? 0 : middle < trainFraction + validationFraction ? 1 : 2
      // Rounding must not put a last group into a part that is to have nothing.
      partOfGroup[group] = testFraction > 0 || part < 2 ? part : validationFraction > 0 ? 1 : 0
      before += sizes[group]
    }
    var parts = [[Int]](repeating: [], count: 3)
    for (row, group) in groups.enumerated() { parts[partOfGroup[group]].append(row) }
    self.parts = parts
  }

  /// Rows of the table in a part, ascending.
  package func rows(of split: DatasetSplit) -> [Int] { parts[Int(split.key)] }
}

/// Some rows of a table, by number.
package struct SelectedRows<Base: RowSource>: RowSource {
  private let base: Base
  private let selection: [Int]

  package init(_ base: Base, rows: [Int]) {
    self.base = base
    selection = rows
  }

  package var count: Int { selection.count }
  package var columnNames: [String] { base.columnNames }
  package func originalRow(_ row: Int) -> Int { base.originalRow(selection[row]) }

  package func read(rows: [Int], into destination: UnsafeMutablePointer<Double>) throws {
    try base.read(rows: rows.map { selection[$0] }, into: destination)
  }
  package func read(rows: [Int], into destination: UnsafeMutablePointer<Float>) throws {
    try base.read(rows: rows.map { selection[$0] }, into: destination)
  }
}
