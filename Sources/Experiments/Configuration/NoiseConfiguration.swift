import Datasets
import Foundation

/// Noise on the points of training batches, so that a model cannot learn single points by heart.
package struct NoiseConfiguration: ConfigurationSection {
  package enum Kind: String, ConfigurationChoice {
    case none, fixed, neighbour
  }

  package var kind = Kind.none
  package var width = 0.01
  package var factor = 0.4
  package var neighbour = 4
  package var spread = 0.7
  package var floorDegrees = 0.01

  package init() {}

  package mutating func describe(to visitor: inout some ConfigurationVisitor) {
    visitor.key(
      "kind", &kind,
      """
      Moves each training point anew in each step by Gaussian noise, along the sphere if the points of \
      the model lie on it (geographic data; spherical-blobs of scale 1, not standardised). none: not at \
      all; fixed: by one width; neighbour: by a width in proportion to the distance of a neighbour, so \
      that dense places are blurred less. Validation and test points stay.
      """)
    visitor.key(
      "width", &width, .above(0),
      """
      fixed: standard deviation in each direction, in the units of the model (those of the data \
      without data.standardise; radians on the sphere).
      """)
    visitor.key(
      "factor", &factor, .above(0), "neighbour: the width in distances to that neighbour.")
    visitor.key(
      "neighbour", &neighbour, .within(1...1_000),
      "neighbour: which of the other training points, counted from the nearest.")
    visitor.key(
      "spread", &spread, .within(0.0...5.0),
      """
      neighbour: deviation of the logarithm of the width, which is drawn anew in each step: with \
      0.7 most widths lie within a factor of two.
      """)
    visitor.key(
      "floorDegrees", &floorDegrees, .within(0.0...90.0),
      """
      On the sphere: no width is smaller, so that the rounding of the coordinates, or places that \
      occur many times, are not learnt as such.
      """)
  }

  /// The noise of training rows; nil for none. Not collective: each rank makes the same.
  ///
  /// - Parameter rows: training rows in the units of the model.
  /// - Throws: what reading them throws.
  package func noise(for rows: any RowSource, isSpherical: Bool, seed: UInt64) throws
    -> (any RowNoise)?
  {
    let floor = isSpherical ? floorDegrees * Double.pi / 180 : 0
    switch kind {
    case .none: return nil
    case .fixed:
      return PointNoise(
        width: width, floor: floor, dimension: rows.columnCount, isSpherical: isSpherical,
        seed: seed)
    case .neighbour:
      return PointNoise(
        scaledTo: try rows.values(rows: Array(0..<rows.count)), dimension: rows.columnCount,
        neighbour: neighbour, factor: factor, spread: spread, floor: floor,
        isSpherical: isSpherical, seed: seed)
    }
  }
}
