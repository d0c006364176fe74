extension ReportPage {
  /// Colours by their names, for a light and for a dark page.
  private static func colours(_ page: String, _ shade: (Ink) -> Int) -> String {
    page + Ink.allCases.map { ";--\($0.rawValue):\(Ink.hex(shade($0)))" }.joined()
  }

  /// One column of cards; figures side by side where there is room, light or dark as the reader likes.
  static let style = """
    :root{color-scheme:light dark;\(colours(
      "--ink:#1f2933;--soft:#52606d;--line:#e4e7eb;--paper:#f5f7fa;--card:#fff;--tile:#f0f5f9;"
        + "--accent:#2f6690;--strong:#1d3557", \.light))}
    @media (prefers-color-scheme:dark){:root{\(colours(
      "--ink:#e3e9f0;--soft:#a9b6c5;--line:#2c3744;--paper:#0d131a;--card:#151d26;--tile:#1b2632;"
        + "--accent:#74b4e2;--strong:#bcd8ee", \.dark))}}
    *{box-sizing:border-box}
    html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
    body{margin:0;background:var(--paper);color:var(--ink);
    font:16px/1.55 system-ui,-apple-system,"Segoe UI",Helvetica,Arial,sans-serif}
    header{background:linear-gradient(120deg,#1d3557,#33658a);color:#fff;padding:2.2rem 1.5rem}
    header h1{margin:0 auto;max-width:72rem;font-size:1.9rem;line-height:1.25;font-weight:650;
    letter-spacing:-.01em;overflow-wrap:anywhere}
    header p{margin:.4rem auto 0;max-width:72rem;color:#d9e6f0;font-size:1.05rem}
    main{max-width:75rem;margin:0 auto;padding:1.2rem 1.5rem}
    section{background:var(--card);border:1px solid var(--line);border-radius:12px;
    padding:1.3rem 1.6rem 1.5rem;margin:1.1rem 0;box-shadow:0 1px 3px rgba(31,41,51,.05)}
    h2{margin:0 0 .3rem;font-size:1.25rem;color:var(--strong)}
    .about{margin:.1rem 0 1rem;color:var(--soft);max-width:52rem}
    .tiles{display:flex;flex-wrap:wrap;gap:.9rem;margin:0 0 1.1rem}
    .tiles div{flex:1 1 11rem;background:var(--tile);border-left:4px solid var(--accent);
    border-radius:8px;padding:.8rem 1rem}
    .tiles b{display:block;white-space:nowrap;font-size:1.45rem;font-weight:650;font-variant-numeric:tabular-nums}
    .tiles span{color:var(--soft);font-size:.92rem}
    .scroll{overflow-x:auto}
    table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
    thead th{text-align:right;font-weight:600;font-size:.88rem;color:var(--soft);
    border-bottom:2px solid var(--line);padding:.45rem .7rem;vertical-align:bottom}
    td,tbody th{text-align:right;border-bottom:1px solid var(--line);padding:.5rem .7rem;
    font-weight:400;white-space:nowrap}
    th:first-child,tbody th,th:last-child,td:last-child{text-align:left;white-space:normal}
    td:last-child{color:var(--soft)}tbody th{min-width:9rem}td:last-child{min-width:11rem}
    tr.model td,tr.model th{font-weight:650;color:var(--strong)}
    tr.model td:last-child{font-weight:400;color:var(--soft)}
    tr.ceiling td,tr.ceiling th{background:var(--tile);font-style:italic}
    table.charts{width:auto}table.charts td,table.charts thead th{text-align:right;min-width:0}
    table.charts td:last-child{color:inherit}
    table.charts th:first-child{text-align:left;min-width:5rem}
    table.charts i{display:inline-block;width:.9em;height:.9em;border-radius:3px;
    margin-right:.6em;vertical-align:-.1em}
    .legend{display:flex;flex-wrap:wrap;gap:.3rem 1.3rem;margin:.2rem 0 1rem;color:var(--soft)}
    .legend i{display:inline-block;width:1.8em;margin-right:.5em;vertical-align:.25em}
    .figures{display:grid;gap:1rem;margin-bottom:1rem;
    grid-template-columns:repeat(auto-fit,minmax(min(21rem,100%),1fr))}
    figure{margin:0;border:1px solid var(--line);border-radius:10px;padding:.5rem;
    background:var(--card);min-width:0;display:flex;flex-direction:column;justify-content:space-between}
    figure.wide{grid-column:1/-1}
    figure svg{display:block;width:100%;height:auto}
    figure.wide svg g[font-size]{font-size:9.5px}
    figure svg circle{stroke:none}
    figure svg text{font-family:system-ui,-apple-system,"Segoe UI",Helvetica,Arial,sans-serif}
    figure svg [fill="var(--overlay)"] text{paint-order:stroke;stroke:#101c30;stroke-width:2.5px;
    stroke-linejoin:round}
    figcaption{text-align:center;color:var(--soft);font-size:.92rem;padding:.25rem 0 .15rem;
    overflow-wrap:anywhere}
    dl{display:grid;grid-template-columns:max-content 1fr;gap:.3rem 1.4rem;margin:.6rem 0 0}
    dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere;font-variant-numeric:tabular-nums}
    details{margin:.5rem 0}
    summary{cursor:pointer;color:var(--accent);font-weight:600;padding:.3rem 0}
    pre{background:var(--paper);border:1px solid var(--line);border-radius:8px;padding:1rem;
    overflow-x:auto;font:13px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
    footer{text-align:center;color:var(--soft);font-size:.88rem;padding:.6rem 1rem 2rem}
    @media (min-width:60rem){.pairs{grid-template-columns:none;grid-template-rows:auto auto;
    grid-auto-flow:column;grid-auto-columns:1fr}}
    @media (max-width:40rem){header{padding:1.4rem 1rem}header h1{font-size:1.5rem}
    main{padding:.6rem .6rem}section{padding:1rem .9rem;border-radius:9px}
    figure{padding:.25rem}
    figure svg g[font-size]{font-size:17px}figure.wide svg g[font-size]{font-size:19px}
    .tiles div{flex-basis:8.5rem;padding:.6rem .8rem}.tiles b{font-size:1rem}
    td,tbody th,thead th{padding:.4rem .5rem}
    dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.5rem}}
    @media print{body{background:#fff}section{break-inside:avoid;box-shadow:none}}
    """
}
