/// The two sets of scales and noises under which results are compared.
public enum Track: String, Sendable, CaseIterable, Codable {
  /// The scales of the public generators (Sidheekh et al., 2023): most curves four times as large.
  case a
  /// Unit scale, thin noise, and a helix of four turns.
  case b
}

/// What a track says of one point set.
public struct TrackSettings: Sendable, Equatable {
  /// Factor on the set.
  public let scale: Double
  /// Standard deviation of the noise, not scaled; of the blobs before they are put on the sphere.
  public let noise: Double
  /// Range of θ, radians.
  public let thetaRange: ClosedRange<Double>
}

extension PointSet {
  /// Scale, noise and range of θ of a track. Sets that no public generator has are scaled like most of
  /// those it has; the blobs lie on the unit sphere on both tracks.
  public func settings(of track: Track) -> TrackSettings {
    let turn = -Double.pi...Double.pi
    return switch (self, track) {
    case (.helix, .a): TrackSettings(scale: 1, noise: 0.05, thetaRange: 0...(6 * .pi))
    case (.helix, .b): TrackSettings(scale: 1, noise: 0.05, thetaRange: 0...(8 * .pi))
    case (.sphericalBlobs, _): TrackSettings(scale: 1, noise: 0.2, thetaRange: turn)
    case (.disjointCircles, .a): TrackSettings(scale: 2, noise: 0.05, thetaRange: turn)
    case (_, .a): TrackSettings(scale: 4, noise: 0.1, thetaRange: turn)
    case (_, .b): TrackSettings(scale: 1, noise: 0.02, thetaRange: turn)
    }
  }

  /// Factor on the set where none is given: that of track a.
  public var defaultScale: Double { settings(of: .a).scale }

  /// Standard deviation of the noise (not scaled) where none is given: that of track a.
  public var defaultNoise: Double { settings(of: .a).noise }

  /// Range of θ in radians where none is given: that of track a.
  public var defaultThetaRange: ClosedRange<Double> { settings(of: .a).thetaRange }
}
