import type { Command } from 'commander';
import { z } from 'zod';
import { bookCash, bookDividend, bookSplit, reverseEntry } from '../../../operations/ledger/book.js';
import type { Booked } from '../../../operations/ledger/book-once.js';
import { tradingDayOf } from '../../../domain/calendar/calendar.js';
import { usageError } from '../../../domain/errors.js';
import { dateSchema, notesSchema, positiveAmountSchema, symbolSchema, unitsSchema } from '../../../domain/reconciliation/snapshot.js';
import type { IsoDate } from '../../../domain/types.js';
import { bookkeeper, fractionSchema, parseFlags, rateSchema, ratioSchema, reasonSchema, reconcileAgain } from '../../kit/flags.js';
import { withContext, type Context } from '../../kit/context.js';
import type { Answer } from '../../kit/output.js';

const movementSchema = z.object({
  amount: positiveAmountSchema, date: dateSchema.optional(), notes: notesSchema.optional(), another: z.boolean().optional(), symbol: symbolSchema.optional(),
});

/** Books a deposit or a withdrawal. */
export const cashMovement = (kind: 'DEPOSIT' | 'WITHDRAWAL', command: Command): Promise<void> => movement(kind, command);

/** Books a fee. */
export const fee = (command: Command): Promise<void> => movement('FEE', command);

async function movement(kind: 'DEPOSIT' | 'WITHDRAWAL' | 'FEE', command: Command): Promise<void> {
  await withContext(command, async (context) => {
    const { amount, date, notes, another, symbol } = parseFlags(movementSchema, command.opts());
    const booking = { amount, date: notFuture(context, 'date', date), notes: notes ?? null, another: another ?? false };
    return answerOf(context, await bookCash(context.db, await bookkeeper(context), kind, booking, symbol ?? null));
  });
}

const dividendSchema = z.object({
  symbol: symbolSchema, exDate: dateSchema, paidOn: dateSchema.optional(), net: positiveAmountSchema.optional(), amount: rateSchema.optional(),
  units: unitsSchema.optional(), fx: rateSchema.optional(), withholding: fractionSchema,
}).refine(({ net, amount, units, fx }) => net === undefined || [amount, units, fx].every((flag) => flag === undefined),
  { path: ['net'], message: 'replaces --amount, --units and --fx: give one or the others' });

/** Books a dividend. */
export async function dividend(command: Command): Promise<void> {
  await withContext(command, async (context) => {
    const flags = parseFlags(dividendSchema, command.opts());
    notFuture(context, 'exDate', flags.exDate);
    const booked = await bookDividend(context.db, await bookkeeper(context), context.policy, {
      symbol: flags.symbol, exDate: flags.exDate, paidOn: flags.paidOn ? notFuture(context, 'paidOn', flags.paidOn) : null, amount: flags.amount ?? null,
      units: flags.units ?? null, fx: flags.fx ?? null, withholding: flags.withholding, net: flags.net ?? null,
    });
    return answerOf(context, booked);
  });
}

const splitSchema = z.object({ symbol: symbolSchema, exDate: dateSchema, ratio: ratioSchema.optional() });

/** Books a split. */
export async function split(command: Command): Promise<void> {
  await withContext(command, async (context) => {
    const { symbol, exDate, ratio } = parseFlags(splitSchema, command.opts());
    return answerOf(context, await bookSplit(context.db, await bookkeeper(context), context.policy, { symbol, exDate, ratio: ratio ?? null }));
  });
}

const reverseSchema = z.object({ entry: z.string().regex(/^[1-9]\d{0,15}$/, 'must be the number of an entry').transform(Number), reason: reasonSchema });

/** Takes an entry back. */
export async function reverse(command: Command): Promise<void> {
  await withContext(command, async (context) => {
    const { entry, reason } = parseFlags(reverseSchema, command.opts());
    return answerOf(context, await reverseEntry(context.db, await bookkeeper(context), entry, reason));
  });
}

/** The date a flag names, today when it was left out; nothing is booked that has not happened. */
export function notFuture(context: Context, flag: string, date: IsoDate | undefined): IsoDate {
  const today = tradingDayOf(context.at);
  if (date === undefined || date <= today) return date ?? today;
  throw usageError('DATE_INVALID', `${flag}: ${date}: must not be in the future: today is ${today}`);
}

function answerOf(context: Context, { entryId, bookedNow, draft }: Booked): Answer {
  const first = bookedNow ? `Booked as entry ${entryId}: ${draft.description}` : `Entry ${entryId} already books this; nothing changed: ${draft.description}`;
  return {
    data: { entryId, bookedNow, ...draft },
    lines: [first, ...draft.postings.map(({ account, commodity, amount }) => `  ${account.padEnd(24)} ${amount.padStart(16)} ${commodity}`)],
    next: bookedNow ? reconcileAgain(context) : 'trading-ops ledger journal',
  };
}
