// swift-tools-version: 6.1
import PackageDescription

// Arrows point down only; `swift build --explicit-target-dependency-import-check error` keeps them.
// Third-party products stand here once, so that a target lists what it uses by a short name.
let argumentParser = Target.Dependency.product(
  name: "ArgumentParser", package: "swift-argument-parser")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let swiftCSV = Target.Dependency.product(name: "SwiftCSV", package: "SwiftCSV")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

/// Loops over unsafe pointers, written once and built for several processors. `-Ounchecked` because
/// pointers have no checks to keep; `-fno-math-errno` so that `squareRoot()` becomes an instruction.
func kernelSettings(processor: String?) -> [SwiftSetting] {
  var flags = ["-Ounchecked", "-Xcc", "-fno-math-errno"]
  if let processor { flags += ["-Xcc", "-march=\(processor)", "-target-cpu", processor] }
  if processor == "skylake-avx512" {
    flags += ["-Xcc", "-mprefer-vector-width=512", "-D", "WIDE_REGISTERS"]
  }
  return [.unsafeFlags(flags)]
}

/// What `portolan` records as its origin.
let commit =
  Context.gitInformation.map { $0.currentCommit + ($0.hasUncommittedChanges ? "+" : "") }
  ?? "unknown"

let package = Package(
  name: "portolan",
  products: [
    .executable(name: "portolan", targets: ["portolan"]),
    .library(name: "AllocationCounter", type: .dynamic, targets: ["CAllocationCounter"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "3.12.3"),
    .package(url: "https://github.com/swiftcsv/SwiftCSV", from: "0.10.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
  ],
  targets: [
    // Command line
    .executableTarget(
      name: "portolan",
      dependencies: [
        "Benchmarks", "Experiments", "Reports", "Training", "Checkpoints", "Datasets",
        "Distributed", "Flows", "MPI", argumentParser,
      ]),
    // What a step costs, and how much of it is matrix products
    .target(
      name: "Benchmarks",
      dependencies: [
        "Training", "Checkpoints", "Distributed", "Datasets", "Flows", "Operators", "Layers",
        "Tensors", "Kernels", "KernelInterface", "MPI", "BLAS",
      ],
      path: "Benchmarks", exclude: ["Peers"]),
    .target(name: "CAllocationCounter"),
    .target(
      name: "Experiments",
      dependencies: [
        "Training", "Checkpoints", "Distributed", "Datasets", "Flows", "Operators", "Layers",
        "Tensors", "HDF5", "MPI", "BLAS", "Kernels", "CBuildInformation", crypto, yams,
      ]),
    .target(
      name: "CBuildInformation",
      cSettings: [.define("PORTOLAN_COMMIT", to: "\"\(commit)\"")]),
    .target(name: "Reports", dependencies: ["Datasets", swiftCSV]),
    // Training
    .target(
      name: "Training",
      dependencies: [
        "Checkpoints", "Distributed", "Datasets", "Tensors", "Kernels", "KernelInterface", "HDF5",
        "MPI",
      ]),
    .target(
      name: "Checkpoints", dependencies: ["HDF5", "Distributed", "MPI", "CFileSystem", crypto]),
    .target(name: "Distributed", dependencies: ["MPI"]),
    .target(name: "Datasets", dependencies: ["Tensors", "HDF5", swiftCSV]),
    // Models
    .target(name: "Flows", dependencies: ["Layers", "Tensors"]),
    .target(
      name: "Operators", dependencies: ["Layers", "Tensors"],
      exclude: ["Multiwavelet/README.md"]),
    .target(name: "Layers", dependencies: ["Tensors"]),
    .target(
      name: "Tensors", dependencies: ["Kernels", "KernelInterface", "BLAS"],
      // A third of what the engine itself costs goes into these checks otherwise.
      swiftSettings: [.unsafeFlags(["-enforce-exclusivity=unchecked"])]),
    // Kernels: one source folder, built for several processors through symbolic links
    .target(
      name: "Kernels",
      dependencies: ["KernelInterface", "KernelsBaseline", "KernelsHaswell", "KernelsAVX512"]),
    .target(
      name: "KernelsBaseline", dependencies: ["KernelInterface"],
      swiftSettings: kernelSettings(processor: nil)),
    .target(
      name: "KernelsHaswell", dependencies: ["KernelInterface"],
      swiftSettings: kernelSettings(processor: "haswell")),
    .target(
      name: "KernelsAVX512", dependencies: ["KernelInterface"],
      swiftSettings: kernelSettings(processor: "skylake-avx512")),
    .target(name: "KernelInterface"),
    // Typed wrappers, the only importers of the C modules
    .target(name: "MPI", dependencies: ["CMPI"]),
    .target(name: "HDF5", dependencies: ["CHDF5", "MPI"]),
    .target(name: "BLAS", dependencies: ["COpenBLAS"]),
    .systemLibrary(name: "CFileSystem"),
    .systemLibrary(
      name: "CMPI", pkgConfig: "ompi-c", providers: [.apt(["libopenmpi-dev", "openmpi-bin"])]),
    .systemLibrary(
      name: "CHDF5", pkgConfig: "hdf5-openmpi", providers: [.apt(["libhdf5-openmpi-dev"])]),
    .systemLibrary(
      name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
    // Tests: one target a module, one for what they share, one program for the multi-rank cases
    .target(name: "TestSupport", dependencies: ["Tensors"], path: "Tests/TestSupport"),
    .executableTarget(
      name: "MultiRankProbe",
      dependencies: [
        "Experiments", "Training", "Checkpoints", "Distributed", "Datasets", "Flows", "Tensors",
        "HDF5", "MPI",
      ],
      path: "Tests/MultiRankProbe"),
    .testTarget(name: "MPITests", dependencies: ["MPI", "TestSupport"]),
    .testTarget(name: "HDF5Tests", dependencies: ["HDF5", "TestSupport"]),
    .testTarget(name: "KernelsTests", dependencies: ["Kernels", "KernelInterface", "BLAS"]),
    .testTarget(name: "TensorsTests", dependencies: ["Tensors", "TestSupport"]),
    .testTarget(name: "FlowsTests", dependencies: ["Flows", "Layers", "Tensors", "TestSupport"]),
    .testTarget(
      name: "OperatorsTests", dependencies: ["Operators", "Layers", "Tensors", "TestSupport"]),
    .testTarget(
      name: "DatasetsTests", dependencies: ["Datasets", "Tensors", "HDF5", "TestSupport"]),
    .testTarget(name: "DistributedTests", dependencies: ["Distributed", "TestSupport"]),
    .testTarget(
      name: "CheckpointsTests",
      dependencies: ["Checkpoints", "Distributed", "HDF5", "MPI", "TestSupport"],
      exclude: ["Golden"]),
    .testTarget(
      name: "TrainingTests", dependencies: ["Training", "Flows", "Tensors", "TestSupport"]),
    .testTarget(name: "ReportsTests", dependencies: ["Reports", "TestSupport"]),
    .testTarget(
      name: "ExperimentsTests",
      dependencies: [
        "Experiments", "Training", "Checkpoints", "Datasets", "Flows", "Operators", "Tensors",
        "TestSupport",
      ]),
    .testTarget(name: "CommandTests", dependencies: ["Datasets", "HDF5", "TestSupport"]),
  ],
  swiftLanguageModes: [.v6]
)
