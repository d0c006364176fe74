import Checkpoints
import Distributed
import Foundation
import HDF5

/// A training state whose every number follows from its index, so that any rank can tell whether a
/// file holds it.
struct CheckpointState {
  let step: Int
  let large: Int
  /// Another shape of the same arrays, as another model would have.
  let hidden: Int

  init(step: Int, large: Int = 1000, hidden: Int = 33) {
    self.step = step
    self.large = large
    self.hidden = hidden
  }

  /// With padding between some arrays, and an array without elements.
  var layout: [FlatArray] {
    let shapes: [(String, [Int])] = [
      ("encoder.0.weight", [64, 3]), ("encoder.0.bias", [64]), ("scale", []), ("none", [0, 4]),
      ("block.1.weight", [3, 7, hidden]), ("large", [large]),
    ]
    var offset = 0
    return shapes.map { name, shape in
      let array = FlatArray(name: name, shape: shape, offset: offset)
      offset = (array.range.upperBound + 15) / 16 * 16
      return array
    }
  }

  var count: Int { layout.last!.range.upperBound }

  func value(_ index: Int, salt: Int) -> Float { Float((index * 31 + salt * 7 + step) % 10007) / 8 }

  static let groups = ["/parameters", "/optimizer/first-moment", "/optimizer/second-moment"]

  /// Runs `body` with what one rank holds.
  func withContent<Result>(
    rank: Int, ranks: Int, _ body: (CheckpointContent) throws -> Result
  ) throws -> Result {
    let owned = SliceLayout(count: count, ranks: ranks)[rank]
    let buffer = UnsafeMutableBufferPointer<Float>.allocate(
      capacity: owned.count * Self.groups.count)
    defer { buffer.deallocate() }
    var content = CheckpointContent(
      step: step, shards: 8, blasCore: "Haswell", parameterCount: count)
    for (salt, group) in Self.groups.enumerated() {
      let part = UnsafeMutableBufferPointer(
        rebasing: buffer[salt * owned.count..<(salt + 1) * owned.count])
      for index in part.indices { part[index] = value(owned.lowerBound + index, salt: salt) }
      content.distributed.append(
        DistributedArray(
          group: group, layout: layout, owned: owned, elements: UnsafeBufferPointer(part)))
    }
    content.replicated = [
      ReplicatedArray(path: "/model/codebook", shape: [4, 2], elements: (0..<8).map { Float($0) }),
      ReplicatedArray(path: "/model/counts", shape: [4], elements: [1, 2, 3, Int64(step)]),
      ReplicatedArray(path: "/training/step", shape: [], elements: [Int64(step)]),
      ReplicatedArray(path: "/training/best", shape: [], elements: [-2.25]),
    ]
    content.texts = [
      CheckpointText(path: "/configuration", text: "model: größe\n", isState: true),
      CheckpointText(path: "/provenance/ranks", text: "\(ranks)", isState: false),
    ]
    return try body(content)
  }

  /// Number of elements in a file that are not what they should be: whole parameters, the rank's
  /// slice of the rest.
  func differences(in reader: borrowing CheckpointReader, rank: Int, ranks: Int) throws -> Int {
    var wrong = 0
    for (salt, group) in Self.groups.enumerated() {
      let range = salt == 0 ? 0..<count : SliceLayout(count: count, ranks: ranks)[rank]
      var elements = [Float](repeating: .nan, count: range.count)
      try elements.withUnsafeMutableBufferPointer {
        try reader.read(group: group, layout: layout, range: range, into: $0)
      }
      for array in layout {
        for index in array.range.clamped(to: range)
        where elements[index - range.lowerBound] != value(index, salt: salt) { wrong += 1 }
      }
    }
    if try reader.array("/model/codebook", as: Float.self).elements != (0..<8).map({ Float($0) }) {
      wrong += 1
    }
    if try reader.scalar("/training/step", as: Int64.self) != Int64(step) { wrong += 1 }
    if try reader.scalar("/training/best", as: Double.self) != -2.25 { wrong += 1 }
    if try reader.text("/configuration") != "model: größe\n" { wrong += 1 }
    return wrong
  }
}
