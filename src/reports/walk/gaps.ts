import type { IsoDate } from '../../domain/types.js';
import type { ComparedWith } from '../../domain/walk/benchmark.js';
import type { WalkOutcome } from '../../domain/walk/outcome.js';
import type { EndsEarly, GapsOfWalk } from '../../domain/walk/worth.js';
import { counted } from '../render/format.js';

/** What is named one by one; the JSON has all of it. */
const NAMED = 10;

const named = (items: readonly string[]): string =>
  items.slice(0, NAMED).join('; ') + (items.length > NAMED ? `; and ${items.length - NAMED} more, in the JSON` : '');

/**
 * Which sessions of a walk have no value and what is worth a last price, a sentence each; none where every session was
 * valued at its own closes and rate.
 * @param last the last session, and the last that has a value (null: none has)
 */
export function gapLines(
  { gaps, ended }: GapsOfWalk,
  { to, valuedTo, endsEarly }: { to: IsoDate; valuedTo: IsoDate | null; endsEarly: EndsEarly | null },
): string[] {
  return [
    ...(endsEarly === null
      ? []
      : [
          `Ends on ${to}, not on ${endsEarly.asked} as asked: the last price that could be read is of ` +
            `${endsEarly.lastPrice}.`,
        ]),
    ...(gaps.length === 0
      ? []
      : [
          `${counted(gaps.length, 'session')} without a value (no close or rate on ` +
            `${named(gaps.map(({ date, lacking }) => `${date}: ${lacking.join(', ')}`))}): none is filled in, and the ` +
            'return over each gap is one return.',
        ]),
    ...(valuedTo === to
      ? []
      : [
          valuedTo === null
            ? 'No session has a value: equity is the cash that it began with.'
            : `Equity and returns go to the close of ${valuedTo}, the last that has a value.`,
        ]),
    ...ended.map(
      ({ symbol, lastPrice, sessions }) =>
        `${symbol} has no price after ${lastPrice}: it counts at its last price on ${counted(sessions, 'session')}.`,
    ),
  ];
}

/** The same of a walk in memory, with what its fills found no open or rate of the day for. */
export function walkGapLines(outcome: WalkOutcome, endsEarly: EndsEarly | null): string[] {
  const { noOpen, olderRates, benchmark } = outcome;
  return [
    ...gapLines(outcome, { ...outcome, endsEarly }),
    ...(noOpen.length === 0
      ? []
      : [
          `${counted(noOpen.length, 'line')} found no open on the day and failed ` +
            `(${named(noOpen.map(({ date, side, symbol }) => `${date}: ${side} ${symbol}`))}).`,
        ]),
    ...(olderRates.length === 0
      ? []
      : [
          `Filled at the newest rate before, for the day has none, on ${counted(olderRates.length, 'day')} ` +
            `(${named(olderRates)}).`,
        ]),
    ...benchmarkGapLines(benchmark),
  ];
}

/** Closes of the account that its benchmark has nothing of, in one sentence; none where it has all. */
export const benchmarkGapLines = (benchmark: ComparedWith['benchmark']): string[] =>
  benchmark === null || benchmark.lacking.length === 0
    ? []
    : [
        `The benchmark has no close or rate of ${counted(benchmark.lacking.length, 'close')} of the account ` +
          `(${named(benchmark.lacking)}): none is filled in.`,
      ];
