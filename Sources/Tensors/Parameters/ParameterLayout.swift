/// The place of one trainable array in the flat buffer.
///
/// A handle, four machine words: layers are structs of handles, buffers hold the numbers.
package struct Parameter: Hashable, Sendable {
  /// Position in ``ParameterLayout/entries``.
  package let index: Int
  /// First element in the flat buffer.
  package let offset: Int
  /// The array seen as a matrix [rows, columns]; a vector is one row.
  package let rows: Int
  package let columns: Int

  package var count: Int { rows * columns }
  package var range: Range<Int> { offset..<offset + count }
}

/// Names, shapes and offsets of all trainable numbers of a model, in declaration order.
///
/// The order is the order everywhere: in memory, on the wire, in the file, in the optimizer.
package struct ParameterLayout: Sendable {
  /// One named array of the flat buffer.
  package struct Entry: Sendable, Equatable {
    /// Dotted path, "flow.3.conditioner.0.weight".
    package let path: String
    package let shape: [Int]
    package let offset: Int
    package let initialisation: Initialisation

    package var count: Int { shape.reduce(1, *) }
    package var range: Range<Int> { offset..<offset + count }
  }

  package private(set) var entries: [Entry] = []
  /// Number of elements of the flat buffer; entries lie end to end.
  package private(set) var count = 0
  private var scope: [String] = []
  private var paths: Set<String> = []

  package init() {}

  /// Adds an array below the current scope and returns its handle.
  ///
  /// - Parameter shape: [columns] for a vector, [rows, columns] for a matrix.
  package mutating func add(_ name: String, shape: [Int], _ initialisation: Initialisation)
    -> Parameter
  {
    precondition(
      (1...2).contains(shape.count) && shape.allSatisfy { $0 > 0 },
      "parameter \(name): expected a shape of one or two positive extents, got \(shape)")
    let path = (scope + [name]).joined(separator: ".")
    let isNew = paths.insert(path).inserted
    precondition(isNew, "parameter path \(path) is declared twice")
    let entry = Entry(path: path, shape: shape, offset: count, initialisation: initialisation)
    let parameter = Parameter(
      index: entries.count, offset: count, rows: shape.count == 2 ? shape[0] : 1,
      columns: shape[shape.count - 1])
    entries.append(entry)
    count += entry.count
    return parameter
  }

  /// Declares what `body` adds under `name.`, and returns what it returns.
  package mutating func scoped<Result>(
    _ name: String, _ body: (inout ParameterLayout) -> Result
  ) -> Result {
    scope.append(name)
    defer { scope.removeLast() }
    return body(&self)
  }

  /// The flat range that `body` declares.
  package mutating func range(of body: (inout ParameterLayout) -> Void) -> Range<Int> {
    let start = count
    body(&self)
    return start..<count
  }
}
