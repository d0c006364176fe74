import Foundation

/// The peak of this process's resident memory, as Linux counts it.
enum ProcessMemory {
  /// Lets the peak start again from what is in use now; false where the system does not allow it.
  @discardableResult
  static func resetPeak() -> Bool {
    guard let file = fopen("/proc/self/clear_refs", "w") else { return false }
    defer { fclose(file) }
    return fputs("5\n", file) >= 0 && fflush(file) == 0
  }

  /// Peak resident memory in bytes, "VmHWM"; nil where it cannot be read.
  static var peakBytes: Int? {
    guard let text = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8) else {
      return nil
    }
    for line in text.split(separator: "\n") where line.hasPrefix("VmHWM:") {
      let digits = line.filter(\.isNumber)
      return Int(digits).map { $0 * 1024 }
    }
    return nil
  }
}
