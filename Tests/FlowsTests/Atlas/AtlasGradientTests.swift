import Flows
import TestSupport
import Tensors
import Testing

@Suite("Gradients of an atlas")
struct AtlasGradientTests {
  /// Rules that leave places empty: by distance, by charts without points, by both.
  private static let cases: [(rule: ChartRule, points: [Int64])] = [
    (ChartRule(neighbours: 2), [4, 1, 3, 2]),
    (ChartRule(neighbours: 1, overlap: 0.5), [4, 1, 3, 2]),
    (ChartRule(neighbours: 3), [4, 0, 0, 2]),
    (ChartRule(neighbours: 3, overlap: 1), [0, 0, 5, 0]),
  ]

  private func record<Scalar>(
    _ fixture: AtlasFixture, _ x: Value, _ weight: Value, _ selection: ChartSelection,
    on tape: Tape<Scalar>
  ) -> Value {
    let density = fixture.atlas.logProbability(of: x, over: selection, on: tape)
    return tape.negate(tape.columnSums(tape.multiply(density, weight)))
  }

  /// Central differences of step 1e-6, as for flows.
  @Test("The mixture's gradient agrees with central differences, rows with empty places included")
  func differences() {
    for (number, (rule, points)) in Self.cases.enumerated() {
      let fixture = AtlasFixture(charts: 4, rule: rule, points: points)
      let x = AtlasFixture.points(12)
      let places = fixture.charts(x, .holding)
      #expect(places.allSatisfy { $0[0] >= 0 })
      #expect(number == 0 || places.contains { $0.contains(-1) })
      let (buffer, range) = (fixture.buffer, fixture.atlas.flowRange)
      for selection in [ChartSelection.holding, .all] {
        let tape = Tape<Double>(shardCount: 1, parameters: buffer)
        let weight = tape.matrix(x.indices.map { [$0 == 5 ? 0 : 0.1] })
        let loss = tape.keep(record(fixture, tape.matrix(x), weight, selection, on: tape))
        let sink = TestSink<Double>(count: range.count, subtrees: [0..<1])
        tape.sink = sink.sink
        tape.backward(loss, parameterRange: range)
        tape.run()
        let gradient = sink.elements()
        #expect(gradient.filter { abs($0) > 1e-3 }.count > range.count / 3)
        for element in stride(from: 0, to: range.count, by: 3) {
          let memory = buffer.pointer + range.lowerBound + element
          let start = memory.pointee
          func value(_ shift: Double) -> Double {
            memory.pointee = start + shift
            defer { memory.pointee = start }
            tape.replay()
            return tape.elements(of: loss)[0]
          }
          let difference = (value(1e-6) - value(-1e-6)) / 2e-6
          let error = abs(gradient[element] - difference) / (1 + abs(difference))
          #expect(error < 1e-7, "case \(number), \(selection), element \(element)")
        }
      }
    }
  }

  private func check<Scalar: TensorScalar>(_ type: Scalar.Type, tolerance: Double) {
    for (rule, points) in Self.cases {
      let fixture = AtlasFixture(charts: 4, rule: rule, points: points)
      let deviation = ShardedRun.lastSweepDeviation(
        parameters: ParameterCollection.parameters(in: fixture.atlas.chain),
        buffer: fixture.buffer.converted(to: type), range: fixture.atlas.flowRange
      ) { tape in
        let (x, weight) = (tape.input(6, 2), tape.input(6, 1))
        return Recording(
          loss: record(fixture, x, weight, .holding, on: tape), inputs: [x, weight])
      }
      #expect(deviation < tolerance)
    }
  }

  @Test("The last sweep over several shards gives the gradients of the expanded one")
  func lastSweep() {
    check(Float.self, tolerance: 1e-4)
    check(Double.self, tolerance: 1e-12)
  }
}
