/** What the desk adds to the style of all pages: bar, rail of pages, the day at a glance. */
export const DESK_STYLE = `
.to-main{position:absolute;left:-100rem}
.to-main:focus{
  left:.5rem;top:.5rem;padding:.5rem 1rem;background:var(--paper);border:2px solid var(--ink);z-index:1;
}
a{color:var(--s1)}
a:focus-visible,button:focus-visible,input:focus-visible,select:focus-visible,textarea:focus-visible,
[tabindex]:focus-visible{
  outline:3px solid var(--s1);outline-offset:2px;
}
.bar{
  display:flex;flex-wrap:wrap;align-items:center;gap:.4rem .8rem;padding:.5rem 1rem;
  border-bottom:1px solid var(--rule);background:var(--panel);
}
.bar p{margin:0}
.bar .home{font-weight:700;color:var(--ink);text-decoration:none}
.bar .clock{margin-left:auto;font-variant-numeric:tabular-nums;font-size:.92rem}
.bar form{margin:0}
.bar .to-pages{display:none}
.mode{padding:.1rem .6rem;border:2px solid var(--ink);border-radius:.3rem;font-weight:800}
.mode.live{background:var(--ink);color:var(--paper)}
.mode.dry-run{border-style:dashed}
.inline{display:flex;flex-wrap:wrap;gap:.3rem .6rem;align-items:center}
.inline label{margin:0}
.bar .inline{gap:.3rem .5rem}
.inline input[type=text],.inline select{width:auto;min-height:2.2rem;padding:.2rem .5rem}
.rehearsal,.band{flex-basis:100%}
.rehearsal{
  padding:.3rem 1rem;border-bottom:4px double var(--warn);background:var(--warn-bg);color:var(--warn);
  font-weight:700;
}
.columns{display:grid;grid-template-columns:11rem minmax(0,1fr);max-width:70rem;margin:0 auto}
.columns>nav{padding:1rem 0 1rem 1rem}
.columns>nav ul{list-style:none;margin:0;padding:0}
.columns>nav a{
  display:block;padding:.35rem .7rem;color:var(--ink);text-decoration:none;border-left:3px solid transparent;
}
.columns>nav a:hover{background:var(--panel)}
.columns>nav a[aria-current]{border-color:var(--s1);font-weight:700;background:var(--panel)}
main{max-width:none;min-width:0;width:100%}
.alone main{max-width:38rem}
button,.action{
  display:inline-block;min-height:2.75rem;padding:.6rem 1.2rem;border:2px solid var(--ink);border-radius:.4rem;
  background:var(--ink);color:var(--paper);font:inherit;font-weight:700;text-decoration:none;cursor:pointer;
}
button.quiet{
  min-height:2.2rem;padding:.3rem .8rem;background:transparent;color:var(--ink);font-weight:400;
  border-width:1px;
}
button:disabled{background:transparent;color:var(--soft);border-color:var(--soft);cursor:not-allowed}
.problem{color:var(--bad);font-weight:700}
.problem:empty{display:none}
label{display:block;font-weight:600;margin:.8rem 0 .2rem}
input[type=file]{max-width:100%;font:inherit}
input[type=text],select,textarea{
  width:100%;min-height:2.75rem;padding:.5rem .7rem;border:2px solid var(--soft);border-radius:.4rem;
  background:var(--paper);color:var(--ink);font:16px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;
}
small{color:var(--soft)}
.field{margin:0 0 .8rem;max-width:36rem}
.field .tick{display:flex;gap:.5rem;align-items:baseline;font-weight:400}
.asks [aria-invalid]{border-color:var(--bad)}
/* Figures stand under figures: on the right, in fields of one width. */
input[inputmode=decimal]{text-align:right}
.field input[inputmode=decimal]{max-width:14rem}
.field small{display:block}
.actions{display:flex;flex-wrap:wrap;gap:.6rem 1rem;margin-top:1.5rem}
.now{margin:1rem 0 1.5rem}
.now h1{font-size:1.7rem;margin:0 0 .4rem}
.now form{margin:.8rem 0}
.now .edge{font-size:1.2rem;font-weight:700}
.rail{
  display:grid;grid-template-columns:repeat(5,minmax(0,1fr));gap:0 1rem;list-style:none;margin:1rem 0;
  padding:1rem 0;border:solid var(--rule);border-width:1px 0;
}
.rail li{margin:0;overflow-wrap:anywhere}
.card p,.card h3,.banner p,.banner strong{overflow-wrap:anywhere}
.rail .mark{font-size:1.2rem;font-weight:800;margin-right:.3rem}
.rail .done .mark{color:var(--good)}
.rail .bad .mark{color:var(--bad)}
.rail .wait .mark{color:var(--soft)}
.rail small{display:block;color:var(--soft);font-size:.9rem}
.same{margin-top:2.5rem;padding-top:.5rem;border-top:1px solid var(--rule);color:var(--soft);font-size:.9rem}
.band{
  margin:0;padding:.5rem 1rem;background:var(--warn-bg);color:var(--warn);border-bottom:2px solid var(--warn);
}
.band.stopped{background:var(--bad-bg);color:var(--bad);border-color:var(--bad)}
.filter{display:flex;flex-wrap:wrap;align-items:end;gap:.3rem 1rem;margin:.6rem 0}
.filter div{flex:1 1 9rem;min-width:0;max-width:16rem}
.filter label{margin:.2rem 0}
.filter label small{color:var(--soft);font-weight:400}
.filter p{margin:0}
select{
  width:100%;min-height:2.75rem;padding:.5rem .7rem;border:2px solid var(--soft);border-radius:.4rem;
  background:var(--paper);color:var(--ink);font:inherit;
}
select:focus-visible{outline:3px solid var(--s1);outline-offset:2px}
.pages{display:flex;gap:1rem;flex-wrap:wrap}
[hidden]{display:none}
@media (max-width:46rem){
.columns{grid-template-columns:minmax(0,1fr)}
/* What is to be done comes first on a narrow screen; the other pages stand at its end, one key from the bar. */
.columns>nav{order:1;padding:.3rem .5rem;border-top:1px solid var(--rule)}
.columns>nav ul{display:flex;flex-wrap:wrap}
.bar .to-pages{display:inline-flex;align-items:center;min-height:2.75rem}
.bar{gap:.2rem .8rem;padding:.3rem 1rem}
.columns>nav a{padding:.6rem .6rem;border-left:0;border-bottom:3px solid transparent}
.bar .clock{margin-left:0;width:100%}
.rail{grid-template-columns:minmax(0,1fr);gap:.6rem}
.now .action,.now button{flex:1 1 100%;width:100%;text-align:center}
/* The way out stands beside the name of the house, and not in a line of its own. */
.bar>*{order:1}
.bar>.home,.bar>.mine,.bar>.out{order:0}
.bar>.out{margin-left:auto}
}
.stop{
  display:inline-block;padding:.3rem .8rem;border:2px solid var(--bad);border-radius:.3rem;color:var(--bad);
  font-weight:700;text-decoration:none;
}
.stop.stopped{background:var(--bad-bg)}
/* The form to reconcile: a row a position; on a phone each row is a block of its own. */
.entered{position:absolute;left:-100rem}
.rows{margin:.6rem 0}
.rows th,.rows td{vertical-align:middle}
.rows tbody th{color:var(--ink)}
.rows tbody th label,.rows .tick{margin:0;font-weight:inherit}
.rows input[type=text]{width:11rem}
.rows th input[type=text]{width:9rem}
.same code span{display:inline-block;max-width:100%;overflow-wrap:anywhere}
.rows .answer{display:flex;justify-content:flex-end;align-items:center;gap:.3rem 1rem}
.rows .pad{color:var(--soft)}
.rows .tick{display:inline-flex;align-items:center;gap:.4rem;min-height:2.2rem}
.rows input[type=checkbox]{width:1.3rem;height:1.3rem;margin:0}
.rows [aria-invalid]{border-color:var(--bad)}
.counted{font-size:1.2rem}
.told{margin:.6rem 0;padding:.1rem 1rem;border-left:4px solid var(--rule)}
.sum{white-space:pre-line}
.sum:empty{display:none}
.told:empty,.told:not(:has(p)){display:none}
.paste{margin:1rem 0;max-width:60rem}
summary:focus-visible{outline:3px solid var(--s1);outline-offset:2px}
::placeholder{color:var(--soft)}
@media (max-width:46rem){
.rows thead{position:absolute;left:-100rem}
.rows,.rows tbody,.rows tr,.rows th,.rows td{display:block;width:100%}
.rows tr{padding:.5rem 0;border-bottom:1px solid var(--rule)}
.rows th,.rows td{padding:.15rem 0;border-bottom:0;text-align:left;white-space:normal}
.rows td:has(>[data-part]:empty){display:none}
.rows .answer{display:inline-flex;justify-content:flex-start;margin-left:.3rem;vertical-align:middle}
.rows td[data-title]::before{content:attr(data-title) ": ";color:var(--soft)}
}
/* On a phone a table is read downwards, a row a block: nothing of it stands beyond the edge. */
@media screen and (max-width:46rem){
.scroll thead{position:absolute;left:-100rem}
.scroll table,.scroll tbody,.scroll tr,.scroll td{display:block;width:100%}
.scroll tr{padding:.4rem 0;border-bottom:1px solid var(--rule)}
.scroll td{padding:.1rem 0;border-bottom:0;text-align:left;white-space:normal;overflow-wrap:anywhere}
.scroll td:empty{display:none}
.scroll td[data-title]::before{content:attr(data-title) ": ";color:var(--soft)}
}
@media print{
.bar,.columns>nav,.to-main,.band,.same,.filter,.pages{display:none}
.paste,.actions,.checks,button,p:has(>button),.field:has([type=file]){display:none}
.columns{display:block;max-width:none}
.screen{display:none}
@page{size:A4;margin:8mm}
.paper{font-size:8.1pt;line-height:1.18}
.paper h1{font-size:13pt;margin:0}
.paper h2{font-size:10pt;margin:2mm 0 1mm;padding:0}
.paper h3{font-size:8.5pt;margin:0 0 .5mm}
.paper p,.paper ul,.paper .scroll{margin:.6mm 0}
.paper li{margin:0}
.paper section>ul{columns:2;padding-left:4mm}
.paper .subtitle{margin:0}
.paper .banner{margin:1mm 0;padding:1mm 2mm;font-size:9.5pt}
.paper .stamp{margin:1mm 0;padding:1mm;font-size:11pt}
.paper dl{margin:.5mm 0}
.paper>dl,.paper section>dl{columns:2}
.paper>dl div,.paper section>dl div{grid-template-columns:6.5rem 1fr;break-inside:avoid}
.paper section>dl{font-size:6.8pt}
.paper dl div{padding:.2mm 0}
.paper section:has(>.card){display:grid;grid-template-columns:repeat(3,minmax(0,1fr));gap:1.5mm;align-items:start}
.paper section:has(>.card)>h2{grid-column:1/-1}
.paper .card{margin:0;padding:.7mm 1.2mm;border-width:1px;font-size:7.3pt;line-height:1.1}
.paper .card dl div{display:inline;padding:0;border:0}
.paper .card dl div:first-child,.paper .card dl div:last-child{display:block}
.paper .card dl div:not(:first-child):nth-last-child(n+3)::after{content:' · '}
.paper .card dt,.paper .card dd{display:inline}
.paper .card dt::after{content:': '}
.paper .card ul{padding-left:2.5mm;font-size:6.4pt;line-height:1.1}
.paper .card li{margin:0}
.paper table{font-size:8pt}
.paper td{height:4.7mm;padding:.4mm 1mm;border:1px solid var(--rule)}
.paper th{padding:.4mm 1mm}
}
.line{margin:1.2rem 0;padding:.5rem 1rem 1rem;border:1px solid var(--rule);border-radius:.4rem;min-width:0}
.line legend{font-weight:700;padding:0 .4rem}
.line .subtitle{margin:.2rem 0}
@media (min-width:46.01rem){
.line{display:grid;grid-template-columns:repeat(auto-fill,minmax(18rem,1fr));gap:0 1.5rem;align-items:start}
.line>:not(.field),.line .field:has([name$=".notes"],[name$=".reason"]){grid-column:1/-1}
.line .field input[inputmode=decimal]{max-width:none}
}
/* The keys go on from the title, which is no place to be seen at. */
h1[tabindex]:focus-visible{outline:none}
.card,.banner,.told,dd{overflow-wrap:anywhere}
.when{white-space:nowrap}
/* What a record says is read in lines of some length; a command is read to its end. */
.scroll td:last-child>code:only-child{display:inline-block;min-width:11rem}
main pre{white-space:pre-wrap}
main pre,main pre code{overflow-wrap:anywhere}
.saved{color:var(--soft);font-size:.9rem;min-height:1.4em;margin:.2rem 0}
.claim{font-weight:700}
.pages [aria-current=step]{font-weight:800}
.order{margin:1rem 0;padding:.5rem 1rem;border:1px solid var(--rule);border-radius:.4rem;background:var(--panel)}
.order.buy{border-left:8px solid var(--ink)}
.order.sell{border-right:8px solid var(--ink)}
.order h2{margin:.3rem 0;border:0}
.copy{display:flex;flex-wrap:wrap;gap:.4rem 1rem;align-items:center;margin:.3rem 0;font-size:1.2rem}
.copy button{font-size:1rem}
.copy small{display:block;font-size:.85rem}
.copy span{flex:1;min-width:0;overflow-wrap:anywhere}
.verdict{padding:.6rem 1rem;border:2px solid var(--soft);border-radius:.4rem;font-size:1.2rem;font-weight:700}
.verdict.go{border-color:var(--good);color:var(--good)}
.verdict.look{border:4px dashed var(--warn);color:var(--warn)}
.verdict.skip{border:4px double var(--bad);color:var(--bad)}
.causes{list-style:none;padding:0}
.causes button{width:100%;text-align:left}
.action.quiet{background:transparent;color:var(--ink)}
.heard{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
@media (max-width:46rem){
html{scroll-padding-bottom:5rem}
button.quiet,.tick,.pages a{min-height:3rem}
/* The order, its price and what to look at stand on one screen. */
.asks .banner{margin:.5rem 0;padding:.3rem .8rem}
.asks .banner p{margin:0}
.asks .claim,.asks .edge,.asks .pages{margin:0}
.asks .claim{font-size:.9rem}
.order{margin:.4rem 0;padding:.2rem .8rem}
.order h2{font-size:1.15rem;margin:.1rem 0}
.order p,.order .field{margin:.2rem 0}
.order .field:has(>.tick){display:inline-block;margin:0 1rem 0 0}
.order .tick{display:inline-flex;align-items:center;gap:.4rem;margin:0}
.order label{margin:.2rem 0 0}
.verdict{padding:.3rem .8rem;font-size:1.05rem}
.copy{font-size:1.05rem}
.copy button{padding:.3rem .6rem}
/* The clock of a rehearsal stands in one line: what it pushes down is the price. */
.bar .rehearsal{padding:.1rem .5rem}
.bar .rehearsal input{width:10.6rem;padding:.2rem .3rem}
.bar .rehearsal label{max-width:6.2rem;font-size:.8rem;line-height:1.2}
.asks .actions{position:sticky;bottom:0;padding:.5rem 0;background:var(--paper)}
.asks .actions button:not(.quiet){width:100%}
}
`;
