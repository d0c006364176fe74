import Tensors

#if canImport(Glibc)
  import Glibc
#endif

/// Sinusoidal positions, T rows of C numbers (Vaswani et al., 2017, section 3.5).
///
/// Channels 2i and 2i + 1 are sin and cos of t / 10000^(2i/C).
package enum SinusoidalPositions {
  /// [T·C], row after row.
  package static func values(tokens: Int, width: Int) -> [Double] {
    (0..<tokens * width).map { place in
      let (token, channel) = (place / width, place % width)
      let angle = Double(token) * pow(10_000, -Double(channel / 2 * 2) / Double(width))
      let turns = angle / (2 * Double.pi)
      let unit = PortableMath.cosineAndSine(turns: turns - turns.rounded(.down))
      return channel % 2 == 0 ? unit.sine : unit.cosine
    }
  }
}
