import Flows
import TestSupport
import Tensors
import Testing

/// Ten rows, the fourth and the last two padding, on a quantizer with five codes.
private struct QuantizerCase {
  let fixture = AtlasFixture(charts: 5, dimension: 3, points: [1, 1, 1, 1, 1])
  let x = AtlasFixture.points(10, dimension: 3)
  let weights: [Double] = [0.5, 0.25, 1, 0, 0.5, 0.5, 0.125, 1, 0, 0]
  let chosenRows: [Double] = [-1, 4, 0, -1, 9]
  var quantizer: VectorQuantizer { fixture.atlas.quantizer! }

  func record<Scalar>(on tape: Tape<Scalar>) -> VectorQuantizer.Recording {
    quantizer.record(
      tape.matrix(x), weight: tape.matrix(weights.map { [$0] }),
      chosenRows: tape.matrix(chosenRows.map { [$0] }), codebook: fixture.atlas.codebook, on: tape)
  }

  /// The nearest code of each row, and its squared distance.
  func assignment() -> [(code: Int, squaredDistance: Double)] {
    fixture.encode(x).map { z in
      let distances = fixture.codes.map { zip(z, $0).map { ($0 - $1) * ($0 - $1) }.reduce(0, +) }
      let code = distances.indices.min { distances[$0] < distances[$1] }!
      return (code, distances[code])
    }
  }
}

@Suite("Vector quantizer")
struct VectorQuantizerTests {
  private func checkStatistics<Scalar: TensorScalar>(_ type: Scalar.Type, tolerance: Double) {
    let row = QuantizerCase()
    let tape = Tape<Scalar>(shardCount: 1, parameters: row.fixture.buffer.converted(to: type))
    let recording = row.record(on: tape)
    for value in [recording.counts, recording.sums, recording.candidates] { tape.keep(value) }
    tape.run()
    let z = row.fixture.encode(row.x)
    var counts = [Double](repeating: 0, count: 5)
    var sums = [Double](repeating: 0, count: 10)
    for (i, (code, _)) in row.assignment().enumerated() where row.weights[i] > 0 {
      counts[code] += 1
      for j in 0..<2 { sums[2 * code + j] += z[i][j] }
    }
    #expect(counts.filter { $0 > 0 }.count > 1)
    #expect(tape.elements(of: recording.counts).map { Double($0) } == counts)
    for (value, expected) in zip(tape.elements(of: recording.sums), sums) {
      #expect(abs(Double(value) - expected) < tolerance)
    }
    let candidates = row.chosenRows.flatMap { $0 < 0 ? [0, 0] : z[Int($0)] }
    for (value, expected) in zip(tape.elements(of: recording.candidates), candidates) {
      #expect(abs(Double(value) - expected) < tolerance)
    }
  }

  @Test("Counts and sums are those of a plain count, and rows of weight zero count for nothing")
  func statistics() {
    checkStatistics(Float.self, tolerance: 1e-5)
    checkStatistics(Double.self, tolerance: 1e-13)
  }

  @Test("The loss is the weighted sum of reconstruction and commitment")
  func loss() {
    let row = QuantizerCase()
    let tape = Tape<Double>(shardCount: 1, parameters: row.fixture.buffer)
    let recording = row.record(on: tape)
    let assignment = row.assignment()
    let codes = tape.matrix(assignment.map { row.fixture.codes[$0.code] })
    let decoded = row.quantizer.decoder(codes, on: tape)
    for value in [recording.loss, recording.reconstruction, decoded] { tape.keep(value) }
    tape.run()
    var (reconstruction, commitment) = (0.0, 0.0)
    let images = tape.elements(of: decoded)
    for i in row.x.indices {
      for j in 0..<3 {
        let error = row.x[i][j] - images[3 * i + j]
        reconstruction += row.weights[i] * error * error / 3
      }
      commitment += row.weights[i] * 0.25 * assignment[i].squaredDistance / 2
    }
    #expect(abs(tape.elements(of: recording.reconstruction)[0] - reconstruction) < 1e-12)
    #expect(abs(tape.elements(of: recording.loss)[0] - reconstruction - commitment) < 1e-12)
    #expect(commitment > 1e-3)
  }

  /// With the assignment held fixed the quantizer is z ↦ z + (q₀ − z₀): its derivatives are those of
  /// the decoder at q₀, passed on to the encoder. Tolerance as for central differences of step 1e-6.
  @Test("Gradients are those of a loss whose quantizer is a fixed shift")
  func straightThrough() {
    let row = QuantizerCase()
    let buffer = row.fixture.buffer
    let range = row.fixture.atlas.quantizerRange
    let swept = Tape<Double>(shardCount: 1, parameters: buffer)
    let sink = TestSink<Double>(count: range.count, subtrees: [0..<1])
    swept.sink = sink.sink
    swept.backward(row.record(on: swept).loss, parameterRange: range)
    swept.run()
    let gradient = sink.elements()

    let tape = Tape<Double>(shardCount: 1, parameters: buffer)
    let x = tape.matrix(row.x)
    let z = row.quantizer.encoder(x, on: tape)
    let start = row.fixture.encode(row.x)
    let codes = row.assignment().map { row.fixture.codes[$0.code] }
    let shift = zip(codes, start).map { zip($0, $1).map(-) }
    let decoded = row.quantizer.decoder(tape.add(z, tape.matrix(shift)), on: tape)
    let weight = tape.matrix(row.weights.map { [$0] })
    let errors = tape.scale(tape.rowSquaredSums(tape.subtract(x, decoded)), by: 1.0 / 3)
    let distances = tape.scale(
      tape.rowSquaredSums(tape.subtract(z, tape.matrix(codes))), by: 0.25 / 2)
    let loss = tape.keep(
      tape.columnSums(tape.multiply(tape.add(errors, distances), weight)))
    tape.run()
    for element in range {
      let memory = buffer.pointer + element
      let value = memory.pointee
      func surrogate(_ shift: Double) -> Double {
        memory.pointee = value + shift
        defer { memory.pointee = value }
        tape.replay()
        return tape.elements(of: loss)[0]
      }
      let difference = (surrogate(1e-6) - surrogate(-1e-6)) / 2e-6
      #expect(abs(gradient[element - range.lowerBound] - difference) < 1e-7 * (1 + abs(difference)))
    }
    #expect(gradient.filter { abs($0) > 1e-4 }.count > range.count / 2)
  }
}
