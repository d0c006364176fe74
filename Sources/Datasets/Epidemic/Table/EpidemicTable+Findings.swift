extension EpidemicTable {
  /// Which counts are there: neither blank nor a placeholder; [days, 50, 3].
  static func observed(
    _ counts: [Double], firstDay: CalendarDay, findings: inout EpidemicFindings
  ) -> [Bool] {
    var observed = counts.map { !$0.isNaN }
    for cell in 0..<counts.count / 3 {
      let place = 3 * cell + EpidemicSeries.recovered.rawValue
      let day = firstDay.advanced(by: cell / USStates.count)
      let name = USStates.names[cell % USStates.count]
      if counts[place].isNaN {
        findings.add(.blankRecovered, day: day, name: name)
      } else if counts[place] == 0 && placeholderDays.contains(day) {
        findings.add(.placeholderZero, day: day, name: name)
        observed[place] = false
      }
    }
    return observed
  }

  /// Counts late starts, and decreases from one observed count to the next.
  static func addCourse(
    of counts: [Double], observed: [Bool], firstDay: CalendarDay,
    to findings: inout EpidemicFindings
  ) {
    let cells = USStates.count * 3
    var latest = [Double?](repeating: nil, count: cells)
    for place in counts.indices where observed[place] {
      let column = place % cells
      let day = firstDay.advanced(by: place / cells)
      let name = USStates.names[column / 3]
      if let before = latest[column] {
        if counts[place] < before {
          findings.add(
            [.decreaseOfConfirmed, .decreaseOfRecovered, .decreaseOfDeaths][column % 3], day: day,
            name: name)
        }
      } else if place >= cells && counts[place] > 0 {
        findings.add(.lateStart, day: day, name: name)
      }
      latest[column] = counts[place]
    }
  }
}
