import Foundation

extension EvaluateModel {
  /// A small atlas of points around a tilted ring and a spot on the sphere, as unit vectors.
  static let sphere = Result {
    var table = "x,y,z\n"
    for index in 0..<1200 {
      // A sequence that fills [0, 1)² evenly.
      let u = (Double(index) * 0.754_877_666_2).truncatingRemainder(dividingBy: 1)
      let v = (Double(index) * 0.569_840_290_9).truncatingRemainder(dividingBy: 1)
      var x =
        index % 4 == 0
        ? [1, 0.3 * (u - 0.5), 0.3 * (v - 0.5)]
        : [cos(2 * .pi * u), sin(2 * .pi * u), 0.8 * cos(2 * .pi * u) + 0.2 * (v - 0.5)]
      let length = x.reduce(0) { $0 + $1 * $1 }.squareRoot()
      x = x.map { $0 / length }
      table += x.map { String(format: "%.9f", $0) }.joined(separator: ",") + "\n"
    }
    let path = newFile(".csv")
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try Data(table.utf8).write(to: URL(fileURLWithPath: path))
    return try train(
      "sphere",
      [
        "--set", "data.source=csv", "--set", "data.path=\(path)", "--set",
        "data.standardise=false", "--set", "model.charts=6", "--steps", "200",
      ])
  }
}
