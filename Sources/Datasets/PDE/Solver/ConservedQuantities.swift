/// The first three integrals of KdV, u_t = −u u_x − u_xxx.
///
/// All three hold for the Galerkin truncation too, so that what drifts in a solver's run is the error
/// in time alone; but drift far below an error does not bound the error (phases are free). The mean is
/// kept by KS and Burgers as well.
package struct ConservedQuantities: Sendable, Equatable {
  /// ∫ u dx.
  package let mass: Double
  /// ∫ u² dx.
  package let momentum: Double
  /// ∫ ½ u_x² − u³/6 dx.
  package let energy: Double

  /// Of one field given by modes 0…K, [K + 1, 1], K the grid's cutoff: u³ then has no mode that
  /// aliases onto the mean, and the sum over the grid is its integral.
  package init(of modes: ComplexField, on grid: SpectralGrid) {
    precondition(modes.lanes == 1 && modes.count == grid.cutoff + 1, "expected one field's modes")
    let scale = grid.length / Double(grid.points * grid.points)
    mass = grid.length / Double(grid.points) * modes[0].real
    var (squares, slopes) = (scale * modes[0].squaredMagnitude, 0.0)
    for n in 1..<modes.count {
      let k = grid.waveNumber(n)
      let power = 2 * scale * modes[n].squaredMagnitude
      squares += power
      slopes += k * k * power
    }
    momentum = squares
    let cubes = grid.values(of: modes).reduce(0) { $0 + $1 * $1 * $1 }
    energy = 0.5 * slopes - cubes * grid.length / Double(grid.points) / 6
  }

  /// |this − start| of mass (absolute), momentum and energy (relative to the start's).
  package func drift(from start: Self) -> (mass: Double, momentum: Double, energy: Double) {
    (
      abs(mass - start.mass), abs(momentum / start.momentum - 1), abs(energy / start.energy - 1)
    )
  }
}
