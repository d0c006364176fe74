import Checkpoints
import Flows
import Layers

/// An array of integers for a checkpoint.
struct StoredIntegers {
  let path: String
  let shape: [Int]
  let elements: [Int64]
}

extension ModelAssembly {
  /// How the packed weights of masked layers lie: their groups, [G, 4] (first column, end, rows, offset of
  /// the block), and the inputs that each column reads, [O].
  ///
  /// They follow from the shapes, and are stored so that the file alone tells the matrices, and so that
  /// a program with another rule for groups refuses the file.
  var staircases: [StoredIntegers] {
    let layers = chains.flatMap(\.elements).compactMap { element in
      (element.bijection as? Inverse)?.bijection as? MaskedAutoregressive
        ?? element.bijection as? MaskedAutoregressive
    }.flatMap(\.conditioner.layers)
    return layers.flatMap { layer -> [StoredIntegers] in
      guard let weight = layer.weight else { return [] }
      let name = density.layout.entries[weight.index].path
      let groups = layer.pattern.groups.flatMap { group in
        [group.columns.lowerBound, group.columns.upperBound, group.reads, group.offset]
      }
      return [
        StoredIntegers(
          path: "/model/staircase-groups/\(name)", shape: [groups.count / 4, 4],
          elements: groups.map(Int64.init)),
        StoredIntegers(
          path: "/model/staircase-limits/\(name)", shape: [layer.pattern.outputs],
          elements: layer.pattern.limits.map(Int64.init)),
      ]
    }
  }

  /// - Throws: `CheckpointError` if the file's weights are packed in another way.
  func checkStaircases(in reader: borrowing CheckpointReader) throws {
    for expected in staircases {
      let stored = try reader.array(expected.path, as: Int64.self)
      guard stored.shape == expected.shape, stored.elements == expected.elements else {
        throw CheckpointError(
          "\(reader.path): \(expected.path): the weights are packed in another way than here",
          hint: "use the program that the run was started with", exitCode: 65)
      }
    }
  }
}
