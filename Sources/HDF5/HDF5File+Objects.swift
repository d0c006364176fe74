import CHDF5

extension HDF5File {
  /// Whether an object of this absolute path exists. Not collective.
  /// - Throws: `HDF5Error`.
  public func contains(_ objectPath: String) throws -> Bool {
    var prefix = ""
    // The library answers for the last component only and fails on missing groups before it.
    for component in objectPath.split(separator: "/") {
      prefix += "/" + component
      let found = H5Lexists(handle.identifier, prefix, chdf5_property_default())
      guard found >= 0 else { throw HDF5Error(function: "H5Lexists", path: place(prefix)) }
      if found == 0 { return false }
    }
    return true
  }

  /// Creates a group and the groups above it. Collective on a parallel file.
  /// - Throws: `HDF5Error`, also when the group exists.
  public func createGroup(_ objectPath: String) throws {
    let links = try intermediateGroups()
    // hid_t H5Gcreate2(hid_t place, const char *name, hid_t link, hid_t creation, hid_t access)
    let group = H5Gcreate2(
      handle.identifier, objectPath, links.identifier, chdf5_property_default(),
      chdf5_property_default())
    let handle = HDF5Handle(
      try HDF5Library.identifier(group, "H5Gcreate2", place(objectPath)), .group)
    try handle.close(path: place(objectPath))
  }

  /// Names in a group, in alphabetical order of bytes. Not collective.
  /// - Throws: `HDF5Error`.
  public func childNames(of objectPath: String = "/") throws -> [String] {
    // hid_t H5Gopen2(hid_t place, const char *name, hid_t access)
    let group = HDF5Handle(
      try HDF5Library.identifier(
        H5Gopen2(handle.identifier, objectPath, chdf5_property_default()), "H5Gopen2",
        place(objectPath)),
      .group)
    var information = H5G_info_t()
    try HDF5Library.check(
      H5Gget_info(group.identifier, &information), "H5Gget_info", place(objectPath))
    return try (0..<information.nlinks).map { index in
      func name(into buffer: UnsafeMutablePointer<CChar>?, _ capacity: Int) throws -> Int {
        // ssize_t H5Lget_name_by_idx(hid_t place, const char *group, H5_index_t index,
        //   H5_iter_order_t order, hsize_t n, char *name, size_t size, hid_t access)
        let length = H5Lget_name_by_idx(
          group.identifier, ".", H5_INDEX_NAME, H5_ITER_INC, index, buffer, capacity,
          chdf5_property_default())
        guard length >= 0 else {
          throw HDF5Error(function: "H5Lget_name_by_idx", path: place(objectPath))
        }
        return length
      }
      let length = try name(into: nil, 0)
      return try withUnsafeTemporaryAllocation(of: CChar.self, capacity: length + 1) { buffer in
        _ = try name(into: buffer.baseAddress, length + 1)
        return String(cString: buffer.baseAddress!)
      }
    }
  }

  /// Absolute paths of all datasets below a group, groups in alphabetical order. Not collective.
  /// - Throws: `HDF5Error`.
  public func datasetPaths(below objectPath: String = "/") throws -> [String] {
    var paths: [String] = []
    for name in try childNames(of: objectPath) {
      let child = objectPath == "/" ? "/" + name : objectPath + "/" + name
      switch try objectKind(of: child) {
      case .group: paths += try datasetPaths(below: child)
      case .dataset: paths.append(child)
      case .other: break
      }
    }
    return paths
  }

  // MARK: - Helpers of the module

  enum ObjectKind { case group, dataset, other }

  func objectKind(of objectPath: String) throws -> ObjectKind {
    // hid_t H5Oopen(hid_t place, const char *name, hid_t access)
    let object = try HDF5Library.identifier(
      H5Oopen(handle.identifier, objectPath, chdf5_property_default()), "H5Oopen",
      place(objectPath))
    let type = H5Iget_type(object)
    try HDF5Library.check(H5Oclose(object), "H5Oclose", place(objectPath))
    return type == H5I_GROUP ? .group : type == H5I_DATASET ? .dataset : .other
  }

  /// "file:/object", as errors name it.
  func place(_ objectPath: String) -> String { path + ":" + objectPath }

  func intermediateGroups() throws -> HDF5Handle {
    let list = HDF5Handle(
      try HDF5Library.identifier(
        H5Pcreate(chdf5_class_link_create()), "H5Pcreate", "link creation properties"),
      .propertyList)
    try HDF5Library.check(
      H5Pset_create_intermediate_group(list.identifier, 1), "H5Pset_create_intermediate_group",
      "link creation properties")
    return list
  }
}
