import Foundation
import Operators
import Tensors
import Training

/// The norms and bounds of the Padé blocks of a training on its way: ten times a training, in
/// `pade-bounds.csv` of its run folder.
///
/// Root alone reads them; they change nothing.
package final class PadeLog {
  package static let fileName = "pade-bounds.csv"
  /// Readings of a training.
  private static let count = 10

  private let path: String
  private let blocks: [PlacedPadeBlock]
  /// In the order of the steps.
  package private(set) var readings: [PadeReading] = []

  package init(path: String, blocks: [PlacedPadeBlock]) {
    (self.path, self.blocks) = (path, blocks)
  }

  /// Forgets what lies behind a checkpoint from which the training goes on. Not collective.
  package func restore(step: Int) {
    guard !blocks.isEmpty, let bytes = FileManager.default.contents(atPath: path) else { return }
    readings = PadeReading.rows(in: String(decoding: bytes, as: UTF8.self))
      .filter { $0.step <= step }
  }

  /// Reads the blocks after a step if it is time. Not collective.
  package func note(_ report: StepReport, _ parameters: ParameterBuffer<Float>) {
    let every = max(1, report.totalSteps / Self.count)
    guard report.step % every == 0, report.step < report.totalSteps else { return }
    read(parameters, step: report.step)
  }

  /// Reads the blocks as they are; nil without blocks. Not collective.
  @discardableResult
  package func read(_ parameters: ParameterBuffer<Float>, step: Int) -> PadeReading? {
    guard let reading = PadeReading(of: blocks, parameters: parameters, step: step) else {
      return nil
    }
    if readings.last?.step == step { readings.removeLast() }
    readings.append(reading)
    // What cannot be written costs a record, not the training.
    _ = Result { try writeText(PadeReading.csv(readings), to: path) }
    return reading
  }
}

extension PadeReading {
  private typealias Number = WritableKeyPath<PadeReading, Double> & Sendable

  private static let columns: [(name: String, value: Number)] =
    [
      ("operatorNorm", \.operatorNorm), ("weightNorm", \.weightNorm), ("biasNorm", \.biasNorm),
      ("operatorGradientBound", \.operatorGradientBound),
      ("weightGradientBound", \.weightGradientBound),
      ("biasGradientBound", \.biasGradientBound),
    ]

  /// A header and one row a reading.
  static func csv(_ readings: [PadeReading]) -> String {
    let header = (["step"] + columns.map(\.name) + ["blocksWithoutInverse"]).joined(separator: ",")
    let rows = readings.map { reading in
      (["\(reading.step)"] + columns.map { "\(reading[keyPath: $0.value])" }
        + ["\(reading.blocksWithoutInverse)"]).joined(separator: ",")
    }
    return ([header] + rows).joined(separator: "\n") + "\n"
  }

  /// The rows of such a text; a damaged one ends them.
  static func rows(in text: String) -> [PadeReading] {
    var readings: [PadeReading] = []
    for line in text.split(separator: "\n").dropFirst() {
      let fields = line.split(separator: ",")
      guard fields.count == columns.count + 2, let step = Int(fields[0]),
        let without = Int(fields[columns.count + 1])
      else { break }
      var reading = PadeReading(step: step)
      for (column, field) in zip(columns, fields.dropFirst()) {
        guard let value = Double(field) else { return readings }
        reading[keyPath: column.value] = value
      }
      reading.blocksWithoutInverse = without
      readings.append(reading)
    }
    return readings
  }

  /// One line for a person.
  package var line: String {
    String(
      format: "‖L‖ %.3g, ‖W‖ %.3g; bounds of the gradients for ‖x‖ = 1: "
        + "%.3g (L), %.3g (W), %.3g (b)",
      operatorNorm, weightNorm, operatorGradientBound, weightGradientBound, biasGradientBound)
  }

  /// The largest of each.
  package static func largest(of readings: [PadeReading]) -> PadeReading? {
    guard var largest = readings.first else { return nil }
    for reading in readings.dropFirst() {
      for column in columns {
        largest[keyPath: column.value] = max(
          largest[keyPath: column.value], reading[keyPath: column.value])
      }
      largest.blocksWithoutInverse = max(
        largest.blocksWithoutInverse, reading.blocksWithoutInverse)
    }
    return largest
  }
}
