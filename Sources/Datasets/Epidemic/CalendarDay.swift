/// A day of the Gregorian calendar, without time or zone.
package struct CalendarDay: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// Days since 1970-01-01.
  package let number: Int

  /// The day `number` days after 1970-01-01.
  package init(number: Int) { self.number = number }

  /// A day by its date; nil where the calendar has none such.
  package init?(year: Int, month: Int, day: Int) {
    guard (1...9999).contains(year), (1...12).contains(month), (1...31).contains(day) else {
      return nil
    }
    // Years begin in March, so that the leap day is the last one of its year.
    let shifted = month > 2 ? year : year - 1
    let monthFromMarch = (month + 9) % 12
    let leapDays = shifted / 4 - shifted / 100 + shifted / 400
    number = 365 * shifted + leapDays + (153 * monthFromMarch + 2) / 5 + day - 1 - 719_468
    guard date == (year, month, day) else { return nil }
  }

  /// A day as `YYYY-MM-DD`.
  package init?(iso text: some StringProtocol) {
    guard let parts = Self.numbers(text, lengths: [4, 2, 2]) else { return nil }
    self.init(year: parts[0], month: parts[1], day: parts[2])
  }

  /// A day as `MM-DD-YYYY`, the way that the daily reports are named.
  package init?(reportName text: some StringProtocol) {
    guard let parts = Self.numbers(text, lengths: [2, 2, 4]) else { return nil }
    self.init(year: parts[2], month: parts[0], day: parts[1])
  }

  /// `YYYY-MM-DD`.
  package var description: String {
    let (year, month, day) = date
    return [Self.padded(year, 4), Self.padded(month, 2), Self.padded(day, 2)]
      .joined(separator: "-")
  }

  /// `MM-DD-YYYY`.
  package var reportName: String {
    let (year, month, day) = date
    return [Self.padded(month, 2), Self.padded(day, 2), Self.padded(year, 4)]
      .joined(separator: "-")
  }

  /// The day some days later.
  package func advanced(by days: Int) -> CalendarDay { CalendarDay(number: number + days) }

  package static func < (left: CalendarDay, right: CalendarDay) -> Bool {
    left.number < right.number
  }

  // MARK: -

  private var date: (year: Int, month: Int, day: Int) {
    // Days since 0000-03-01; the calendar repeats after 146 097 days, 400 years.
    let days = number + 719_468
    let era = (days >= 0 ? days : days - 146_096) / 146_097
    let inEra = days - era * 146_097
    let yearInEra = (inEra - inEra / 1460 + inEra / 36_524 - inEra / 146_096) / 365
    let inYear = inEra - (365 * yearInEra + yearInEra / 4 - yearInEra / 100)
    let monthFromMarch = (5 * inYear + 2) / 153
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    let year = yearInEra + era * 400 + (month <= 2 ? 1 : 0)
    return (year, month, inYear - (153 * monthFromMarch + 2) / 5 + 1)
  }

  private static func numbers(_ text: some StringProtocol, lengths: [Int]) -> [Int]? {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 3, parts.map(\.count) == lengths,
      parts.allSatisfy({ $0.allSatisfy { ("0"..."9").contains($0) } })
    else { return nil }
    return parts.compactMap { Int($0) }
  }

  private static func padded(_ number: Int, _ digits: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }
}
