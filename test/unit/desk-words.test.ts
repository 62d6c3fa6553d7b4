import { describe, expect, it } from 'vitest';
import { deskText, deskWords } from '../../src/desk/desk-words.js';
import { fieldsBody, troubleSummary } from '../../src/desk/forms/fields.js';
import { BOOKING_KINDS } from '../../src/desk/forms/booking-kinds.js';
import type { OpsError } from '../../src/domain/errors.js';
import { refuseOtherHolder } from '../../src/domain/statement/overlap.js';
import { renderBlocks } from '../../src/reports/render/html.js';
import { paragraph } from '../../src/reports/render/document.js';
import { SRC, sourcesOf, type Node, type Source } from '../support/source.js';

/** Rooms whose refusals come to the desk; what is written down for a reader elsewhere is none. */
const ROOMS = /^(domain|operations|contract|db|desk)\//;
/** A page names the command that does the same, whole; a comparison's lines are no refusals. */
const APART = /^desk\/(pages|forms|main|desk-words|failure)|^domain\/statement\/compare|^operations\/backup\/fresh/;
/** What no page of the desk does, whole, to be typed at a terminal. */
const AT_A_TERMINAL = [
  'trading-ops operator key new --operator 11',
  'make backup -- --direct',
  'trading-ops account add &lt;name&gt; --base-currency &lt;currency&gt;',
  'trading-ops account add 11 --base-currency &lt;currency&gt;',
  'market-fetch --symbol 11 --full',
];

/** Every text that a file has, with a number in each of its gaps; what is put together of several is one. */
function textsOf({ nodes, parents }: Source): string[] {
  const isPart = (node: Node): boolean => {
    const parent = parents.get(node);
    return parent?.type === 'BinaryExpression' || parent?.type === 'TemplateLiteral';
  };
  return nodes.flatMap((node) => (TEXTS.has(node.type) && !isPart(node) ? textOf(node) : []));
}

const TEXTS = new Set(['Literal', 'TemplateLiteral', 'BinaryExpression']);

function textOf(node: Node): string {
  if (node.type === 'Literal' && typeof node['value'] === 'string') return node['value'];
  if (node.type === 'TemplateLiteral')
    return (node['quasis'] as { value: { cooked: string } }[]).map(({ value }) => value.cooked).join('11');
  if (node.type !== 'BinaryExpression' || node['operator'] !== '+') return '11';
  return textOf(node['left'] as Node) + textOf(node['right'] as Node);
}

const told = (text: string): string => renderBlocks([paragraph(deskWords(text, { base: '/main' }))]);
const withoutCode = (html: string): string => html.replaceAll(/<code>([^<]*)<\/code>/g, '');

function remedyOf(refuse: () => void): string {
  try {
    refuse();
  } catch (error) {
    return deskText((error as OpsError).remedy ?? '');
  }
  throw new Error('nothing was refused');
}

describe('what a refusal says at the desk', () => {
  it('names no option of a command, of all that the rules and operations say', () => {
    const found = sourcesOf(SRC)
      .filter(({ file }) => ROOMS.test(file) && !APART.test(file))
      .flatMap((source) =>
        textsOf(source)
          .filter((each) => /(^|[\s(])--[a-z]/.test(each))
          .map((each) => ({ file: source.file, said: each, html: told(each) })),
      );
    expect(found.length).toBeGreaterThan(30);
    expect(found.filter(({ html }) => /--[a-z]/.test(withoutCode(html)))).toEqual([]);
    const typed = found.flatMap(({ html }) =>
      [...html.matchAll(/<code>([^<]*--[^<]*)<\/code>/g)].map(([, one]) => one),
    );
    expect([...new Set(typed)].filter((one) => !AT_A_TERMINAL.includes(one ?? ''))).toEqual([]);
  });

  it('leads to the page that does it', () => {
    const id = '9f0e7b5e-5a9d-4b57-8a2e-0d1a3c2b1f00';
    for (const [said, html] of [
      [`trading-ops ticket show ${id}`, `<a href="/main/tickets/${id}">the page of that ticket</a>`],
      [
        'take that back first: trading-ops ledger reverse --entry 7 --reason "<why>" --account main, then book both',
        'take that back first: <a href="/main/ledger/7/reverse">reverse entry 7</a>, then book both',
      ],
      // Of the account that the command names, whichever is at hand.
      [
        `each of them there: trading-ops statement withdraw ${id} --account u2 --reason "<why>"`,
        `each of them there: <a href="/u2/statements/${id}/withdraw">withdraw that statement</a>`,
      ],
      [
        `take it back: trading-ops rulings undo ${id} "all of it" <n> --account u2 --reason "<why>"`,
        `<code>trading-ops rulings undo ${id} &quot;all of it&quot; &lt;n&gt; --account u2 --reason &quot;&lt;why&gt;&quot;</code>`,
      ],
      ['make up; then: trading-ops day', 'make up; then: <a href="/main/today">Today</a>'],
      ['trading-ops actions list --on-hold --symbol AAPL', '<a href="/quality">Quality</a>'],
      ['make run-0800, or trading-ops account add two', 'Start a run: 0800</a>, or trading-ops account add two'],
      [
        'rule on it first: trading-ops actions rule --symbol KO --ex-date 2018-06-14 --kind dividend --type special ' +
          '--as cash_dividend|split|ignore --value <value> --reason "<why>"',
        '<a href="/main/actions/rule?symbol=KO&amp;exDate=2018-06-14&amp;kind=DIVIDEND&amp;type=special">Rule',
      ],
      [
        'the first snapshot (make reconcile-daily) or trading-ops ledger-baseline --cash … --position … --reason …',
        '(<a href="/main/reconcile">Reconcile</a>) or <a href="/main/baseline">Set a baseline</a>',
      ],
    ] as const)
      expect(told(said), said).toContain(html);
    expect(deskText('trading-ops tickets-last')).toBe('Tickets');
    expect(remedyOf(() => refuseOtherHolder('u3', { account: 'u2', statementId: id }))).toBe(
      'nothing was stored; import it from the pages of that account; or, where those belong here, withdraw each of ' +
        'them there first: withdraw that statement',
    );
  });

  it('calls a field as the form at hand does, and says in words what is ticked or typed there', () => {
    const dividend = fieldsBody(BOOKING_KINDS.find(({ kind }) => kind === 'dividend')?.fields ?? [], {}, null);
    const where = { base: '/main', body: dividend };
    const summary = (message: string, remedy: string | null) =>
      troubleSummary({ code: 'ARGUMENT_INVALID', message, remedy }, where);
    const html = summary(
      'net: "1": replaces --amount, --units and --fx: give one or the others',
      'give what eToro paid with --net, or the units with --units',
    );
    expect(html).toContain('replaces “Cash a share”, “Shares it was paid on” and “Rate”: give one or the others');
    expect(html).toContain('give what eToro paid with “What arrived”, or the units with “Shares it was paid on”');
    const another = summary(
      'entry 3 books it',
      'nothing is to be done; if it is a second one, say so with --another, or give it a note of its own',
    );
    expect(another).toContain('if it is a second one, tick that a second one is meant, or give it a note of its own');
    const deviates = 'if it happened so, send them again with --accept-deviation 1="why" --accept-deviation 2="why"';
    expect(summary('line 1: x', deviates)).toContain('say of each line why it departs from the ticket');
    const other = 'ann reported other fills at 14:05 (confirmation c1); to correct that, confirm again with --amend';
    expect(summary(other, null)).toContain('to correct that, amend it');
  });
});
