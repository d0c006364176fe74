import COpenBLAS

/// What the linked OpenBLAS is, and how many threads it uses.
///
/// The bits of a matrix product depend on the kernels that OpenBLAS chooses by core type, on the
/// shapes of the operands, and on the number of threads. So shapes are fixed by the shards, the number
/// of threads is one, and the core type is recorded with every checkpoint.
package enum BLASLibrary {
  /// The core type whose kernels are in use, for example "SkylakeX". The environment variable
  /// `OPENBLAS_CORETYPE` overrides the choice at start.
  package static var coreName: String { String(cString: openblas_get_corename()) }

  /// Version and build options in one line, for example "OpenBLAS 0.3.21 … SkylakeX MAX_THREADS=64".
  package static var configuration: String { String(cString: openblas_get_config()) }

  /// The version alone, for example "0.3.21".
  package static var version: String {
    let words = configuration.split(separator: " ")
    return words.count > 1 && words[0] == "OpenBLAS" ? String(words[1]) : configuration
  }

  /// The number of threads that a product may use.
  package static var threadCount: Int { Int(openblas_get_num_threads()) }

  /// Sets the number of threads and checks that the library took it.
  ///
  /// - Precondition: `count` ≥ 1 and not above what the library was built for.
  package static func setThreads(_ count: Int) {
    precondition(count >= 1, "the number of BLAS threads must be at least 1, got \(count)")
    openblas_set_num_threads(Int32(count))
    precondition(
      threadCount == count, "OpenBLAS was asked for \(count) threads and uses \(threadCount)")
  }
}
