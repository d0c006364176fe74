import KernelInterface

/// One step of Adam (Kingma & Ba, 2015, algorithm 1) or AdamW (Loshchilov & Hutter, 2019, algorithm 2).
///
/// With g the scaled gradient: m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g²,
/// θ ← θ − decay·θ − η·(c₁m) / (√(c₂v) + ε), where c₁ and c₂ correct the bias of the moments.
@inline(__always)
func adamStep<Scalar: VectorScalar>(
  _ n: Int, _ step: AdamStep<Scalar>, _ arrays: AdamArrays<Scalar>
) {
  let parameters = arrays.parameters
  let gradient = arrays.gradient
  let first = arrays.firstMoment
  let second = arrays.secondMoment
  let beta1 = step.beta1
  let beta2 = step.beta2
  let oneMinusBeta1 = 1 - beta1
  let oneMinusBeta2 = 1 - beta2
  let keep = 1 - step.decay
  let rate = step.learningRate * step.correction1
  let correction2 = step.correction2
  let epsilon = step.epsilon
  let scale = step.gradientScale
  for i in 0..<n {
    let g = gradient[i] * scale
    let m = Scalar.fused(beta1, first[i], plus: oneMinusBeta1 * g)
    let v = Scalar.fused(beta2, second[i], plus: (oneMinusBeta2 * g) * g)
    first[i] = m
    second[i] = v
    let denominator = (correction2 * v).squareRoot() + epsilon
    parameters[i] = keep * parameters[i] - (rate * m) / denominator
  }
}
