/// One stage of Stockham's transform. With sub-length n = r m, stride s, w = e^{−2πi/n}, for p < m and
/// q < s
///
///     y[q + s (r p + k)] = w^{pk} Σ_j x[q + s (p + m j)] e^{−2πi jk/r},   k < r.
///
/// Lanes are part of the stride: the innermost loop over q is contiguous and at least as long as there
/// are lanes.
struct FourierStage: Sendable {
  private let radix: Int
  private let subLength: Int
  private let stride: Int
  /// w^{pk}, [m, r].
  private let twiddleReal: [Double]
  private let twiddleImaginary: [Double]
  /// e^{−2πi j/r}, [r], for radices without formulas of their own.
  private let roots: [ComplexNumber]

  init(radix: Int, subLength: Int, stride: Int) {
    self.radix = radix
    self.subLength = subLength
    self.stride = stride
    var twiddles: [ComplexNumber] = []
    for p in 0..<subLength / radix {
      for k in 0..<radix { twiddles.append(Self.root(p * k, of: subLength)) }
    }
    twiddleReal = twiddles.map(\.real)
    twiddleImaginary = twiddles.map(\.imaginary)
    roots = (0..<radix).map { Self.root($0, of: radix) }
  }

  /// e^{−2πi j/n}.
  private static func root(_ j: Int, of n: Int) -> ComplexNumber {
    ComplexNumber.unit(turns: Double(j % n) / Double(n)).conjugate
  }

  /// Reads all of `x`, writes all of `y`: [n · s] numbers that do not overlap.
  func run(_ x: SplitPointer, _ y: SplitPointer) {
    twiddleReal.withUnsafeBufferPointer { wr in
      twiddleImaginary.withUnsafeBufferPointer { wi in
        for p in 0..<subLength / radix {
          let from = x.advanced(by: stride * p)
          let to = y.advanced(by: stride * radix * p)
          let (wr, wi) = (wr.baseAddress! + radix * p, wi.baseAddress! + radix * p)
          switch radix {
          case 2: two(from, to, wr, wi)
          case 4: four(from, to, wr, wi)
          default: any(from, to, wr, wi)
          }
        }
      }
    }
  }

  private func two(
    _ x: SplitPointer, _ y: SplitPointer, _ wr: UnsafePointer<Double>, _ wi: UnsafePointer<Double>
  ) {
    let half = stride &* (subLength / 2)
    let (xr, xi, yr, yi) = (x.real, x.imaginary, y.real, y.imaginary)
    let (c, s) = (wr[1], wi[1])
    for q in 0..<stride {
      let (ar, ai) = (xr[q], xi[q])
      let (br, bi) = (xr[q &+ half], xi[q &+ half])
      yr[q] = ar + br
      yi[q] = ai + bi
      let (dr, di) = (ar - br, ai - bi)
      yr[q &+ stride] = dr * c - di * s
      yi[q &+ stride] = dr * s + di * c
    }
  }

  private func four(
    _ x: SplitPointer, _ y: SplitPointer, _ wr: UnsafePointer<Double>, _ wi: UnsafePointer<Double>
  ) {
    let m = stride &* (subLength / 4)
    let (m2, m3, s2, s3) = (2 &* m, 3 &* m, 2 &* stride, 3 &* stride)
    let (xr, xi, yr, yi) = (x.real, x.imaginary, y.real, y.imaginary)
    let (c1, z1, c2, z2, c3, z3) = (wr[1], wi[1], wr[2], wi[2], wr[3], wi[3])
    for q in 0..<stride {
      let (sumr, sumi) = (xr[q] + xr[q &+ m2], xi[q] + xi[q &+ m2])
      let (diffr, diffi) = (xr[q] - xr[q &+ m2], xi[q] - xi[q &+ m2])
      let (oddr, oddi) = (xr[q &+ m] + xr[q &+ m3], xi[q &+ m] + xi[q &+ m3])
      // −i (b − d).
      let (turnr, turni) = (xi[q &+ m] - xi[q &+ m3], xr[q &+ m3] - xr[q &+ m])
      yr[q] = sumr + oddr
      yi[q] = sumi + oddi
      let (onei, oner) = (diffi + turni, diffr + turnr)
      yr[q &+ stride] = oner * c1 - onei * z1
      yi[q &+ stride] = oner * z1 + onei * c1
      let (twor, twoi) = (sumr - oddr, sumi - oddi)
      yr[q &+ s2] = twor * c2 - twoi * z2
      yi[q &+ s2] = twor * z2 + twoi * c2
      let (threer, threei) = (diffr - turnr, diffi - turni)
      yr[q &+ s3] = threer * c3 - threei * z3
      yi[q &+ s3] = threer * z3 + threei * c3
    }
  }

  /// The sum as it stands, for odd radices.
  private func any(
    _ x: SplitPointer, _ y: SplitPointer, _ wr: UnsafePointer<Double>, _ wi: UnsafePointer<Double>
  ) {
    let m = stride * (subLength / radix)
    for k in 0..<radix {
      let to = y.advanced(by: stride * k)
      for q in 0..<stride {
        var (sumr, sumi) = (0.0, 0.0)
        for j in 0..<radix {
          let root = roots[(j * k) % radix]
          let (ar, ai) = (x.real[q + m * j], x.imaginary[q + m * j])
          sumr += ar * root.real - ai * root.imaginary
          sumi += ar * root.imaginary + ai * root.real
        }
        to.real[q] = sumr * wr[k] - sumi * wi[k]
        to.imaginary[q] = sumr * wi[k] + sumi * wr[k]
      }
    }
  }
}
