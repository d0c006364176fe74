import Experiments
import Foundation
import Testing

@Suite("The table of scores")
struct ScoresTextTests {
  @Test("A model on the sphere stands beside its controls by negative log-likelihood per unit area")
  func sphere() throws {
    let json = """
      {"step": 7, "testLogLikelihood": {"mean": 0.4, "standardError": 0.1, "count": 9},
       "negativeLogLikelihood": {"mean": -0.4, "standardError": 0.1, "count": 9},
       "densityMeasure": "area", "charts": 4, "chartsInUse": 3, "chartPerplexity": 2.5,
       "leakRate": 0.125,
       "controls": [{"name": "kernels",
         "testLogLikelihood": {"mean": 0.3, "standardError": 0.1, "count": 9},
         "negativeLogLikelihood": {"mean": -0.3, "standardError": 0.1, "count": 9}}]}
      """
    let scores = try JSONDecoder().decode(Scores.self, from: Data(json.utf8))
    let lines = scores.text.split(separator: "\n").map {
      $0.split(separator: " ", omittingEmptySubsequences: true).joined(separator: " ")
    }
    #expect(
      lines == [
        "mean log-likelihood in nats per point, ± standard error",
        "atlas, step 7, 9 points 0.4000 ± 0.1000", "kernels 0.3000 ± 0.1000",
        "negative log-likelihood in nats per unit area of the sphere", "atlas -0.4000 ± 0.1000",
        "kernels -0.3000 ± 0.1000",
        "charts in use: 3 of 4, perplexity 2.5, samples outside their chart 12.50 %",
      ])
  }
}
