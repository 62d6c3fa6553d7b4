import type { Command } from 'commander';
import { z } from 'zod';
import { judgedActions, type JudgedAction } from '../../../operations/market/judged-actions.js';
import { listActions, recordRuling } from '../../../db/actions.js';
import { asOfDate, tradingDayOf } from '../../../domain/calendar/calendar.js';
import { isIsoDate } from '../../../domain/dates.js';
import { usageError } from '../../../domain/errors.js';
import type { ActionRuling, DecimalString } from '../../../domain/types.js';
import { withContext, type Context } from '../../kit/context.js';

/** How far back the list goes when nobody says: a year, as an operator would look. */
const DAYS_BACK = 366;
const DAY_MS = 86_400_000;

const isoDate = z.string().refine(isIsoDate, 'must be a date YYYY-MM-DD that exists');

/** Lists published actions with their rulings, and says which are held for review. */
export async function listPublished(command: Command): Promise<void> {
  await withContext(command, async (context) => {
    const flags = command.opts<{ symbol?: string[]; since?: string; held?: boolean }>();
    const since = flags.since === undefined ? new Date(Date.parse(context.at) - DAYS_BACK * DAY_MS).toISOString().slice(0, 10) : parsed('since', isoDate, flags.since);
    const to = asOfDate(tradingDayOf(context.at), context.policy.calendar);
    const all = await judgedActions(context.db, context.policy, { ...(flags.symbol && { symbols: flags.symbol }), since, to });
    const shown = flags.held ? all.filter(({ held }) => held !== null) : all;
    const held = all.find((action) => action.held !== null);
    return {
      data: shown,
      lines: shown.length === 0 ? [`No ${flags.held ? 'held ' : ''}actions since ${since}.`] : shown.toReversed().map(lineOf),
      next: held ? `trading-ops actions rule --symbol ${held.symbol} --ex-date ${held.exDate} --kind ${held.kind.toLowerCase()} --as <cash_dividend|split|ignore> --reason "<why>"` : 'make data-quality',
    };
  });
}

function lineOf({ symbol, exDate, kind, value, currency, ruling, ruledValue, held }: JudgedAction): string {
  const state = held !== null ? `HELD: ${held}` : ruling === null ? '' : `ruled: ${ruling}${ruledValue === null ? '' : ` ${ruledValue}`}`;
  return `${exDate}  ${symbol.padEnd(6)} ${kind.toLowerCase().padEnd(8)} ${value}${currency ? ` ${currency}` : ''}  ${state}`.trimEnd();
}

const ruleFlags = z.object({
  symbol: z.string().regex(/^[A-Z0-9]{1,10}([.-][A-Z0-9]{1,4})?$/, 'must be an internal symbol such as AAPL or BRK.B'),
  exDate: isoDate,
  kind: z.enum(['split', 'dividend']).transform((kind) => (kind === 'split' ? 'SPLIT' as const : 'DIVIDEND' as const)),
  as: z.enum(['cash_dividend', 'split', 'ignore']),
  value: z.string().regex(/^\d{1,9}(\.\d{1,12})?$/, 'must be a plain decimal number').refine((text) => Number(text) > 0, 'must be above 0').optional(),
  reason: z.string().trim().min(3, 'must say why, in a few words').max(500),
});

/** Records what a human decided about an action; the newest ruling counts, older ones stay on record. */
export async function rule(command: Command): Promise<void> {
  await withContext(command, async (context) => {
    const flags = parsedFlags(command.opts());
    const operator = context.operator();
    if (!context.universe.some(({ internalSymbol }) => internalSymbol === flags.symbol)) {
      throw usageError('SYMBOL_UNKNOWN', `symbol: ${flags.symbol}: is not in the universe`, { remedy: 'trading-ops actions list --held' });
    }
    const value = flags.as === 'ignore' ? refuseValue(flags.value) : flags.value ?? await publishedValue(context, flags);
    const ruling: ActionRuling = { symbol: flags.symbol, exDate: flags.exDate, kind: flags.kind, ruling: flags.as, value };
    await recordRuling(context.db, { ...ruling, reason: flags.reason, operator, ruledAt: context.at });
    return {
      data: { ...ruling, reason: flags.reason, operator },
      lines: [`${flags.symbol} ${flags.exDate}: the published ${flags.kind.toLowerCase()} counts as ${flags.as}${value === null ? '' : ` of ${value}`}, ruled by ${operator}.`],
      next: 'make data-quality',
    };
  });
}

type RuleFlags = z.infer<typeof ruleFlags>;

function refuseValue(value: string | undefined): null {
  if (value === undefined) return null;
  throw usageError('VALUE_UNEXPECTED', `value: ${value}: must be left out with --as ignore, which says that nothing happened`);
}

/** The published figure, where the ruling confirms the published kind; nobody else can know it. */
async function publishedValue({ db, policy }: Context, { symbol, exDate, kind, as }: RuleFlags): Promise<DecimalString> {
  const confirms = (kind === 'SPLIT') === (as === 'split');
  const published = await listActions(db, { source: policy.market_data.provider, symbols: [symbol], from: exDate, to: exDate });
  const found = published.find((action) => action.kind === kind);
  if (confirms && found) return found.value;
  throw usageError('VALUE_MISSING', `value: must be given: ${confirms ? `no ${kind.toLowerCase()} of ${symbol} on ${exDate} was published` : `the published ${kind.toLowerCase()} is no measure of a ${as}`}`, {
    remedy: as === 'split' ? 'add --value <new shares per old share>' : 'add --value <cash a share>',
  });
}

function parsedFlags(given: unknown): RuleFlags {
  const result = ruleFlags.safeParse(given);
  if (result.success) return result.data;
  throw usageError('FLAGS_INVALID', result.error.issues.map(({ path, message }) => {
    const name = String(path[0]).replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    return `${name}: ${String((given as Record<string, unknown>)[String(path[0])] ?? '')}: ${message}`;
  }).join('\n'), { remedy: 'trading-ops actions rule --help' });
}

function parsed<T>(name: string, schema: z.ZodType<T>, value: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw usageError('FLAGS_INVALID', `${name}: ${value}: ${result.error.issues[0]?.message}`);
}
