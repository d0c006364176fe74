import Foundation
import HDF5

/// A file of pairs u(0), u(T) of a named set, as `portolan generate` writes it.
///
/// Four arrays of doubles, `/train/input`, `/train/output`, `/test/input` and `/test/output`,
/// [pairs, points], and texts as attributes of the root group that say what they are.
package struct PDEFile: Sendable {
  /// What the attributes say.
  package struct Description: Sendable, Equatable {
    package var set: PDESet
    package var seed: UInt64
    package var points: Int
    package var train: Int
    package var test: Int
    /// How far u(T) moves when the solver's step is halved, mean and largest of some pairs.
    package var stepHalvingError: (mean: Double, largest: Double)

    package init(
      set: PDESet, seed: UInt64, points: Int, train: Int, test: Int,
      stepHalvingError: (mean: Double, largest: Double)
    ) {
      self.set = set
      self.seed = seed
      self.points = points
      self.train = train
      self.test = test
      self.stepHalvingError = stepHalvingError
    }

    package static func == (a: Self, b: Self) -> Bool { a.attributes == b.attributes }

    /// Names and texts of the attributes, in order.
    package var attributes: [String] {
      let problem = set.problem
      return [
        "set", set.rawValue, "equation", "\(problem.equation)", "length", "\(problem.length)",
        "endTime", "\(problem.endTime)", "step",
        "\(problem.endTime / Double(problem.steps))", "steps", "\(problem.steps)",
        "initial", "\(problem.initial)", "solvedPoints", "\(problem.points)", "points",
        "\(points)", "train", "\(train)", "test", "\(test)", "seed", "\(seed)",
        "stepHalvingMean", "\(stepHalvingError.mean)", "stepHalvingLargest",
        "\(stepHalvingError.largest)",
      ]
    }

    /// Number of pairs of a part.
    package func count(of split: DatasetSplit) -> Int {
      switch split {
      case .train: train
      case .test: test
      case .validation: 0
      }
    }
  }

  /// The parts of a file.
  package static let splits = [DatasetSplit.train, .test]

  /// The two arrays of a part: u(0) and u(T).
  package static func arrays(of split: DatasetSplit) -> (input: String, output: String) {
    ("/\(split.rawValue)/input", "/\(split.rawValue)/output")
  }

  package let path: String
  package let description: Description

  /// Reads what a file says of itself. Not collective.
  /// - Throws: `DataError` for anything but such a file.
  package init(path: String) throws {
    guard FileManager.default.fileExists(atPath: path) else {
      throw DataError(
        kind: .missingFile, file: path, expected: "a file of pairs", got: "no such file",
        hint: "make it with `portolan generate`")
    }
    self.path = path
    description = try HDF5Table.converting(path) {
      try Self.description(of: try HDF5File.open(path), path)
    }
  }

  private static func description(
    of file: borrowing HDF5File, _ path: String
  ) throws -> Description {
    let name = try text("set", of: file, path)
    guard let set = PDESet(rawValue: name) else {
      throw DataError(
        kind: .unsuitableShape, file: path, column: "set",
        expected: PDESet.allCases.map(\.rawValue).joined(separator: ", "), got: name)
    }
    let description = Description(
      set: set, seed: try number("seed", of: file, path),
      points: try number("points", of: file, path), train: try number("train", of: file, path),
      test: try number("test", of: file, path),
      stepHalvingError: (
        mean: try number("stepHalvingMean", of: file, path),
        largest: try number("stepHalvingLargest", of: file, path)
      ))
    let words = description.attributes
    for place in stride(from: 0, to: words.count, by: 2) {
      let held = try text(words[place], of: file, path)
      guard held == words[place + 1] else {
        throw DataError(
          kind: .unsuitableShape, file: path, column: words[place],
          expected: "\(words[place + 1]), as \(set.rawValue) has it", got: held,
          hint: "the file is of another version: generate it anew")
      }
    }
    return description
  }

  private static func text(
    _ name: String, of file: borrowing HDF5File, _ path: String
  ) throws -> String {
    guard let text = try file.readAttribute(name) else {
      throw DataError(
        kind: .unsuitableShape, file: path, column: name,
        expected: "an attribute of this name, as `portolan generate` writes it", got: "none")
    }
    return text
  }

  private static func number<Number: LosslessStringConvertible>(
    _ name: String, of file: borrowing HDF5File, _ path: String
  ) throws -> Number {
    let text = try text(name, of: file, path)
    guard let number = Number(text) else {
      throw DataError(
        kind: .unsuitableShape, file: path, column: name, expected: "a number", got: text)
    }
    return number
  }

  /// The first `count` pairs of a part, all where left out. Not collective.
  /// - Throws: `DataError` where there are fewer, or the arrays are not what the attributes say.
  package func pairs(of split: DatasetSplit, count: Int? = nil) throws -> PDEPairs {
    let available = description.count(of: split)
    let count = count ?? available
    guard count <= available else {
      throw DataError(
        kind: .unsuitableShape, file: path,
        expected: "\(count) pairs of the part \(split.rawValue)",
        got: "\(available)", hint: "generate more")
    }
    let points = description.points
    let names = Self.arrays(of: split)
    return try HDF5Table.converting(path) {
      let file = try HDF5File.open(path)
      let inputs = try array(names.input, of: file, count, available)
      let outputs = try array(names.output, of: file, count, available)
      var values: [Double] = []
      values.reserveCapacity(2 * inputs.count)
      for sample in 0..<count {
        values += inputs[sample * points..<(sample + 1) * points]
        values += outputs[sample * points..<(sample + 1) * points]
      }
      return PDEPairs(values: values, points: points)
    }
  }

  /// The first rows of an array.
  private func array(
    _ name: String, of file: borrowing HDF5File, _ count: Int, _ available: Int
  ) throws -> [Double] {
    let dataset = try file.openDataset(name)
    guard dataset.shape == [available, description.points] else {
      throw DataError(
        kind: .unsuitableShape, file: path, column: name,
        expected: "shape \([available, description.points])", got: "\(dataset.shape)")
    }
    return try dataset.read(rows: 0..<count, as: Double.self)
  }
}
