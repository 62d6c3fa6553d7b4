import { toText, D } from '../money.js';
import type { Side, TicketLine, TicketMaterial } from '../types.js';

/** What an operator is told about one line: what to do, when to leave it, what to do when it goes wrong. */
export interface LineInstructions {
  order: string;
  reference: string;
  skipRule: string;
  failures: { when: string; action: string }[];
  record: string[];
}

type Context = Pick<TicketMaterial, 'asOfDate' | 'baseCurrency' | 'fx'>;

/** All texts of one line, for every rendering alike. */
export const lineInstructions = (line: TicketLine, ticket: Context): LineInstructions => ({
  order: orderText(line, ticket.baseCurrency),
  reference: referenceText(line, ticket),
  skipRule: skipRule(line),
  failures: failureInstructions(line, ticket.baseCurrency),
  record: recordFields(line),
});

/** The order in one sentence: `1. BUY 250.00 GBP of "Apple" (AAPL), market order, underlying stock, x1`. */
export function orderText(line: TicketLine, baseCurrency: string): string {
  return (
    `${line.sequence}. ${line.side} ${sizeText(line, baseCurrency)} of "${line.etoroSearchName}" (${line.symbol}), ` +
    `${line.orderType.toLowerCase()} order, underlying stock, x1`
  );
}

/** Size of a line as it is typed at the broker: `250.00 GBP` for a BUY, `2.500000 units` for a SELL. */
const sizeText = (line: TicketLine, baseCurrency: string): string =>
  line.units === null ? `${line.valueBase} ${baseCurrency}` : `${line.units} units`;

/** Where the sizes come from: the close, its date, and the rate where currencies differ. */
function referenceText(line: TicketLine, { asOfDate, baseCurrency, fx }: Context): string {
  const close = `close of ${asOfDate}: ${line.referencePrice} ${line.referenceCurrency}`;
  return fx && line.referenceCurrency !== baseCurrency ? `${close}; ${fx.pair} ${fx.rate} of ${fx.date}` : close;
}

/** The slippage rule as a price: `skip if the price is above 191.00 USD`. */
export const skipRule = (line: TicketLine): string =>
  `skip if the price is ${beyond[line.side]} ${line.skipPrice} ${line.referenceCurrency}`;

const beyond: Record<Side, string> = { BUY: 'above', SELL: 'below' };

/** Why a line cannot be executed as written, and what is reported of it then. */
export interface FailureCause {
  when: string;
  status: 'SKIPPED' | 'FAILED' | 'PARTIAL';
  /** The note to write down; null where only whoever was there can say it. */
  note: string | null;
}

/** The window is over: what is left of a ticket is not executed any more. */
const WINDOW_CLOSED: FailureCause = {
  when: 'the execution window has closed',
  status: 'SKIPPED',
  note: 'window closed',
};

/** Every cause of a line, and of one whose window has closed that alone. */
export function failureCauses(line: TicketLine, baseCurrency: string, isWindowOver = false): FailureCause[] {
  if (isWindowOver) return [WINDOW_CLOSED];
  return [
    {
      when: `the price is ${beyond[line.side]} ${line.skipPrice} ${line.referenceCurrency}`,
      status: 'SKIPPED',
      note: `price ${beyond[line.side]} skip price`,
    },
    {
      when: 'the broker offers it only as a CFD, or with leverage other than x1',
      status: 'FAILED',
      note: 'CFD only',
    },
    { when: `"${line.etoroSearchName}" is not found, or the name differs`, status: 'FAILED', note: 'not found' },
    {
      when: `the broker says ${sizeText(line, baseCurrency)} is below its minimum size`,
      status: 'FAILED',
      note: 'below minimum size',
    },
    ...(line.side === 'BUY'
      ? [
          {
            when: 'there is not enough cash (a BUY counts on the SELLs before it)',
            status: 'SKIPPED' as const,
            note: 'not enough cash',
          },
        ]
      : []),
    { when: 'only a part is executed', status: 'PARTIAL', note: null },
    WINDOW_CLOSED,
  ];
}

/** What to do when the line cannot be executed as written. Nothing is ever replaced or made up for elsewhere. */
export const failureInstructions = (line: TicketLine, baseCurrency: string): { when: string; action: string }[] =>
  failureCauses(line, baseCurrency).map(({ when, status, note }) => ({
    when,
    action:
      note === null
        ? `do not order the rest again; record ${status} with what was executed, and say why in the note`
        : `do not trade; record ${status} with the note "${note}"`,
  }));

/** The fields to write down for a line, by the names of the fills file. */
export function recordFields(line: TicketLine): string[] {
  return [
    'executed_status: DONE, PARTIAL, SKIPPED or FAILED',
    'units: shares as the broker shows them, up to 6 decimals',
    `fill_price: ${line.referenceCurrency} a share`,
    `executed_value_base: what cash ${line.side === 'BUY' ? 'went down' : 'went up'} by, costs included`,
    'filled_at: time with offset, such as 2026-11-23T14:41:00+00:00',
    'notes: required unless DONE',
  ];
}

/** One item a line for the operator's fills file, to be completed: `FILLS_JSON=… make confirm-fills` reads it. */
export const fillsTemplate = (lines: readonly TicketLine[]): Record<string, string | number | null>[] =>
  lines.map((line) => ({
    sequence: line.sequence,
    internal_symbol: line.symbol,
    side: line.side,
    executed_status: '',
    units: line.units === null ? null : toText(D(line.units)),
    fill_price: null,
    executed_value_base: line.valueBase,
    filled_at: null,
    notes: '',
  }));
