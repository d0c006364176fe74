import CHDF5
import Glibc

/// The state of the C library that this process must set before the first call, and return code checks.
enum HDF5Library {
  /// Runs once, before the first use of the library; every entry point touches it.
  ///
  /// File locks of the library fail on network file systems that have none, and do not protect a run
  /// folder anyway (a lock of our own does), so they are off. Automatic printing is off because the
  /// stack travels in the error.
  private static let started: Bool = {
    _ = setenv("HDF5_USE_FILE_LOCKING", "FALSE", 1)
    guard H5open() >= 0 else { return false }
    return H5Eset_auto2(chdf5_error_stack_default(), nil, nil) >= 0
  }()

  static func start() throws {
    guard started else {
      throw HDF5Error(function: "H5open", path: "the HDF5 library", stack: ["it did not start"])
    }
  }

  /// Passes an identifier through, or throws with the library's stack.
  static func identifier(_ value: hid_t, _ function: String, _ path: String, hint: String = "")
    throws -> hid_t
  {
    guard value >= 0 else { throw HDF5Error(function: function, path: path, hint: hint) }
    return value
  }

  /// Throws with the library's stack when a call reports failure.
  static func check(_ status: herr_t, _ function: String, _ path: String, hint: String = "") throws
  {
    guard status >= 0 else { throw HDF5Error(function: function, path: path, hint: hint) }
  }
}

/// An identifier of the library, closed when its scope ends.
///
/// Not Sendable on purpose: the library is not thread-safe.
struct HDF5Handle: ~Copyable {
  enum Kind { case file, group, dataset, dataspace, datatype, attribute, propertyList }

  let identifier: hid_t
  let kind: Kind

  init(_ identifier: hid_t, _ kind: Kind) {
    self.identifier = identifier
    self.kind = kind
  }

  /// Closes now and reports what `deinit` would have to swallow (a full disk shows at `H5Fclose`).
  consuming func close(path: String) throws {
    let (identifier, kind) = (identifier, kind)
    discard self
    let (status, function) = Self.close(identifier, kind)
    try HDF5Library.check(status, function, path)
  }

  deinit {
    // Nobody to tell: the paths on which a close can lose data call `close(path:)`.
    _ = Self.close(identifier, kind)
  }

  private static func close(_ identifier: hid_t, _ kind: Kind) -> (herr_t, String) {
    switch kind {
    case .file: (H5Fclose(identifier), "H5Fclose")
    case .group: (H5Gclose(identifier), "H5Gclose")
    case .dataset: (H5Dclose(identifier), "H5Dclose")
    case .dataspace: (H5Sclose(identifier), "H5Sclose")
    case .datatype: (H5Tclose(identifier), "H5Tclose")
    case .attribute: (H5Aclose(identifier), "H5Aclose")
    case .propertyList: (H5Pclose(identifier), "H5Pclose")
    }
  }
}
