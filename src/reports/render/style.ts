/** The one style sheet of all pages, inline in each: light, dark and print, one column on a phone. */
export const STYLE = `
:root{--ink:#1b2126;--soft:#5b6670;--paper:#fff;--panel:#f5f7f9;--rule:#d5dbe1;--good:#0f6b3a;--good-bg:#e5f4eb;--bad:#a3201d;--bad-bg:#fdeceb;--warn:#7a4b00;--warn-bg:#fff4db;--s1:#1f5fbf;--s2:#b4510a;--s3:#1b7a4b;--s4:#8a3fa0;--s5:#6b6f00;--s6:#a8295f}
@media (prefers-color-scheme:dark){:root{--ink:#e6eaee;--soft:#9fabb6;--paper:#14181c;--panel:#1d2329;--rule:#38424c;--good:#7fd6a3;--good-bg:#12301f;--bad:#ff9a93;--bad-bg:#3a1716;--warn:#ffcf70;--warn-bg:#362809;--s1:#7fb0ff;--s2:#ffab6b;--s3:#6fd3a0;--s4:#d9a1ec;--s5:#d6d96b;--s6:#ff9cc6}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,Arial,sans-serif;-webkit-text-size-adjust:100%}
main{max-width:54rem;margin:0 auto;padding:1rem 1rem 3rem}
h1{font-size:1.6rem;line-height:1.2;margin:.4rem 0}
h2{font-size:1.2rem;line-height:1.3;margin:2rem 0 .5rem;padding-bottom:.25rem;border-bottom:1px solid var(--rule)}
h3{font-size:1.08rem;margin:1.2rem 0 .4rem}
h4,h5{font-size:1rem;margin:1rem 0 .3rem}
p{margin:.5rem 0}
.subtitle{color:var(--soft)}
.stamp{margin:.5rem 0;padding:.5rem 1rem;border:4px double var(--bad);color:var(--bad);font-size:1.3rem;font-weight:800;text-align:center;letter-spacing:.04em}
.banner{margin:1rem 0;padding:.8rem 1rem;border:2px solid var(--rule);border-left-width:.6rem;border-radius:.4rem;background:var(--panel);font-size:1.1rem}
.banner p{font-size:1rem}
.banner.good,.card.good{border-color:var(--good)}.banner.good{background:var(--good-bg)}
.banner.bad,.card.bad{border-color:var(--bad)}.banner.bad{background:var(--bad-bg)}
.banner.warn,.card.warn{border-color:var(--warn)}.banner.warn{background:var(--warn-bg)}
.card{margin:1rem 0;padding:.2rem 1rem .8rem;border:2px solid var(--rule);border-radius:.4rem;break-inside:avoid}
.word{font-weight:700}.word.good{color:var(--good)}.word.bad{color:var(--bad)}.word.warn{color:var(--warn)}
dl{margin:.5rem 0}
dl div{display:grid;grid-template-columns:minmax(9rem,15rem) 1fr;gap:0 1rem;padding:.25rem 0;border-bottom:1px solid var(--rule)}
dl div:last-child{border-bottom:0}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
.scroll{overflow-x:auto;margin:.6rem 0}
table{border-collapse:collapse;width:100%;font-size:.95rem}
th,td{padding:.35rem .5rem;border-bottom:1px solid var(--rule);text-align:left;vertical-align:top}
th:first-child,td:first-child{padding-left:0}
th{color:var(--soft);font-weight:600}
.figures{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
dd,td{font-variant-numeric:tabular-nums}
li{margin:.25rem 0}
code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.9em}
code{overflow-wrap:anywhere}
pre{overflow-x:auto;padding:.7rem .9rem;background:var(--panel);border:1px solid var(--rule);border-radius:.4rem}
pre code{overflow-wrap:normal}
figure{margin:1rem 0;break-inside:avoid}
figcaption{font-weight:600}
/* On a phone a chart keeps its size and scrolls in its frame: made smaller, its labels could not be read. */
.chart{display:block;width:100%;height:auto;max-width:46rem}
@media screen and (max-width:46rem){.chart{width:40rem;max-width:none}}
.chart .grid{stroke:var(--rule);stroke-width:1}
.chart .guide{stroke:var(--soft);stroke-width:1.2;stroke-dasharray:5 4}
.chart text{stroke:none;font:11px system-ui,-apple-system,"Segoe UI",Roboto,Arial,sans-serif;fill:var(--soft)}
.chart .series{fill:none;stroke-width:2;stroke-linejoin:round}
.chart .s1{stroke:var(--s1)}.chart .s2{stroke:var(--s2);stroke-dasharray:7 3}.chart .s3{stroke:var(--s3);stroke-dasharray:2 3}.chart .s4{stroke:var(--s4);stroke-dasharray:9 3 2 3}.chart .s5{stroke:var(--s5)}.chart .s6{stroke:var(--s6);stroke-dasharray:5 2}
.chart text.s1{fill:var(--s1)}.chart text.s2{fill:var(--s2)}.chart text.s3{fill:var(--s3)}.chart text.s4{fill:var(--s4)}.chart text.s5{fill:var(--s5)}.chart text.s6{fill:var(--s6)}
.chart text.last{stroke:none;font-weight:700;font-size:12px}
.chart .mark{stroke:var(--s4);stroke-width:1.2;stroke-dasharray:2 3}
.chart .zero{stroke:var(--ink);stroke-width:1}
.chart .block{fill:var(--s1);stroke:var(--s1);stroke-width:1}.chart .block.hollow{fill:none;stroke:var(--s2);stroke-width:1.5}
.chart text.named{fill:var(--ink);font-weight:600}
.chart text.named,.chart text.noted{stroke:var(--paper);stroke-width:3px;paint-order:stroke}
.chart .dot{stroke-dasharray:none!important}.chart .dot.s1{fill:var(--s1)}.chart .dot.s2{fill:var(--s2)}.chart .dot.s3{fill:var(--s3)}.chart .dot.s4{fill:var(--s4)}.chart .dot.s5{fill:var(--s5)}.chart .dot.s6{fill:var(--s6)}
details td:first-child{white-space:nowrap}
summary{padding:.5rem 0;font-weight:600;cursor:pointer}
footer{margin-top:2.5rem;padding-top:.5rem;border-top:1px solid var(--rule);color:var(--soft);font-size:.85rem}
@media (max-width:34rem){dl div{grid-template-columns:1fr;padding:.4rem 0}h1{font-size:1.35rem}main{padding:.6rem .8rem 2rem}}
@media print{:root{--ink:#000;--soft:#333;--paper:#fff;--panel:#fff;--rule:#999;--good:#000;--good-bg:#fff;--bad:#000;--bad-bg:#fff;--warn:#000;--warn-bg:#fff}body{font-size:11pt}main{max-width:none;padding:0}pre{white-space:pre-wrap}.scroll{overflow:visible}details::details-content{content-visibility:visible;display:block}h2,h3{break-after:avoid}a{color:inherit}}
`;
