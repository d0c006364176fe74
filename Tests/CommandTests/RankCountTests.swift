import Foundation
import TestSupport
import Testing

extension TrainingJobs {
  @Suite("A training's bits do not depend on the number of ranks") struct RankCounts {
    @Test("60 steps of interlocked circles: one digest, one metrics.csv, for 1 2 3 4 5 8 ranks")
    func circles() throws {
      let reference = try RankJob.circles.result(ranks: 1)
      #expect(reference.metrics.count > 1)
      for ranks in [2, 3, 4, 5, 8] {
        let result = try RankJob.circles.result(ranks: ranks)
        #expect(result == reference, "\(ranks) ranks")
      }
      print("digest of interlocked circles, 60 steps, 1 2 3 4 5 8 ranks: \(reference.digest)")
    }

    @Test("Another seed, another number of shards and one more step each give other digests")
    func digestsDiffer() throws {
      var digests = Set<String>()
      // The digest covers the settings as well; the losses show that the numbers themselves differ.
      var losses = Set<[String]>()
      let jobs = [
        RankJob.small, .small.setting("seed=2"), .small.setting("shards=4"), .small.steps(61),
      ]
      for job in jobs {
        let result = try job.result(ranks: 2)
        digests.insert(result.digest)
        losses.insert(result.metrics)
      }
      #expect(digests.count == jobs.count)
      #expect(losses.count == jobs.count)
    }

    @Test("Every setting of training keeps the promise")
    func variants() throws {
      let plain = try RankJob.small.result(ranks: 1)
      for settings in Self.variants {
        let job = RankJob.small.setting(settings)
        let reference = try job.result(ranks: 1)
        for ranks in isTorture ? [2, 3, 4, 5, 8] : [3] {
          let result = try job.result(ranks: ranks)
          #expect(result == reference, "\(settings), \(ranks) ranks")
        }
        // A setting without an effect would keep any promise.
        #expect(reference.metrics != plain.metrics, "\(settings)")
      }
    }

    @Test("Rows of a CSV file and of an HDF5 file give the same losses, on 1 and 3 ranks")
    func files() throws {
      let folder = try RankFolder()
      let run = folder.file("source")
      try RankJob.small.train(in: run, ranks: 1)
      var losses = Set<[String]>()
      for name in ["points.csv", "points.h5"] {
        let file = folder.file(name)
        let sampling = try MPIRun.runAlone(
          "portolan", ["sample", run, "--count", "700", "--output", file])
        #expect(sampling.exitCode == 0, "\(sampling.errors)")
        let job = RankJob.small.setting(
          name.hasSuffix("csv")
            ? ["data.source=csv", "data.path=\(file)"]
            : ["data.source=hdf5", "data.path=\(file)", "data.dataset=/"])
        let reference = try job.result(ranks: 1)
        let result = try job.result(ranks: 3)
        #expect(result == reference, "\(name)")
        losses.insert(reference.metrics)
      }
      // Text and binary hold the same points; digests differ, for they cover the name of the file.
      #expect(losses.count == 1)
    }

    /// Changes of the small job that take another path through the training.
    static let variants = [
      ["training.flow.gradientClipNorm=0.5", "training.autoencoder.gradientClipNorm=0.1"],
      ["training.flow.averageDecay=0.9"],
      [
        "training.flow.earlyStopping.patienceEpochs=1",
        "training.flow.earlyStopping.minimumImprovement=100",
      ],
      ["training.flow.optimizer=adamw", "training.flow.weightDecay=0.1"],
      ["model.overlap=0.3", "model.neighbours=2"],
      ["model.overlap=0.3", "model.neighbours=2", "objective=sampled"],
      ["model.flow.actNorm=false"],
      ["model.flow.linear=permutation"],
      ["model.flow.linear=none"],
      ["model.flow.linear=full", "model.charts=1"],
      ["model.flow.linear=orthogonal", "model.charts=1"],
      ["model.flow.kind=maf", "model.flow.blocks=2"],
      ["model.flow.kind=iaf", "model.flow.blocks=2"],
      ["model.flow.kind=maf", "model.flow.transform=spline", "model.flow.blocks=2"],
      ["model.flow.transform=spline", "model.flow.bins=4"],
      ["model.charts=1"],
      ["model.codebook.revivalEverySteps=3", "model.codebook.revivalThreshold=0.9"],
      ["training.globalBatchSize=8", "model.flow.activation=tanh"],
    ]
  }
}
