extension ReportPage {
  /// Light page, one column of white cards; figures side by side where there is room.
  static let style = """
    :root{--ink:#1f2933;--soft:#52606d;--line:#e4e7eb;--accent:#33658a}
    *{box-sizing:border-box}
    body{margin:0;background:#f5f7fa;color:var(--ink);
    font:16px/1.55 system-ui,-apple-system,"Segoe UI",Helvetica,Arial,sans-serif}
    header{background:linear-gradient(120deg,#1d3557,#33658a);color:#fff;padding:2.2rem 1.5rem}
    header h1{margin:0 auto;max-width:72rem;font-size:1.9rem;font-weight:650;letter-spacing:-.01em}
    header p{margin:.4rem auto 0;max-width:72rem;color:#d9e6f0;font-size:1.05rem}
    main{max-width:75rem;margin:0 auto;padding:1.2rem 1.5rem}
    section{background:#fff;border:1px solid var(--line);border-radius:12px;
    padding:1.3rem 1.6rem 1.5rem;margin:1.1rem 0;box-shadow:0 1px 3px rgba(31,41,51,.05)}
    h2{margin:0 0 .3rem;font-size:1.25rem;color:#1d3557}
    .about{margin:.1rem 0 1rem;color:var(--soft);max-width:52rem}
    .tiles{display:flex;flex-wrap:wrap;gap:.9rem;margin:0 0 1.1rem}
    .tiles div{flex:1 1 11rem;background:#f0f5f9;border-left:4px solid var(--accent);
    border-radius:8px;padding:.8rem 1rem}
    .tiles b{display:block;font-size:1.45rem;font-weight:650;font-variant-numeric:tabular-nums}
    .tiles span{color:var(--soft);font-size:.92rem}
    .scroll{overflow-x:auto}
    table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
    th{text-align:right;font-weight:600;font-size:.88rem;color:var(--soft);
    border-bottom:2px solid var(--line);padding:.45rem .7rem;white-space:nowrap}
    td{text-align:right;border-bottom:1px solid var(--line);padding:.5rem .7rem}
    th:first-child,td:first-child,th:last-child,td:last-child{text-align:left}
    td:last-child{color:var(--soft)}
    tr.model td{font-weight:650;color:#1d3557}tr.model td:last-child{font-weight:400}
    tr.ceiling td{background:#fafbfc;font-style:italic}
    .figures{display:grid;gap:1rem;grid-template-columns:repeat(auto-fit,minmax(min(20rem,100%),1fr));
    margin-bottom:1rem}
    figure{margin:0;border:1px solid var(--line);border-radius:10px;padding:.5rem;background:#fff}
    figure svg{display:block;width:100%;height:auto;max-height:34rem}
    figure svg *{font-family:system-ui,-apple-system,"Segoe UI",Helvetica,Arial,sans-serif}
    figcaption{text-align:center;color:var(--soft);font-size:.92rem;padding:.25rem 0 .15rem}
    dl{display:grid;grid-template-columns:max-content 1fr;gap:.3rem 1.4rem;margin:.6rem 0 0}
    dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere;font-variant-numeric:tabular-nums}
    summary{cursor:pointer;color:var(--accent);font-weight:600}
    pre{background:#f5f7fa;border:1px solid var(--line);border-radius:8px;padding:1rem;overflow-x:auto;
    font:13px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
    footer{text-align:center;color:#7b8794;font-size:.88rem;padding:.6rem 0 2rem}
    @media print{body{background:#fff}section{break-inside:avoid;box-shadow:none}}
    """
}
