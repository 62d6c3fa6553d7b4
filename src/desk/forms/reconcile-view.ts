import type { PastedTable } from '../../domain/reconciliation/pasted-table.js';
import type { SnapshotForm } from '../../operations/day/preview.js';
import { banner, bullets, section, table, type Block, type Text } from '../../reports/render/document.js';
import { units } from '../../reports/render/format.js';
import { renderBlocks } from '../../reports/render/html.js';
import { tableLines } from '../../reports/reconciliation/table-lines.js';
import type { RowsTold } from '../../reports/reconciliation/rows.js';
import { template, type Template } from '../view/frame.js';
import { idOf } from './labels.js';
import type { Typed } from './form.js';
import { NOTES } from './reconcile-typed.js';

/** A cell that says how a row stands: the server writes it, and so does the page while somebody types. */
const STANDS = `<td class="figures" data-title="Difference"><span data-row="<%= row %>"
 data-part="difference"><%= told.difference %></span></td>
<td data-title="Stands"><span class="word <%= told.tone %>" data-row="<%= row %>"
 data-part="verdict"><%= told.verdict %></span></td>
`;

const ROWS: Template<RowsPage> = template(
  `<input type="hidden" name="command" value="<%= it.command %>">
<input type="hidden" name="builtOn" value="<%= it.builtOn %>">
<input type="hidden" name="others" value="<%= it.others.length %>">
<input type="hidden" name="taken" data-kept value="<%= it.typed.taken ?? '' %>">
<p class="subtitle">For <%= it.form.tradingDay %>, prices of <%= it.form.asOfDate %>.
<% if (it.form.opens) { %> Read each figure off eToro.<% } else { -%>
 Read each figure off eToro: tick what is the same there, type what is not, 0 for what is gone.<% } -%></p>
<% if (it.form.opens) { -%>
<div class="banner warn"><strong>OPENING: the ledger is empty</strong>
<p>This snapshot opens it, and every figure from now on builds on it.</p></div>
<% } -%>
<p class="counted" role="status" data-keep="<%= it.form.tradingDay %> <%= it.builtOn %> <%= it.reader %>"
<% if (it.isFresh) { %> data-fresh<% } %>><strong data-part="counted"><%= it.told.counted %></strong></p>
<table class="rows">
<thead><tr><th scope="col">Position</th><th scope="col" class="figures">Ledger says</th>
<th scope="col" class="figures">eToro shows</th><th scope="col" class="figures">Difference</th><th scope="col">Stands</th></tr></thead>
<tbody>
<% { const row = 'cash', told = it.told.rows.cash -%>
<tr><th scope="row"><label for="f-cash">Cash <%= it.form.baseCurrency %></label></th>
<td class="figures" data-title="Ledger says"><%= it.form.opens ? '' : it.form.blind ? 'hidden' : it.cash %></td>
<td data-title="eToro shows"><div class="answer"><input id="f-cash" name="cash" type="text" inputmode="decimal"
 value="<%= it.typed.cash ?? '' %>"
<% if (it.wrong.includes('cash')) { %> aria-invalid="true"<% } %><% if (it.focus === 'cash') { %> autofocus<% } %>
 autocomplete="off" spellcheck="false"></div></td>
${STANDS}</tr>
<% } -%>
<% for (const { symbol, name, shown, pad, ticked, typed, id } of it.rows) {
const row = symbol, told = it.told.rows[symbol] -%>
<tr><th scope="row"><%= symbol %><% if (name !== symbol) { %> <small><%= name %></small><% } %></th>
<td class="figures" data-title="Ledger says">
<% if (it.form.blind) { %>hidden<% } else { %><%= shown %><span class="pad"><%= pad %></span><% } %></td>
<td data-title="eToro shows"><div class="answer">
<% if (!it.form.blind) { -%>
<label class="tick"><input type="checkbox" name="same.<%= symbol %>" value="<%= it.units[symbol] %>"
 aria-label="same: <%= symbol %>, eToro shows <%= shown %> too"<% if (ticked) { %> checked<% } %>
<% if (it.focus === symbol) { %> autofocus<% } %>> same</label>
<% } -%>
<input id="<%= id %>" name="positions.<%= symbol %>" type="text" inputmode="decimal" value="<%= typed %>"
 aria-label="Units of <%= symbol %> that eToro shows"
<% if (it.wrong.includes('positions.' + symbol)) { %> aria-invalid="true"<% } %>
<% if (it.form.blind && it.focus === symbol) { %> autofocus<% } %>
 autocomplete="off" spellcheck="false"></div></td>
${STANDS}</tr>
<% } -%>
<% for (const { number, name, units } of it.others) {
const row = 'other.' + number, told = it.told.rows[row] ?? it.none -%>
<tr><th scope="row"><input id="f-other.<%= number %>.symbol" name="other.<%= number %>.symbol" type="text"
 value="<%= name %>" aria-label="Symbol of other position <%= number %>" placeholder="symbol"
<% if (it.wrong.includes(row + '.symbol')) { %> aria-invalid="true"<% } %> autocomplete="off" spellcheck="false"></th>
<td class="figures" data-title="Ledger says"><%= it.form.opens ? '' : 'nothing' %></td>
<td data-title="eToro shows"><div class="answer"><input id="f-other.<%= number %>.units" name="other.<%= number %>.units" type="text"
 inputmode="decimal" value="<%= units %>" aria-label="Units of other position <%= number %>" placeholder="units"
<% if (it.wrong.includes(row + '.units')) { %> aria-invalid="true"<% } %> autocomplete="off" spellcheck="false"></div></td>
${STANDS}</tr>
<% } -%>
</tbody></table>
<p><button class="quiet" name="step" value="more">Add positions</button></p>
<div class="told" role="status" data-part="lines">
<% for (const line of it.told.lines) { -%>
<p><%= line %></p>
<% } -%>
</div>
<p class="field"><label for="f-snapshotDate">Date the figures are of</label>
<input id="f-snapshotDate" name="snapshotDate" type="text" value="<%= it.typed.snapshotDate ?? it.form.readOn %>"
 aria-describedby="f-snapshotDate-hint"<% if (it.wrong.includes('snapshotDate')) { %> aria-invalid="true"<% } %>
 autocomplete="off" spellcheck="false">
<small id="f-snapshotDate-hint">The day on which you read them, YYYY-MM-DD, <%= it.form.asOfDate %> or later.</small></p>
<p class="field"><label for="f-notes">Notes</label>
<input id="f-notes" name="notes" type="text" value="<%= it.typed.notes ?? it.newNotes %>" autocomplete="off"
<% if (it.wrong.includes('notes')) { %> aria-invalid="true"<% } %>></p>
<details class="paste"<% if (it.pasted) { %> open<% } %>><summary>Paste a table from eToro, or choose a file</summary>
<p class="field"><label for="f-file">The table</label>
<textarea id="f-file" name="file" rows="6" autocomplete="off" spellcheck="false" aria-describedby="f-file-hint">
<%= it.typed.file ?? '' %></textarea>
<small id="f-file-hint">A name and its units a line, or a header with symbol and units; a line "cash" for the
cash.</small></p>
<p class="field"><label for="f-file-upload">Or choose a file with it</label>
<input type="file" id="f-file-upload" name="file" aria-describedby="f-file-upload-hint">
<small id="f-file-upload-hint">It is read before what is pasted, and its figures count once you take them.</small></p>
<p><button class="quiet" name="step" value="read">Read the table</button></p>
<%~ it.reading -%>
</details>
<p class="checks"><button class="quiet" name="step" value="compare" data-check
<% if (it.focus === 'check') { %> autofocus<% } %>>Check</button>
<small>Ctrl+Enter checks too, and records nothing.</small></p>
`,
);

interface RowsPage {
  form: SnapshotForm;
  typed: Typed;
  command: string;
  builtOn: string;
  told: RowsTold;
  /** Whoever reads the figures, in this session: what one has typed is none of the next one's. */
  reader: string;
  /** Whether nothing was typed into it yet. */
  isFresh: boolean;
  /** Fields that are named by what is wrong. */
  wrong: readonly string[];
  /** The row to go on with, or `check` where each is settled; null where the page tells of trouble first. */
  focus: string | null;
  /** Whether the table is looked at, and what it says. */
  pasted: boolean;
  reading: string;
  cash: string;
  rows: { symbol: string; name: string; shown: string; pad: string; ticked: boolean; typed: string; id: string }[];
  units: Record<string, string>;
  others: { number: number; name: string; units: string }[];
  none: { difference: string; verdict: string; tone: string };
  newNotes: string;
}

/** The rows of a form to reconcile, with what stands in them and how they stand. */
export function rowsBody(
  page: Pick<RowsPage, 'form' | 'typed' | 'command' | 'builtOn' | 'reader' | 'told' | 'wrong' | 'focus'> & {
    others: number;
    reading: Reading | null;
    cash: string;
  },
): string {
  const { form, typed, others, reading } = page;
  return ROWS({
    ...page,
    isFresh: Object.keys(typed).length === 0,
    rows: form.rows.map((row) => ({
      symbol: row.symbol,
      name: row.searchName,
      shown: units(row.units),
      pad: padOf(row.units),
      // A tick says the units that stood beside it; with others there it says nothing any more.
      ticked: typed[`same.${row.symbol}`] === row.units,
      typed: typed[`positions.${row.symbol}`] ?? '',
      id: idOf(`positions.${row.symbol}`),
    })),
    units: Object.fromEntries(form.rows.map((row) => [row.symbol, row.units])),
    others: Array.from({ length: others }, (_, index) => ({
      number: index + 1,
      name: typed[`other.${index + 1}.symbol`] ?? '',
      units: typed[`other.${index + 1}.units`] ?? '',
    })),
    none: { difference: '', verdict: '', tone: 'plain' },
    newNotes: NOTES,
    pasted: reading !== null || (typed['file'] ?? '') !== '',
    reading: reading === null ? '' : readingHtml(reading),
  });
}

/** What brings units to six decimals, so that columns line up. */
function padOf(held: string): string {
  const decimals = held.split('.')[1]?.length ?? 0;
  return `${decimals === 0 ? '.' : ''}${'0'.repeat(Math.max(0, 6 - decimals))}`;
}

/** A table that was read, and the positions of the ledger that it says nothing of. */
export interface Reading {
  table: PastedTable;
  absent: readonly string[];
}

const TAKE: Template<object> = template(
  `<p><button class="quiet" name="step" value="take">Take these figures</button>
<small>They count as typed, and stand in the rows above to be checked.</small></p>
`,
);

function readingHtml({ table: read, absent }: Reading): string {
  const { found, unknown, ambiguous } = read;
  const left = (title: string, lines: PastedTable['unknown']): Block[] =>
    lines.length === 0
      ? []
      : [
          section(title, [
            table(
              ['Line#', 'What stands there', 'Rule'],
              lines.map((one) => [String(one.line), one.text, one.rule]),
            ),
          ]),
        ];
  const isWhole = unknown.length + ambiguous.length === 0;
  const blocks: Block[] = [
    bullets(tableLines(read)),
    ...(found.length === 0
      ? []
      : [
          section('Found', [
            table(
              ['Position', 'Units#', 'Lines'],
              found.map((one): Text[] => [
                one.symbol,
                one.units,
                one.lines.map((each) => `${each.line}: ${each.name}`).join('; '),
              ]),
            ),
          ]),
        ]),
    ...left('Unknown', unknown),
    ...left('Ambiguous', ambiguous),
    ...(absent.length === 0
      ? []
      : [bullets([`Not in the table, and still to be ticked or typed: ${absent.join(', ')}.`])]),
    ...(isWhole
      ? []
      : [
          banner(
            'bad',
            'Nothing is taken',
            'Correct the lines that are unknown or ambiguous, and read the table again.',
          ),
        ]),
  ];
  return renderBlocks(blocks) + (isWhole ? TAKE({}) : '');
}
