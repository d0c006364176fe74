import Datasets

extension RowGrouping: ConfigurationChoice {}

// The keys of `data` for places on the Earth.
extension DataConfiguration {
  mutating func describeGeography(to visitor: inout some ConfigurationVisitor) {
    visitor.key(
      "geographic", &geographic,
      """
      The columns are latitude and longitude in degrees (in this order, where columns are named): the \
      model learns the points x, y, z of the unit sphere. Samples and log-densities are written by \
      latitude and longitude again. Never standardised.
      """)
    visitor.key(
      "grouping", &grouping,
      """
      What stays together when a file's rows are divided. rows: nothing; places: rows with equal \
      numbers, so that no test point has a copy among the training points; cells: rows of one cell \
      of the globe, for geographic data.
      """)
    visitor.key(
      "cellDegrees", &cellDegrees, .within(0.01...90.0),
      "Side of a cell: degrees of latitude, and about as far along the parallel.")
  }

  func checkGeography(_ demands: inout ConfigurationDemands) {
    demands.require(
      !geographic || source != .generator, at: "geographic",
      expected: "false, because data.source is generator", got: "true")
    demands.require(
      !geographic || columns.isEmpty || columns.count == 2, at: "columns",
      expected: "the names of latitude and longitude, because data.geographic is true",
      got: columns.yaml)
    demands.require(
      grouping != .cells || geographic, at: "grouping",
      expected: "rows or places, because data.geographic is false", got: "cells")
    demands.require(
      grouping == .rows || source != .generator, at: "grouping",
      expected: "rows, because data.source is generator", got: grouping.rawValue)
  }
}
