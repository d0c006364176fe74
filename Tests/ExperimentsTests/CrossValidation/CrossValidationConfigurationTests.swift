import Experiments
import Testing

/// The lines of the error that reading `yaml` throws; empty when it is read.
private func problems(_ yaml: String, set overrides: [String] = []) -> [String] {
  do {
    _ = try CrossValidationConfiguration(yaml: yaml, source: "my.yaml", overrides: overrides)
    return []
  } catch let error as ConfigurationProblems {
    return error.problems.map(\.description)
  } catch {
    return ["another error: \(error)"]
  }
}

@Suite("The configuration of a cross-validation")
struct CrossValidationConfigurationTests {
  @Test("Models have names of the user's; keys that are not given keep their defaults")
  func namedModels() throws {
    let yaml = """
      models:
        linear:
        ours:
          kind: linear
          residual: increments
          training:
            learningRate: 0.01
      """
    let configuration = try CrossValidationConfiguration(
      yaml: yaml, source: "my.yaml", overrides: ["models.linear.residual=slope"])
    #expect(configuration.models.map(\.name) == ["linear", "ours"])
    #expect(configuration.models.map(\.residual) == [.slope, .increments])
    #expect(configuration.models[1].training.learningRate == 0.01)
    #expect(configuration.models.allSatisfy { $0.kind == .linear })
    #expect(configuration.cells.count == 2 * 2 * 10)
    #expect(configuration.cells.map(\.path).first == "folds/P/linear/fold-00")
  }

  @Test("What is printed is read back as the same configuration, also with its explanations")
  func roundTrip() throws {
    var configuration = CrossValidationConfiguration()
    configuration.models.append(ForecastModelConfiguration(name: "linear-2"))
    configuration.models[2].kind = .linear
    configuration.resampling.plans = [.blocks]
    for text in [configuration.resolvedYAML, configuration.documentedYAML] {
      #expect(
        try CrossValidationConfiguration(yaml: text, source: "my.yaml") == configuration, "\(text)")
    }
    // Each key is explained once, however many models there are.
    let explanation = "What the model is."
    #expect(configuration.documentedYAML.components(separatedBy: explanation).count == 2)
  }

  @Test(
    "Each problem says where it is, what was expected and what was found",
    arguments: [
      ("models: [fc]", "my.yaml:1:9: models: expected one or more named sections, got [fc]"),
      (
        "models:\n  linear: 3", "my.yaml:2:11: models.linear: expected a section, or nothing, got 3"
      ),
      (
        "models:\n  linear:\n    kidn: linear",
        "my.yaml:3:5: models.linear.kidn: unknown key; did you mean kind?"
      ),
      (
        "models:\n  linear:\n    width: 4",
        "my.yaml:3:12: models.linear.width: expected null, because the kind linear has no width, got 4"
      ),
      (
        "models:\n  linear:\n    solver: dopri5",
        "my.yaml:3:13: models.linear.solver: expected null, because the kind linear solves no "
          + "differential equation, got dopri5"
      ),
      (
        "models:\n  neural-ode:\n    tolerance: 0.1",
        "my.yaml:3:16: models.neural-ode.tolerance: expected null, because the solver fixed has none, "
          + "got 0.1"
      ),
      (
        "models:\n  neural-ode:\n    {solver: dopri5, tolerance: 0}",
        "my.yaml:3:33: models.neural-ode.tolerance: expected a number or null, if given > 0, "
          + "got 0"
      ),
      (
        "models:\n  neural-ode:\n    gradient: adjoin",
        "my.yaml:3:15: models.neural-ode.gradient: expected one of backpropagation, adjoint or null, "
          + "got adjoin"
      ),
      (
        "shards: 3",
        "my.yaml:1:9: shards: expected an integer that is a power of two from 1 to 1024, got 3"
      ),
      (
        "resampling:\n  plans: [P, P]",
        "my.yaml:2:10: resampling.plans: expected one or two plans, each once, got [P, P]"
      ),
      (
        "resampling:\n  folds: 90",
        "my.yaml:2:10: resampling.folds: expected at most 80, the windows of 100 days, got 90"
      ),
      (
        "training:\n  globalBatchSize: 30",
        "my.yaml:2:20: training.globalBatchSize: expected a multiple of shards (4), got 30"
      ),
      (
        "training:\n  earlyStopping:\n    patienceEpochs: 3",
        "my.yaml:3:21: training.earlyStopping.patienceEpochs: expected 0, because a fold keeps no "
          + "windows for validation, got 3"
      ),
      (
        "report:\n  states: [Californa]",
        "my.yaml:2:11: report.states: expected names of the 50 states, got \"Californa\""
      ),
      (
        "data:\n  populations: here.csv",
        "my.yaml:2:16: data.populations: expected null, because reports is null, got a file"
      ),
    ])
  func problem(_ yaml: String, _ message: String) {
    #expect(problems(yaml) == [message])
  }

  @Test("A name that is no kind needs one, and names have few letters")
  func names() {
    let lines = problems("models:\n  mine:\n  \"a b\": {kind: linear}")
    #expect(lines.count == 2, "\(lines)")
    #expect(lines.contains { $0.contains("models.mine.kind: expected one of pade") }, "\(lines)")
    #expect(lines.contains { $0.contains("expected a name of letters, digits and - + _") })
    #expect(problems("seed: 1", set: ["models.linear=4"]).count == 1)
  }

  @Test("Settings of a fold change with what decides its numbers, and with nothing else")
  func settings() throws {
    func lines(_ overrides: [String]) throws -> [String] {
      let configuration = try CrossValidationConfiguration(
        overrides: ["models.linear.kind=linear"] + overrides)
      return configuration.settings(of: configuration.models[0], data: "abc")
    }
    let usual = try lines([])
    for same in [
      "resampling.plans=[H]", "checkpoints.everySteps=7", "distributed.deadlineSeconds=9",
      "report.states=[Ohio]", "models.other.kind=linear",
    ] { #expect(try lines([same]) == usual, "\(same)") }
    for other in [
      "seed=2", "shards=8", "resampling.folds=5", "resampling.gap=3", "training.epochs=3",
      "models.linear.training.epochs=3", "models.linear.residual=slope", "training.loss=absolute",
    ] { #expect(try lines([other]) != usual, "\(other)") }
    // How a neural differential equation is solved; what is not said stands in no line.
    func solver(_ overrides: [String]) throws -> [String] {
      try lines(
        ["models.linear.kind=neural-ode"] + overrides.map { "models.linear.\($0)" })
    }
    let fixed = try solver([])
    #expect(!fixed.contains { $0.hasPrefix("model.solver") || $0.hasPrefix("model.tolerance") })
    for other in [["solver=dopri5"], ["gradient=adjoint"], ["solver=dopri5", "tolerance=0.1"]] {
      #expect(try solver(other) != fixed)
    }
    // The same training, wherever it is said.
    #expect(try lines(["training.epochs=3"]) == lines(["models.linear.training.epochs=3"]))
  }
}
