/// N(u) = D g(u) of fields given by their modes: to the grid, g point by point, back, times D.
struct TermEvaluator<Term: PointwiseTerm>: Sendable {
  private let term: Term
  private let plan: RealFourierPlan
  /// D of modes 0…K.
  private let multipliers: [ComplexNumber]
  // Scratch: modes [N/2 + 1, lanes], values folded [N/2, lanes].
  private var spectrum: ComplexField
  private var folded: ComplexField
  private var work: ComplexField

  init(_ term: Term, grid: SpectralGrid, lanes: Int) {
    self.term = term
    plan = RealFourierPlan(length: grid.points, lanes: lanes)
    multipliers = (0...grid.cutoff).map { term.multiplier(waveNumber: grid.waveNumber($0)) }
    spectrum = ComplexField(count: grid.points / 2 + 1, lanes: lanes)
    folded = ComplexField(count: grid.points / 2, lanes: lanes)
    work = folded
  }

  /// N of `modes`, into `result`, both [K + 1, lanes].
  mutating func evaluate(_ modes: inout ComplexField, into result: inout ComplexField) {
    let (lanes, multipliers, term) = (modes.lanes, multipliers, term)
    let folds = folded.count * lanes
    let (kept, all) = (modes.count * lanes, spectrum.count * lanes)
    modes.withPointers { from in
      spectrum.withPointers { to in
        to.real.update(from: from.real, count: kept)
        to.imaginary.update(from: from.imaginary, count: kept)
        (to.real + kept).update(repeating: 0, count: all - kept)
        (to.imaginary + kept).update(repeating: 0, count: all - kept)
      }
    }
    plan.synthesise(&spectrum, into: &folded, work: &work)
    folded.withPointers { values in
      term.apply(to: UnsafeMutableBufferPointer(start: values.real, count: folds))
      term.apply(to: UnsafeMutableBufferPointer(start: values.imaginary, count: folds))
    }
    plan.analyse(&folded, into: &spectrum, work: &work)
    spectrum.withPointers { from in
      result.withPointers { to in
        for k in 0..<multipliers.count {
          let (c, s) = (multipliers[k].real, multipliers[k].imaginary)
          for i in k &* lanes..<(k &+ 1) &* lanes {
            let (r, m) = (from.real[i], from.imaginary[i])
            to.real[i] = c * r - s * m
            to.imaginary[i] = c * m + s * r
          }
        }
      }
    }
  }
}
