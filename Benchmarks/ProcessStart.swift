import Foundation

/// How long this process has been alive.
enum ProcessStart {
  /// Seconds since the process was started, in steps of a hundredth; nil where Linux does not say.
  static var secondsAgo: Double? {
    guard let text = try? String(contentsOfFile: "/proc/self/stat", encoding: .utf8),
      let name = text.lastIndex(of: ")")
    else { return nil }
    // The second field, the name, may hold blanks; start time is the twentieth behind it.
    let fields = text[text.index(after: name)...].split(separator: " ")
    guard fields.count > 19, let ticks = Double(fields[19]) else { return nil }
    var now = timespec()
    clock_gettime(CLOCK_BOOTTIME, &now)
    let seconds = Double(now.tv_sec) + Double(now.tv_nsec) * 1e-9
    return seconds - ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
  }
}
