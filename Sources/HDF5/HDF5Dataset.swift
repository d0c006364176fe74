import CHDF5

/// Whether the ranks of a transfer on a parallel file move together.
public enum HDF5Transfer: Sendable {
  /// Each rank for itself; ranks with nothing to do need not call.
  case independent
  /// All ranks of the file's communicator call, in the same order.
  case collective
}

/// A dataset of an open file, closed when its scope ends.
public struct HDF5Dataset: ~Copyable {
  let handle: HDF5Handle
  /// "file:/object", as errors name it.
  public let path: String
  /// Extent along each axis; empty for a scalar.
  public let shape: [Int]
  /// Element type, or nil when it is none of ours (text, compound, 16-bit numbers).
  public let scalarType: HDF5ScalarType?

  /// Product of the extents; 1 for a scalar.
  public var elementCount: Int { shape.reduce(1, *) }

  init(handle: consuming HDF5Handle, path: String) throws {
    // hid_t H5Dget_space(hid_t dataset)
    let space = HDF5Handle(
      try HDF5Library.identifier(H5Dget_space(handle.identifier), "H5Dget_space", path),
      .dataspace)
    let rank = H5Sget_simple_extent_ndims(space.identifier)
    guard rank >= 0 else { throw HDF5Error(function: "H5Sget_simple_extent_ndims", path: path) }
    var extents = [hsize_t](repeating: 0, count: Int(rank))
    let status = H5Sget_simple_extent_dims(space.identifier, &extents, nil)
    guard status >= 0 else { throw HDF5Error(function: "H5Sget_simple_extent_dims", path: path) }
    let type = HDF5Handle(
      try HDF5Library.identifier(H5Dget_type(handle.identifier), "H5Dget_type", path), .datatype)
    shape = try extents.map { extent in
      guard let value = Int(exactly: extent) else {
        throw HDF5Error(function: "H5Sget_simple_extent_dims", path: path, stack: ["\(extent)"])
      }
      return value
    }
    scalarType = HDF5ScalarType.allCases.first { H5Tequal(type.identifier, $0.fileType) > 0 }
    self.path = path
    self.handle = handle
  }

  /// Byte of the file at which the elements start, user block included; nil when no space is given
  /// to the dataset (no element, or not contiguous). Not collective.
  public var offsetInFile: Int? {
    // For no elements the library adds the user block's size to "undefined".
    guard elementCount > 0 else { return nil }
    let offset = H5Dget_offset(handle.identifier)
    return offset == chdf5_address_undefined() ? nil : Int(exactly: offset)
  }
}

extension HDF5File {
  /// Creates a contiguous dataset whose space is given at once and never filled.
  /// Collective on a parallel file.
  ///
  /// Groups on the way are created. No time is recorded, so equal content gives equal bytes.
  /// - Throws: `HDF5Error`, also when the object exists.
  public func createDataset(
    _ objectPath: String, of type: HDF5ScalarType, shape: [Int]
  ) throws -> HDF5Dataset {
    precondition(shape.allSatisfy { $0 >= 0 }, "dataset \(objectPath): negative extent in \(shape)")
    let place = place(objectPath)
    let creation = HDF5Handle(
      try HDF5Library.identifier(H5Pcreate(chdf5_class_dataset_create()), "H5Pcreate", place),
      .propertyList)
    try HDF5Library.check(
      H5Pset_layout(creation.identifier, H5D_CONTIGUOUS), "H5Pset_layout", place)
    try HDF5Library.check(
      H5Pset_alloc_time(creation.identifier, H5D_ALLOC_TIME_EARLY), "H5Pset_alloc_time", place)
    try HDF5Library.check(
      H5Pset_fill_time(creation.identifier, H5D_FILL_TIME_NEVER), "H5Pset_fill_time", place)
    try HDF5Library.check(
      H5Pset_obj_track_times(creation.identifier, false), "H5Pset_obj_track_times", place)
    let space = try HDF5Dataset.space(of: shape, place)
    let links = try intermediateGroups()
    // hid_t H5Dcreate2(hid_t place, const char *name, hid_t type, hid_t space, hid_t link,
    //   hid_t creation, hid_t access)
    let dataset = H5Dcreate2(
      handle.identifier, objectPath, type.fileType, space.identifier, links.identifier,
      creation.identifier, chdf5_property_default())
    return try HDF5Dataset(
      handle: HDF5Handle(try HDF5Library.identifier(dataset, "H5Dcreate2", place), .dataset),
      path: place)
  }

  /// Opens a dataset. Not collective.
  /// - Throws: `HDF5Error`, whose hint lists what is there instead when the name is missing.
  public func openDataset(_ objectPath: String) throws -> HDF5Dataset {
    guard try contains(objectPath) else {
      let names = try datasetPaths().prefix(20).joined(separator: ", ")
      throw HDF5Error(
        function: "H5Dopen2", path: place(objectPath), stack: ["no such object"],
        hint: "the file has \(names.isEmpty ? "no datasets" : names)")
    }
    // hid_t H5Dopen2(hid_t place, const char *name, hid_t access)
    let dataset = H5Dopen2(handle.identifier, objectPath, chdf5_property_default())
    return try HDF5Dataset(
      handle: HDF5Handle(
        try HDF5Library.identifier(dataset, "H5Dopen2", place(objectPath)), .dataset),
      path: place(objectPath))
  }
}
