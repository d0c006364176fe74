import Distributed
import Foundation
import HDF5
import MPI

/// PATH: the ranks create a file together and write flat slices of an array of three axes, all in one
/// collective transfer (rank 0 has nothing to write when there are several ranks), then each reads all.
func hdf5Scenario(_ arguments: [String]) throws {
  let shape = [3, 5, 7]
  try Probe.run { group, world in
    let count = shape.reduce(1, *)
    let writers = max(group.size - 1, 1)
    let writer = group.rank - (group.size - writers)
    let range =
      writer < 0 ? 0..<0 : writer * count / writers..<(writer + 1) * count / writers
    let values = range.map { Double($0) * 0.5 }
    let file = try HDF5File.create(at: arguments[0], on: world)
    var isRight = false
    do {
      let dataset = try file.createDataset("/group/cube", of: .float64, shape: shape)
      try values.withUnsafeBufferPointer {
        try dataset.write($0, to: Box.covering(range, of: shape), .collective)
      }
      try file.flush()
      try group.barrier()
      var all = [Double](repeating: .nan, count: count)
      try all.withUnsafeMutableBufferPointer {
        try dataset.read(Box.covering(0..<count, of: shape), into: $0, .collective)
      }
      isRight = all == (0..<count).map { Double($0) * 0.5 }
    }
    try file.close()
    try Probe.printAll("\(isRight)", group)
  }
}
