import type { Command } from 'commander';
import type { ListActions } from '../../../contract/market.js';
import { resultOrThrow } from '../../../domain/errors.js';
import type { JudgedAction } from '../../../operations/market/judged-actions.js';
import { listActions } from '../../../operations/market/list-actions.js';
import { withContext } from '../../kit/context.js';

/** Lists published actions with their rulings, and says which are held for review. */
export async function listPublished(command: Command): Promise<void> {
  await withContext(command, async ({ db, policy, at }) => {
    const { symbol: symbols, ...flags } = command.opts<
      { symbol?: string[]; onHold?: boolean; held?: boolean } & Pick<ListActions, 'since'>
    >();
    const onlyOnHold = flags.onHold ?? flags.held ?? false;
    const input = { symbols, since: flags.since, at };
    const { since, actions: all } = resultOrThrow(await listActions(db, policy, input));
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
