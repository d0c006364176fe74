import CHDF5
import Glibc

extension HDF5File {
  /// Writes text as a scalar string of fixed length (UTF-8). Collective on a parallel file, where
  /// every rank passes the same text.
  ///
  /// Fixed length and not variable, so that the characters lie in the file as they are.
  /// - Returns: the byte of the file at which the characters start.
  /// - Throws: `HDF5Error`, also when the object exists.
  @discardableResult
  public func writeText(_ text: String, to objectPath: String) throws -> Int? {
    let place = place(objectPath)
    let type = try Self.textType(byteCount: text.utf8.count, place)
    let creation = HDF5Handle(
      try HDF5Library.identifier(H5Pcreate(chdf5_class_dataset_create()), "H5Pcreate", place),
      .propertyList)
    try HDF5Library.check(
      H5Pset_obj_track_times(creation.identifier, false), "H5Pset_obj_track_times", place)
    try HDF5Library.check(
      H5Pset_alloc_time(creation.identifier, H5D_ALLOC_TIME_EARLY), "H5Pset_alloc_time", place)
    let space = try HDF5Dataset.space(of: [], place)
    let links = try intermediateGroups()
    let dataset = HDF5Handle(
      try HDF5Library.identifier(
        H5Dcreate2(
          handle.identifier, objectPath, type.identifier, space.identifier, links.identifier,
          creation.identifier, chdf5_property_default()), "H5Dcreate2", place),
      .dataset)
    try Self.paddedBytes(of: text).withUnsafeBytes { bytes in
      try HDF5Library.check(
        H5Dwrite(
          dataset.identifier, type.identifier, chdf5_space_all(), chdf5_space_all(),
          chdf5_property_default(), bytes.baseAddress), "H5Dwrite", place)
    }
    let offset = H5Dget_offset(dataset.identifier)
    try dataset.close(path: place)
    return offset == chdf5_address_undefined() ? nil : Int(exactly: offset)
  }

  /// Reads a scalar string of fixed length. Not collective.
  /// - Throws: `HDF5Error`, also for anything that is not such a string or not UTF-8.
  public func readText(_ objectPath: String) throws -> String {
    let dataset = try openDataset(objectPath)
    let place = place(objectPath)
    let type = HDF5Handle(
      try HDF5Library.identifier(H5Dget_type(dataset.handle.identifier), "H5Dget_type", place),
      .datatype)
    guard H5Tget_class(type.identifier) == H5T_STRING, dataset.shape.isEmpty,
      H5Tis_variable_str(type.identifier) == 0
    else {
      throw HDF5Error(
        function: "H5Dread", path: place, stack: ["expected a scalar string of fixed length"])
    }
    var bytes = [UInt8](repeating: 0, count: H5Tget_size(type.identifier))
    try HDF5Library.check(
      H5Dread(
        dataset.handle.identifier, type.identifier, chdf5_space_all(), chdf5_space_all(),
        chdf5_property_default(), &bytes), "H5Dread", place)
    return try Self.text(bytes, place)
  }

  // MARK: - Attributes

  /// Attaches text to a group or dataset. Collective on a parallel file.
  /// - Throws: `HDF5Error`, also when the attribute exists.
  public func writeAttribute(_ name: String, of objectPath: String = "/", text: String) throws {
    let place = place(objectPath) + "@" + name
    let type = try Self.textType(byteCount: text.utf8.count, place)
    let space = try HDF5Dataset.space(of: [], place)
    // hid_t H5Acreate_by_name(hid_t place, const char *object, const char *name, hid_t type,
    //   hid_t space, hid_t creation, hid_t access, hid_t link)
    let attribute = HDF5Handle(
      try HDF5Library.identifier(
        H5Acreate_by_name(
          handle.identifier, objectPath, name, type.identifier, space.identifier,
          chdf5_property_default(), chdf5_property_default(), chdf5_property_default()),
        "H5Acreate_by_name", place),
      .attribute)
    try Self.paddedBytes(of: text).withUnsafeBytes { bytes in
      try HDF5Library.check(
        H5Awrite(attribute.identifier, type.identifier, bytes.baseAddress), "H5Awrite", place)
    }
    try attribute.close(path: place)
  }

  /// Reads an attribute that is one text; nil when there is none. Not collective.
  /// - Throws: `HDF5Error`, also for numbers and for several texts.
  public func readAttribute(_ name: String, of objectPath: String = "/") throws -> String? {
    guard let texts = try readAttributes(name, of: objectPath) else { return nil }
    guard texts.count == 1 else {
      throw HDF5Error(
        function: "H5Aread", path: place(objectPath) + "@" + name,
        stack: ["expected one text, got \(texts.count)"])
    }
    return texts[0]
  }

  /// Reads the texts of an attribute, of fixed or variable length, a scalar or an array in row-major
  /// order; nil when there is no such attribute. Not collective.
  /// - Throws: `HDF5Error`, also for an attribute that holds something else, or is not UTF-8.
  public func readAttributes(_ name: String, of objectPath: String = "/") throws -> [String]? {
    let place = place(objectPath) + "@" + name
    let found = H5Aexists_by_name(handle.identifier, objectPath, name, chdf5_property_default())
    guard found >= 0 else { throw HDF5Error(function: "H5Aexists_by_name", path: place) }
    guard found > 0 else { return nil }
    let attribute = HDF5Handle(
      try HDF5Library.identifier(
        H5Aopen_by_name(
          handle.identifier, objectPath, name, chdf5_property_default(), chdf5_property_default()),
        "H5Aopen_by_name", place),
      .attribute)
    let type = HDF5Handle(
      try HDF5Library.identifier(H5Aget_type(attribute.identifier), "H5Aget_type", place),
      .datatype)
    let space = HDF5Handle(
      try HDF5Library.identifier(H5Aget_space(attribute.identifier), "H5Aget_space", place),
      .dataspace)
    // 0 for an attribute without elements, h5py's `Empty`.
    let count = Int(H5Sget_simple_extent_npoints(space.identifier))
    guard count >= 0 else {
      throw HDF5Error(function: "H5Sget_simple_extent_npoints", path: place)
    }
    guard H5Tget_class(type.identifier) == H5T_STRING else {
      throw HDF5Error(function: "H5Aread", path: place, stack: ["expected text, got another type"])
    }
    guard count > 0 else { return [] }
    let isVariable = H5Tis_variable_str(type.identifier)
    guard isVariable >= 0 else { throw HDF5Error(function: "H5Tis_variable_str", path: place) }
    return try isVariable > 0
      ? Self.variableTexts(count, of: attribute, type, space, place)
      : Self.fixedTexts(count, of: attribute, type, place)
  }

  // MARK: - Private helpers

  private static func fixedTexts(
    _ count: Int, of attribute: borrowing HDF5Handle, _ type: borrowing HDF5Handle, _ place: String
  ) throws -> [String] {
    let size = H5Tget_size(type.identifier)
    guard size > 0 else { throw HDF5Error(function: "H5Tget_size", path: place) }
    var bytes = [UInt8](repeating: 0, count: size * count)
    try HDF5Library.check(
      H5Aread(attribute.identifier, type.identifier, &bytes), "H5Aread", place)
    let isPaddedWithBlanks = H5Tget_strpad(type.identifier) == H5T_STR_SPACEPAD
    return try (0..<count).map { index in
      var characters = bytes[index * size..<(index + 1) * size]
      while isPaddedWithBlanks, characters.last == 0x20 { characters.removeLast() }
      return try text(Array(characters), place)
    }
  }

  private static func variableTexts(
    _ count: Int, of attribute: borrowing HDF5Handle, _ type: borrowing HDF5Handle,
    _ space: borrowing HDF5Handle, _ place: String
  ) throws -> [String] {
    var pointers = [UnsafeMutablePointer<CChar>?](repeating: nil, count: count)
    try HDF5Library.check(
      H5Aread(attribute.identifier, type.identifier, &pointers), "H5Aread", place)
    // The library allocated every text. A null pointer is an empty one.
    let result = Result {
      try pointers.map { pointer in
        guard let pointer else { return "" }
        return try text(
          Array(UnsafeRawBufferPointer(start: pointer, count: strlen(pointer))), place)
      }
    }
    // herr_t H5Dvlen_reclaim(hid_t type, hid_t space, hid_t transfer, void *elements)
    try HDF5Library.check(
      H5Dvlen_reclaim(
        type.identifier, space.identifier, chdf5_property_default(), &pointers),
      "H5Dvlen_reclaim", place)
    return try result.get()
  }

  /// A string type of this many bytes, padded with zeros. The library has none of length 0.
  private static func textType(byteCount: Int, _ place: String) throws -> HDF5Handle {
    let type = HDF5Handle(
      try HDF5Library.identifier(H5Tcopy(chdf5_string()), "H5Tcopy", place), .datatype)
    try HDF5Library.check(
      H5Tset_size(type.identifier, max(byteCount, 1)), "H5Tset_size", place)
    try HDF5Library.check(H5Tset_cset(type.identifier, H5T_CSET_UTF8), "H5Tset_cset", place)
    try HDF5Library.check(H5Tset_strpad(type.identifier, H5T_STR_NULLPAD), "H5Tset_strpad", place)
    return type
  }

  private static func paddedBytes(of text: String) -> [UInt8] {
    text.isEmpty ? [0] : Array(text.utf8)
  }

  private static func text(_ bytes: [UInt8], _ place: String) throws -> String {
    let characters = bytes.prefix { $0 != 0 }
    guard let text = String(validating: characters, as: UTF8.self) else {
      throw HDF5Error(function: "H5Dread", path: place, stack: ["the text is not valid UTF-8"])
    }
    return text
  }
}
