import Distributed
import Foundation
import Synchronization
import TestSupport
import Testing

@Suite(.serialized)
struct FaultTests {
  private func run(
    _ scenario: String, _ arguments: String..., ranks: Int, options: [String] = [],
    transport: String = "automatic"
  ) throws -> MPIRun.Outcome {
    try MPIRun.run(
      "MultiRankProbe", [scenario] + arguments, ranks: ranks, options: options,
      environment: ["PORTOLAN_TRANSPORT": transport], timeoutSeconds: 60)
  }

  static let transports = ["automatic", "messages"]

  @Test("A rank that does not come is named within the deadline", arguments: [2, 3], transports)
  func deadline(ranks: Int, transport: String) throws {
    let outcome = try run("deadline", "16", ranks: ranks, transport: transport)
    #expect(outcome.exitCode == 70)
    #expect(
      outcome.errors.contains("rank \(ranks - 1) is missing in \"tree sum\" of step 7"),
      "\(outcome.errors)")
    // Whoever's deadline is over first speaks and ends the job.
    #expect((0..<ranks - 1).contains { outcome.errors.contains("[rank \($0)/\(ranks)]") })
    #expect(outcome.errors.contains("operations before: operation 1, barrier"))
    #expect(outcome.seconds < 14)
    #expect(try run("deadline", "0.2", ranks: ranks, transport: transport).lines == ["complete"])
  }

  @Test(
    "Ranks in different operations are told so at once",
    arguments: [
      ("operation", "operation 1, barrier, step 3"),
      ("count", "operation 1, gathering of slices of 99000 × 4 bytes, step 3"),
      ("type", "operation 1, gathering of slices of 100000 × 8 bytes, step 3"),
      ("step", "operation 1, gathering of slices of 100000 × 4 bytes, step 4"),
    ], transports)
  func desynchronised(fault: (name: String, other: String), transport: String) throws {
    let other = fault.other
    let outcome = try run("desynchronised", fault.name, ranks: 3, transport: transport)
    #expect(outcome.exitCode == 70)
    let local = "operation 1, gathering of slices of 100000 × 4 bytes, step 3"
    // Whoever speaks first ends the job: one of the right ranks, or the wrong one.
    let messages = [
      "this rank is in \(local), rank 2 in \(other)",
      "this rank is in \(other), rank 0 in \(local)",
    ]
    #expect(messages.contains { outcome.errors.contains($0) }, "\(outcome.errors)")
    #expect(outcome.seconds < 15, "sooner than the deadline")
    #expect(try run("desynchronised", "off", ranks: 3, transport: transport).lines == ["complete"])
  }

  @Test("A killed rank ends the job at once", arguments: ["short", "long"], transports)
  func death(length: String, transport: String) throws {
    let outcome = try run("death", "on", length, ranks: 3, transport: transport)
    let end = Date().timeIntervalSince1970
    let line = try #require(outcome.lines.first { $0.hasPrefix("killed at ") })
    let killed = try #require(Double(line.dropFirst("killed at ".count)))
    // The scenario pauses for 0.1 s between the line and the kill.
    #expect(end - killed < 15, "1.3 s on a machine without other work")
    #expect(outcome.exitCode == 137 && !outcome.output.contains("complete"))
    #expect(try run("death", "off", length, ranks: 3, transport: transport).lines == ["complete"])
  }

  @Test("Those that wait for a killed rank notice it", arguments: ["short", "long"], transports)
  func noticed(length: String, transport: String) throws {
    // Time for the survivors to speak before mpirun ends them.
    let outcome = try run(
      "death", "on", length, "watch", ranks: 3,
      options: ["--mca", "odls_base_sigkill_timeout", "3"], transport: transport)
    #expect(outcome.errors.contains("rank 2 has died, noticed in"), "\(outcome.errors)")
    #expect(outcome.seconds < 19 && !outcome.output.contains("complete"))
  }

  @Test("A blocking collective without end is ended by the watchdog")
  func watchdogAcrossRanks() throws {
    let outcome = try run("watchdog", "on", ranks: 2)
    #expect(outcome.exitCode == 70)
    #expect(
      outcome.errors.contains("[rank 0/2] no end of \"write checkpoint step 200\""),
      "\(outcome.errors)")
    #expect(outcome.seconds < 14)
    #expect(try run("watchdog", "off", ranks: 2).lines == ["complete"])
  }

  @Test("The watchdog is silent about calls that end in time, one after the other")
  func watchdogAlone() {
    final class Expired: Sendable { let names = Mutex<[String]>([]) }
    let expired = Expired()
    let watchdog = Watchdog(limitSeconds: 2) { name, _ in
      expired.names.withLock { $0.append(name) }
    }
    for index in 0..<10 { watchdog.guarding("short \(index)") { _ = usleep(50_000) } }
    #expect(expired.names.withLock { $0 } == [])
    watchdog.guarding("long") { _ = usleep(3_500_000) }
    #expect(expired.names.withLock { $0 } == ["long"])
  }
}
