import type { Command } from 'commander';
import { z } from 'zod';
import { setBaseline, type BaselineResult } from '../../../operations/ledger/baseline.js';
import { journal } from '../../../db/journal.js';
import { usageError } from '../../../domain/errors.js';
import { D, toText } from '../../../domain/money.js';
import { amountSchema, dateSchema, positionsFromFlags, positiveAmountSchema, problemText, SYMBOL, SYMBOL_RULE, type Problem } from '../../../domain/reconciliation/snapshot.js';
import { bookkeeper, parseFlags, reasonSchema, reconcileAgain } from '../../kit/flags.js';
import { notFuture } from './book.js';
import { withContext, type Context } from '../../kit/context.js';
import type { Answer } from '../../kit/output.js';

interface BaselineFlags {
  cash?: string;
  position: string[];
  cost: string[];
}

const unitsOrZero = z.string().regex(/^\d{1,9}(\.\d{1,6})?$/, 'must be units of 0 or more with at most 6 decimals');
const setSchema = z.object({ cash: amountSchema.optional(), date: dateSchema.optional(), reason: reasonSchema });

/** Shows the baseline, or sets what the flags name. */
export async function baseline(command: Command): Promise<void> {
  await withContext(command, async (context) => {
    const flags = command.opts<BaselineFlags>();
    const sets = flags.cash !== undefined || flags.position.length > 0 || flags.cost.length > 0;
    return sets ? setTo(context, command, flags) : show(context);
  });
}

async function setTo(context: Context, command: Command, flags: BaselineFlags): Promise<Answer> {
  const { cash, date, reason } = parseFlags(setSchema, { reason: '', ...command.opts() });
  const positions = amountsOf(context, 'position', flags.position, unitsOrZero);
  const costs = amountsOf(context, 'cost', flags.cost, positiveAmountSchema);
  const result = await setBaseline(context.db, await bookkeeper(context), {
    date: notFuture(context, 'date', date), cash: cash ?? null, positions, costs, reason,
  });
  return answerOf(context, result);
}

/** `SYMBOL=…` flags, each symbol once and of the universe, for nobody can price another. */
function amountsOf({ universe }: Context, field: string, flags: string[], schema: z.ZodType<string>): Record<string, string> {
  const read = positionsFromFlags(flags, field);
  const problems = 'problems' in read ? read.problems : Object.entries(read.positions).flatMap(([symbol, text]): Problem[] => {
    const parsed = schema.safeParse(text);
    const known = universe.some((row) => row.internalSymbol === symbol);
    const rule = SYMBOL.test(symbol) ? (known ? parsed.error?.issues[0]?.message : 'must be a symbol of the universe') : SYMBOL_RULE;
    return rule === undefined ? [] : [{ field, value: `${symbol}=${text}`, rule }];
  });
  if (problems.length > 0 || 'problems' in read) throw usageError('ARGUMENT_INVALID', problemText(problems), { remedy: 'nothing was booked' });
  return Object.fromEntries(Object.entries(read.positions).map(([symbol, text]) => [symbol, toText(D(text))]));
}

function answerOf(context: Context, result: BaselineResult): Answer {
  const booked = result.entries.flatMap(({ entryId, draft }) => [
    `${draft.kind} booked as entry ${entryId}${draft.symbol ? `, ${draft.symbol}` : ''}: ${draft.description}`,
    ...draft.postings.map(({ account, commodity, amount }) => `  ${account.padEnd(24)} ${amount.padStart(16)} ${commodity}`),
  ]);
  return {
    data: result, lines: booked.length > 0 ? [...(result.opened ? ['The ledger was empty; this opened it.'] : []), ...booked] : ['The ledger already says this; nothing changed.'],
    next: booked.length > 0 ? reconcileAgain(context) : 'make ledger-report',
  };
}

async function show({ db, account }: Context): Promise<Answer> {
  const entries = (await journal(db, account.account)).filter(({ kind }) => kind === 'OPENING' || kind === 'BASELINE');
  if (entries.length === 0) return { data: { entries }, lines: [`The ledger of ${account.account} is not open yet.`], next: 'make reconcile-daily: the first snapshot opens it' };
  const lines = entries.flatMap((entry) => [
    `Entry ${entry.entryId}, ${entry.kind} of ${entry.effectiveDate} by ${entry.operator}: ${entry.description}`,
    ...entry.postings.filter((posting) => posting.account.startsWith('Assets:') || posting.account === 'Equity:Trading')
      .map(({ account: name, commodity, amount }) => `  ${(name === 'Equity:Trading' ? 'cost' : name).padEnd(24)} ${amount.padStart(16)} ${commodity}`),
  ]);
  return { data: { entries }, lines, next: 'make ledger-report' };
}
