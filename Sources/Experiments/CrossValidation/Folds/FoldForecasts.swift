import Crypto
import Datasets
import Foundation
import HDF5

/// The forecasts of a fold's test windows: `forecasts.h5` in its folder.
package struct FoldForecasts: Sendable {
  /// Numbers of the test windows, [W].
  package var windows: [Int]
  /// Scaled shares as the model gave them, [W, 7, 50, 3].
  package var values: [Float]
  /// What they were multiplied by, in the order C, R, D, [3].
  package var scale: [Double]

  static let fileName = "forecasts.h5"

  /// Shares of the population of the window at a place in ``windows``, [7, 50, 3].
  package func shares(_ place: Int) -> [Double] {
    let width = EpidemicWindows.targetDays * EpidemicWindows.dayWidth
    return (0..<width).map { Double(values[place * width + $0]) / scale[$0 % 3] }
  }

  /// The scores against what happened.
  func score(on windows: EpidemicWindows) -> EpidemicScore {
    var score = EpidemicScore()
    for (place, window) in self.windows.enumerated() {
      score.add(shares(place), window: window, of: windows)
    }
    return score
  }

  // MARK: - File

  /// Writes beside the target and renames. Not collective.
  func write(in folder: String) throws {
    let path = "\(folder)/\(Self.fileName)"
    let partial = path + ".partial"
    let file = try HDF5File.create(at: partial)
    try Self.write(windows.map { Int64($0) }, "/window", [windows.count], to: file)
    try Self.write(scale, "/scale", [3], to: file)
    try Self.write(
      values, "/forecast", [windows.count, EpidemicWindows.targetDays, USStates.count, 3],
      to: file)
    try file.writeAttribute(
      "content",
      text:
        "forecast [window, day, state, series C R D]: share of the population times scale[series]")
    try file.flush()
    try file.close()
    guard rename(partial, path) == 0 else {
      throw HDF5Error(function: "rename", path: path, stack: [String(cString: strerror(errno))])
    }
  }

  private static func write<Scalar: HDF5Scalar>(
    _ elements: [Scalar], _ name: String, _ shape: [Int], to file: borrowing HDF5File
  ) throws {
    let dataset = try file.createDataset(name, of: Scalar.hdf5Type, shape: shape)
    try dataset.write(elements)
  }

  /// Reads the forecasts of a fold. Not collective.
  package init(in folder: String) throws {
    let file = try HDF5File.open("\(folder)/\(Self.fileName)")
    windows = try file.openDataset("/window").read(as: Int64.self).map { Int($0) }
    scale = try file.openDataset("/scale").read(as: Double.self)
    values = try file.openDataset("/forecast").read(as: Float.self)
  }

  init(windows: [Int], values: [Float], scale: [Double]) {
    (self.windows, self.values, self.scale) = (windows, values, scale)
  }

  /// SHA-256 of parameters and forecasts, bit by bit.
  func digest(parameters: UnsafeBufferPointer<Float>) -> String {
    var hash = SHA256()
    hash.update(bufferPointer: UnsafeRawBufferPointer(parameters))
    for window in windows { hash.add(Int64(window)) }
    for factor in scale { hash.add(factor.bitPattern) }
    values.withUnsafeBytes { hash.update(bufferPointer: $0) }
    return hash.hexadecimal
  }
}
