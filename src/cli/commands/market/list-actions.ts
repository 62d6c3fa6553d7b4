import type { Command } from 'commander';
import { isIsoDate } from '../../../domain/dates.js';
import { usageError } from '../../../domain/errors.js';
import { judgedUpTo, type JudgedAction } from '../../../operations/market/judged-actions.js';
import { withContext } from '../../kit/context.js';
import { bounded } from '../../../domain/text.js';

/** How far back the list goes when nobody says: a year, as an operator would look. */
const DAYS_BACK = 366;
const DAY_MS = 86_400_000;

/** Lists published actions with their rulings, and says which are held for review. */
export async function listPublished(command: Command): Promise<void> {
  await withContext(command, async (context) => {
    const flags = command.opts<{ symbol?: string[]; since?: string; onHold?: boolean; held?: boolean }>();
    const onlyOnHold = flags.onHold ?? flags.held ?? false;
    const since =
      flags.since === undefined
        ? new Date(Date.parse(context.at) - DAYS_BACK * DAY_MS).toISOString().slice(0, 10)
        : dateFlag('since', flags.since);
    const all = await judgedUpTo(context.db, context.policy, {
      ...(flags.symbol && { symbols: flags.symbol }),
      since,
      at: context.at,
    });
    const shown = onlyOnHold ? all.filter(({ held }) => held !== null) : all;
    const held = all.find((action) => action.held !== null);
    return {
      data: shown,
      lines:
        shown.length === 0
          ? [`No ${onlyOnHold ? 'held ' : ''}actions since ${since}.`]
          : shown.toReversed().map(lineOf),
      next: held ? ruleCommand(held) : 'make data-quality',
    };
  });
}

const ruleCommand = ({ symbol, exDate, kind }: JudgedAction): string =>
  `trading-ops actions rule --symbol ${symbol} --ex-date ${exDate} --kind ${kind.toLowerCase()} --as <cash_dividend|split|ignore> --reason "<why>"`;

function lineOf({ symbol, exDate, kind, value, currency, ruling, ruledValue, held }: JudgedAction): string {
  const state =
    held !== null
      ? `HELD: ${held}`
      : ruling === null
        ? ''
        : `ruled: ${ruling}${ruledValue === null ? '' : ` ${ruledValue}`}`;
  return `${exDate}  ${symbol.padEnd(6)} ${kind.toLowerCase().padEnd(8)} ${value}${currency ? ` ${currency}` : ''}  ${state}`.trimEnd();
}

function dateFlag(name: string, value: string): string {
  if (isIsoDate(value)) return value;
  throw usageError('FLAGS_INVALID', `${name}: ${bounded(value)}: must be a date YYYY-MM-DD that exists`);
}
