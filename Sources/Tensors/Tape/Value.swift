/// A handle to a matrix [rows, columns] that a tape computes once for each of its shards.
///
/// Four bytes. It is valid on the tape that made it until that tape is reset.
package struct Value: Hashable, Sendable {
  package let index: Int32

  init(_ index: Int32) { self.index = index }
}

/// The shape of a value on one shard.
package struct Shape: Hashable, Sendable, CustomStringConvertible {
  package let rows: Int
  package let columns: Int

  package init(_ rows: Int, _ columns: Int) {
    self.rows = rows
    self.columns = columns
  }

  package var count: Int { rows * columns }
  package var description: String { "[\(rows), \(columns)]" }
}

/// The nonlinearity that a linear layer applies to its output.
package enum Activation: String, Sendable, CaseIterable, Codable {
  case identity, relu, tanh, sigmoid
}

/// What a tape knows of a value.
struct Slot<Scalar> {
  enum Kind: UInt8 {
    /// A view of the parameter buffer, the same for all shards.
    case parameter
    /// Memory of somebody else or a constant, the same for all shards.
    case shared
    /// Filled by the caller before a run, one matrix a shard.
    case input
    /// Written by a record.
    case computed
  }

  var kind: Kind
  var rows: Int
  var columns: Int
  /// First element of shard 0; nil until the value's segment is planned.
  var pointer: UnsafeMutablePointer<Scalar>?
  /// Elements between one shard and the next; 0 when all shards share the memory.
  var shardStride = 0
  var definingSegment: Int32
  /// The last segment and record that read this value.
  var lastSegment: Int32
  var lastRecord: Int32 = -1
  /// To be readable after the run.
  var isKept = false
  /// A per-shard term that is added up along the shard tree at the end of its last segment.
  var isLeaf = false
  /// Whether a parameter or a watched input lies upstream.
  var isDifferentiable: Bool
  /// The same on all shards: a parameter, a constant, or computed from such alone.
  var isCommon = false
  /// A leaf of which two sibling shards share the memory; see ``Tape/plan(_:)``.
  var isPaired = false
  /// The parameter's offset in the flat buffer, or −1.
  var parameterOffset = -1

  var shape: Shape { Shape(rows, columns) }
}
