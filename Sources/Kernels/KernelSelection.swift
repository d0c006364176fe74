import Glibc
import KernelInterface
import KernelsAVX512
import KernelsBaseline
import KernelsHaswell

/// Which build of the kernels this process uses, decided once.
///
/// The build with AVX-512 where the processor has it, else the one with AVX2 and FMA, else the baseline.
/// All builds give the same bits; the baseline is much slower, because it calls a function for each
/// fused operation. The environment variable `PORTOLAN_KERNELS` (`baseline`, `haswell` or `avx512`)
/// overrides the choice.
package enum KernelSelection {
  /// The builds that exist.
  package enum Build: String, Sendable, CaseIterable {
    case baseline
    case haswell
    case avx512
  }

  /// The build in use.
  ///
  /// - Precondition: `checkEnvironment` does not throw.
  package static let build: Build = {
    do throws(KernelSelectionError) {
      return try resolve(request: environmentRequest)
    } catch {
      preconditionFailure(error.description)
    }
  }()

  /// Checks the override in the environment; a program calls it first, to report a mistake as its own.
  package static func checkEnvironment() throws(KernelSelectionError) {
    _ = try resolve(request: environmentRequest)
  }

  /// The build that a request names, or the best one where the request is nil or empty.
  package static func resolve(request: String?) throws(KernelSelectionError) -> Build {
    guard let request, !request.isEmpty else {
      return isSupported(.avx512) ? .avx512 : isSupported(.haswell) ? .haswell : .baseline
    }
    guard let build = Build(rawValue: request) else {
      let names = Build.allCases.map(\.rawValue).joined(separator: " or ")
      throw KernelSelectionError(
        description: "\(variable): expected \(names), got \"\(request)\". hint: unset it")
    }
    guard isSupported(build) else {
      throw KernelSelectionError(
        description: "\(variable)=\(request): this processor lacks "
          + "\(build == .avx512 ? "AVX-512" : "AVX2 or FMA"). "
          + "hint: unset it or use \(Build.baseline.rawValue)")
    }
    return build
  }

  private static let variable = "PORTOLAN_KERNELS"

  private static var environmentRequest: String? {
    getenv(variable).map { String(cString: $0) }
  }

  /// Whether this processor can run a build.
  package static func isSupported(_ build: Build) -> Bool {
    switch build {
    case .baseline: true
    case .haswell: haswellFeatures.allSatisfy { processorFlags.contains($0) }
    case .avx512:
      (haswellFeatures + wideFeatures).allSatisfy { processorFlags.contains($0) }
    }
  }

  /// What `-target-cpu haswell` lets the compiler use, in the spelling of Linux.
  private static let haswellFeatures = ["avx2", "fma", "bmi1", "bmi2", "movbe", "f16c", "abm"]

  /// What `-target-cpu skylake-avx512` adds to that, without the instructions that nothing but an
  /// explicit call uses.
  private static let wideFeatures = ["avx512f", "avx512cd", "avx512bw", "avx512dq", "avx512vl"]

  /// The flags of the first processor in /proc/cpuinfo; none where it cannot be read.
  private static let processorFlags: Set<String> = {
    let descriptor = open("/proc/cpuinfo", O_RDONLY)
    guard descriptor >= 0 else { return [] }
    defer { close(descriptor) }
    // The flags of one processor stand within its first two or three kilobytes.
    var bytes = [UInt8](repeating: 0, count: 16_384)
    var count = 0
    while count < bytes.count {
      let received = bytes.withUnsafeMutableBytes { buffer in
        read(descriptor, buffer.baseAddress! + count, buffer.count - count)
      }
      guard received > 0 else { break }
      count += received
    }
    let text = String(decoding: bytes[..<count], as: UTF8.self)
    for line in text.split(separator: "\n") where line.hasPrefix("flags") {
      return Set(line.split(whereSeparator: { $0 == " " || $0 == "\t" }).map { String($0) })
    }
    return []
  }()

  /// The tables of a build.
  ///
  /// - Precondition: The processor can run it (`isSupported`).
  package static func tables(
    of build: Build
  ) -> (float: KernelTable<Float>, double: KernelTable<Double>) {
    precondition(isSupported(build), "this processor cannot run the \(build.rawValue) kernels")
    return switch build {
    case .baseline: KernelsBaseline.KernelBuild.tables(name: build.rawValue)
    case .haswell: KernelsHaswell.KernelBuild.tables(name: build.rawValue)
    case .avx512: KernelsAVX512.KernelBuild.tables(name: build.rawValue)
    }
  }

  fileprivate static let selected = tables(of: build)
}

/// A build of the kernels was asked for that does not exist or cannot run here.
package struct KernelSelectionError: Error, CustomStringConvertible, Equatable {
  /// What was expected, what was found, and a hint.
  package let description: String
}

/// A scalar type that has vector kernels: `Float` and `Double`.
package protocol KernelScalar: BinaryFloatingPoint, SIMDScalar, Codable, Sendable {
  /// The kernels in use. Copy them to a local constant before a loop.
  static var kernels: KernelTable<Self> { get }
}

extension Float: KernelScalar {
  package static let kernels = KernelSelection.selected.float
}

extension Double: KernelScalar {
  package static let kernels = KernelSelection.selected.double
}
