import CHDF5
import Glibc

/// How a new file is laid out.
public struct HDF5FileOptions: Sendable {
  /// Bytes at the head of the file that the library leaves alone; 0 or a power of two from 512.
  public var userBlockBytes: Int
  /// Objects of at least `alignmentThresholdBytes` start at multiples of this many bytes of the file.
  public var alignmentBytes: Int
  /// Smallest object, in bytes, that is aligned.
  public var alignmentThresholdBytes: Int

  /// Creates options; without arguments the library's own defaults.
  public init(
    userBlockBytes: Int = 0, alignmentBytes: Int = 1, alignmentThresholdBytes: Int = 1
  ) {
    precondition(
      userBlockBytes == 0
        || (userBlockBytes >= 512 && userBlockBytes & (userBlockBytes - 1) == 0),
      "user block: expected 0 or a power of two from 512, got \(userBlockBytes)")
    precondition(alignmentBytes >= 1 && alignmentThresholdBytes >= 1, "alignment: expected ≥ 1")
    self.userBlockBytes = userBlockBytes
    self.alignmentBytes = alignmentBytes
    self.alignmentThresholdBytes = alignmentThresholdBytes
  }
}

/// An open HDF5 file: groups, datasets and attributes by absolute path.
///
/// A file opened by one process alone is serial and none of its methods communicates. A file opened
/// on a communicator (`HDF5File+Parallel.swift`) is shared: creating things, `flush` and `close` are
/// collective there, transfers are what the dataset's method says.
///
/// Close with `close()`: a disk that is full may show only then, and leaving the scope cannot throw.
public struct HDF5File: ~Copyable {
  /// Whether a file may be changed.
  public enum Access: Sendable {
    /// Read only.
    case read
    /// Read and write.
    case readWrite
  }

  let handle: HDF5Handle
  /// The path that the file was opened by.
  public let path: String
  /// Whether several ranks have the file open together.
  public let isParallel: Bool

  init(handle: consuming HDF5Handle, path: String, isParallel: Bool) {
    self.handle = handle
    self.path = path
    self.isParallel = isParallel
  }

  /// Creates a file, replacing what was there. Not collective.
  /// - Throws: `HDF5Error`.
  public static func create(
    at path: String, options: HDF5FileOptions = HDF5FileOptions()
  ) throws -> HDF5File {
    let access = try accessProperties(options: options)
    return try create(at: path, options: options, access: access, isParallel: false)
  }

  /// Opens a file alone. Not collective.
  /// - Throws: `HDF5Error`; one with a readable reason when there is no such file.
  public static func open(_ path: String, _ mode: Access = .read) throws -> HDF5File {
    let access = try accessProperties(options: HDF5FileOptions())
    guard Glibc.access(path, R_OK) == 0 else {
      throw HDF5Error(
        function: "open", path: path, stack: [String(cString: strerror(errno))],
        hint: "check the path")
    }
    return try open(path, mode, access: access, isParallel: false)
  }

  /// Writes what is buffered to the disk (`fsync` included). Collective on a parallel file.
  /// - Throws: `HDF5Error`.
  public func flush() throws {
    // herr_t H5Fflush(hid_t object, H5F_scope_t scope)
    try HDF5Library.check(H5Fflush(handle.identifier, H5F_SCOPE_GLOBAL), "H5Fflush", path)
  }

  /// Closes the file. Collective on a parallel file.
  /// - Precondition: every dataset of the file is out of scope.
  /// - Throws: `HDF5Error`, also for a parallel file with datasets still open.
  public consuming func close() throws {
    let path = path
    try handle.close(path: path)
  }

  // MARK: - Opening, serial and parallel

  static func create(
    at path: String, options: HDF5FileOptions, access: borrowing HDF5Handle, isParallel: Bool
  ) throws -> HDF5File {
    // hid_t H5Pcreate(hid_t class)
    let creation = HDF5Handle(
      try HDF5Library.identifier(H5Pcreate(chdf5_class_file_create()), "H5Pcreate", path),
      .propertyList)
    try HDF5Library.check(
      H5Pset_userblock(creation.identifier, hsize_t(options.userBlockBytes)), "H5Pset_userblock",
      path)
    // hid_t H5Fcreate(const char *name, unsigned flags, hid_t creation, hid_t access)
    let file = H5Fcreate(
      path, chdf5_access_truncate(), creation.identifier, access.identifier)
    return HDF5File(
      handle: HDF5Handle(
        try HDF5Library.identifier(
          file, "H5Fcreate", path, hint: "does the folder exist, and may this user write in it?"),
        .file),
      path: path, isParallel: isParallel)
  }

  static func open(
    _ path: String, _ mode: Access, access: borrowing HDF5Handle, isParallel: Bool
  ) throws -> HDF5File {
    let flags = mode == .read ? chdf5_access_read_only() : chdf5_access_read_write()
    // hid_t H5Fopen(const char *name, unsigned flags, hid_t access)
    let file = H5Fopen(path, flags, access.identifier)
    return HDF5File(
      handle: HDF5Handle(
        try HDF5Library.identifier(file, "H5Fopen", path, hint: "is it a complete HDF5 file?"),
        .file),
      path: path, isParallel: isParallel)
  }

  static func accessProperties(options: HDF5FileOptions) throws -> HDF5Handle {
    try HDF5Library.start()
    let list = HDF5Handle(
      try HDF5Library.identifier(
        H5Pcreate(chdf5_class_file_access()), "H5Pcreate", "file access properties"),
      .propertyList)
    // herr_t H5Pset_alignment(hid_t list, hsize_t threshold, hsize_t alignment)
    try HDF5Library.check(
      H5Pset_alignment(
        list.identifier, hsize_t(options.alignmentThresholdBytes), hsize_t(options.alignmentBytes)),
      "H5Pset_alignment", "file access properties")
    // A file whose datasets outlive it would stay open behind our back: make `close` fail instead.
    try HDF5Library.check(
      H5Pset_fclose_degree(list.identifier, H5F_CLOSE_SEMI), "H5Pset_fclose_degree",
      "file access properties")
    return list
  }
}
