import Datasets

extension PointSet: ConfigurationChoice {}

/// A known density: a point set with Gaussian noise.
package struct GeneratorConfiguration: ConfigurationSection {
  /// Where scale and noise come from.
  package enum TrackName: String, ConfigurationChoice {
    case custom, a, b

    /// Nil for the file's own scale and noise.
    package var track: Track? { Track(rawValue: rawValue) }
  }

  package var name = PointSet.interlockedCircles
  package var track = TrackName.custom
  package var scale = 4.0
  package var noise = 0.1
  package var train = 10_000
  package var validation = 5_000
  package var test = 5_000

  package init() {}

  package mutating func describe(to visitor: inout some ConfigurationVisitor) {
    visitor.key("name", &name, "The point set; docs/point-sets.md has the formulas.")
    let before = track
    visitor.key(
      "track", &track,
      """
      a: the scale and noise of the public generators; b: unit scale, thin noise, a helix of four \
      turns. Either sets scale and noise, where they are not given themselves. custom: as given here.
      """)
    // Only reading changes a key; the keys below then replace what the track says.
    if track != before, let settings = track.track.map(name.settings(of:)) {
      (scale, noise) = (settings.scale, settings.noise)
    }
    visitor.key("scale", &scale, .above(0), "Factor on the set, not on the noise.")
    visitor.key(
      "noise", &noise, .above(0),
      """
      Standard deviation of the noise in each direction; of spherical-blobs that of the blobs before \
      they are put on the sphere, in its radii.
      """)
    visitor.key("train", &train, .within(1...1_000_000_000), "Points to train on.")
    visitor.key(
      "validation", &validation, .within(1...1_000_000_000), "Points that decide when to stop.")
    visitor.key("test", &test, .within(1...1_000_000_000), "Points for the final score.")
  }

  /// The generator of these settings.
  package func generator(seed: UInt64) -> PointGenerator {
    PointGenerator(
      set: name, scale: scale, noise: noise,
      thetaRange: track.track.map { name.settings(of: $0).thetaRange }, seed: seed)
  }
}
