import type { ListedStatement } from '../../db/statements.js';
import { resultOrThrow } from '../../domain/errors.js';
import type { StatementLine } from '../../domain/statement/compare/line.js';
import { readImported } from '../../operations/statement/look.js';
import { pageStatements } from '../../operations/statement/page-statements.js';
import { stepsOf } from '../../reports/commands.js';
import { linkOf } from '../../reports/links.js';
import { banner, card, link, paragraph, table, toned, type Block, type Text } from '../../reports/render/document.js';
import { counted, ukTime } from '../../reports/render/format.js';
import { renderBlocks } from '../../reports/render/html.js';
import type { StatementFacts } from '../../reports/statement/facts.js';
import { AS_ABOVE, differing, verdictOf } from '../../reports/statement/lines.js';
import { happened, statementDocument, type Part } from '../../reports/statement/page.js';
import type { Look, PageContent } from '../look.js';
import type { Sitting } from '../sitting.js';
import { documentMain, listMain } from '../view/document.js';
import { pathWith } from '../view/filter.js';
import { proposalWay } from '../view/proposal-way.js';

/** Where the statements of an account are listed. */
export const statementsPath = ({ account: { account } }: Pick<Look, 'account'>): string =>
  `/${encodeURIComponent(account)}/statements`;

/** So much of a long statement stands on one page; the report has all. */
const SHOWN = { differences: 50, lines: 200 };

/** The broker's statements that were imported, newest first, a page at a time. */
export async function statementsPage(sitting: Sitting): Promise<PageContent> {
  const { place, account, query } = sitting;
  const base = statementsPath(sitting);
  const { statements, older } = resultOrThrow(
    await pageStatements(place.db, { account: account.account, before: query['before'] ?? null }),
  );
  return {
    title: `Statements, ${account.account}`,
    here: base,
    command: `trading-ops statement list --account ${account.account}`,
    main: listMain(
      `Statements of ${account.account}`,
      'What eToro itself says, held against the ledger. Nothing is booked by importing one.',
      [
        paragraph(
          sitting.who.session.readOnly
            ? 'This session may only read: it imports none.'
            : [link(`${base}/import`, 'Import a statement')],
        ),
        statements.length === 0
          ? paragraph('No statement was imported yet.')
          : table(
              HEADS,
              statements.map((each) => rowOf(each, base)),
            ),
        ...(older === null ? [] : [paragraph([link(pathWith(base, { before: older }), 'Older statements')])]),
      ],
    ),
  };
}

const HEADS = ['Period', 'Result', 'Differences#', 'File', 'Layout', 'Imported by', 'Compared, UK'];

const rowOf = (each: ListedStatement, base: string): Text[] => [
  [link(`${base}/${each.statementId}`, `${each.from.slice(0, 10)} to ${each.to.slice(0, 10)}`)],
  each.withdrawnBy === null
    ? toned(each.status === 'AGREES' ? 'good' : 'bad', verdictOf(each))
    : `withdrawn by ${each.withdrawnBy}`,
  String(each.differences),
  each.fileName,
  each.layout,
  each.operator,
  ukTime(each.comparedAt).slice(0, 16),
];

/** A statement, with what came of it last: line by line, and each difference with the way to set it right. */
export async function statementPage(sitting: Sitting): Promise<PageContent> {
  const { place, account, params, query, who } = sitting;
  const asked = { account: account.account, statement: params['statementId'] ?? '' };
  const {
    stored,
    comparison: compared,
    withdrawn,
  } = resultOrThrow(await readImported(place.db, asked)) ?? noneOf(asked);
  const base = statementsPath(sitting);
  const facts: StatementFacts = { ...compared, stored, clock: account.clock, withdrawn };
  const { comparison } = compared;
  const pathAt = (at: Readonly<Record<string, number>>) => pathWith(`${base}/${stored.statementId}`, at);
  const [differences, lines] = [fromOf(query['differences']), fromOf(query['lines'])];
  const document = statementDocument(facts, proposedCard, {
    differences: part(differing(comparison).length, differences, SHOWN.differences, (from) =>
      pathAt({ differences: from, lines }),
    ),
    lines: part(happened(comparison).length, lines, SHOWN.lines, (from) => pathAt({ differences, lines: from })),
  });
  return {
    title: `${verdictOf(comparison)}, ${account.account}`,
    here: base,
    command: `trading-ops statement show ${stored.statementId} --account ${account.account}`,
    main: documentMain(
      document,
      renderBlocks([
        ...(query['known'] === 'yes' && withdrawn === null ? [knownBanner(facts)] : []),
        wayOn(base, who.session.readOnly, withdrawn === null ? stored.statementId : null),
      ]),
    ),
  };
}

const noneOf = ({ statement }: { statement: string }): never => {
  throw new TypeError(`statement ${statement} was found and has no comparison`);
};

/** Whoever sends a file that is there already is told so; it is true of whoever else follows the address too. */
const knownBanner = ({ stored, operator, at, comparison: { lastEntryId } }: StatementFacts): Block =>
  banner(
    'plain',
    'This file is known',
    `${stored.operator} imported it at ${ukTime(stored.at)}. What stands here was compared by ${operator} at ` +
      `${ukTime(at)}, with the ledger ${lastEntryId === null ? 'empty' : `up to entry ${lastEntryId}`}.`,
  );

/** @param withdrawable the statement that may be taken back; null where it was, or the session may not */
const wayOn = (base: string, readsOnly: boolean, withdrawable: string | null): Block =>
  paragraph([
    ...(readsOnly ? [] : [link(`${base}/import`, 'Import a file'), ' · ']),
    ...(readsOnly || withdrawable === null
      ? []
      : [link(`${base}/${withdrawable}/withdraw`, 'Withdraw this statement'), ' · ']),
    link(base, 'All statements'),
  ]);

/** One difference, and the form that sets it right: nothing is booked from here. */
function proposedCard(
  line: StatementLine,
  { stored: { account }, clock, at }: StatementFacts,
  isAbove: boolean,
): Block[] {
  const { difference, text, proposal } = line;
  const way =
    proposal === null
      ? []
      : proposalWay(linkOf(proposal, account), isAbove ? null : stepsOf(proposal, { account, clock }, at).join('\n'));
  return [
    card('bad', `${difference}: ${line.kind}${line.symbol === null ? '' : ` ${line.symbol}`}`, [
      paragraph(`${text}.`),
      ...(isAbove ? [paragraph(AS_ABOVE)] : []),
      ...way,
    ]),
  ];
}

/** Where a part begins, as an address says it; whatever it says else begins at the top. */
const fromOf = (said: string | undefined): number => (/^\d{1,7}$/.test(said ?? '') ? Number(said) : 0);

function part(all: number, from: number, count: number, pathAt: (from: number) => string): Part {
  if (all <= count && from === 0) return { from, count, under: [] };
  const to = Math.min(from + count, all);
  const shown = from < to ? `${from + 1} to ${to} of ${counted(all, 'line')}.` : `None: there are ${all}.`;
  return {
    from,
    count,
    under: [
      paragraph([
        shown,
        ...(from > 0 ? [' ', link(pathAt(Math.max(0, from - count)), 'Those before')] : []),
        ...(to < all ? [' ', link(pathAt(from + count), 'Those after')] : []),
      ]),
    ],
  };
}
