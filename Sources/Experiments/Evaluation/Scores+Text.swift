import Foundation

extension Scores {
  /// A table for people.
  package var text: String {
    func line(_ name: String, _ likelihood: Likelihood, _ more: String = "") -> String {
      let padded = name.padding(toLength: max(46, name.count), withPad: " ", startingAt: 0)
      return padded
        + String(format: "%9.4f ± %.4f", likelihood.mean, likelihood.standardError) + more
    }
    let isSpherical = densityMeasure != nil
    var lines = ["mean log-likelihood in nats per point, ± standard error"]
    lines.append(line("atlas, step \(step), \(testLogLikelihood.count) points", testLogLikelihood))
    lines += controls.map { line($0.name, $0.testLogLikelihood) }
    if let entropyCeiling { lines.append(line("entropy ceiling", entropyCeiling)) }
    if let gap { lines.append(line("gap below the ceiling", gap)) }
    if let divergence { lines.append(line("divergence from the true density", divergence)) }
    if isSpherical {
      lines.append("negative log-likelihood in nats per unit area of the sphere")
      if let negativeLogLikelihood { lines.append(line("atlas", negativeLogLikelihood)) }
      lines += controls.compactMap { control in
        control.negativeLogLikelihood.map { line(control.name, $0) }
      }
      if densityMeasure != .area {
        lines.append(
          "the atlas's density is not one per unit area: it cannot be compared with these")
      }
    }
    lines.append(
      "charts in use: \(chartsInUse) of \(charts), perplexity "
        + String(format: "%.1f", chartPerplexity)
        + (leakRate.map { String(format: ", samples outside their chart %.2f %%", 100 * $0) } ?? "")
    )
    lines += reconstruction?.lines ?? []
    if let samples { lines += samples.lines }
    return lines.joined(separator: "\n")
  }
}
