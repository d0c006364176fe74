/// What a fold minimises, the mean over its training windows.
package enum ForecastLoss: String, ConfigurationChoice {
  case relative, balanced, absolute

  static let documentation = """
    relative: ‖ŷ − y‖₂ / ‖y‖₂ of a window, on shares of the population. balanced: the same of each series, \
    the root of their mean square. absolute: absolute errors in persons, each series in units of what the \
    slope of the last week errs by on the training windows.
    """
}
