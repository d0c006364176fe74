import Datasets
import Flows
import Foundation
import Tensors
import Training

/// First stage: encoder, decoder and codes of the vector quantizer.
package final class AutoencoderStage: Stage {
  package let name = "autoencoder"
  package var restoresBest: Bool { false }
  private let atlas: Atlas
  private let quantizer: VectorQuantizer
  private let settings: CodebookConfiguration
  private let seed: UInt64
  /// Rows whose encoded points start the codes.
  private static let startRows = 4096

  package init(
    atlas: Atlas, quantizer: VectorQuantizer, settings: CodebookConfiguration, seed: UInt64
  ) {
    self.atlas = atlas
    self.quantizer = quantizer
    self.settings = settings
    self.seed = seed
  }

  package var parameterRange: Range<Int> { atlas.quantizerRange }

  /// Counts, sums and candidates.
  package var statisticsCount: Int {
    atlas.chartCount * (1 + 2 * atlas.codebook.dimension)
  }

  /// k-means++ and a few Lloyd steps on encoded points (Arthur & Vassilvitskii, 2007).
  ///
  /// Every rank encodes the same rows in the same pieces, so that all get the same codes.
  package func prepare(_ context: StageContext) throws {
    let count = min(context.train.count, Self.startRows)
    let piece = context.shardRows
    let dimension = atlas.codebook.dimension
    var encoded: [Double] = []
    let tape = Tape<Float>(shardCount: 1, parameters: context.parameters)
    let x = tape.input(piece, atlas.dimension)
    let z = tape.keep(quantizer.encoder(x, on: tape))
    var hasRun = false
    // A read error on one rank must reach the others.
    try context.group.agreed {
      for start in stride(from: 0, to: count, by: piece) {
        let rows = (0..<piece).map { min(start + $0, count - 1) }
        try context.train.read(rows: rows, into: tape.pointer(to: x, shard: 0))
        if hasRun { tape.replay() } else { tape.run() }
        hasRun = true
        let values = tape.pointer(to: z, shard: 0)
        for i in 0..<min(piece, count - start) * dimension { encoded.append(Double(values[i])) }
      }
    }
    let centres = KMeans.centres(
      of: encoded, dimension: dimension, count: atlas.chartCount, seed: seed, iterations: 10)
    atlas.codebook.start(from: centres.map { Float($0) })
  }

  package func record(_ batch: BatchValues, on tape: Tape<Float>) -> StageRecording {
    let chosen = tape.input(atlas.chartCount, 1)
    let recording = quantizer.record(
      batch.x, weight: batch.weight, chosenRows: chosen, codebook: atlas.codebook, on: tape)
    let (seed, charts) = (seed, atlas.chartCount)
    return StageRecording(
      loss: recording.loss,
      statistics: [recording.counts, recording.sums, recording.candidates],
      fill: { localShard, shard in
        Self.choose(shard, charts: charts, seed: seed, tape.pointer(to: chosen, shard: localShard))
      })
  }

  /// For each code one row of the global batch, drawn from (seed, step, code); −1 on shards that do not
  /// hold it.
  private static func choose(
    _ shard: ShardBatch, charts: Int, seed: UInt64, _ rows: UnsafeMutablePointer<Float>
  ) {
    let lower = shard.shard * shard.globalCount / shard.shards
    for k in 0..<charts {
      rows[k] = -1
      guard shard.step >= 0 else { continue }
      var random = SampleRandom(
        seed: seed, purpose: .restart, step: UInt32(truncatingIfNeeded: shard.step),
        sample: UInt64(k))
      let place = random.integer(below: shard.globalCount) - lower
      if place >= 0, place < shard.realCount { rows[k] = Float(place) }
    }
  }

  package func absorb(statistics: UnsafePointer<Float>, step: Int) {
    let (k, d) = (atlas.chartCount, atlas.codebook.dimension)
    atlas.codebook.update(
      counts: statistics, sums: statistics + k, decay: Float(settings.decay),
      epsilon: Float(settings.epsilon))
    let every = settings.revivalEverySteps
    if every > 0, (step + 1) % every == 0 {
      atlas.codebook.revive(
        candidates: statistics + k + k * d, threshold: Float(settings.revivalThreshold))
    }
  }
}
