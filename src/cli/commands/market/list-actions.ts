import type { Command } from 'commander';
import type { ListActions } from '../../../contract/market.js';
import { resultOrThrow } from '../../../domain/errors.js';
import type { JudgedAction } from '../../../operations/market/judged-actions.js';
import type { JudgedJump } from '../../../operations/market/judged-jumps.js';
import { listActions } from '../../../operations/market/list-actions.js';
import { ruleCommand, type ToRuleOn } from '../../../reports/commands.js';
import { withContext } from '../../kit/context.js';

/**
 * Lists published actions with their rulings, and the jumps that none of them explains, and says which wait for a
 * ruling.
 */
export async function listPublished(command: Command): Promise<void> {
  await withContext(command, async ({ db, policy, universe, account, at }) => {
    const { symbol: symbols, ...flags } = command.opts<
      { symbol?: string[]; onHold?: boolean; held?: boolean } & Pick<ListActions, 'since'>
    >();
    const onlyOnHold = flags.onHold ?? flags.held ?? false;
    const input = { symbols, since: flags.since, at };
    const { since, actions: all } = resultOrThrow(await listActions(db, { policy, universe }, input));
    const shown = onlyOnHold ? all.filter(isOnHold) : all;
    const [first] = all.filter(isOnHold).toSorted((a, b) => Number(stopsTheDay(b)) - Number(stopsTheDay(a)));
    return {
      data: shown,
      lines:
        shown.length === 0
          ? [`No ${onlyOnHold ? 'held ' : ''}actions since ${since}.`]
          : shown.toReversed().flatMap((one) => (one.kind === 'JUMP' ? linesOfJump(one) : lineOf(one))),
      next: first ? ruleCommand(ruledOn(first), account, at) : 'make data-quality',
    };
  });
}

type Listed = JudgedAction | JudgedJump;

const isOnHold = (one: Listed): boolean => (one.kind === 'JUMP' ? one.onHold : one.held !== null);
const stopsTheDay = (one: Listed): boolean => one.kind === 'JUMP' && one.stopsTheDay;

function ruledOn(one: Listed): ToRuleOn {
  const { symbol, exDate, kind } = one;
  if (kind !== 'JUMP') return { symbol, exDate, kind, type: one.dividendType };
  // Where the provider's adjusted close alone moves there was rather a split or dividend that it did not tell.
  if (one.adjusted !== null) return { symbol, exDate, kind: 'SPLIT' };
  return { symbol, exDate, kind, closes: one.isRate ? null : { before: one.closeBefore, after: one.close } };
}

function lineOf(action: JudgedAction): string {
  const { symbol, exDate, kind, dividendType, value, currency, ruling, ruledValue, held } = action;
  const state =
    held !== null
      ? `HELD: ${held}`
      : ruling === null
        ? ''
        : `ruled: ${ruling}${ruledValue === null ? '' : ` ${ruledValue}`}`;
  const typed = dividendType === undefined ? '' : `, ${dividendType.replaceAll('_', ' ')}`;
  const figure = `${value}${currency ? ` ${currency}` : ''}${typed}`;
  return `${exDate}  ${symbol.padEnd(6)} ${kind.toLowerCase().padEnd(8)} ${figure}  ${state}`.trimEnd();
}

/** The move, what it does to the day, and the closes around it. */
function linesOfJump({ symbol, session, closeBefore, close, move, adjusted, around, ...jump }: JudgedJump): string[] {
  const state =
    jump.ruled !== null
      ? `ruled: ${jump.ruled === 'ignore' ? 'genuine' : jump.ruled}`
      : jump.confirmedBy === null
        ? `HELD: ${jump.stopsTheDay ? 'stops the day' : `leaves ${symbol} out`}`
        : `cleared: ${jump.confirmedBy} shows it too`;
  return [
    `${session}  ${symbol.padEnd(6)} ${'jump'.padEnd(8)} ${closeBefore} to ${close}, ${percent(move)}  ${state}`,
    ...(adjusted ? [`${INDENT}the provider's adjusted close: ${adjustedText(adjusted)}`] : []),
    ...wrapped(around.map((one) => `${one.session.slice(5)} ${one.close}`)).map(
      (line, index) => `${INDENT}${index === 0 ? 'closes: ' : '        '}${line}`,
    ),
  ];
}

const INDENT = ' '.repeat(12);
const percent = (move: number): string => `${move > 0 ? '+' : ''}${(move * 100).toFixed(1)} %`;

const adjustedText = ({ closeBefore, close }: NonNullable<JudgedJump['adjusted']>): string =>
  `${closeBefore} to ${close}, ${percent(Number(close) / Number(closeBefore) - 1)}`;

/** Closes in lines that fit a terminal of 100 columns. */
const wrapped = (closes: string[]): string[] =>
  closes.reduce<string[]>((lines, close) => {
    const last = lines.at(-1);
    return last !== undefined && last.length + close.length < 76
      ? [...lines.slice(0, -1), `${last}, ${close}`]
      : [...lines, close];
  }, []);
