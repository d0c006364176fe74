import Experiments
import Testing

/// The lines of the error that reading `yaml` throws; empty when it is read.
private func problems(_ yaml: String, set overrides: [String] = []) -> [String] {
  do {
    _ = try Configuration(yaml: yaml, source: "my.yaml", overrides: overrides)
    return []
  } catch let error as ConfigurationProblems {
    return error.problems.map(\.description)
  } catch {
    return ["another error: \(error)"]
  }
}

@Suite("What is wrong with a configuration")
struct ConfigurationProblemTests {
  @Test("All problems are reported at once, in the order of the file")
  func allAtOnce() {
    let yaml = """
      seed: -1
      modle:
        charts: 3
      training:
        globalBatchSize: 100
        flow:
          learningRate: fast
          optimizer: adma
      """
    #expect(
      problems(yaml, set: ["training.flow.beta1=1"]) == [
        "my.yaml:1:7: seed: expected an integer ≥ 0, got -1",
        "my.yaml:2:1: modle: unknown key; did you mean model?",
        "my.yaml:5:20: training.globalBatchSize: expected a multiple of shards (8), got 100",
        "my.yaml:7:19: training.flow.learningRate: expected a number > 0, got fast",
        "my.yaml:8:16: training.flow.optimizer: expected one of adam, adamw, got adma; "
          + "did you mean adam?",
        "--set training.flow.beta1=1: training.flow.beta1: expected a number ≥ 0 and < 1, got 1",
      ])
  }

  @Test(
    "Each kind of problem says where it is, what was expected and what was found",
    arguments: [
      // Unknown keys
      (
        "model:\n  chart: 5",
        "my.yaml:2:3: model.chart: unknown key; did you mean charts?"
      ),
      (
        "model:\n  flow:\n    learningRate: 1",
        "my.yaml:3:5: model.flow.learningRate: unknown key; did you mean training.flow.learningRate?"
      ),
      (
        "logging:\n  colour: red",
        "my.yaml:2:3: logging.colour: unknown key; the keys here are everySteps"
      ),
      ("Seed: 3", "my.yaml:1:1: Seed: unknown key; did you mean seed?"),
      // Wrong types
      ("seed: 1.5", "my.yaml:1:7: seed: expected an integer ≥ 0, got 1.5"),
      ("seed: \"1\"", "my.yaml:1:7: seed: expected an integer ≥ 0, got \"1\""),
      ("seed:", "my.yaml:1:6: seed: expected an integer ≥ 0, got nothing"),
      ("seed: [1, 2]", "my.yaml:1:7: seed: expected an integer ≥ 0, got [1, 2]"),
      (
        "data: {standardise: yes}",
        "my.yaml:1:21: data.standardise: expected true or false, got yes"
      ),
      (
        "data: {path: 3}",
        "my.yaml:1:14: data.path: expected text or null, got 3"
      ),
      (
        "model:\n  overlap: .nan",
        "my.yaml:2:12: model.overlap: expected a number ≥ 0, got .nan"
      ),
      (
        "model:\n  overlap: nan",
        "my.yaml:2:12: model.overlap: expected a number ≥ 0, got nan"
      ),
      (
        "model:\n  overlap: 1e999",
        "my.yaml:2:12: model.overlap: expected a number ≥ 0, got 1e999"
      ),
      (
        "model:\n  flow:\n    hidden: 64",
        "my.yaml:3:13: model.flow.hidden: expected a list of integers, each from 1 to 65536, got 64"
      ),
      (
        "model:\n  flow:\n    hidden: [64, 0]",
        "my.yaml:3:13: model.flow.hidden: expected a list of integers, each from 1 to 65536, "
          + "got [64, 0]"
      ),
      (
        "logging: 5",
        "my.yaml:1:10: logging: expected a section with the keys everySteps, got 5"
      ),
      // Out of range
      (
        "shards: 6",
        "my.yaml:1:9: shards: expected an integer that is a power of two from 1 to 1024, got 6"
      ),
      (
        "training: {totalSteps: 0}",
        "my.yaml:1:24: training.totalSteps: expected an integer or null, if given from 1 to 1000000000, got 0"
      ),
      // Several keys that do not go together
      (
        "model: {charts: 4, neighbours: 5}",
        "my.yaml:1:32: model.neighbours: expected at most model.charts (4), got 5"
      ),
      (
        "data: {source: csv}",
        "my.yaml:1:7: data.path: expected the path of a file, because data.source is csv, got nothing"
      ),
      (
        "data: {source: hdf5, path: a.h5}",
        "my.yaml:1:7: data.dataset: expected the path of a table inside the file, "
          + "because data.source is hdf5, got nothing"
      ),
      (
        "data: {columns: [x, y, x]}",
        "my.yaml:1:17: data.columns: expected each column once, got \"x\" twice"
      ),
      (
        "data: {validationFraction: 0.5, testFraction: 0.5}",
        "my.yaml:1:47: data.testFraction: expected validationFraction + testFraction < 1, "
          + "so that rows are left to train on, got 1.0"
      ),
      (
        "data: {generator: {train: 100}}",
        "my.yaml:1:1: training.globalBatchSize: expected at most data.generator.train (100), got 256"
      ),
      (
        "training: {flow: {schedule: {stepFractions: [0.8, 0.5]}}}",
        "my.yaml:1:45: training.flow.schedule.stepFractions: expected numbers that rise, "
          + "got [0.8, 0.5]"
      ),
      // Not a configuration
      ("", "my.yaml: the file is empty; expected a mapping of keys such as `seed: 1`"),
      (
        "# only a comment\n",
        "my.yaml: the file is empty; expected a mapping of keys such as `seed: 1`"
      ),
      ("- 1\n- 2", "my.yaml:1:1: expected a mapping of keys such as `seed: 1`, got [1, 2]"),
      ("seed", "my.yaml:1:1: expected a mapping of keys such as `seed: 1`, got seed"),
      ("seed: 1\nshards: 2\nseed: 3", "my.yaml:1:1: seed: the key is given twice, again in line 3"),
      (
        "training:\n  flow:\n    beta1: 0.9\n    # c\n    beta1 : 0.8",
        "my.yaml:3:5: beta1: the key is given twice, again in line 5"
      ),
      (
        "data: {columns: [x, y}",
        "my.yaml:1:22: YAML syntax: did not find expected ',' or ']' "
          + "(while parsing a flow sequence, begun in line 1)"
      ),
      (
        "seed: 1\n\tshards: 2",
        "my.yaml:2:1: YAML syntax: found a tab character that violates indentation "
          + "(while scanning a plain scalar, begun in line 1)"
      ),
      ("seed: 1\ndata: \"\u{1}\"", "my.yaml:2:8: YAML syntax: control characters are not allowed"),
      ("? [a]\n: 1", "my.yaml:1:3: expected the name of a key, got a list or a section"),
      (
        "seed: 1\n---\nseed: 2",
        "my.yaml:2:1: YAML syntax: but found another document "
          + "(expected a single document in the stream, begun in line 1)"
      ),
    ])
  func messages(yaml: String, expected: String) {
    #expect(problems(yaml) == [expected])
  }

  @Test("Aliases that multiply are refused before they fill the memory")
  func aliases() {
    var yaml = "a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n"
    for level in 1...12 {
      let copies = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
      yaml += "a\(level): &a\(level) [\(copies)]\n"
    }
    let found = problems(yaml)
    #expect(found.count == 1)
    #expect(
      found.first?.hasSuffix("more than 100000 values; does an alias repeat an alias?") == true)
  }

  @Test(
    "A --set argument is checked like the file",
    arguments: [
      ("seed", "--set seed: expected key.path=value, such as training.flow.learningRate=0.001"),
      ("=3", "--set =3: expected key.path=value, such as training.flow.learningRate=0.001"),
      ("a..b=3", "--set a..b=3: expected key.path=value, such as training.flow.learningRate=0.001"),
      ("sede=3", "--set sede=3: sede: unknown key; did you mean seed?"),
      ("model.chart=3", "--set model.chart=3: model.chart: unknown key; did you mean charts?"),
      (
        "model.charts=",
        "--set model.charts=: model.charts: expected an integer from 1 to 65536, got nothing"
      ),
      ("shards.x=3", "--set shards.x=3: shards is not a section, so it has no keys"),
      (
        "model.flow.hidden=[3",
        "--set model.flow.hidden=[3: the value is not YAML: YAML syntax: did not find expected "
          + "',' or ']' (while parsing a flow sequence, begun in line 1)"
      ),
    ])
  func overrides(argument: String, expected: String) {
    #expect(problems("shards: 2", set: [argument]) == [expected])
  }

  @Test("Names are suggested when they are near, and not when they are far")
  func suggestions() {
    let names = ["learningRate", "weightDecay", "beta1", "beta2"]
    #expect(nearestName(to: "learningrate", among: names) == "learningRate")
    #expect(nearestName(to: "laerningRate", among: names) == "learningRate")
    #expect(nearestName(to: "beta", among: names) == "beta1")
    #expect(nearestName(to: "momentum", among: names) == nil)
    #expect(nearestName(to: "", among: names) == nil)
  }
}
