import Datasets

/// Where the points come from and how they are divided.
package struct DataConfiguration: ConfigurationSection {
  package enum Source: String, ConfigurationChoice {
    case generator, csv, hdf5
  }

  package var source = Source.generator
  package var generator = GeneratorConfiguration()
  package var path: String?
  package var dataset: String?
  package var columns: [String] = []
  package var validationFraction = 0.15
  package var testFraction = 0.15
  package var standardise = true
  package var geographic = false
  package var grouping = RowGrouping.rows
  package var cellDegrees = 2.0

  package init() {}

  package mutating func describe(to visitor: inout some ConfigurationVisitor) {
    visitor.key(
      "source", &source,
      "generator: a known point set; csv or hdf5: a table of your own, given by path.")
    visitor.section("generator", &generator, "The point set, when source is generator.")
    visitor.key("path", &path, "File of the table, from the folder where the command is started.")
    visitor.key(
      "dataset", &dataset,
      "Path of the table inside an HDF5 file, such as /points; rows are points.")
    visitor.key(
      "columns", &columns,
      "Names of the columns to learn, in order. An empty list takes all of them.")
    visitor.key(
      "validationFraction", &validationFraction, .within(0.0..<1.0),
      "Part of a file's rows that decides when to stop.")
    visitor.key(
      "testFraction", &testFraction, .within(0.0..<1.0),
      "Part of a file's rows kept for the final score.")
    visitor.key(
      "standardise", &standardise,
      """
      Shift and scale each column to mean 0 and deviation 1, measured on the training rows. \
      Densities are reported for the original units all the same. Geographic data are never \
      standardised: their points must stay on the sphere.
      """)
    describeGeography(to: &visitor)
  }

  package func check(_ demands: inout ConfigurationDemands) {
    demands.require(
      source == .generator || path?.isEmpty == false, at: "path",
      expected: "the path of a file, because data.source is \(source.rawValue)",
      got: path?.yaml ?? "nothing")
    demands.require(
      source != .hdf5 || dataset?.isEmpty == false, at: "dataset",
      expected: "the path of a table inside the file, because data.source is hdf5",
      got: dataset?.yaml ?? "nothing")
    for (index, column) in columns.enumerated() {
      demands.require(
        !columns[..<index].contains(column), at: "columns",
        expected: "each column once", got: "\(column.yaml) twice")
    }
    checkGeography(&demands)
    let held = validationFraction + testFraction
    demands.require(
      held < 1, at: "testFraction",
      expected: "validationFraction + testFraction < 1, so that rows are left to train on",
      got: "\(held)")
  }
}
