import CHDF5

extension HDF5Dataset {
  /// Writes the elements of several boxes, one box after the other in `elements`.
  ///
  /// - Parameters:
  ///   - elements: as many as the boxes hold together; only read during the call.
  ///   - boxes: disjoint, in ascending flat order (as `Box.covering` makes them); may be none.
  ///   - transfer: `.collective` needs a call by every rank of a parallel file.
  /// - Throws: `HDF5Error`.
  public func write<Scalar: HDF5Scalar>(
    _ elements: UnsafeBufferPointer<Scalar>, to boxes: [Box],
    _ transfer: HDF5Transfer = .independent
  ) throws {
    precondition(
      elements.count == boxes.reduce(0) { $0 + $1.elementCount },
      "\(path): \(elements.count) elements do not fill the boxes")
    let fileSpace = try selection(boxes)
    let memorySpace = try Self.space(of: [elements.count], path)
    if boxes.isEmpty { H5Sselect_none(memorySpace.identifier) }
    let properties = try transferProperties(transfer)
    // herr_t H5Dwrite(hid_t dataset, hid_t memoryType, hid_t memorySpace, hid_t fileSpace,
    //   hid_t transfer, const void *elements)
    try withBuffer(elements) { address in
      try HDF5Library.check(
        H5Dwrite(
          handle.identifier, Scalar.hdf5Type.memoryType, memorySpace.identifier,
          fileSpace.identifier, properties.identifier, address),
        "H5Dwrite", path, hint: "is the disk full?")
    }
  }

  /// Writes all elements in row-major order. Independent.
  /// - Throws: `HDF5Error`.
  public func write<Scalar: HDF5Scalar>(_ elements: [Scalar]) throws {
    precondition(
      elements.count == elementCount,
      "\(path): expected \(elementCount) elements, got \(elements.count)")
    try elements.withUnsafeBufferPointer {
      try write($0, to: Box.covering(0..<elementCount, of: shape))
    }
  }

  /// Reads the elements of several boxes, one box after the other, into `elements`, converted to its
  /// type (an `Int32` dataset can be read as `Double`).
  ///
  /// - Parameters:
  ///   - boxes: disjoint, in ascending flat order; may be none.
  ///   - transfer: `.collective` needs a call by every rank of a parallel file.
  /// - Throws: `HDF5Error`.
  public func read<Scalar: HDF5Scalar>(
    _ boxes: [Box], into elements: UnsafeMutableBufferPointer<Scalar>,
    _ transfer: HDF5Transfer = .independent
  ) throws {
    precondition(
      elements.count == boxes.reduce(0) { $0 + $1.elementCount },
      "\(path): the boxes do not fill \(elements.count) elements")
    let fileSpace = try selection(boxes)
    let memorySpace = try Self.space(of: [elements.count], path)
    if boxes.isEmpty { H5Sselect_none(memorySpace.identifier) }
    let properties = try transferProperties(transfer)
    // herr_t H5Dread(hid_t dataset, hid_t memoryType, hid_t memorySpace, hid_t fileSpace,
    //   hid_t transfer, void *elements)
    try withBuffer(UnsafeBufferPointer(elements)) { address in
      try HDF5Library.check(
        H5Dread(
          handle.identifier, Scalar.hdf5Type.memoryType, memorySpace.identifier,
          fileSpace.identifier, properties.identifier, UnsafeMutableRawPointer(mutating: address)),
        "H5Dread", path)
    }
  }

  /// Reads all elements in row-major order. Independent.
  /// - Throws: `HDF5Error`.
  public func read<Scalar: HDF5Scalar>(as type: Scalar.Type = Scalar.self) throws -> [Scalar] {
    try read(Box.covering(0..<elementCount, of: shape), count: elementCount)
  }

  /// Reads rows [first, first + count) of a table [rows, columns] or of a column [rows]. Independent.
  /// - Precondition: the dataset has one or two axes and holds the rows.
  /// - Returns: [count × columns], row-major.
  /// - Throws: `HDF5Error`.
  public func read<Scalar: HDF5Scalar>(
    rows: Range<Int>, as type: Scalar.Type = Scalar.self
  ) throws -> [Scalar] {
    precondition(
      shape.count == 1 || shape.count == 2, "\(path): expected one or two axes, got \(shape)")
    precondition(
      rows.lowerBound >= 0 && rows.upperBound <= shape[0], "\(path): rows \(rows) of \(shape[0])")
    let columns = shape.dropFirst()
    let count = rows.count * columns.reduce(1, *)
    guard count > 0 else { return [] }
    let box = Box(
      start: [rows.lowerBound] + columns.map { _ in 0 }, count: [rows.count] + columns)
    return try read([box], count: count)
  }

  private func read<Scalar: HDF5Scalar>(_ boxes: [Box], count: Int) throws -> [Scalar] {
    var elements = [Scalar](repeating: .zero, count: count)
    if count > 0 { try elements.withUnsafeMutableBufferPointer { try read(boxes, into: $0) } }
    return elements
  }

  // MARK: - Selections

  static func space(of shape: [Int], _ path: String) throws -> HDF5Handle {
    let extents = shape.map { hsize_t($0) }
    // hid_t H5Screate_simple(int rank, const hsize_t *extents, const hsize_t *maximum)
    let space =
      shape.isEmpty
      ? H5Screate(H5S_SCALAR) : H5Screate_simple(Int32(shape.count), extents, nil)
    return HDF5Handle(try HDF5Library.identifier(space, "H5Screate_simple", path), .dataspace)
  }

  private func selection(_ boxes: [Box]) throws -> HDF5Handle {
    let space = try Self.space(of: shape, path)
    // A scalar has no hyperslabs: its one element is selected from the start.
    if shape.isEmpty && boxes.count == 1 { return space }
    try HDF5Library.check(H5Sselect_none(space.identifier), "H5Sselect_none", path)
    for box in boxes {
      precondition(
        box.start.count == shape.count, "\(path): a box of \(box.start.count) axes in \(shape)")
      // herr_t H5Sselect_hyperslab(hid_t space, H5S_seloper_t operation, const hsize_t *start,
      //   const hsize_t *stride, const hsize_t *count, const hsize_t *block)
      let status = H5Sselect_hyperslab(
        space.identifier, H5S_SELECT_OR, box.start.map { hsize_t($0) }, nil,
        box.count.map { hsize_t($0) }, nil)
      try HDF5Library.check(status, "H5Sselect_hyperslab", path)
    }
    return space
  }

  private func transferProperties(_ transfer: HDF5Transfer) throws -> HDF5Handle {
    let list = HDF5Handle(
      try HDF5Library.identifier(H5Pcreate(chdf5_class_dataset_transfer()), "H5Pcreate", path),
      .propertyList)
    if transfer == .collective {
      try HDF5Library.check(
        H5Pset_dxpl_mpio(list.identifier, H5FD_MPIO_COLLECTIVE), "H5Pset_dxpl_mpio", path)
    }
    return list
  }

  /// The library takes no null pointer, not even for zero elements.
  private func withBuffer<Scalar>(
    _ elements: UnsafeBufferPointer<Scalar>, _ body: (UnsafeRawPointer) throws -> Void
  ) throws {
    if let address = elements.baseAddress { return try body(UnsafeRawPointer(address)) }
    try withUnsafeTemporaryAllocation(byteCount: 8, alignment: 8) {
      try body(UnsafeRawPointer($0.baseAddress!))
    }
  }
}

extension HDF5Dataset {
  /// `write` for elements whose type is known at run time only; `bytes` holds them as in memory.
  package func write(
    bytes: UnsafeRawBufferPointer, of type: HDF5ScalarType, to boxes: [Box],
    _ transfer: HDF5Transfer = .independent
  ) throws {
    switch type {
    case .float32: try write(bytes.bindMemory(to: Float.self), to: boxes, transfer)
    case .float64: try write(bytes.bindMemory(to: Double.self), to: boxes, transfer)
    case .int32: try write(bytes.bindMemory(to: Int32.self), to: boxes, transfer)
    case .int64: try write(bytes.bindMemory(to: Int64.self), to: boxes, transfer)
    case .uint64: try write(bytes.bindMemory(to: UInt64.self), to: boxes, transfer)
    case .uint8: try write(bytes.bindMemory(to: UInt8.self), to: boxes, transfer)
    }
  }
}
