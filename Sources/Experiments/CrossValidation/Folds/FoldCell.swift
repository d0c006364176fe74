import Datasets

/// One training of a cross-validation: a model on one fold of a plan.
package struct FoldCell: Sendable, Hashable {
  package let plan: EpidemicPlan.Name
  package let model: String
  /// Counted from 0.
  package let fold: Int

  /// Its folder below the run's.
  package var path: String {
    let number = "\(fold)"
    return "folds/\(plan.rawValue)/\(model)/fold-\(number.count == 1 ? "0" : "")\(number)"
  }

  /// For messages; folds are counted from 1 there.
  package var description: String { "plan \(plan.rawValue), \(model), fold \(fold + 1)" }
}

extension CrossValidationConfiguration {
  /// All trainings: a table that is stopped has whole models.
  package var cells: [FoldCell] {
    resampling.plans.flatMap { plan in
      models.flatMap { model in
        (0..<resampling.folds).map { FoldCell(plan: plan, model: model.name, fold: $0) }
      }
    }
  }

  /// The settings that decide the numbers of a model's folds, `key.path: value` a line.
  ///
  /// - Parameter data: digest of the counts.
  package func settings(of model: ForecastModelConfiguration, data: String) -> [String] {
    var model = model
    let training = training.adapted(to: model.training)
    model.training = ModelTrainingConfiguration()
    // A key that is not given decides nothing, and stands in no results of before there was such a key.
    let unset = ["solver", "gradient", "tolerance"].map { "model.\($0): null" }
    func lines(_ section: some ConfigurationSection, below path: String) -> [String] {
      ConfigurationOutline(section).items.compactMap { item in
        guard let value = item.value, !item.mayChange else { return nil }
        return "\(path).\(item.keyPath): \(value)"
      }
    }
    var resampling = resampling
    resampling.plans = []
    return ["seed: \(seed)", "shards: \(shards)", "data: \(data)"]
      + lines(resampling, below: "resampling").filter { !$0.hasPrefix("resampling.plans") }
      + lines(model, below: "model")
      .filter { !$0.hasPrefix("model.training.") && !unset.contains($0) }
      + lines(training, below: "training")
  }
}
