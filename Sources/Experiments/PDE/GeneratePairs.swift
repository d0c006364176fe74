import Datasets
import Distributed
import Foundation
import HDF5
import MPI

/// `portolan generate`
package struct GenerateOptions: Sendable {
  package var set: PDESet
  package var output: String
  /// Pairs to train on, and to test on.
  package var train: Int
  package var test: Int
  /// Points of a field in the file.
  package var points: Int
  package var seed: UInt64

  /// - Throws: ``PortolanFailure`` with ``ExitStatus/usage`` for a value out of range, all at once.
  package init(
    name: String, output: String, train: Int = 1000, test: Int = 200, points: Int? = nil,
    seed: Int = 1
  ) throws {
    var problems: [String] = []
    let set = PDESet(rawValue: name)
    if set == nil {
      problems.append(
        "there is no set of the name \(name): expected one of "
          + PDESet.allCases.map(\.rawValue).joined(separator: ", "))
    }
    if !output.hasSuffix(".h5") { problems.append("--output: expected FILE.h5, got \(output)") }
    if !(1...1_000_000).contains(train) {
      problems.append("--samples: expected 1 to 1000000, got \(train)")
    }
    if !(1...1_000_000).contains(test) {
      problems.append("--test: expected 1 to 1000000, got \(test)")
    }
    if seed < 0 { problems.append("--seed: expected a number from 0 on, got \(seed)") }
    let fine = (set ?? .kdvHard).problem.points
    let points = points ?? fine
    if points < 4 || fine % points != 0 {
      problems.append("--points: expected a divisor of \(fine) from 4 on, got \(points)")
    }
    guard problems.isEmpty, let set else {
      throw PortolanFailure(.usage, problems.joined(separator: "\n"))
    }
    (self.set, self.output, self.points) = (set, output, points)
    (self.train, self.test, self.seed) = (train, test, UInt64(seed))
  }
}

/// Solves a problem for many initial conditions, on all ranks, and writes the pairs. Collective.
///
/// A pair is a function of its number, so the arrays have the same bytes for any number of ranks; each
/// rank writes a block of rows of the one file. The file bears its name only when it is whole; until then,
/// and after a crash until the next start, it is FILE.h5.partial.
///
/// - Throws: `RemoteError`, the same on all ranks, where a solution is no data.
package func generatePairs(
  _ options: GenerateOptions, world: borrowing Communicator, tell: (String) -> Void
) throws -> ExitStatus {
  try JobStart.pinNumerics()
  let start = ContinuousClock.now
  let group = try JobStart.agreedGroup(
    world, ["options": "\(options)"], deadlineSeconds: 60)
  try group.agreed {
    guard group.isRoot else { return }
    let folder = URL(fileURLWithPath: options.output).deletingLastPathComponent().path
    try makeFolder(folder)
    guard FileManager.default.isWritableFile(atPath: folder) else {
      throw PortolanFailure(
        .inputOutput, "cannot write \(options.output): \(folder) may not be written in",
        hint: "give another --output")
    }
  }
  let generator = PDEGenerator(set: options.set, seed: options.seed)
  let description = try PairFile.description(options, generator, on: group)
  let partial = options.output + ".partial"
  let failure = try PairFile.write(
    partial, description, generator, rank: world.rank, size: world.size, world: world)
  // Ranks end at different times.
  let usual = group.deadlineSeconds
  group.deadlineSeconds = 7 * 86_400
  defer { group.deadlineSeconds = usual }
  do { try group.agree(on: failure) } catch {
    if group.isRoot { unlink(partial) }
    throw error
  }
  try group.agreed {
    guard group.isRoot else { return }
    guard rename(partial, options.output) == 0 else {
      throw PortolanFailure(
        .inputOutput, "cannot rename \(partial): \(String(cString: strerror(errno)))")
    }
  }
  if group.isRoot {
    tell(
      String(
        format: "%d + %d pairs of %@ on %d points written to %@ in %.1f s; halving the step moves "
          + "u(T) by %.1e (largest %.1e)", options.train, options.test, options.set.rawValue,
        options.points, options.output, (ContinuousClock.now - start) / .seconds(1),
        description.stepHalvingError.mean, description.stepHalvingError.largest))
  }
  return .success
}

/// The file of a generation.
private enum PairFile {
  /// Pairs of which the error of the steps is measured: one set of lanes.
  static let measuredPairs = PDEGenerator.lanes
  /// Pairs that are solved between two writes.
  static let blockPairs = 8 * PDEGenerator.lanes

  /// What the file says of itself; root measures the error of the steps. Collective.
  static func description(
    _ options: GenerateOptions, _ generator: PDEGenerator, on group: JobGroup
  ) throws -> PDEFile.Description {
    let measured = try group.onRoot {
      try generator.stepHalvingError(0..<min(measuredPairs, options.train), of: .train)
    }
    // Texts of numbers read back as the same numbers.
    var bytes = Array((measured.map { "\($0.mean) \($0.largest)" } ?? "").utf8)
    try group.broadcast(&bytes)
    let error = String(decoding: bytes, as: UTF8.self).split(separator: " ")
      .map { Double($0) ?? .nan }
    return PDEFile.Description(
      set: options.set, seed: options.seed, points: options.points, train: options.train,
      test: options.test, stepHalvingError: (mean: error[0], largest: error[1]))
  }

  /// Writes a rank's part. Collective, whatever the solver says.
  ///
  /// - Returns: why this rank's pairs are not there; nil where they are.
  static func write(
    _ path: String, _ description: PDEFile.Description, _ generator: PDEGenerator, rank: Int,
    size: Int, world: borrowing Communicator
  ) throws -> (any Error)? {
    let file = try HDF5File.create(at: path, on: world)
    let words = description.attributes
    for place in stride(from: 0, to: words.count, by: 2) {
      try file.writeAttribute(words[place], text: words[place + 1])
    }
    var failure: (any Error)?
    for split in PDEFile.splits {
      let count = description.count(of: split)
      let shape = [count, description.points]
      let names = PDEFile.arrays(of: split)
      let inputs = try file.createDataset(names.input, of: .float64, shape: shape)
      let outputs = try file.createDataset(names.output, of: .float64, shape: shape)
      guard failure == nil else { continue }
      do {
        let own = rank * count / size..<(rank + 1) * count / size
        for first in stride(from: own.lowerBound, to: own.upperBound, by: blockPairs) {
          let range = first..<min(first + blockPairs, own.upperBound)
          let pairs = PDEPairs(
            values: try generator.pairs(range, of: split, points: description.points),
            points: description.points)
          let box = Box(
            start: [range.lowerBound, 0], count: [range.count, description.points])
          let before = (0..<range.count).flatMap { Array(pairs.input($0)) }
          let after = (0..<range.count).flatMap { Array(pairs.output($0)) }
          try before.withUnsafeBufferPointer { try inputs.write($0, to: [box]) }
          try after.withUnsafeBufferPointer { try outputs.write($0, to: [box]) }
        }
      } catch let error as PDEError {
        failure = PortolanFailure(
          .badData, "the set \(description.set.rawValue), \(split): \(error)")
      } catch { failure = error }
    }
    try file.flush()
    try file.close()
    return failure
  }
}
