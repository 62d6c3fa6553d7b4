import type { DriftLine } from '../../domain/reconciliation/compare.js';
import { waysOf, type StoredExplanation } from '../../domain/reconciliation/proposal.js';
import { makeLineOfExplanation } from '../commands.js';
import type { ReconciliationFacts } from './facts.js';
import { D } from '../../domain/money.js';
import {
  banner,
  bullets,
  code,
  codeBlock,
  facts,
  paragraph,
  rich,
  section,
  table,
  toned,
  type Block,
  type Document,
  type Text,
} from '../render/document.js';
import { counted, money, sentence, signedMoney, ukTime, units, weekday } from '../render/format.js';
import { renderAgain } from '../render/parts.js';
import { remedyOf } from '../catalogue/catalogue.js';

/** How a report says what would be done about an explanation: nothing where there is nothing to do yet. */
type Told = (explanation: StoredExplanation, input: ReconciliationFacts) => Block[];

/**
 * The reconciliation report: the broker's figures against the ledger's, line by line.
 * @param told of each explanation; as the command that is typed where it is left out
 * @param isOver whether a later comparison passed, which no document that is written down knows
 */
export function reconciliationDocument(input: ReconciliationFacts, told: Told = typedBlocks, isOver = false): Document {
  const { evidence, status, reasons } = input;
  const { snapshot } = evidence;
  return {
    title: `Reconciliation of ${input.account}, snapshot of ${snapshot.snapshotDate}`,
    subtitle: `For ${weekday(input.tradingDay)} ${input.tradingDay}, by ${input.operator} at ${ukTime(input.at)}.`,
    stamp: null,
    blocks: [
      banner(
        status === 'PASS' ? 'good' : 'bad',
        `RECONCILIATION_${status}`,
        status === 'PASS'
          ? 'What eToro shows and what the ledger says agree within the tolerances.'
          : 'What eToro shows and what the ledger says do not agree: ' +
              `${[...new Set(reasons.map(({ code }) => code))].join(', ')}.${isOver ? '' : ' No TRADE until they do.'}`,
      ),
      ...openingBlocks(input),
      section('Line by line', [
        linesTable(evidence.lines, evidence.baseCurrency, evidence.seen),
        paragraph('Drift is eToro less ledger. A drift of exactly the tolerance is within it.'),
      ]),
      ...(reasons.length > 0
        ? [
            section('Why it fails', [
              table(
                ['Reason', 'What was found', 'What would change it'],
                reasons.map((reason) => [toned('bad', reason.code), reason.message, rich(remedyOf(reason))]),
              ),
            ]),
          ]
        : []),
      ...explanationBlocks(input, told),
      section('What was compared', [
        facts([
          [
            'Snapshot',
            [`of ${snapshot.snapshotDate}, read at ${ukTime(snapshot.takenAt)}, `, code(snapshot.snapshotId)],
          ],
          ['Notes', snapshot.notes ?? 'none'],
          [
            'Ledger',
            evidence.ledger.lastEntryId === null
              ? 'empty'
              : `up to entry ${evidence.ledger.lastEntryId}${evidence.ledger.lastBookedAt ? `, booked ${ukTime(evidence.ledger.lastBookedAt)}` : ''}`,
          ],
          ['As-of date', evidence.asOfDate],
          [
            'Tolerances',
            `cash ${money(evidence.tolerances.cash, evidence.baseCurrency)}, units ${evidence.tolerances.units}`,
          ],
          ['Reconciliation', code(input.reconciliationId)],
        ]),
      ]),
    ],
    footer: renderAgain(`trading-ops render reconciliation ${input.reconciliationId}`),
  };
}

function openingBlocks({ openedLedger, evidence }: ReconciliationFacts): Block[] {
  if (openedLedger) {
    return [
      banner('warn', 'OPENING: this snapshot opened the ledger', [
        evidence.opening?.text ?? 'The ledger was empty.',
        ' Every figure from now on builds on it: check it against eToro once more.',
      ]),
    ];
  }
  return evidence.opening ? [banner('warn', 'The ledger was not opened', evidence.opening.text)] : [];
}

/**
 * Both sides line by line.
 * @param seen how each figure was read; left out where nobody said so
 */
export const linesTable = (lines: DriftLine[], currency: string, seen?: Record<string, string>): Block =>
  table(
    ['What', 'eToro#', ...(seen === undefined ? [] : ['Read']), 'Ledger#', 'Drift#', 'Tolerance#', 'Result'],
    lines.map((line): Text[] => {
      const cash = line.symbol === null;
      const amount = (value: string) => (cash ? money(value, currency) : units(value));
      const drift = cash ? signedMoney(line.drift, currency) : `${D(line.drift).gt(0) ? '+' : ''}${units(line.drift)}`;
      return [
        line.symbol === null
          ? `Cash (${currency})`
          : line.inUniverse
            ? line.symbol
            : `${line.symbol} (not in the universe)`,
        amount(line.snapshot),
        ...(seen === undefined ? [] : [line.symbol === null ? 'typed' : (seen[line.symbol] ?? '')]),
        amount(line.ledger),
        drift,
        cash ? money(line.tolerance, currency) : line.tolerance,
        line.code === null ? toned('good', 'OK') : toned('bad', line.code),
      ];
    }),
  );

/** Figures that open a ledger, before they do: there is nothing yet to hold them against. */
export const openingTable = (lines: DriftLine[], currency: string): Block =>
  table(
    ['What', 'eToro#', 'Universe'],
    lines.map(({ symbol, snapshot, inUniverse }): Text[] => [
      symbol ?? `Cash (${currency})`,
      symbol === null ? money(snapshot, currency) : units(snapshot),
      symbol === null || inUniverse ? '' : toned('warn', 'not in the universe'),
    ]),
  );

function explanationBlocks(input: ReconciliationFacts, told: Told): Block[] {
  const {
    evidence: { explanations, baseCurrency },
    status,
  } = input;
  if (explanations.length === 0) {
    return status === 'PASS'
      ? []
      : [section('What would explain it', [paragraph('Nothing that the system knows of explains the difference.')])];
  }
  const { certain, open } = waysOf(explanations);
  return [
    section('What would explain it', [
      paragraph('Check each against eToro before you book it; then reconcile again.'),
      ...certain.flatMap((each) => told(each, input)),
      ...open.flatMap(({ drift, ways }): Block[] => [
        paragraph(
          `${counted(ways.length, 'way')} to explain ${drift ?? `cash (${baseCurrency})`}, not certain: ` +
            (ways.length === 1
              ? "it may be a coincidence, and only eToro's history tells."
              : "only eToro's history tells which it was. Book that one alone."),
        ),
        ...ways.flatMap((way, index): Block[] => [
          paragraph(`Way ${index + 1}:`),
          ...way.flatMap((each) => told(each, input)),
        ]),
      ]),
    ]),
  ];
}

/** What an explanation is, and what booking it does to the cash. */
export function explanationText(each: StoredExplanation, baseCurrency: string): string {
  const effect = D(each.cash).isZero()
    ? ''
    : ` Booking it changes ledger cash by ${signedMoney(each.cash, baseCurrency)}.`;
  return `${sentence(each.text)}${effect}`;
}

function typedBlocks(
  each: StoredExplanation,
  { evidence: { baseCurrency }, account, clock, at }: ReconciliationFacts,
): Block[] {
  const command = makeLineOfExplanation(each, { account, clock }, at);
  return [
    bullets([[toned('warn', each.kind), ` ${explanationText(each, baseCurrency)}`]]),
    ...(command === null ? [] : [codeBlock(command)]),
  ];
}
