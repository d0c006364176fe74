import Datasets
import Experiments
import Foundation
import Testing

@Suite("Geographic data")
struct GeographicDataTests {
  /// 120 events at 40 places in 4 clusters far apart, three each.
  static let events =
    "id,latitude,longitude\n"
    + (0..<120).map { row in
      let place = row % 40
      let (cluster, member) = (place % 4, place / 4)
      return
        "e\(row),\([-65, -15, 35, 75][cluster]).\(member),\([-170, -20, 40, 179][cluster]).\(member)"
    }.joined(separator: "\n") + "\n"

  func assembly(
    _ text: String = events, _ overrides: [String] = []
  ) throws -> DataAssembly {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/events.csv"
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    return try DataAssembly(
      Configuration(
        overrides: [
          "data.source=csv", "data.path=\(path)", "data.geographic=true",
          "data.validationFraction=0.1", "data.testFraction=0.1", "training.globalBatchSize=32",
        ] + overrides))
  }

  func points(_ part: any RowSource) throws -> Set<[Double]> {
    let values = try part.values(rows: Array(0..<part.count))
    return Set(stride(from: 0, to: values.count, by: 3).map { Array(values[$0..<$0 + 3]) })
  }

  @Test("latitude and longitude are found among other columns, and learnt as x, y, z")
  func columns() throws {
    let data = try assembly()
    #expect(data.columnNames == ["x", "y", "z"] && data.isGeographic)
    #expect(data.outputNames == ["latitude", "longitude"])
    #expect(data.train.count + data.validation.count + data.test.count == 120)
    #expect(data.train.count == 96)
    let rows = try data.test.values(rows: [0])
    let degrees = data.outputCoordinates(rows)
    #expect(degrees.count == 2)
    let back = GeographicPoint(latitude: degrees[0], longitude: degrees[1]).direction
    for axis in 0..<3 { #expect(abs(back[axis] - rows[axis]) < 1e-14) }
    let named = Self.events.replacingOccurrences(of: "latitude,longitude", with: "north,east")
    #expect(try assembly(named, ["data.columns=[north, east]"]).outputNames == ["north", "east"])
  }

  @Test("rows mix places between the parts; places and cells do not")
  func grouping() throws {
    let byRow = try assembly()
    #expect(try !points(byRow.test).isDisjoint(with: points(byRow.train)))
    let byPlace = try assembly(Self.events, ["data.grouping=places"])
    #expect(try points(byPlace.test).isDisjoint(with: points(byPlace.train)))
    #expect(try points(byPlace.validation).isDisjoint(with: points(byPlace.train)))
    #expect(byPlace.train.count == 96)
    // Cells of one degree hold whole clusters; of a tenth, single places.
    let byCell = try assembly(Self.events, ["data.grouping=cells", "data.cellDegrees=0.1"])
    #expect(try points(byCell.test).isDisjoint(with: points(byCell.train)))
    #expect(byCell.train.count + byCell.validation.count + byCell.test.count == 120)
    let again = try assembly(Self.events, ["data.grouping=places"])
    #expect(try points(again.test) == points(byPlace.test))
    let other = try assembly(Self.events, ["data.grouping=places", "seed=2"])
    #expect(try points(other.test) != points(byPlace.test))
  }

  @Test("a grouping that leaves a part empty is told, with the number of groups")
  func emptyPart() {
    let failure = #expect(throws: PortolanFailure.self) {
      try assembly(Self.events, ["data.grouping=cells", "data.cellDegrees=10"])
    }
    #expect(failure?.status == .badData)
    #expect(failure?.message.contains("makes 4 groups of 120 rows, which leaves the") == true)
    #expect(failure?.hint?.contains("cellDegrees") == true)
  }

  @Test(
    "bad numbers and columns are told with their place",
    arguments: [
      ("latitude,longitude\n1,2\n95,3\n", "events.csv:3: column 'latitude': expected a latitude"),
      ("latitude,longitude\n1,2\nnorth,3\n", "events.csv:3: column 'latitude': expected a number"),
      ("latitude,lon\n1,2\n", "column 'longitude'"),
    ])
  func badTables(text: String, message: String) {
    let error = #expect(throws: DataError.self) { try assembly(text) }
    #expect(error?.description.contains(message) == true, "\(error?.description ?? "nothing")")
  }

  @Test("copies stay together in a table of any columns")
  func placesInThePlane() throws {
    let text = "a,b\n" + (0..<90).map { "\($0 % 30),\($0 % 30 * 2)\n" }.joined()
    let data = try assembly(text, ["data.geographic=false", "data.grouping=places"])
    func rows(_ part: any RowSource) throws -> Set<Double> {
      Set(try part.values(rows: Array(0..<part.count)))
    }
    #expect(data.train.count == 72)
    #expect(data.columnNames == ["a", "b"] && !data.isGeographic)
    let (train, test) = (try data.train.values(rows: Array(0..<72)), data.test)
    let seen = Set(stride(from: 0, to: 144, by: 2).map { train[$0] })
    let held = try test.values(rows: Array(0..<test.count))
    #expect(stride(from: 0, to: held.count, by: 2).allSatisfy { !seen.contains(held[$0]) })
  }

  @Test("the noise of a configuration is none, fixed, or scaled to neighbours with a floor")
  func noise() throws {
    let data = try assembly(Self.events, ["data.grouping=places"])
    var settings = NoiseConfiguration()
    #expect(try settings.noise(for: data.train, isSpherical: true, seed: 1) == nil)
    for (kind, smallest, largest) in [
      (NoiseConfiguration.Kind.fixed, 0.02, 0.2), (.neighbour, 0.0001, 0.5),
    ] {
      settings.kind = kind
      settings.width = 0.1
      settings.neighbour = 4
      let noise = try #require(try settings.noise(for: data.train, isSpherical: true, seed: 1))
      var batch = (try data.train.values(rows: Array(0..<60))).map { Float($0) }
      let before = batch
      batch.withUnsafeMutableBufferPointer {
        noise.move($0.baseAddress!, rows: Array(0..<60), step: 3)
      }
      let steps = zip(batch, before).map { Double($0 - $1) }
      let size = (steps.reduce(0) { $0 + $1 * $1 } / 60).squareRoot()
      #expect(size > smallest && size < largest, "\(kind) \(size)")
    }
  }
}

@Suite("Tracks and later keys in a configuration")
struct LaterKeyTests {
  @Test("a track sets scale and noise; what is given beside it wins; custom keeps the file's own")
  func tracks() throws {
    func generator(_ keys: String) throws -> GeneratorConfiguration {
      try Configuration(yaml: "data: {generator: {\(keys)}}", source: "test").data.generator
    }
    let circles = try generator("name: interlocked-circles, track: b")
    #expect(circles.scale == 1 && circles.noise == 0.02)
    let helix = try generator("name: helix, track: b")
    #expect(helix.scale == 1 && helix.noise == 0.05)
    #expect(helix.generator(seed: 1).thetaRange == 0...(8 * .pi))
    let mixed = try generator("noise: 0.03, track: b, name: star")
    #expect(mixed.scale == 1 && mixed.noise == 0.03)
    let plain = try generator("name: helix")
    #expect(plain.scale == 4 && plain.noise == 0.1)
    #expect(plain.generator(seed: 1).thetaRange == 0...(6 * .pi))
    let overridden = try Configuration(
      yaml: "data: {generator: {name: star, scale: 2}}", source: "test",
      overrides: ["data.generator.track=b"])
    #expect(overridden.data.generator.scale == 2 && overridden.data.generator.noise == 0.02)
    #expect(
      try Configuration(yaml: overridden.resolvedYAML, source: "resolved") == overridden)
  }

  @Test("keys that came later count for the digest only where they are not at their default")
  func stateText() throws {
    let old = Configuration().stateYAML
    for key in ["noise", "geographic", "grouping", "cellDegrees", "track"] {
      #expect(!old.contains("\(key): ") || key == "noise")
    }
    #expect(old.contains("data.generator.noise: 0.1\n") && !old.contains("training.noise"))
    let new = try Configuration(overrides: ["training.noise.kind=fixed"]).stateYAML
    #expect(new.contains("training.noise.kind: fixed\n"))
    #expect(!new.contains("training.noise.factor"))
  }

  @Test(
    "geographic keys that do not fit are told",
    arguments: [
      ("data.geographic=true", "data.geographic: expected false, because data.source is generator"),
      ("data.grouping=places", "data.grouping: expected rows, because data.source is generator"),
      ("data.grouping=cells", "data.grouping: expected rows or places"),
      ("data.cellDegrees=0", "data.cellDegrees: expected a number from 0.01 to 90, got 0"),
      ("training.noise.kind=some", "training.noise.kind: expected one of none, fixed, neighbour"),
      ("training.noise.factor=0", "training.noise.factor: expected a number > 0"),
      ("data.generator.track=c", "data.generator.track: expected one of custom, a, b"),
    ])
  func problems(override: String, message: String) {
    let problems = #expect(throws: ConfigurationProblems.self) {
      try Configuration(overrides: [override])
    }
    #expect(problems?.description.contains(message) == true, "\(problems?.description ?? "none")")
  }

  @Test("geographic data take two columns")
  func twoColumns() {
    let problems = #expect(throws: ConfigurationProblems.self) {
      try Configuration(overrides: [
        "data.source=csv", "data.path=a.csv", "data.geographic=true", "data.columns=[a, b, c]",
      ])
    }
    #expect(problems?.description.contains("data.columns: expected the names of latitude") == true)
  }
}
