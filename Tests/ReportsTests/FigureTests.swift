import Foundation
import Reports
import Testing

@Suite("Figures")
struct FigureTests {
  @Test("the oblique view is a rotation that looks from above")
  func obliqueView() {
    let view = ObliqueView()
    let columns = [[1.0, 0, 0], [0, 1, 0], [0, 0, 1]].map { axis -> [Double] in
      let p = view.project(axis)
      return [p.x, p.y, p.nearness]
    }
    for i in 0..<3 {
      for j in 0..<3 {
        let product = zip(columns[i], columns[j]).reduce(0) { $0 + $1.0 * $1.1 }
        #expect(abs(product - (i == j ? 1 : 0)) < 1e-12)
      }
    }
    // The third axis points up; the eye is above, at high first and low second coordinates.
    #expect(abs(columns[2][0]) < 1e-12 && columns[2][1] > 0)
    #expect(columns[0][2] > 0 && columns[1][2] < 0 && columns[2][2] > 0)
    var plan = ObliqueView()
    (plan.azimuth, plan.elevation) = (-90, 90)
    let p = plan.project([2, 3, 5])
    #expect(abs(p.x - 2) < 1e-12 && abs(p.y - 3) < 1e-12 && abs(p.nearness - 5) < 1e-12)
  }

  /// Relative luminance of sRGB.
  static func luminance(_ colour: Int) -> Double {
    zip([0.2126, 0.7152, 0.0722], [colour >> 16, colour >> 8 & 255, colour & 255]).reduce(0) {
      let c = Double($1.1) / 255
      return $0 + $1.0 * (c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4))
    }
  }

  @Test(
    "colours of a density rise in lightness, those of charts differ and can be seen on any page")
  func colours() {
    let shades = Palette.density.map(Self.luminance)
    #expect(zip(shades, shades.dropFirst()).allSatisfy { $0 < $1 })
    #expect((shades.first ?? 1) < 0.03 && (shades.last ?? 0) > 0.75)
    let charts = (0..<64).map { Palette.colour(of: $0) }
    #expect(Set(charts).count == 64)
    for colour in charts {
      let light = Self.luminance(colour)
      #expect(1.05 / (light + 0.05) > 2, "contrast on white")
      #expect((light + 0.05) / 0.06 > 2, "contrast on the dark card")
    }
  }

  @Test("discs of gnuplot become circles, colours get their names")
  func circles() {
    let svg = """
      <svg \n viewBox="0 0 10 10">
      <title>Gnuplot</title><desc>x</desc>
      <defs><circle id='gpDot' r='0.5'/></defs>
      <g id="gnuplot_plot_1" fill="none">
      <path d='M1,2 L3,4'/>\t<use xlink:href='#gpPt6' transform='translate(1.25,2.50) scale(1.57)' color='rgb( 47, 102, 144)'/>
      <use xlink:href='#gpPt6' transform='translate(3.00,4.00) scale(1.57)' color='rgb( 47, 102, 144)' opacity='0.50'/>
      <use xlink:href='#gpPt6' transform='translate(5.00,6.00) scale(1.57)' color='rgb(  1,   2,   3)' opacity='0.50'/>
      </g>
      <g stroke="none"></g>
      </svg>
      """
    let text = SVGText.inline(svg, description: "two &amp; two")
    let points = try? Regex(#"<circle cx='([\d.]+)' cy='([\d.]+)' r='([\d.]+)'"#)
    #expect(points.map { text.matches(of: $0).count } == 3)
    for part in [
      "role=\"img\" aria-label=\"two &amp; two\"",
      "<g fill-opacity='1' fill='var(--data)'>\n<circle cx='1.2' cy='2.5' r='1.6'/>",
      "<g fill-opacity='0.50'>\n<circle cx='3.0' cy='4.0' r='1.6' fill='var(--data)'/>",
      "fill='#010203'",
    ] {
      #expect(text.contains(part), "\(part) in \(text)")
    }
    for gone in ["<title", "<desc", "<defs", "id=", "<use", "stroke=\"none\""] {
      #expect(!text.contains(gone), "\(gone)")
    }
  }

  @Test("points on the sphere are drawn on maps, with the density as pixels inside the page")
  func maps() throws {
    var input = ReportBuilderTests.input(columns: 3, count: 50)
    let grid = SphereGrid(stepDegrees: 5)
    input.sphere = SphereDensity(
      grid: grid, logDensities: (0..<grid.count).map { 2 * grid.centre($0).direction[2] - 4 },
      measure: .area, points: input.data)
    let page = try ReportBuilder.html(input)
    // The world, two hemispheres, data, samples, data by chart, weights, two stages.
    #expect(page.components(separatedBy: "<svg").count - 1 == 3 + 2 + 1 + 1 + 2)
    // Three maps and the bar of colours.
    #expect(page.components(separatedBy: "href='data:image/png;base64,").count - 1 == 4)
    for text in ["Hemisphere around 180°", "60°N", "120°W", "nats per unit area", "integral"] {
      #expect(page.contains(text), "\(text)")
    }
    for reference in ["src=", "<link", "<script", "@import", "url(", "href=\"", "href='http"] {
      #expect(!page.contains(reference), "\(reference)")
    }
  }
}
