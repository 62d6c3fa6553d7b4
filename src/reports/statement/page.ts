import type { StatementEventStored } from '../../db/statements.js';
import type { Side, StatementComparison, StatementLine } from '../../domain/statement/compare/line.js';
import { isUnopened } from '../../domain/statement/unopened.js';
import { stepsOf } from '../commands.js';
import {
  banner,
  bullets,
  code,
  codeBlock,
  facts,
  paragraph,
  section,
  table,
  toned,
  type Block,
  type Document,
  type Text,
} from '../render/document.js';
import { counted, money, ukTime, units } from '../render/format.js';
import { renderAgain } from '../render/parts.js';
import type { StatementFacts } from './facts.js';
import { AS_ABOVE, differing, saidAbove, verdictOf, withdrawnLine } from './lines.js';

/**
 * How a report says what would be done about a difference: nothing where there is no proposal, and no second time what
 * a line above says already.
 */
type Told = (line: StatementLine, input: StatementFacts, isAbove: boolean) => Block[];

/** A part of a list that is shown, and what stands under it: where the others are. */
export interface Part {
  from: number;
  count: number;
  under: Block[];
}

/** What is left out where a report is a page: a statement may have a hundred thousand lines. */
export interface Parts {
  differences: Part;
  lines: Part;
}

const partOf = <T>(all: readonly T[], part: Part | undefined): readonly T[] =>
  part === undefined ? all : all.slice(part.from, part.from + part.count);

/** Lines of what happened, without those of what is held at the end. */
export const happened = ({ lines }: Pick<StatementComparison, 'lines'>): StatementLine[] =>
  lines.filter(({ kind }) => !AT_END.includes(kind));

/**
 * The report on the broker's account statement: what it proves of the ledger, line by line.
 * @param told of each difference; as the command that is typed where it is left out
 * @param parts of differences and lines; all of them where it is left out
 */
export function statementDocument(input: StatementFacts, told: Told = typedBlocks, parts?: Parts): Document {
  const { comparison, stored, withdrawn } = input;
  const { status, from, to, lines, notes } = comparison;
  const differences = differing(comparison);
  const above = saidAbove(differences);
  return {
    title: `Account statement of ${stored.account}, ${from} to ${to}`,
    subtitle: `Held against the ledger by ${input.operator} at ${ukTime(input.at)}. Nothing was booked by it.`,
    stamp: null,
    blocks: [
      ...(withdrawn === null ? [] : [withdrawnBanner(withdrawn)]),
      banner(
        status === 'AGREES' ? 'good' : 'bad',
        verdictOf(comparison),
        status === 'AGREES'
          ? `The broker's statement and the ledger say the same in ${counted(lines.length, 'line')}.`
          : `The broker's statement and the ledger differ in ${differences.length} of ${counted(lines.length, 'line')}.`,
      ),
      ...(differences.length === 0
        ? []
        : [
            section('What differs', [
              paragraph(whatToDo(input)),
              ...partOf(differences, parts?.differences).flatMap((line) => told(line, input, above.has(line))),
              ...(parts?.differences.under ?? []),
            ]),
          ]),
      section('Line by line', [
        linesTable(partOf(happened(comparison), parts?.lines), input),
        ...(parts?.lines.under ?? []),
        ...(lines.some(({ isEstimated, statement }) => isEstimated && statement?.amount)
          ? [
              paragraph(
                `~ worked out at the rate of the day: the statement does not say it in ${comparison.baseCurrency}.`,
              ),
            ]
          : []),
      ]),
      section('At the end', [
        linesTable(
          lines.filter(({ kind }) => AT_END.includes(kind)),
          input,
        ),
        paragraph(
          'Positions are what was opened less what was closed, on top of what the ledger held before the period.',
        ),
      ]),
      ...(notes.length === 0 ? [] : [section('What could not be compared', [bullets(notes)])]),
      comparedSection(input),
    ],
    footer: renderAgain(`trading-ops render statement ${input.comparisonId}`),
  };
}

function whatToDo({ comparison, withdrawn }: StatementFacts): string {
  if (withdrawn !== null) return 'It counts no more: nothing is to be booked by it.';
  return isUnopened(comparison)
    ? 'Nothing can be booked before the ledger is opened: with the first snapshot, or a baseline.'
    : 'Look at each at eToro before anything is booked; then import the same file again.';
}

/** What somebody reads first of a statement that counts no more. */
export const withdrawnBanner = (withdrawn: StatementEventStored): Block =>
  banner('warn', 'WITHDRAWN', withdrawnLine(withdrawn));

const AT_END: readonly StatementLine['kind'][] = ['POSITION', 'CASH'];

function comparedSection({ comparison, stored, comparisonId }: StatementFacts): Block {
  const { statement, fileName, sha256, path } = stored;
  return section('What was compared', [
    facts([
      ['File', [code(fileName), `, SHA-256 ${sha256}`]],
      ['Kept as', code(path)],
      [
        'Layout',
        `${statement.layout}, in ${statement.currency}${statement.display === null ? '' : `, displayed in ${statement.display}`}`,
      ],
      ['Period', periodText(statement)],
      [
        'Rows',
        `${statement.events.length}${comparison.before === 0 ? '' : `, ${comparison.before} of them from before the ledger was opened`}`,
      ],
      ['Ledger', comparison.lastEntryId === null ? 'empty' : `up to entry ${comparison.lastEntryId}`],
      ['Statement', code(stored.statementId)],
      ['Comparison', code(comparisonId)],
    ]),
  ]);
}

/** The broker's days are those of UTC, which in summer are not London's: told as they are. */
const periodText = ({ from, to, createdAt }: StatementFacts['stored']['statement']): string =>
  `${from.slice(0, 10)} to ${to.slice(0, 10)}, whole days of UTC; made at ${ukTime(createdAt)}`;

function linesTable(lines: readonly StatementLine[], { comparison, stored }: StatementFacts): Block {
  if (lines.length === 0) return paragraph('None.');
  const { baseCurrency: currency } = comparison;
  const ratios = new Map(stored.statement.events.flatMap(({ row, ratio }) => (ratio ? [[row, ratio]] : [])));
  const written = ({ rows: [row = 0] }: StatementLine): string | null => {
    const ratio = ratios.get(row);
    return ratio ? `${ratio.first}:${ratio.second}` : null;
  };
  return table(
    ['Date', 'What', 'Symbol', 'Statement#', 'Ledger#', 'Position id', 'Entry', 'Result'],
    lines.map((line): Text[] => {
      const { kind, difference, symbol, statement, ledger, positionIds, entryIds, isEstimated } = line;
      const isSplit = kind === 'SPLIT';
      return [
        statement?.date ?? ledger?.date ?? '',
        kind,
        symbol ?? '',
        figures(statement, { currency, isEstimated, without: (isSplit && written(line)) || NO_RATE }),
        figures(ledger, { currency, isEstimated: false, without: isSplit ? 'booked' : NO_RATE }),
        positionIds.join(', '),
        entryIds.join(', '),
        difference === null ? toned('good', 'OK') : toned('bad', difference),
      ];
    }),
  );
}

/** A side that has no figure: of an amount in another currency nobody knows the rate. */
const NO_RATE = 'amount not known';

/** What one side says of a line: units, amount, what was withheld; `without` where it is there and has none of them. */
function figures(
  side: Side | null,
  { currency, isEstimated, without }: { currency: string; isEstimated: boolean; without: string },
): string {
  if (side === null) return '–';
  const said = [
    ...(side.units === null ? [] : [units(side.units)]),
    ...(side.amount === null ? [] : [`${isEstimated ? '~' : ''}${money(side.amount, currency)}`]),
    ...(side.tax === null ? [] : [`tax ${money(side.tax, currency)}`]),
  ];
  return said.length === 0 ? without : said.join('; ');
}

function typedBlocks(
  line: StatementLine,
  { stored: { account }, clock, at }: StatementFacts,
  isAbove: boolean,
): Block[] {
  const { difference, text, proposal } = line;
  return [
    bullets([[toned('bad', difference ?? ''), ` ${text}.`]]),
    ...(isAbove ? [paragraph(AS_ABOVE)] : []),
    ...(proposal === null || isAbove ? [] : [codeBlock(stepsOf(proposal, { account, clock }, at).join('\n'))]),
  ];
}

/** The same for machines. */
export const statementJson = ({
  stored,
  comparison,
  comparisonId,
  operator,
  at,
  withdrawn,
}: StatementFacts): object => ({
  schema: 1,
  comparison_id: comparisonId,
  statement_id: stored.statementId,
  account: stored.account,
  file: { name: stored.fileName, sha256: stored.sha256, bytes: stored.bytes, path: stored.path },
  imported: { by: stored.operator, at: stored.at },
  compared: { by: operator, at },
  ...(withdrawn !== null && {
    withdrawn: { by: withdrawn.operator, at: withdrawn.at, reason: withdrawn.reason },
  }),
  statement: stored.statement,
  comparison,
});
