/// Advances u_t = L u + N(u) on a periodic domain by exponential time differencing of fourth order
/// (Cox & Matthews, 2002, eqs. 26–29, with the contour of Kassam & Trefethen, 2005):
///
///     a = E₂ v + Q N(v)      b = E₂ v + Q N(a)      c = E₂ a + Q (2 N(b) − N(v))
///     v ← E v + f₁ N(v) + 2 f₂ (N(a) + N(b)) + f₃ N(c)
///
/// on the modes 0…K of real fields, K the grid's cutoff: a Galerkin truncation, in which N is free of
/// aliasing where g is quadratic. The linear part is exact. The scheme is stiffly of lower order: on
/// KdV the error falls as h only, while h k³ is well above 1 at the highest modes that matter; report
/// the difference against half the step.
///
/// Lanes are independent: a field's numbers do not depend on what is advanced beside it. The loop over
/// steps allocates nothing.
///
/// - Complexity: eight real transforms a step.
package struct ETDRK4Solver<Linear: LinearSymbol, Nonlinear: PointwiseTerm>: Sendable {
  /// The grid, and with it the modes kept.
  package let grid: SpectralGrid
  /// Fields side by side.
  package let lanes: Int
  /// h, in units of time.
  package let step: Double
  /// Of modes 0…K.
  private let coefficients: [ETDRK4Coefficients]
  private var term: TermEvaluator<Nonlinear>
  // v, the stage in hand, and a, which c needs again: [K + 1, lanes].
  private var state: ComplexField
  private var stage: ComplexField
  private var stageA: ComplexField
  // N of v, a, b, c.
  private var termV: ComplexField
  private var termA: ComplexField
  private var termB: ComplexField
  private var termC: ComplexField

  /// - Parameter step: h, in units of time.
  package init(
    linear: Linear, term: Nonlinear, grid: SpectralGrid, step: Double, lanes: Int = 1
  ) {
    self.grid = grid
    self.lanes = lanes
    self.step = step
    self.term = TermEvaluator(term, grid: grid, lanes: lanes)
    coefficients = (0...grid.cutoff).map {
      ETDRK4Coefficients(symbol: linear.symbol(waveNumber: grid.waveNumber($0)), step: step)
    }
    state = ComplexField(count: grid.cutoff + 1, lanes: lanes)
    (stage, stageA, termV, termA, termB, termC) = (state, state, state, state, state, state)
  }

  /// Modes 0…K of the fields, [K + 1, lanes], X_k = Σ_j u_j e^{−2πi jk/N}.
  package var modes: ComplexField {
    get { state }
    set {
      precondition(
        newValue.count == grid.cutoff + 1 && newValue.lanes == lanes,
        "expected [\(grid.cutoff + 1), \(lanes)] modes, got [\(newValue.count), \(newValue.lanes)]")
      state = newValue
    }
  }

  /// Values on the grid, [N, lanes].
  package var values: [Double] { grid.values(of: state) }

  /// Advances by `steps` steps.
  package mutating func advance(steps: Int) {
    for _ in 0..<steps {
      term.evaluate(&state, into: &termV)
      advanceHalf(&state, &termV, into: &stageA)
      term.evaluate(&stageA, into: &termA)
      advanceHalf(&state, &termA, into: &stage)
      term.evaluate(&stage, into: &termB)
      // termV is needed again: c takes its combination through termC.
      combine(&termB, 2, &termV, -1, into: &termC)
      advanceHalf(&stageA, &termC, into: &stage)
      term.evaluate(&stage, into: &termC)
      finish()
    }
  }

  /// result = E₂ u + Q n.
  private func advanceHalf(
    _ u: inout ComplexField, _ n: inout ComplexField, into result: inout ComplexField
  ) {
    let lanes = lanes
    u.withPointers { u in
      n.withPointers { n in
        result.withPointers { result in
          for (k, c) in coefficients.enumerated() {
            let (er, ei, qr, qi) = (
              c.half.real, c.half.imaginary, c.stage.real, c.stage.imaginary
            )
            for i in k &* lanes..<(k &+ 1) &* lanes {
              let (ur, ui, nr, ni) = (u.real[i], u.imaginary[i], n.real[i], n.imaginary[i])
              result.real[i] = er * ur - ei * ui + (qr * nr - qi * ni)
              result.imaginary[i] = er * ui + ei * ur + (qr * ni + qi * nr)
            }
          }
        }
      }
    }
  }

  /// result = α x + β y.
  private func combine(
    _ x: inout ComplexField, _ alpha: Double, _ y: inout ComplexField, _ beta: Double,
    into result: inout ComplexField
  ) {
    let count = (grid.cutoff + 1) * lanes
    x.withPointers { x in
      y.withPointers { y in
        result.withPointers { result in
          for i in 0..<count {
            result.real[i] = alpha * x.real[i] + beta * y.real[i]
            result.imaginary[i] = alpha * x.imaginary[i] + beta * y.imaginary[i]
          }
        }
      }
    }
  }

  /// v ← E v + f₁ N(v) + 2 f₂ (N(a) + N(b)) + f₃ N(c).
  private mutating func finish() {
    combine(&termA, 2, &termB, 2, into: &stage)
    let (lanes, coefficients) = (lanes, coefficients)
    state.withPointers { v in
      termV.withPointers { n in
        stage.withPointers { ab in
          termC.withPointers { c in
            for (k, factor) in coefficients.enumerated() {
              let (e, f1, f2, f3) = (factor.full, factor.first, factor.middle, factor.last)
              for i in k &* lanes..<(k &+ 1) &* lanes {
                let (vr, vi) = (v.real[i], v.imaginary[i])
                v.real[i] =
                  (e.real * vr - e.imaginary * vi)
                  + (f1.real * n.real[i] - f1.imaginary * n.imaginary[i])
                  + (f2.real * ab.real[i] - f2.imaginary * ab.imaginary[i])
                  + (f3.real * c.real[i] - f3.imaginary * c.imaginary[i])
                v.imaginary[i] =
                  (e.real * vi + e.imaginary * vr)
                  + (f1.real * n.imaginary[i] + f1.imaginary * n.real[i])
                  + (f2.real * ab.imaginary[i] + f2.imaginary * ab.real[i])
                  + (f3.real * c.imaginary[i] + f3.imaginary * c.real[i])
              }
            }
          }
        }
      }
    }
  }
}
