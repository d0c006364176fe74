import Foundation

/// How far points lie from the surface of an embedded model, in the units of the data.
package struct Reconstruction: Codable, Sendable, Equatable {
  /// Dimension of the surface; densities are per unit of its volume.
  package var dimension: Int
  /// Mean of |x − x̂|².
  package var meanSquaredDistance: Double
  package var largestDistance: Double

  /// - Parameter squaredDistances: of the points, at least one.
  init(dimension: Int, squaredDistances: [Double]) {
    self.dimension = dimension
    meanSquaredDistance = squaredDistances.reduce(0, +) / Double(squaredDistances.count)
    // max() passes over a NaN that does not come first.
    let isSound = squaredDistances.allSatisfy { !$0.isNaN }
    largestDistance = isSound ? (squaredDistances.max() ?? 0).squareRoot() : .nan
  }

  /// Lines for people.
  var lines: [String] {
    [
      "densities are per unit of volume of a surface of dimension \(dimension)",
      String(
        format: "distance from the surface: root mean square %.3g, largest %.3g",
        meanSquaredDistance.squareRoot(), largestDistance),
    ]
  }
}
