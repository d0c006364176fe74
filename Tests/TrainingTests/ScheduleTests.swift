import Foundation
import Testing
import Training

@Suite("Schedules") struct ScheduleTests {
  @Test("A constant schedule is 1 after warm-up")
  func constant() {
    let schedule = Schedule(.constant)
    #expect((0..<10).allSatisfy { schedule.factor(step: $0, of: 10) == 1 })
  }

  @Test("Warm-up rises in equal steps, taken at the middle of each")
  func warmUp() {
    let schedule = Schedule(.constant, warmUpFraction: 0.4)
    let factors = (0..<10).map { schedule.factor(step: $0, of: 10) }
    for (step, expected) in [0.125, 0.375, 0.625, 0.875, 1, 1, 1, 1, 1, 1].enumerated() {
      #expect(abs(factors[step] - expected) < 1e-12, "step \(step)")
    }
  }

  @Test("A cosine falls from 1 to its final part, by half in the middle")
  func cosine() {
    let schedule = Schedule(.cosine(final: 0.1))
    #expect(abs(schedule.factor(step: 0, of: 100_000) - 1) < 1e-9)
    #expect(abs(schedule.factor(step: 99_999, of: 100_000) - 0.1) < 1e-9)
    // Odd length: the middle of the middle step is the middle of the stage.
    #expect(abs(schedule.factor(step: 50, of: 101) - 0.55) < 1e-12)
    let quarter = 0.1 + 0.9 * 0.5 * (1 + 0.5.squareRoot())
    #expect(abs(schedule.factor(step: 2, of: 10) - quarter) < 1e-12)
    let warm = Schedule(.cosine(final: 0), warmUpFraction: 0.5)
    #expect(abs(warm.factor(step: 7, of: 10) - 0.5) < 1e-12)
  }

  @Test("A step schedule multiplies at each fraction")
  func step() {
    let schedule = Schedule(.step(fractions: [0.5, 0.8], factor: 0.1))
    let factors = (0..<10).map { schedule.factor(step: $0, of: 10) }
    for (step, expected) in [1, 1, 1, 1, 1, 0.1, 0.1, 0.1, 0.01, 0.01].enumerated() {
      #expect(abs(factors[step] - expected) < 1e-12, "step \(step)")
    }
  }

  @Test("A longer plan stretches a schedule")
  func stretch() {
    let schedule = Schedule(.cosine(final: 0.01), warmUpFraction: 0.02)
    // Step 10 of 21 and step 31 of 63 have their middles at the same place.
    #expect(schedule.factor(step: 10, of: 21) == schedule.factor(step: 31, of: 63))
  }
}
