import Foundation

/// The number of memory allocations of ours, from a library that is loaded ahead of all others.
///
/// Calls that OpenBLAS and Open MPI make for themselves are not counted.
package enum AllocationCount {
  private typealias Start = @convention(c) () -> Void
  private typealias Stop = @convention(c) () -> Int

  /// Runs the program again with the counting library loaded first, unless it is or is not there.
  ///
  /// To be called before anything else: it replaces the process.
  package static func loadCounter() {
    guard symbol("portolan_start_counting_allocations") == nil,
      getenv(marker) == nil,
      let program = try? FileManager.default.destinationOfSymbolicLink(
        atPath: "/proc/self/exe")
    else { return }
    let folder = URL(fileURLWithPath: program).deletingLastPathComponent()
    let library = folder.appendingPathComponent("libAllocationCounter.so").path
    guard FileManager.default.fileExists(atPath: library) else { return }
    setenv(marker, "1", 1)
    setenv("LD_PRELOAD", library, 1)
    var arguments = CommandLine.arguments.map { strdup($0) } + [nil]
    execv(program, &arguments)
    // Still here: it could not be started; go on without counts.
    unsetenv("LD_PRELOAD")
  }

  /// Allocations of ours while `body` runs; nil where the counter is not loaded.
  static func during(_ body: () throws -> Void) rethrows -> Int? {
    guard let start = symbol("portolan_start_counting_allocations"),
      let stop = symbol("portolan_stop_counting_allocations")
    else {
      try body()
      return nil
    }
    unsafeBitCast(start, to: Start.self)()
    try body()
    return unsafeBitCast(stop, to: Stop.self)()
  }

  private static let marker = "PORTOLAN_ALLOCATION_COUNTER"

  private static func symbol(_ name: String) -> UnsafeMutableRawPointer? {
    dlsym(UnsafeMutableRawPointer(bitPattern: 0), name)
  }
}
