import { z } from 'zod';
import type { Bookkeeper } from '../../operations/ledger/book-once.js';
import { listAccounts } from '../../db/accounts.js';
import { refusal, usageError } from '../../domain/errors.js';
import { D, toText } from '../../domain/money.js';
import { notesSchema, problemsOf, problemText } from '../../domain/reconciliation/snapshot.js';
import type { Context } from './context.js';

/** Parses a command's flags; a refusal names every one that breaks a rule, with its value. */
export function parseFlags<T>(schema: z.ZodType<T>, flags: unknown): T {
  const parsed = schema.safeParse(flags);
  if (parsed.success) return parsed.data;
  throw usageError('ARGUMENT_INVALID', problemText(problemsOf(parsed.error, flags)), { remedy: 'nothing was booked; --help lists what the command takes' });
}

const decimal = (decimals: number, rule: string) => z.string().regex(new RegExp(`^\\d{1,9}(\\.\\d{1,${decimals}})?$`), { error: rule, abort: true })
  .refine((text) => D(text).gt(0), 'must be above 0');

/** A rate or a price a share. */
export const rateSchema = decimal(10, 'must be a number above 0 with at most 10 decimals, such as 1.4123');
export const reasonSchema = notesSchema.refine((text) => text.trim() !== '', 'must say why');
export const fractionSchema = z.string().regex(/^0(\.\d{1,6})?$/, { error: 'must be a fraction from 0 to 0.5, such as 0.15', abort: true })
  .refine((text) => D(text).lte('0.5'), 'must be at most 0.5');
/** `7`, `1.5`, `1/4` or `3:2`, as a decimal. */
export const ratioSchema = z.string().regex(/^\d{1,6}(\.\d{1,8})?([/:]\d{1,6})?$/, { error: 'must be new shares for one old share, such as 7, 1.5, 1/4 or 3:2', abort: true })
  .refine((text) => text.split(/[/:]/).every((part) => Number(part) > 0), 'must be above 0')
  .transform((text) => {
    const [over = '1', under = '1'] = text.split(/[/:]/);
    return toText(D(over).div(D(under)));
  });

/** Who books what into which account; refused while the account is not open in the database. */
export async function bookkeeper(context: Context): Promise<Bookkeeper> {
  const operator = context.operator();
  const { account } = context.account;
  if (!(await listAccounts(context.db)).some((known) => known.account === account)) {
    throw refusal('ACCOUNT_NOT_OPEN', `account ${account} is in the policy, but not open yet`, { remedy: `make run-0800, or trading-ops account add ${account}` });
  }
  return { account: context.account, operator, at: context.at };
}

/** The next thing to type after a booking: the newest snapshot no longer counts. */
export const reconcileAgain = ({ account }: Context): string =>
  `make reconcile-daily -- --snapshot-date YYYY-MM-DD --cash-gbp <cash> --position SYMBOL=UNITS${account.account === 'main' ? '' : ` --account ${account.account}`}`;
