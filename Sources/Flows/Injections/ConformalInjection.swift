import Tensors

/// A padding followed by a conformal map of the ambient space: spheres and planes of any place, size and
/// direction (conformal embedding flows; Ross & Cresswell, 2021).
///
///     embed(u) = map([u, 0]),   logVolumeElement(u) = d · log λ([u, 0])
///
/// The power is d, the dimension of what is stretched, and not D. λ is taken at the point of the surface,
/// not at the data point beside it, so the density does not depend on the distance from the surface.
package struct ConformalInjection: Injection {
  package let padding: Padding
  package let map: any ConformalMap

  package var chartDimension: Int { padding.chartDimension }
  package var dimension: Int { padding.dimension }
  package var hasOneSurface: Bool { !map.usesContext }

  /// - Precondition: the map has the dimension that is padded to.
  package init(padding: Padding, map: any ConformalMap) {
    precondition(
      padding.dimension == map.dimension,
      "padding to \(padding.dimension) columns, map of \(map.dimension)")
    self.padding = padding
    self.map = map
  }

  package func embed<Scalar>(_ u: Value, context: Value?, on tape: Tape<Scalar>) -> Embedded {
    let padded = padding.embed(u, context: context, on: tape).value
    let image = map.image(of: padded, context: context, on: tape)
    return Embedded(
      image.value,
      logVolumeElement: image.logFactor.map { tape.scale($0, by: Double(chartDimension)) })
  }

  package func project<Scalar>(_ x: Value, context: Value?, on tape: Tape<Scalar>) -> Value {
    padding.project(
      map.preimage(of: x, context: context, on: tape).value, context: context, on: tape)
  }
}

extension ConformalInjection {
  /// A learnt embedding, base → data: padding, special conformal transformation, rotation, dilation,
  /// translation. Every sphere and every plane of dimension d is the image of some of its parameters.
  ///
  /// With a context (the code v_k of a chart) each of its vectors has a network of the context added, so
  /// each chart has a surface of its own; the rotation is then a product of D reflections.
  /// - Parameters:
  ///   - contextDimension: C; 0 for one surface.
  ///   - widths: hidden widths of the networks of the context; empty for linear maps.
  package init(
    from chartDimension: Int, to dimension: Int, contextDimension: Int = 0, widths: [Int] = [],
    in layout: inout ParameterLayout
  ) {
    var elements: [(name: String, map: any ConformalMap)] = []
    func add(
      _ name: String, _ layout: inout ParameterLayout,
      _ make: (inout ParameterLayout) -> any ConformalMap
    ) {
      elements.append((name, layout.scoped(name) { make(&$0) }))
    }
    add("special", &layout) {
      SpecialConformal(
        dimension: dimension, contextDimension: contextDimension, widths: widths, in: &$0)
    }
    if contextDimension == 0 {
      add("rotation", &layout) { Orthogonal(dimension: dimension, in: &$0) }
    } else {
      for i in 0..<dimension {
        add("reflection-\(i)", &layout) {
          HouseholderReflection(
            dimension: dimension, contextDimension: contextDimension, widths: widths, in: &$0)
        }
      }
    }
    add("dilation", &layout) {
      Dilation(dimension: dimension, contextDimension: contextDimension, widths: widths, in: &$0)
    }
    add("translation", &layout) {
      Translation(dimension: dimension, contextDimension: contextDimension, widths: widths, in: &$0)
    }
    self.init(
      padding: Padding(from: chartDimension, to: dimension),
      map: ConformalChain(dimension: dimension, elements))
  }
}
