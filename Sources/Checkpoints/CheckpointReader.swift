import Distributed
import HDF5

/// An open, verified checkpoint. Every rank opens it for itself and reads what it needs, whatever
/// number of ranks wrote it; nothing here communicates except `init(_:on:)`.
package struct CheckpointReader: ~Copyable {
  package let path: String
  package let header: CheckpointHeader
  private let file: HDF5File

  /// Verifies and opens a file. Not collective.
  /// - Throws: `CheckpointRejection`, `HDF5Error`.
  package init(_ path: String) throws {
    try self.init(path, verified: CheckpointVerifier.verify(path))
  }

  /// Verifies a file together and opens it on each rank. Collective.
  /// - Throws: `CheckpointRejection`, the same on all ranks; `HDF5Error`.
  package init(_ path: String, on group: JobGroup) throws {
    try self.init(path, verified: CheckpointVerifier.verify(path, on: group))
  }

  /// Opens a file that was verified just now, for example by `CheckpointFolder.latestVerified`.
  package init(_ path: String, verified header: CheckpointHeader) throws {
    self.path = path
    self.header = header
    file = try HDF5File.open(path)
  }

  /// What the file holds, in order.
  package var specifications: [ArraySpecification] { header.entries.map(\.specification) }

  /// Whether there is an array of this path.
  package func contains(_ path: String) -> Bool { specifications.contains { $0.path == path } }

  /// Checks that the file holds exactly these arrays inside the groups.
  ///
  /// - Parameter groups: for example `["/parameters", "/model"]`; other groups are not looked at.
  /// - Throws: `CheckpointError` listing each path that differs, with expected and got.
  package func requireLayout(_ expected: [ArraySpecification], in groups: [String]) throws {
    let found = specifications.filter { specification in
      groups.contains { specification.path.hasPrefix($0 + "/") }
    }
    func text(_ specification: ArraySpecification?) -> String {
      specification.map { "\($0.type.rawValue) \($0.shape)" } ?? "nothing"
    }
    var differences: [String] = []
    for specification in expected {
      let got = found.first { $0.path == specification.path }
      if got != specification {
        differences.append(
          "\(specification.path): expected \(text(specification)), got \(text(got))")
      }
    }
    for specification in found where !expected.contains(where: { $0.path == specification.path }) {
      differences.append("\(specification.path): expected nothing, got \(text(specification))")
    }
    guard differences.isEmpty else {
      let more = differences.count > 20 ? ["… and \(differences.count - 20) more"] : []
      throw CheckpointError(
        (["\(path) is a checkpoint of another model:"] + differences.prefix(20) + more)
          .joined(separator: "\n  "),
        hint: "resume with the configuration that the run was started with", exitCode: 65)
    }
  }

  /// Reads the elements of a range of a flat buffer. Elements of padding are left as they are.
  ///
  /// - Parameters:
  ///   - range: in the flat buffer, for example the whole of it or a rank's slice.
  ///   - elements: as many as `range` has.
  /// - Throws: `CheckpointError` for an array that is missing or different; `HDF5Error`.
  package func read<Scalar: HDF5Scalar>(
    group: String, layout: [FlatArray], range: Range<Int>,
    into elements: UnsafeMutableBufferPointer<Scalar>
  ) throws {
    precondition(elements.count == range.count, "\(group): \(elements.count) for \(range)")
    for array in layout {
      let part = array.range.clamped(to: range)
      guard !part.isEmpty else { continue }
      let expected = ArraySpecification(
        path: "\(group)/\(array.name)", shape: array.shape, type: StoredType(Scalar.hdf5Type))
      try require(expected)
      let dataset = try file.openDataset(expected.path)
      let start = part.lowerBound - range.lowerBound
      try dataset.read(
        Box.covering(
          part.lowerBound - array.offset..<part.upperBound - array.offset, of: array.shape),
        into: UnsafeMutableBufferPointer(rebasing: elements[start..<start + part.count]))
    }
  }

  /// Reads a whole array, row-major.
  /// - Throws: `CheckpointError` when there is none of this path and type; `HDF5Error`.
  package func array<Scalar: HDF5Scalar>(
    _ path: String, as type: Scalar.Type = Scalar.self
  ) throws -> (shape: [Int], elements: [Scalar]) {
    let shape = specifications.first { $0.path == path }?.shape ?? []
    try require(
      ArraySpecification(path: path, shape: shape, type: StoredType(Scalar.hdf5Type)))
    return (shape, try file.openDataset(path).read(as: Scalar.self))
  }

  /// Reads a number.
  /// - Throws: `CheckpointError` when there is none of this path and type; `HDF5Error`.
  package func scalar<Scalar: HDF5Scalar>(
    _ path: String, as type: Scalar.Type = Scalar.self
  ) throws -> Scalar {
    try require(ArraySpecification(path: path, shape: [], type: StoredType(Scalar.hdf5Type)))
    return try file.openDataset(path).read(as: Scalar.self)[0]
  }

  /// Reads a text.
  /// - Throws: `CheckpointError` when there is none of this path; `HDF5Error`.
  package func text(_ path: String) throws -> String {
    guard specifications.contains(where: { $0.path == path && $0.type == .text }) else {
      throw CheckpointError("\(self.path) has no text \(path)", exitCode: 65)
    }
    return try file.readText(path)
  }

  private func require(_ expected: ArraySpecification) throws {
    let got = specifications.first { $0.path == expected.path }
    guard got == expected else {
      throw CheckpointError(
        "\(path): \(expected.path): expected \(expected.type.rawValue) \(expected.shape), got "
          + (got.map { "\($0.type.rawValue) \($0.shape)" } ?? "nothing"), exitCode: 65)
    }
  }
}
