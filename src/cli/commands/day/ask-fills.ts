import { londonTime } from '../../../domain/calendar/calendar.js';
import { resultOrThrow } from '../../../domain/errors.js';
import type { FillFigure } from '../../../domain/confirmation/shape.js';
import { problemText } from '../../../domain/problems.js';
import {
  figureTyped,
  fillsForm,
  lineAnswered,
  previewFills,
  timeTyped,
  type FillsForm,
  type LineForm,
} from '../../../operations/day/fills-form.js';
import { fillSentences } from '../../../reports/ticket/fill-sentences.js';
import { askerOf, installationOf } from '../../kit/asker.js';
import { askUntil, brokenOff, inDialog, type Dialog, type Read } from '../../kit/ask.js';
import { machineClock, type Context } from '../../kit/context.js';

/** A fill in the names of the fills file. */
type Item = Record<string, string | number | null>;

/** A line that was answered, and why it departs from the ticket where it does. */
interface AnsweredLine {
  item: Item;
  reason: string | null;
}

/** Fills that were asked for, as the text of a fills file, and what of them is owned. */
export interface AskedFills {
  ticketId: string;
  fills: string;
  acceptDeviation: { sequence: number; reason: string }[];
  /** The confirmation that is amended, where one is. */
  amends?: string;
}

/**
 * Asks line by line what became of a ticket, shows it in sentences, and asks whether it shall be booked.
 * @throws OpsError BROKEN_OFF where it shall not
 */
export async function askFills(
  context: Context,
  asked: { ticketId: string | null; amend: boolean },
): Promise<AskedFills> {
  const [where, asker, { account }] = [installationOf(context), askerOf(context), context.account];
  const form = resultOrThrow(await fillsForm(where, asker, { account, ...asked }));
  const now = () => (context.account.clock === 'simulated' ? context.at : machineClock());
  return inDialog(async (dialog) => {
    dialog.say(heading(form));
    const answered = new Map<number, AnsweredLine>();
    for (const line of form.lines) answered.set(line.line.sequence, await askLine(dialog, form, line, now));
    for (;;) {
      const given = contentOf(answered);
      const outcome = await previewFills(where, asker, { ...form, ...given });
      dialog.say(['', ...(outcome.ok ? sentences(form, outcome.result) : [refusalText(outcome.refusal)])]);
      const next = await askWhatNext(dialog, form, outcome.ok);
      if (next === 'yes')
        return {
          ticketId: form.ticket.ticketId,
          fills: JSON.stringify(given.fills),
          acceptDeviation: given.acceptDeviation,
          ...(form.amends !== null && { amends: form.amends }),
        };
      if (next === 'no') throw brokenOff();
      answered.set(next.line.sequence, await askLine(dialog, form, next, now));
    }
  });
}

const heading = ({ ticket, lines, amend }: FillsForm): string[] => [
  `${amend ? 'Correcting' : 'Confirming'} ticket ${ticket.ticketId} of ${ticket.account}, ` +
    `${ticket.tradingDay}: ${lines.length} ` +
    `line${lines.length === 1 ? '' : 's'}. Ctrl-C ends it, and books nothing.`,
  ...(ticket.dryRun ? ['DRY RUN: a rehearsal; the fills go to the paper book.'] : []),
];

const contentOf = (answered: ReadonlyMap<number, AnsweredLine>) => ({
  fills: [...answered.values()].map(({ item }) => item),
  acceptDeviation: [...answered].flatMap(([sequence, { reason }]) => (reason === null ? [] : [{ sequence, reason }])),
});

const sentences = (
  { ticket: { material }, cash }: FillsForm,
  { fills, deviations }: Extract<Awaited<ReturnType<typeof previewFills>>, { ok: true }>['result'],
): string[] => fillSentences(fills, deviations, material, cash);

const refusalText = ({ code, message }: { code: string; message: string }): string => `${code}: ${message}`;

/** Whether the review is booked, or given up, or a line of it is typed again. */
function askWhatNext(dialog: Dialog, { lines }: FillsForm, isGood: boolean): Promise<'yes' | 'no' | LineForm> {
  const words = isGood ? 'yes/no, or the number of a line to correct' : 'the number of a line to correct, or no';
  return askUntil(dialog, `Book? (${words}): `, (typed): Read<'yes' | 'no' | LineForm> => {
    const word = typed.toLowerCase();
    const line = lines.find(({ line: { sequence } }) => String(sequence) === word);
    if (line) return { value: line };
    return word === 'no' || (word === 'yes' && isGood) ? { value: word } : { rule: `must be ${words}` };
  });
}

/** Asks for a line until it can be, and is owned where it departs from the ticket. */
async function askLine(dialog: Dialog, form: FillsForm, asked: LineForm, now: () => string): Promise<AnsweredLine> {
  dialog.say(['', asked.order, `   ${asked.skip}`]);
  for (;;) {
    const item = await askItem(dialog, form, asked, now);
    const answered = lineAnswered(form, item, now());
    if ('problems' in answered) {
      const named = answered.problems.map((each) => ({ ...each, field: each.field.replace(/^fills\[0\]\./, '') }));
      dialog.say([problemText(named), 'The line once more:']);
      continue;
    }
    if (answered.deviations.length === 0) return { item, reason: null };
    dialog.say(answered.deviations.map(({ field, value, text }) => `  ${field}: ${value}: ${text}`));
    const reason = (await dialog.ask('It departs from the ticket. Why? (Enter to type the line again): ')).trim();
    if (reason !== '') return { item, reason };
  }
}

async function askItem(
  dialog: Dialog,
  form: FillsForm,
  { line, failures }: LineForm,
  now: () => string,
): Promise<Item> {
  const status = await askUntil(dialog, 'DONE, PARTIAL, SKIPPED or FAILED: ', statusTyped);
  const executed = status === 'DONE' || status === 'PARTIAL';
  const figure = (field: FillFigure, question: string) =>
    askUntil(dialog, `${question}: `, (typed): Read<string> => {
      const read = figureTyped(field, typed);
      return 'rule' in read ? read : { value: read.figure };
    });
  const { side, referenceCurrency } = line;
  const { baseCurrency } = form.of;
  const item: Item = {
    sequence: line.sequence,
    internal_symbol: line.symbol,
    side,
    executed_status: status,
    units: executed ? await figure('units', 'Units') : null,
    fill_price: executed ? await figure('fill_price', `Price, ${referenceCurrency} a share`) : null,
    executed_value_base: executed
      ? await figure(
          'executed_value_base',
          `Value, what cash went ${side === 'BUY' ? 'down' : 'up'} by, ${baseCurrency}`,
        )
      : null,
    filled_at: executed ? await askTime(dialog, form, now) : null,
  };
  if (status === 'DONE') return { ...item, notes: null };
  dialog.say(failures.map(({ when, action }) => `   ${when}: ${action}`));
  return {
    ...item,
    notes: await askUntil(dialog, 'Note, why: ', (typed): Read<string> =>
      typed === '' ? { rule: 'must say why' } : { value: typed },
    ),
  };
}

const STATUSES = ['DONE', 'PARTIAL', 'SKIPPED', 'FAILED'];

/** The status whose word was typed, or its beginning. */
function statusTyped(typed: string): Read<string> {
  const status = typed === '' ? undefined : STATUSES.find((word) => word.startsWith(typed.toUpperCase()));
  return status === undefined ? { rule: `must be one of ${STATUSES.join(', ')}` } : { value: status };
}

function askTime(dialog: Dialog, form: FillsForm, now: () => string): Promise<string> {
  const standing = now();
  return askUntil(dialog, `Time in the UK [now, ${londonTime(standing)}]: `, (typed): Read<string> => {
    if (typed === '') return { value: standing };
    const read = timeTyped(form, typed);
    return 'rule' in read ? read : { value: read.at };
  });
}
