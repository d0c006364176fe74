import Operators
import Testing

@Suite("Shapes of the epidemic")
struct ForecastShapeTests {
  @Test("A day has 50 × 3 numbers")
  func perDay() {
    #expect(ForecastShape.dayWidth == 150)
  }
}
