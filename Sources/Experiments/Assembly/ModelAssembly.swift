import Checkpoints
import Datasets
import Flows
import Tensors
import Training

/// The model of a configuration with all that it keeps besides parameters.
package final class ModelAssembly: ModelState {
  /// The atlas, however its charts are fitted.
  package let density: any AtlasDensity
  package let parameters: ParameterBuffer<Float>
  package private(set) var standardisation: Standardisation
  private let kernelFloorDegrees: Double

  package init(_ configuration: Configuration, columns: Int, standardisation: Standardisation) {
    let seed = UInt64(configuration.seed)
    self.standardisation = standardisation
    kernelFloorDegrees = configuration.training.noise.floorDegrees
    if configuration.model.fit == .independent {
      let atlas = Self.independentAtlas(configuration, columns: columns)
      density = atlas
      parameters = atlas.startParameters(seed: seed)
    } else {
      let atlas = Self.atlas(configuration, columns: columns)
      density = atlas
      parameters = ParameterBuffer(layout: atlas.layout, seed: seed)
    }
  }

  /// The parameters of a configuration's model, without their numbers.
  static func layout(_ configuration: Configuration, columns: Int) -> ParameterLayout {
    configuration.model.fit == .independent
      ? independentAtlas(configuration, columns: columns).layout
      : atlas(configuration, columns: columns).layout
  }

  private static func independentAtlas(_ configuration: Configuration, columns: Int)
    -> IndependentAtlas
  {
    let model = configuration.model
    let isSphere = model.embedding.kind == .sphere
    let frames = (0..<model.charts).map { _ -> any ChartFrame in
      isSphere ? SphereFrame() : GaussianFrame(dimension: columns)
    }
    return IndependentAtlas(
      frames: frames, flow: model.flow.shape, background: isSphere ? model.background : 0,
      hasGivenChart: model.kernels, seed: UInt64(configuration.seed))
  }

  private static func atlas(_ configuration: Configuration, columns: Int) -> Atlas {
    let model = configuration.model
    return Atlas(
      Atlas.Shape(
        dimension: columns, charts: model.charts, latentDimension: model.latentDimension,
        rule: ChartRule(neighbours: model.neighbours, overlap: model.overlap),
        encoderWidths: model.encoder.hidden,
        encoderActivation: model.encoder.activation.activation,
        commitment: model.codebook.commitment, flow: model.flow.shape,
        embedding: model.embedding.shape, base: model.embedding.baseFamily),
      seed: UInt64(configuration.seed))
  }

  /// The atlas of one conditional flow.
  ///
  /// - Precondition: `model.fit` is amortized.
  package var atlas: Atlas {
    guard let atlas = density as? Atlas else {
      preconditionFailure("expected one conditional flow, got charts that are fitted apart")
    }
    return atlas
  }

  /// The atlas of charts that are fitted apart, if it is one.
  package var independent: IndependentAtlas? { density as? IndependentAtlas }

  /// The bijections of the flow, or of each chart's flow.
  var chains: [Chain] { independent?.charts.map(\.chain) ?? [atlas.chain] }

  /// The stages with their settings, by the plan of a configuration.
  package func stages(_ configuration: Configuration, stepsPerEpoch: Int) -> [(
    stage: any Stage, settings: StageSettings
  )] {
    let plan = TrainingPlan(configuration, stepsPerEpoch: stepsPerEpoch)
    let seed = UInt64(configuration.seed)
    let every = configuration.training.validationEveryEpochs
    var stages: [(stage: any Stage, settings: StageSettings)] = []
    if let quantizer = atlas.quantizer {
      let stage = AutoencoderStage(
        atlas: atlas, quantizer: quantizer, settings: configuration.model.codebook, seed: seed)
      stages.append(
        (
          stage,
          configuration.training.autoencoder.settings(
            plan.range(of: .autoencoder).count, every: every)
        ))
    }
    let embedding = configuration.model.embedding
    if embedding.hasStage {
      let stage = EmbeddingStage(atlas: atlas, objective: configuration.objective)
      stages.append(
        (
          stage,
          configuration.training.embedding.settings(
            plan.range(of: .embedding).count, every: every)
        ))
    }
    let flow = FlowStage(
      atlas: atlas, objective: configuration.objective,
      embeddingWeight: embedding.hasStage ? nil : embedding.reconstructionWeight)
    stages.append(
      (flow, configuration.training.flow.settings(plan.range(of: .flow).count, every: every)))
    return stages
  }

  /// What to add to a log-density of standardised rows, in nats; on a surface of dimension d the scale,
  /// which is then the same for all D columns, counts d times.
  package var logDensityCorrection: Double {
    standardisation.logDensityCorrection * Double(density.chartDimension)
      / Double(density.dimension)
  }

  // MARK: - State

  package func arrays() -> [ReplicatedArray] {
    (independent?.stateArrays ?? amortizedArrays())
      + [
        ReplicatedArray(
          path: "/model/standardisation/mean", shape: [density.dimension],
          elements: standardisation.mean),
        ReplicatedArray(
          path: "/model/standardisation/deviation", shape: [density.dimension],
          elements: standardisation.standardDeviation),
      ]
      + (permutations.isEmpty
        ? []
        : [
          ReplicatedArray(
            path: Self.permutationsPath, shape: [permutations.count, permutations[0].count],
            elements: permutations.flatMap { $0 })
        ])
      + staircases.map { ReplicatedArray(path: $0.path, shape: $0.shape, elements: $0.elements) }
  }

  private func amortizedArrays() -> [ReplicatedArray] {
    let (k, d) = (atlas.chartCount, atlas.codebook.dimension)
    let codebook = atlas.codebook
    func floats(_ buffer: ParameterBuffer<Float>) -> [Float] {
      Array(UnsafeBufferPointer(start: buffer.pointer, count: buffer.count))
    }
    return [
      ReplicatedArray(
        path: "/model/codebook/codes", shape: [k, d], elements: floats(codebook.codes)),
      ReplicatedArray(
        path: "/model/codebook/counts", shape: [k], elements: floats(codebook.averageCounts)),
      ReplicatedArray(
        path: "/model/codebook/sums", shape: [k, d], elements: floats(codebook.averageSums)),
      ReplicatedArray(path: "/model/chart-points", shape: [k], elements: atlas.chartPoints),
    ]
  }

  /// The fixed permutations between blocks, [M, D], x[j] = z[index[j]]; none for other mixings.
  ///
  /// They follow from the seed, and are stored so that the file alone tells the density.
  private var permutations: [[Int64]] {
    chains.flatMap(\.elements).compactMap {
      ($0.bijection as? Permutation)?.index.map(Int64.init)
    }
  }

  package func restore(from reader: borrowing CheckpointReader) throws {
    if let independent {
      try independent.restoreState(from: reader, kernelFloorDegrees: kernelFloorDegrees)
    } else {
      try restoreAmortized(from: reader)
    }
    standardisation = Standardisation(
      mean: try reader.array("/model/standardisation/mean", as: Double.self).elements,
      standardDeviation: try reader.array(
        "/model/standardisation/deviation", as: Double.self
      ).elements)
    try checkStaircases(in: reader)
    guard !permutations.isEmpty else { return }
    let stored = try reader.array(Self.permutationsPath, as: Int64.self).elements
    guard stored == permutations.flatMap({ $0 }) else {
      throw CheckpointError(
        "\(reader.path): \(Self.permutationsPath): expected those of the seed, got others",
        hint: "use the program that the run was started with", exitCode: 65)
    }
  }

  private func restoreAmortized(from reader: borrowing CheckpointReader) throws {
    func fill(_ buffer: ParameterBuffer<Float>, from path: String) throws {
      let elements = try reader.array(path, as: Float.self).elements
      guard elements.count == buffer.count else {
        throw CheckpointError(
          "\(reader.path): \(path): expected \(buffer.count) numbers, got \(elements.count)",
          hint: "resume with the configuration that the run was started with", exitCode: 65)
      }
      for (i, element) in elements.enumerated() { buffer[i] = element }
    }
    try fill(atlas.codebook.codes, from: "/model/codebook/codes")
    try fill(atlas.codebook.averageCounts, from: "/model/codebook/counts")
    try fill(atlas.codebook.averageSums, from: "/model/codebook/sums")
    let points = try reader.array("/model/chart-points", as: Int64.self).elements
    guard points.count == atlas.chartCount else {
      throw CheckpointError(
        "\(reader.path): expected \(atlas.chartCount) charts, got \(points.count)", exitCode: 65)
    }
    atlas.setChartPoints(points)
  }

  private static let permutationsPath = "/model/permutations"
}

extension ActivationName {
  var activation: Activation {
    switch self {
    case .relu: .relu
    case .tanh: .tanh
    case .sigmoid: .sigmoid
    }
  }
}

extension FlowConfiguration {
  var shape: any FlowArchitecture {
    let mixing: ColumnMixing =
      switch linear {
      case .none: .none
      case .permutation: .permutation
      case .lu: .lu
      case .full: .full
      case .orthogonal: .orthogonal
      }
    let transform: ColumnTransform =
      switch transform {
      case .affine: .affine(logScaleBound: logScaleBound)
      case .spline: .spline(SplineSettings(bins: bins, bound: splineBound))
      }
    switch kind {
    case .realNVP:
      return RealNVP(
        couplings: couplings, widths: hidden, activation: activation.activation,
        transform: transform, hasActNorm: actNorm, mixing: mixing)
    case .maf, .iaf:
      return MAF(
        blocks: blocks, widths: hidden, activation: activation.activation,
        transform: transform, hasActNorm: actNorm, mixing: mixing, isInverted: kind == .iaf)
    }
  }
}

extension EmbeddingConfiguration {
  var shape: ChartEmbedding {
    switch kind {
    case .none: .none
    case .conformal: .conformal(dimension: dimension, widths: hidden)
    case .sphere: .sphere(centre: centre)
    }
  }

  var baseFamily: BaseFamily {
    switch base {
    case .normal: .normal
    case .sphere: .sphere
    }
  }
}

extension StageConfiguration {
  /// - Parameter every: epochs between validations; patience is counted in validations.
  func settings(_ steps: Int, every: Int) -> StageSettings {
    let kind: Schedule.Kind =
      switch schedule.kind {
      case .constant: .constant
      case .cosine: .cosine(final: schedule.finalFraction)
      case .step: .step(fractions: schedule.stepFractions, factor: schedule.stepFactor)
      }
    return StageSettings(
      steps: steps,
      optimizer: Training.Optimizer(
        learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon,
        weightDecay: optimizer == .adamw ? weightDecay : 0),
      schedule: Schedule(kind, warmUpFraction: schedule.warmUpFraction),
      gradientClipNorm: gradientClipNorm,
      patience: (earlyStopping.patienceEpochs + every - 1) / max(1, every),
      minimumImprovement: earlyStopping.minimumImprovement, averageDecay: averageDecay)
  }
}
