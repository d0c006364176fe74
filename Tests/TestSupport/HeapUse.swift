import Foundation

/// Bytes that the C library's allocator has handed out and not got back.
package enum HeapUse {
  private typealias Report = @convention(c) (Int32, UnsafeMutablePointer<FILE>) -> Int32

  /// Bytes in use by the whole process, all threads together.
  ///
  /// From the report of `malloc_info`: what the system gave less what lies free.
  package static func bytes() -> Int? {
    guard let symbol = dlsym(nil, "malloc_info") else { return nil }
    let report = unsafeBitCast(symbol, to: Report.self)
    var text: UnsafeMutablePointer<CChar>?
    var size = 0
    guard let file = open_memstream(&text, &size) else { return nil }
    let status = report(0, file)
    fclose(file)
    defer { free(text) }
    guard status == 0, let text else { return nil }
    // The totals over all arenas follow the last arena.
    guard let totals = String(cString: text).components(separatedBy: "</heap>").last else {
      return nil
    }
    func number(after start: String) -> Int? {
      guard let line = totals.components(separatedBy: start).dropFirst().first,
        let field = line.components(separatedBy: "size=\"").dropFirst().first
      else { return nil }
      return Int(field.prefix { $0.isNumber })
    }
    guard let system = number(after: "<system type=\"current\""),
      let fast = number(after: "<total type=\"fast\""),
      let rest = number(after: "<total type=\"rest\""),
      let mapped = number(after: "<total type=\"mmap\"")
    else { return nil }
    return system + mapped - fast - rest
  }

  /// Whether `body` can run without changing the bytes in use.
  ///
  /// Other threads allocate at the same time, so it is tried often; what leaks or allocates changes the
  /// number each time.
  package static func canStayConstant(attempts: Int = 2000, _ body: () -> Void) -> Bool {
    for _ in 0..<attempts {
      guard let before = bytes() else { return false }
      body()
      if bytes() == before { return true }
    }
    return false
  }
}
