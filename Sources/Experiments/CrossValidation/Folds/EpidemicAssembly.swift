import Crypto
import Datasets
import Foundation

/// The epidemic of a configuration, and its folds under each plan. Every rank makes the same one.
package struct EpidemicAssembly: Sendable {
  /// One way of resampling.
  package struct Plan: Sendable {
    package let name: EpidemicPlan.Name
    package let windows: EpidemicWindows
    package let folds: [EpidemicPlan.Fold]
  }

  package let table: EpidemicTable
  package let populations: StatePopulations
  package let plans: [Plan]

  /// Reads the files and cuts the folds. Not collective.
  ///
  /// - Throws: `DataError`; ``PortolanFailure`` where there are fewer windows than folds.
  package init(_ configuration: CrossValidationConfiguration) throws {
    let data = configuration.data
    let seed = UInt64(configuration.seed)
    if let reports = data.reports {
      var isFolder: ObjCBool = false
      let exists = FileManager.default.fileExists(atPath: reports, isDirectory: &isFolder)
      if exists, isFolder.boolValue {
        table = try EpidemicTable(dailyReports: reports)
        populations =
          try data.populations.map { try StatePopulations(path: $0) }
          ?? StatePopulations(dailyReports: reports)
      } else {
        table = try EpidemicTable(tidyFile: reports)
        guard let path = data.populations else {
          throw PortolanFailure(
            .badData, "\(reports) has no inhabitants, and data.populations is null",
            hint: "name a file with the columns state and population")
        }
        populations = try StatePopulations(path: path)
      }
    } else {
      let epidemic = try SyntheticEpidemic(days: data.syntheticDays, seed: seed)
      (table, populations) = (epidemic.table, epidemic.populations)
    }
    let (table, populations) = (table, populations)
    plans = try configuration.resampling.plans.map { name in
      let windows = try EpidemicWindows(table, populations: populations, blanks: name.blanks)
      guard windows.count >= configuration.resampling.folds else {
        throw PortolanFailure(
          .badData,
          "expected at least \(configuration.resampling.folds) windows, one a fold, got "
            + "\(windows.count) of \(table.dayCount) days", hint: "lower resampling.folds")
      }
      let plan = EpidemicPlan(
        name, windows: windows.count, folds: configuration.resampling.folds, seed: seed,
        gap: configuration.resampling.gap)
      return Plan(name: name, windows: windows, folds: plan.folds)
    }
  }

  /// SHA-256 of days, counts and inhabitants, in hexadecimal digits.
  package var digest: String {
    var hash = SHA256()
    hash.update(data: Data("\(table.firstDay) \(table.dayCount)".utf8))
    for number in table.counts + populations.persons {
      // A blank has one pattern of bits here.
      hash.add(number.isNaN ? UInt64.max : number.bitPattern)
    }
    return hash.hexadecimal
  }

  package func plan(_ name: EpidemicPlan.Name) -> Plan {
    guard let plan = plans.first(where: { $0.name == name }) else {
      preconditionFailure("plan \(name.rawValue) is not in the configuration")
    }
    return plan
  }
}

extension SHA256 {
  /// Adds the bytes of an integer, the lowest first.
  mutating func add(_ value: some FixedWidthInteger) {
    withUnsafeBytes(of: value.littleEndian) { update(bufferPointer: $0) }
  }

  /// The digest so far.
  var hexadecimal: String {
    finalize().map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
  }
}
