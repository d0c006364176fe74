import Flows

// What each command is asked to do, as plain values: the command line fills them, the commands of
// this module take them.

/// `portolan evaluate`
package struct EvaluateOptions: Sendable, Equatable {
  package var run: RunFolder
  /// Other points than the run's own test set; CSV or HDF5.
  package var data: String?
  package var json: Bool

  package init(run: RunFolder, data: String?, json: Bool) throws {
    if let data { _ = try TableFormat(path: data) }
    (self.run, self.data, self.json) = (run, data, json)
  }
}

/// `portolan log-probability`
package struct LogProbabilityOptions: Sendable, Equatable {
  package var run: RunFolder
  package var input: String
  package var inputFormat: TableFormat
  package var output: String
  package var outputFormat: TableFormat
  /// Also writes the chart and the base coordinates of each point, inferred in this way.
  package var inference: Inference?

  package init(
    run: RunFolder, input: String, output: String, inference: Inference? = nil
  ) throws {
    (self.run, self.input, self.output) = (run, input, output)
    self.inference = inference
    inputFormat = try TableFormat(path: input)
    outputFormat = try TableFormat(path: output)
  }
}

/// `portolan sample`
package struct SampleOptions: Sendable, Equatable {
  package var run: RunFolder
  package var count: Int
  package var output: String
  package var outputFormat: TableFormat
  /// The seed of the samples; nil takes the run's.
  package var seed: Int?

  package init(run: RunFolder, count: Int, output: String, seed: Int?) throws {
    guard count >= 1 else {
      throw PortolanFailure(.usage, "--count: expected an integer ≥ 1, got \(count)")
    }
    guard seed ?? 0 >= 0 else {
      throw PortolanFailure(.usage, "--seed: expected an integer ≥ 0, got \(seed ?? 0)")
    }
    (self.run, self.count, self.output, self.seed) = (run, count, output, seed)
    outputFormat = try TableFormat(path: output)
  }
}

/// The format of a table of points, told by the end of its name.
package enum TableFormat: Sendable, Equatable {
  case csv, hdf5

  /// - Throws: ``PortolanFailure`` with ``ExitStatus/usage`` for another ending.
  package init(path: String) throws {
    let name = path.split(separator: "/").last ?? ""
    switch name.split(separator: ".", omittingEmptySubsequences: false).last?.lowercased() {
    case "csv" where name.contains("."): self = .csv
    case "h5" where name.contains("."), "hdf5" where name.contains("."): self = .hdf5
    default:
      throw PortolanFailure(
        .usage, "\(path): cannot tell the format of this table",
        hint: "let the name end in .csv, or in .h5 or .hdf5")
    }
  }
}
