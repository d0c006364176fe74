import Experiments
import Foundation
import Testing

/// The root of the package, from the place of this file.
private let packageFolder = URL(fileURLWithPath: #filePath)
  .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

@Suite("A configuration")
struct ConfigurationTests {
  @Test("Keys that are not given keep their defaults, the others are taken")
  func reading() throws {
    let yaml = """
      seed: 7
      model: {charts: 4, flow: {hidden: [8], linear: permutation, actNorm: false}}
      training:
        totalSteps: 60
        flow: {learningRate: 2.5e-4, optimizer: adamw, steps: ~}
      data:
        source: csv
        path: "12"
        columns: [latitude, "longitude"]
      """
    var expected = Configuration()
    expected.seed = 7
    expected.model.charts = 4
    expected.model.flow.hidden = [8]
    expected.model.flow.linear = .permutation
    expected.model.flow.actNorm = false
    expected.training.totalSteps = 60
    expected.training.flow.learningRate = 2.5e-4
    expected.training.flow.optimizer = .adamw
    expected.data.source = .csv
    expected.data.path = "12"
    expected.data.columns = ["latitude", "longitude"]
    #expect(try Configuration(yaml: yaml, source: "test") == expected)
  }

  @Test("Resolved text reads back to an equal configuration and to the same text")
  func roundTrip() throws {
    var configuration = Configuration()
    configuration.seed = .max
    configuration.data.source = .hdf5
    configuration.data.path = "a \"b\"\\\n\tc: #\u{1}\u{7F}\u{85}é\u{2028}🧭"
    configuration.data.dataset = "null"
    configuration.data.columns = ["yes", "1", "~", " x "]
    configuration.model.flow.hidden = []
    configuration.training.flow.learningRate = 0.1 + 0.2
    configuration.training.flow.epsilon = .leastNonzeroMagnitude
    configuration.training.totalSteps = 60
    for one in [Configuration(), configuration] {
      let text = one.resolvedYAML
      let read = try Configuration(yaml: text, source: "resolved")
      #expect(read == one)
      #expect(read.resolvedYAML == text)
      #expect(try Configuration(yaml: one.documentedYAML, source: "documented") == one)
    }
  }

  @Test("The digest is stable and changes with every key")
  func digest() throws {
    #expect(Configuration().digest == Configuration().digest)
    var digests: [UInt64] = [Configuration().digest]
    for argument in [
      "seed=2", "model.charts=31", "logging.everySteps=21", "training.flow.beta1=0.91",
      "data.path=x",
    ] {
      digests.append(try Configuration(overrides: [argument]).digest)
    }
    #expect(Set(digests).count == digests.count)
  }

  @Test("Arguments replace what the file says, and the last one wins")
  func overrides() throws {
    let configuration = try Configuration(
      yaml: "seed: 1\nmodel: {charts: 3}", source: "test",
      overrides: [
        "seed=2", "model.flow.hidden=[5, 6]", "data={source: csv, path: a=b.csv}", "seed=3",
      ])
    #expect(configuration.seed == 3)
    #expect(configuration.model.charts == 3)
    #expect(configuration.model.flow.hidden == [5, 6])
    #expect(configuration.data.path == "a=b.csv")
  }

  @Test("Two experiments differ by the keys that decide the result, and by no others")
  func differences() throws {
    let recorded = Configuration()
    let same = try Configuration(overrides: [
      "logging.everySteps=1", "checkpoints.keepLast=9", "checkpoints.everySeconds=1",
      "distributed.deadlineSeconds=10", "evaluation.samples=7",
    ])
    #expect(same.differences(from: recorded) == [])
    try same.requireSameExperiment(as: recorded, in: "runs/a")

    let other = try Configuration(overrides: ["seed=2", "model.charts=4", "logging.everySteps=1"])
    let failure = #expect(throws: PortolanFailure.self) {
      try other.requireSameExperiment(as: recorded, in: "runs/a")
    }
    #expect(failure?.status == .badData)
    #expect(
      failure?.message == """
        runs/a holds another experiment; these keys differ:
          seed: 1 there, 2 here
          model.charts: 32 there, 4 here
        """)
  }

  @Test(
    "A file that cannot be read is a missing input or bad data",
    arguments: [
      ("nothing.yaml", "there is no such file"), (".", "it is a folder"),
    ])
  func missing(name: String, reason: String) {
    let failure = #expect(throws: PortolanFailure.self) { try Configuration(contentsOf: name) }
    #expect(failure?.status == .noInput)
    #expect(failure?.message == "cannot open the configuration \(name): \(reason)")
  }

  @Test("A file that is not text is bad data")
  func notText() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/points.h5"
    try Data([0x89, 0x48, 0x44, 0x46, 0xFF, 0xFE]).write(to: URL(fileURLWithPath: path))
    let failure = #expect(throws: PortolanFailure.self) { try Configuration(contentsOf: path) }
    #expect(failure?.status == .badData)
    #expect(failure?.message == "\(path): expected a text file in UTF-8, got other bytes")
  }

  @Test("Every shipped configuration can be read, and the first is the built-in one")
  func shipped() throws {
    let folder = packageFolder.appending(path: "configs").path
    let names = try FileManager.default.contentsOfDirectory(atPath: folder)
      .filter { $0 != "covid-pade.yaml" }.sorted()
    _ = try CrossValidationConfiguration(contentsOf: "\(folder)/covid-pade.yaml")
    #expect(
      names == [
        "bent-lissajous.yaml", "disjoint-circles.yaml", "earthquakes.yaml", "five-circles.yaml",
        "helix.yaml", "independent-charts.yaml", "interlocked-circles.yaml", "knotted.yaml",
        "lissajous-ribbon.yaml", "non-knotted.yaml", "spherical-blobs.yaml", "star.yaml",
        "twisted-eight.yaml",
      ])
    for name in names {
      let configuration = try Configuration(contentsOf: "\(folder)/\(name)")
      if configuration.data.source == .generator, configuration.model.fit == .amortized {
        #expect("\(configuration.data.generator.name.rawValue).yaml" == name)
      }
    }
    #expect(
      try Configuration(contentsOf: "\(folder)/interlocked-circles.yaml") == Configuration())
  }

  @Test("The documentation holds the defaults of today")
  func documentation() throws {
    let page = packageFolder.appending(path: "docs/configuration.md")
    let text = try String(contentsOf: page, encoding: .utf8)
    #expect(
      text.contains("```yaml\n\(Configuration().documentedYAML)```"),
      "print it anew with `portolan configuration`")
  }
}

/// A folder that is removed with this value.
final class TemporaryFolder {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit {
    do {
      try FileManager.default.removeItem(atPath: path)
    } catch {
      print("could not remove \(path): \(error)")
    }
  }
}
