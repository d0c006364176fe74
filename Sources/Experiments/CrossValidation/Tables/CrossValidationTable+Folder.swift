import Datasets
import Foundation

extension CrossValidationTable {
  /// The table of what a folder holds. Not collective.
  package init(
    _ folder: CrossValidationFolder, configuration: CrossValidationConfiguration
  ) throws {
    let run = CrossValidationRun(
      options: CrossValidationOptions(output: folder.path, resume: true),
      configuration: configuration, epidemic: try EpidemicAssembly(configuration), progress: nil)
    self.init(
      configuration: configuration, epidemic: run.epidemic, results: try run.results())
  }

  /// What each row forecasts of a window that a fold tests: shares of the population, [7, 50, 3]; nil for
  /// a model without a result there. Not collective.
  package func forecasts(
    of window: Int, plan: EpidemicPlan.Name, fold: Int, in folder: CrossValidationFolder
  ) throws -> [[Double]?] {
    let resampled = epidemic.plan(plan)
    let controls = EpidemicControl.allCases.map { control -> [Double]? in
      control.fitted(to: resampled.folds[fold].training, of: resampled.windows)
        .forecast(window, of: resampled.windows)
    }
    let models = try configuration.models.map { model -> [Double]? in
      let cell = FoldCell(plan: plan, model: model.name, fold: fold)
      guard FoldResult.read(in: folder.path(of: cell))?.outcome != nil else { return nil }
      let forecasts = try FoldForecasts(in: folder.path(of: cell))
      return forecasts.windows.firstIndex(of: window).map { forecasts.shares($0) }
    }
    return models + controls
  }
}
