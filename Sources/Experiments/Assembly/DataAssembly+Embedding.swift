import Datasets

extension DataAssembly {
  /// Rows that are looked at before a training on the sphere.
  private static let lookedAt = 1024

  /// Refuses data that the embedding of a configuration cannot reach. Not collective.
  ///
  /// - Throws: ``PortolanFailure``.
  func checkEmbedding(_ embedding: EmbeddingConfiguration) throws {
    switch embedding.kind {
    case .none: break
    case .conformal:
      guard embedding.dimension < columnNames.count else {
        throw PortolanFailure(
          .badData,
          "model.embedding.dimension: expected less than the \(columnNames.count) columns of the "
            + "data, got \(embedding.dimension)",
          hint: "a surface has fewer dimensions than the space around it")
      }
    case .sphere: try checkSphere()
    }
  }

  private func checkSphere() throws {
    guard columnNames.count == 3 else {
      throw PortolanFailure(
        .badData,
        "model.embedding.kind sphere: expected 3 columns, got \(columnNames.count): "
          + columnNames.joined(separator: ", "), hint: "name the three columns in data.columns")
    }
    let rows = Array(0..<min(train.count, Self.lookedAt))
    let values = try train.values(rows: rows)
    for row in rows {
      let length = values[3 * row..<3 * row + 3].reduce(0) { $0 + $1 * $1 }.squareRoot()
      guard abs(length - 1) < 1e-3 else {
        throw PortolanFailure(
          .badData,
          "model.embedding.kind sphere: row \(train.originalRow(row)) of the data has length "
            + "\(length), expected 1", hint: "divide each point by its length")
      }
    }
  }
}
