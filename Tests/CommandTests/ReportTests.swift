import Foundation
import TestSupport
import Testing

@Suite("portolan report", .serialized)
struct ReportTests {
  func page(_ run: String, ranks: Int? = nil) throws -> String {
    let output = try EvaluateModel.portolan(["report", run], ranks: ranks)
    #expect(output.trimmingCharacters(in: .newlines).hasSuffix("report/index.html"))
    return try String(contentsOfFile: "\(run)/report/index.html", encoding: .utf8)
  }

  @Test("The page stands alone: pictures inside, nothing to fetch")
  func selfContained() throws {
    let page = try page(EvaluateModel.circles.get())
    #expect(page.contains("<title>Atlas of interlocked-circles</title>"))
    // 2 losses, 2 × 4 views of points, the same by chart, weights.
    #expect(page.components(separatedBy: "<svg").count - 1 == 19)
    #expect(page.utf8.count < 3_000_000)
    let fetches = try Regex(#"(src|href)\s*=\s*["']|url\(|@import|<script|<link|<use"#)
    let fetch = page.firstMatch(of: fetches).map { String(page[$0.range]) }
    #expect(fetch == nil)
    for text in ["entropy ceiling", "Gaussian mixture", "Samples by chart", "logScaleBound"] {
      #expect(page.localizedCaseInsensitiveContains(text), "\(text)")
    }
  }

  @Test("Every picture is well-formed XML")
  func wellFormed() throws {
    let run = try EvaluateModel.plain.get()
    let page = try page(run)
    let pictures = page.components(separatedBy: "<svg").count - 1
    let parsed = try EvaluateModel.python([
      "-c",
      """
      import re, sys, xml.etree.ElementTree as tree
      page = open(sys.argv[1], encoding='utf-8').read()
      print(sum(1 for svg in re.findall(r'<svg.*?</svg>', page, re.S) if tree.fromstring(svg) is not None))
      """, "\(run)/report/index.html",
    ])
    #expect(parsed == "\(pictures)\n")
    #expect(pictures == 9, "one stage, no charts")
  }

  @Test("Two ranks draw the page of one")
  func ranks() throws {
    for run in [try EvaluateModel.circles.get(), try EvaluateModel.sphere.get()] {
      #expect(try page(run, ranks: 2) == page(run))
    }
  }

  @Test("Rows that are unit vectors are drawn on maps; others are not")
  func sphere() throws {
    let page = try page(EvaluateModel.sphere.get())
    // 2 losses, the world, 2 hemispheres, data, samples, both by chart, weights.
    #expect(page.components(separatedBy: "<svg").count - 1 == 10)
    #expect(page.components(separatedBy: "data:image/png;base64,").count - 1 == 4)
    let fetches = try Regex(
      #"(src|href)\s*=\s*["'](?!data:image/png;)|url\(|@import|<script|<link|<use"#)
    let fetch = page.firstMatch(of: fetches).map { String(page[$0.range]) }
    #expect(fetch == nil)
    #expect(page.utf8.count < 3_000_000)
    #expect(page.contains("Hemisphere around 180°"))
    #expect(try !self.page(EvaluateModel.circles.get()).contains("Hemisphere"))
  }
}
