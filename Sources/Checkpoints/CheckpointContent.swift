import HDF5

/// What one array of a checkpoint is called, how it is shaped, what it holds.
package struct ArraySpecification: Equatable, Sendable {
  /// Absolute path in the file, for example `/parameters/encoder.0.weight`.
  package let path: String
  package let shape: [Int]
  package let type: StoredType

  /// - Precondition: the path is absolute, of printable ASCII characters without blanks.
  package init(path: String, shape: [Int], type: StoredType) {
    precondition(Self.isValid(path: path), "not a path for a checkpoint: \"\(path)\"")
    self.path = path
    self.shape = shape
    self.type = type
  }

  package var elementCount: Int { shape.reduce(1, *) }
  package var byteCount: Int { elementCount * type.byteCount }

  static func isValid(path: String) -> Bool {
    path.utf8.count > 1 && path.hasPrefix("/") && !path.hasSuffix("/") && !path.contains("//")
      && path.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
  }
}

/// Element types of a checkpoint: the numbers of `HDF5ScalarType`, and text.
package enum StoredType: String, Codable, CaseIterable, Sendable {
  case float32, float64, int32, int64, uint64, uint8
  /// UTF-8; its shape is [number of bytes].
  case text

  package init(_ type: HDF5ScalarType) { self = Self(rawValue: type.rawValue)! }

  package var byteCount: Int { scalarType?.byteCount ?? 1 }
  package var scalarType: HDF5ScalarType? { HDF5ScalarType(rawValue: rawValue) }
}

/// A named array inside a flat buffer.
package struct FlatArray: Equatable, Sendable {
  /// Name below the group, for example `encoder.0.weight`.
  package let name: String
  package let shape: [Int]
  /// First element in the flat buffer.
  package let offset: Int

  package init(name: String, shape: [Int], offset: Int) {
    self.name = name
    self.shape = shape
    self.offset = offset
  }

  package var range: Range<Int> { offset..<offset + shape.reduce(1, *) }
}

/// A flat buffer of which each rank holds the slice that it owns.
package struct DistributedArray {
  /// `/parameters`, `/optimizer/first-moment`, …
  package let group: String
  /// Ascending and disjoint in the flat buffer; padding between them is not stored.
  package let layout: [FlatArray]
  /// This rank's slice of the flat buffer. The ranks' slices, in rank order, make up the buffer.
  package let owned: Range<Int>
  package let type: StoredType
  /// The elements of `owned`.
  let elements: UnsafeRawBufferPointer

  /// - Parameter elements: as many as `owned` holds; read, not kept, by the commit.
  package init<Scalar: HDF5Scalar>(
    group: String, layout: [FlatArray], owned: Range<Int>, elements: UnsafeBufferPointer<Scalar>
  ) {
    precondition(elements.count == owned.count, "\(group): \(elements.count) for \(owned)")
    var end = 0
    for array in layout {
      precondition(array.offset >= end, "\(group)/\(array.name): overlaps the array before it")
      end = array.range.upperBound
    }
    self.group = group
    self.layout = layout
    self.owned = owned
    self.type = StoredType(Scalar.hdf5Type)
    self.elements = UnsafeRawBufferPointer(elements)
  }

  var specifications: [ArraySpecification] {
    layout.map { ArraySpecification(path: "\(group)/\($0.name)", shape: $0.shape, type: type) }
  }
}

/// An array that all ranks hold alike; root writes it.
package struct ReplicatedArray {
  package let specification: ArraySpecification
  let bytes: [UInt8]

  /// - Parameters:
  ///   - shape: empty for a scalar.
  ///   - elements: row-major, as many as `shape` says.
  package init<Scalar: HDF5Scalar>(path: String, shape: [Int], elements: [Scalar]) {
    specification = ArraySpecification(path: path, shape: shape, type: StoredType(Scalar.hdf5Type))
    precondition(
      elements.count == specification.elementCount, "\(path): \(elements.count) in \(shape)")
    bytes = elements.withUnsafeBytes { Array($0) }
  }
}

/// A text; root writes it.
package struct CheckpointText {
  package let path: String
  package let text: String
  /// Whether the state digest covers it: yes for the configuration, no for provenance.
  package let isState: Bool

  package init(path: String, text: String, isState: Bool) {
    self.path = path
    self.text = text
    self.isState = isState
  }

  var specification: ArraySpecification {
    ArraySpecification(path: path, shape: [text.utf8.count], type: .text)
  }
}

/// Everything that one checkpoint holds, as one rank sees it. The order is the order of the digest.
package struct CheckpointContent {
  package var step: Int
  package var shards: Int
  package var blasCore: String
  /// Trainable numbers of the model.
  package var parameterCount: Int
  package var distributed: [DistributedArray] = []
  package var replicated: [ReplicatedArray] = []
  package var texts: [CheckpointText] = []

  package init(step: Int, shards: Int, blasCore: String, parameterCount: Int) {
    self.step = step
    self.shards = shards
    self.blasCore = blasCore
    self.parameterCount = parameterCount
  }
}
