/// What ranks do together; the number travels in every header.
enum Operation: UInt64 {
  case treeReduce = 1
  case gatherSlices
  case treeSum
  case sumIntegers
  case broadcast
  case gatherBytes
  case allGatherBytes
  case agree
  case agreeOnStop
  case barrier
  case requireAgreement
  case allGatherNumbers

  var name: String {
    switch self {
    case .treeReduce: "tree reduction"
    case .gatherSlices: "gathering of slices"
    case .treeSum: "tree sum"
    case .sumIntegers: "integer sum"
    case .broadcast: "broadcast"
    case .gatherBytes: "gathering of bytes"
    case .allGatherBytes: "all-gathering of bytes"
    case .agree: "agreement on errors"
    case .agreeOnStop: "agreement on stop"
    case .barrier: "barrier"
    case .requireAgreement: "agreement on the start"
    case .allGatherNumbers: "all-gathering of numbers"
    }
  }
}

/// What each rank tells each other rank in each operation, ahead of the data: 64 bytes.
///
/// Equal fields, except flags and payload, prove that all ranks are in the same operation of the same
/// history. The stop flag rides along, so that agreeing on a stop costs no message.
struct Header: BitwiseCopyable, Equatable {
  /// Number of the operation in the life of the group.
  var sequence: UInt64 = 0
  /// `Operation` by number.
  var operation: UInt64 = 0
  /// Elements of the whole vector; 0 where ranks may give different lengths.
  var count: UInt64 = 0
  /// Bytes of an element, so that Float never meets Double.
  var elementBytes: UInt64 = 0
  /// The training step.
  var step: UInt64 = 0
  /// Hash over the number of shards and all operations so far, this one included.
  var history: UInt64 = 0
  /// Bit 0: a stop is requested. From bit 8 on: what the rank offers in shared memory.
  var flags: UInt64 = 0
  /// Bytes that follow where ranks may give different lengths.
  var payloadBytes: UInt64 = 0

  /// Words of a header as it travels.
  static let words = MemoryLayout<Header>.size / MemoryLayout<UInt64>.size

  /// The fields that must be equal on all ranks.
  func isSameOperation(as other: Header) -> Bool {
    sequence == other.sequence && operation == other.operation && count == other.count
      && elementBytes == other.elementBytes && step == other.step && history == other.history
  }

  /// FNV-1a over the words that describe the operation, started from the history so far.
  func extendingHistory() -> UInt64 {
    func mixed(_ hash: UInt64, _ word: UInt64) -> UInt64 {
      let product = (hash ^ word) &* 0x0000_0100_0000_01b3
      return product ^ (product >> 29)
    }
    var hash = mixed(mixed(history, sequence), operation)
    hash = mixed(mixed(mixed(hash, count), elementBytes), step)
    return hash
  }

  var text: String {
    let name = Operation(rawValue: operation)?.name ?? "unknown operation \(operation)"
    let size = count > 0 ? " of \(count) × \(elementBytes) bytes" : ""
    return "operation \(sequence), \(name)\(size), step \(step)"
  }

  /// The operation with what tells it from another one of the same name and size.
  func text(besides other: Header) -> String {
    var unhashed = self
    unhashed.history = other.history
    let onlyHistoryDiffers = unhashed.isSameOperation(as: other)
    return onlyHistoryDiffers ? text + ", history \(String(history, radix: 16))" : text
  }
}
