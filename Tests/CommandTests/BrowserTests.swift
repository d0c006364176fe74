import Foundation
import TestSupport
import Testing

@Suite(
  "Report pages in a browser",
  .enabled(
    if: Browser.installed != nil,
    "no browser is installed; `launch/install-packages --tests` installs chromium"), .serialized)
struct BrowserTests {
  /// What the page says of itself when all of it is loaded.
  struct Findings: Decodable {
    struct Figure: Decodable {
      var width: Double
      var height: Double
      var label: String
      var marks: Int
    }
    var errors: [String]
    var resources: [String]
    var figures: [Figure]
    var images: Int
    var background: String
    var pageWidth: Double
    var windowWidth: Double
  }

  let browser: Browser

  init() throws { browser = try #require(Browser.installed) }

  /// A page in a frame of some width, with scripts that look at it; report pages have none themselves.
  ///
  /// A frame, because a browser's window has a least width, which phones are below.
  static func probed(_ page: String, width: Int) throws -> String {
    var page = page
    let start = """
      <script>
      window.failures = [];
      addEventListener('error', e => failures.push(String(e.message || e.target.outerHTML)), true);
      </script>
      """
    let end = """
      <pre id="findings"></pre><script>
      addEventListener('load', () => {
        const figures = [...document.querySelectorAll('figure')].map(figure => {
          const svg = figure.querySelector('svg'), box = svg.getBoundingClientRect();
          return {width: box.width, height: box.height, label: svg.getAttribute('aria-label') || '',
            marks: svg.querySelectorAll('circle,path,rect,polygon,image,text').length};
        });
        document.getElementById('findings').textContent = JSON.stringify({
          errors: failures,
          resources: performance.getEntriesByType('resource').map(r => r.name)
            .filter(name => !name.startsWith('data:')),
          figures: figures, images: document.querySelectorAll('svg image').length,
          background: getComputedStyle(document.body).backgroundColor,
          pageWidth: document.documentElement.scrollWidth, windowWidth: innerWidth});
      });
      </script>
      """
    page = page.replacingOccurrences(of: "<head>", with: "<head>" + start)
    page = page.replacingOccurrences(of: "</body>", with: end + "</body>")
      .replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "\"", with: "&quot;")
    page = """
      <!DOCTYPE html><html><body style="margin:0"><pre id="findings"></pre><script>
      addEventListener('load', () => {
        document.getElementById('findings').textContent =
          frames[0].document.getElementById('findings').textContent;
      });
      </script><iframe style="border:0;width:\(width)px;height:900px" srcdoc="\(page)"></iframe>
      </body></html>
      """
    let path = EvaluateModel.newFile(".html")
    try Data(page.utf8).write(to: URL(fileURLWithPath: path))
    return path
  }

  /// The report of a run, made now.
  static func pagePath(of run: String) throws -> String {
    try EvaluateModel.portolan(["report", run]).trimmingCharacters(in: .whitespacesAndNewlines)
  }

  static func findings(_ document: String) throws -> Findings {
    let start = try #require(document.range(of: "<pre id=\"findings\">"))
    let end = try #require(
      document.range(of: "</pre>", range: start.upperBound..<document.endIndex))
    let text = document[start.upperBound..<end.lowerBound]
      .replacingOccurrences(of: "&lt;", with: "<").replacingOccurrences(of: "&gt;", with: ">")
      .replacingOccurrences(of: "&amp;", with: "&")
    return try JSONDecoder().decode(Findings.self, from: Data(text.utf8))
  }

  @Test("Pages load without an error or a request, and show every figure, on phones too")
  func figures() throws {
    // Curves: 2 stages, 4 views of data, samples and both by chart, weights.
    // Sphere: 2 stages, 3 densities, data, samples and both by chart, weights.
    // Operators: 2 sets by resolution and by the number of pairs.
    for (run, count, images) in [
      (try EvaluateModel.circles.get(), 2 + 16 + 1, 0),
      (try EvaluateModel.sphere.get(), 2 + 3 + 4 + 1, 4), (try PairCells.folder(), 4, 0),
    ] {
      let page = try String(contentsOfFile: try Self.pagePath(of: run), encoding: .utf8)
      for (width, isDark) in [(1280, false), (390, true)] {
        let path = try Self.probed(page, width: width)
        let view = try browser.open(path, width: 1280, height: 900, isDark: isDark)
        let found = try Self.findings(view.document)
        #expect(view.console == [], "\(run), \(width)")
        #expect(found.errors == [] && found.resources == [])
        #expect(found.figures.count == count && found.images == images)
        for figure in found.figures {
          #expect(figure.width > 150 && figure.height > 60, "\(figure)")
          #expect(!figure.label.isEmpty && figure.marks > 5, "\(figure)")
        }
        #expect(found.windowWidth == Double(width))
        #expect(found.pageWidth <= found.windowWidth, "nothing sticks out of the window")
        #expect(found.background == (isDark ? "rgb(13, 19, 26)" : "rgb(245, 247, 250)"))
      }
    }
  }

  @Test("A page that asks for something else, fails or sticks out is found out")
  func faults() throws {
    try FileManager.default.createDirectory(
      atPath: EvaluateModel.folder, withIntermediateDirectories: true)
    let path = try Self.probed(
      """
      <!DOCTYPE html><html><head><title>x</title></head><body>
      <img src="http://portolan.invalid/picture.png"><div style="width:2000px">wide</div>
      <figure><svg width="0" height="0" aria-label="nothing"></svg></figure>
      <script>console.error('on purpose'); missing.call();</script></body></html>
      """, width: 600)
    let view = try browser.open(path, width: 800, height: 400)
    let found = try Self.findings(view.document)
    for text in ["on purpose", "missing is not defined"] {
      #expect(view.console.contains { $0.contains(text) }, "\(text) in \(view.console)")
    }
    #expect(found.errors.contains { $0.contains("picture.png") }, "\(found)")
    #expect(found.errors.contains { $0.contains("missing") }, "\(found)")
    #expect(found.pageWidth > found.windowWidth)
    #expect(found.figures.map(\.width) == [0])
  }

  @Test("The screenshot is a picture of many colours, the map of the sphere among them")
  func screenshot() throws {
    let page = try Self.pagePath(of: EvaluateModel.sphere.get())
    let view = try browser.open(page, width: 620, height: 1400, withScreenshot: true)
    #expect(view.console == [])
    let picture = EvaluateModel.newFile(".png")
    try #require(view.screenshot).write(to: URL(fileURLWithPath: picture))
    let counts = try EvaluateModel.python(["-c", Self.decoder, picture])
      .split(separator: " ").compactMap { Double($0.trimmingCharacters(in: .newlines)) }
    try #require(counts.count == 4)
    #expect(counts[0] == 620 && counts[1] == 1400)
    #expect(counts[2] > 500, "different colours")
    #expect(counts[3] > 0.05, "share of pixels in the darkest colours, those of the map")
  }

  /// Prints width, height, the number of colours and the share of dark blue pixels of a PNG file.
  static let decoder = """
    import sys, struct, zlib
    data = open(sys.argv[1], 'rb').read()
    width, height, depth, kind = struct.unpack('>IIBB', data[16:26])
    assert depth == 8 and kind in (2, 6)
    n, place, packed = {2: 3, 6: 4}[kind], 8, b''
    while place < len(data):
        size, name = struct.unpack('>I4s', data[place:place + 8])
        if name == b'IDAT': packed += data[place + 8:place + 8 + size]
        place += size + 12
    raw, above, colours, dark = zlib.decompress(packed), bytearray(width * n), set(), 0
    for y in range(height):
        start = y * (width * n + 1)
        filter, row = raw[start], bytearray(raw[start + 1:start + 1 + width * n])
        for i in range(width * n) if filter else ():
            a = row[i - n] if i >= n else 0
            b, c = above[i], above[i - n] if i >= n else 0
            if filter == 1: p = a
            elif filter == 2: p = b
            elif filter == 3: p = (a + b) // 2
            else:
                pa, pb, pc = abs(b - c), abs(a - c), abs(a + b - 2 * c)
                p = a if pa <= pb and pa <= pc else b if pb <= pc else c
            row[i] = (row[i] + p) & 255
        above = row
        for i in range(0, width * n, n):
            colour = bytes(row[i:i + 3])
            colours.add(colour)
            dark += max(colour) < 90 and colour[2] > colour[0]
    print(width, height, len(colours), dark / width / height)
    """
}
