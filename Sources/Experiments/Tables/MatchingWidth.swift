import Datasets
import Tensors

/// The width at which a single-chart flow has as many parameters as an atlas with its auto-encoder.
package enum MatchingWidth {
  /// Hidden layers for `configuration`, as many as it has, all of one width: the smallest that gives at
  /// least the parameters of `pattern`.
  package static func hidden(
    of configuration: Configuration, parametersOf pattern: Configuration
  ) -> [Int] {
    let target = parameterCount(pattern)
    func widened(_ width: Int) -> Configuration {
      var wide = configuration
      wide.model.flow.hidden = wide.model.flow.hidden.map { _ in width }
      return wide
    }
    // Parameters grow with the width.
    var (low, high) = (0, 1)
    while parameterCount(widened(high)) < target, high < 65_536 { (low, high) = (high, 2 * high) }
    while low + 1 < high {
      let middle = (low + high) / 2
      if parameterCount(widened(middle)) < target { low = middle } else { high = middle }
    }
    return configuration.model.flow.hidden.map { _ in high }
  }

  /// Parameters of the model of points in space.
  package static func parameterCount(_ configuration: Configuration) -> Int {
    ModelAssembly.layout(configuration, columns: 3).count
  }
}
