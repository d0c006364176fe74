import CMPI

/// A group of ranks that talk to each other and to nobody else.
///
/// Not copyable and not sendable: a communicator belongs to the thread that started MPI. One made by
/// `split` or `duplicate` is freed at the end of its life, which all its ranks must reach in the same
/// order, since freeing is collective.
public struct Communicator: ~Copyable {
  /// This process's number in the group, 0 ..< size.
  public let rank: Int
  /// How many ranks the group has.
  public let size: Int
  /// The library's handle, for other wrappers of C libraries.
  package let handle: OpaquePointer
  /// Longest message in elements; longer ones are cut. The C functions count in `Int32`.
  package var segmentLimit = Int(Int32.max)
  private let isOwned: Bool

  /// Whether this is rank 0, the one that speaks.
  public var isRoot: Bool { rank == 0 }

  /// A communicator that somebody else frees. Not collective.
  init(borrowing handle: OpaquePointer?) throws { try self.init(handle, isOwned: false) }

  private init(_ handle: OpaquePointer?, isOwned: Bool) throws {
    guard let handle else { preconditionFailure("expected a communicator handle, got none") }
    var rank: Int32 = 0
    var size: Int32 = 0
    try check(MPI_Comm_rank(handle, &rank), "MPI_Comm_rank")
    try check(MPI_Comm_size(handle, &size), "MPI_Comm_size")
    self.rank = Int(rank)
    self.size = Int(size)
    self.handle = handle
    self.isOwned = isOwned
  }

  deinit {
    guard isOwned else { return }
    var finalized: Int32 = 0
    guard MPI_Finalized(&finalized) == MPI_SUCCESS, finalized == 0 else { return }
    var freed: OpaquePointer? = handle
    let code = MPI_Comm_free(&freed)
    assert(code == MPI_SUCCESS, "\(MPIError(function: "MPI_Comm_free", code: code))")
  }

  // MARK: - New groups

  /// The group of all ranks that give the same color; in it ranks are ordered by (key, rank here).
  /// Collective.
  ///
  /// - Precondition: color ≥ 0.
  public func split(color: Int, key: Int) throws -> Communicator {
    precondition(color >= 0, "expected a color of 0 or more, got \(color)")
    var new: OpaquePointer?
    // int MPI_Comm_split(MPI_Comm comm, int color, int key, MPI_Comm *newcomm)
    try check(MPI_Comm_split(handle, Int32(color), Int32(key), &new), "MPI_Comm_split")
    return try Communicator(new, isOwned: true)
  }

  /// The same ranks with message traffic of their own. Collective.
  public func duplicate() throws -> Communicator {
    var new: OpaquePointer?
    try check(MPI_Comm_dup(handle, &new), "MPI_Comm_dup")
    return try Communicator(new, isOwned: true)
  }

  /// Where this rank sits among the nodes. Collective.
  public func nodePlacement() throws -> NodePlacement {
    var new: OpaquePointer?
    try check(
      MPI_Comm_split_type(
        handle, cmpi_comm_type_shared(), Int32(rank), cmpi_info_null(), &new),
      "MPI_Comm_split_type")
    let node = try Communicator(new, isOwned: true)
    var leaders: [Int64] = [node.isRoot ? 1 : 0]
    try allReduce(&leaders, .sum)
    return NodePlacement(localRank: node.rank, localSize: node.size, nodeCount: Int(leaders[0]))
  }

  // MARK: - The end

  /// Ends every process of the job with this exit code, now, without unwinding. Not collective.
  public func abort(code: Int32) -> Never {
    let result = MPI_Abort(handle, code)
    fatalError("MPI_Abort returned \(result)")
  }

  /// `MPI_INFO_NULL`, for other wrappers of C libraries.
  package static var nullInfo: OpaquePointer? { cmpi_info_null() }
}

/// Where a rank sits among the nodes of a job.
public struct NodePlacement: Equatable, Sendable {
  /// This rank's number within its node.
  public let localRank: Int
  /// How many ranks of the group share the node.
  public let localSize: Int
  /// On how many nodes the group runs.
  public let nodeCount: Int

  /// A place by its numbers.
  public init(localRank: Int, localSize: Int, nodeCount: Int) {
    self.localRank = localRank
    self.localSize = localSize
    self.nodeCount = nodeCount
  }
}
