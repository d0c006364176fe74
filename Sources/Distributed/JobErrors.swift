/// An error that knows the exit code of a process that ends with it.
public protocol ExitCodeCarrying: Error {
  /// By sysexits: 64 usage, 65 bad data, 66 no such input, 70 internal, 74 input or output.
  var exitCode: Int32 { get }
  /// True if it is about something that all ranks share, such as the run folder: when root alone looked
  /// at it, root's number says nothing to the user. False by default.
  var concernsWholeJob: Bool { get }
}

extension ExitCodeCarrying {
  /// An error of one rank, which is named.
  public var concernsWholeJob: Bool { false }
}

/// An error that is thrown on all ranks alike, so that they can end in order and only root speaks.
public protocol SharedByAllRanks: Error {}

/// Ranks that did not come to an operation in time.
public struct DeadlineError: Error, Equatable, CustomStringConvertible {
  /// The ranks that are missing.
  public let missingRanks: [Int]
  /// The operation that waited for them.
  public let operation: String
  /// The training step, as the waiting rank knows it.
  public let step: Int
  /// How long it waited, in seconds.
  public let waitedSeconds: Double
  /// The last operations before, oldest first.
  public let history: [String]

  /// Who is missing, where, and what went before.
  public var description: String {
    let ranks = missingRanks.map(String.init).joined(separator: ", ")
    let noun = missingRanks.count == 1 ? "rank \(ranks) is" : "ranks \(ranks) are"
    let seconds = (waitedSeconds * 10).rounded() / 10
    return """
      \(noun) missing in "\(operation)" of step \(step) after \(seconds) s; operations before: \
      \(history.joined(separator: ", ")). hint: look at that rank's own messages; if its work \
      is merely slow, raise deadlineSeconds
      """
  }
}

/// Two ranks met in different operations.
public struct DesynchronisationError: Error, Equatable, CustomStringConvertible {
  /// The other rank.
  public let rank: Int
  /// What this rank does.
  public let localOperation: String
  /// What the other rank does.
  public let remoteOperation: String

  /// Both operations.
  public var description: String {
    """
    the ranks are out of step: this rank is in \(localOperation), rank \(rank) in \
    \(remoteOperation). hint: control flow must not depend on anything that only one rank knows
    """
  }
}

/// The error of one rank, or of several, thrown on all of them.
public struct RemoteError: SharedByAllRanks, Equatable, CustomStringConvertible, ExitCodeCarrying {
  /// One rank's part.
  public struct Report: Equatable, Sendable {
    /// The rank that failed.
    public let rank: Int
    /// Its error in words.
    public let message: String
    /// Whether the error is about something that all ranks share.
    public let concernsWholeJob: Bool
  }

  /// The ranks that failed, in order; at least one.
  public let reports: [Report]
  /// The exit code of the first one's error; 70 if it has none.
  public let exitCode: Int32

  /// The first rank that failed.
  public var rank: Int { reports[0].rank }
  /// Its error in words.
  public var message: String { reports[0].message }

  /// The number of ranks of the job.
  public let ranks: Int

  /// All reports under the numbers of their ranks. The same text from several ranks comes once, and
  /// no rank is named where all of them, or root in the name of all, say the same.
  public var description: String {
    var groups: [(message: String, ranks: [Int])] = []
    for report in reports {
      if let known = groups.firstIndex(where: { $0.message == report.message }) {
        groups[known].ranks.append(report.rank)
      } else {
        groups.append((report.message, [report.rank]))
      }
    }
    if groups.count == 1,
      reports.count == ranks || (reports[0].concernsWholeJob && reports[0].rank == 0)
    {
      return message
    }
    return groups.map { group in
      let numbers = group.ranks.map(String.init).joined(separator: ", ")
      return "rank\(group.ranks.count == 1 ? "" : "s") \(numbers): \(group.message)"
    }.joined(separator: "\n")
  }
}

/// Facts that must be equal on all ranks and are not.
public struct DisagreementError: SharedByAllRanks, ExitCodeCarrying, Equatable,
  CustomStringConvertible
{
  /// One fact's values.
  public struct Difference: Equatable, Sendable {
    /// The name of the fact.
    public let key: String
    /// Each value (nil: the rank has no such fact) with its ranks, in order of the first rank.
    public let values: [Value]
  }

  /// One value and who has it.
  public struct Value: Equatable, Sendable {
    /// The value; nil where a rank does not have the fact at all.
    public let text: String?
    /// The ranks with this value.
    public let ranks: [Int]
  }

  /// All facts that differ.
  public let differences: [Difference]
  /// Bad data or configuration.
  public var exitCode: Int32 { 65 }

  /// Which fact has which value on which ranks.
  public var description: String {
    let lines = differences.map { difference in
      let values = difference.values.map { value in
        let ranks = value.ranks.map(String.init).joined(separator: ", ")
        return "\(value.text ?? "none") on rank \(ranks)"
      }
      return "\(difference.key): " + values.joined(separator: "; ")
    }
    return "the ranks disagree, so their job is refused: " + lines.joined(separator: " | ")
      + ". hint: every rank must run the same program, configuration and BLAS core type"
  }
}
