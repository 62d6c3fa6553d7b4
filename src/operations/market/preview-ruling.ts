import type { z } from 'zod';
import type { Asker } from '../../contract/asker.js';
import { parseInput } from '../../contract/reading.js';
import { lookAtRulingSchema, ruleActionSchema, type LookAtRuling, type RuleAction } from '../../contract/rulings.js';
import { listActions, listRulings, rulingsOnDay, type StoredRuling } from '../../db/actions.js';
import { listAccounts } from '../../db/accounts.js';
import { journal } from '../../db/journal.js';
import { storedHistories } from '../../db/market-facts.js';
import { addSessions, asOfDate, tradingDayOf } from '../../domain/calendar/calendar.js';
import { outcomeOf, resultOrThrow, type Outcome } from '../../domain/errors.js';
import { likelyRatio, type Jump } from '../../domain/market/index.js';
import { rulingEffect, type RuledAround, type RulingEffect } from '../../domain/market/ruling-effect.js';
import { planRuling, rulingText, type RuledDay } from '../../domain/market/ruling.js';
import type { ActionRuling, Bar, DecimalString, IsoDate } from '../../domain/types.js';
import { admitToInstallation } from '../accounts/admit.js';
import type { Admitted, Gatehouse } from '../installation.js';
import { judgedActions, type JudgedAction } from './judged-actions.js';
import { EARLIEST, ruledDay } from './ruled-day.js';

/** Sessions before and after the date that are shown. */
const AROUND = 5;

/** What somebody sees before they rule. */
export interface RulingLook {
  /** Splits and dividends that were published of the date, each with why it is on hold. */
  published: JudgedAction[];
  jump: Jump | null;
  /** Everything that was ruled on the date, oldest first: all of it stays on record. */
  earlier: StoredRuling[];
  bars: Bar[];
  /** As it counts now. */
  now: RulingEffect;
  choices: RulingChoice[];
}

/** What a ruling would do, or why it cannot be ruled so. */
export interface RulingChoice {
  as: ActionRuling['ruling'];
  value: DecimalString | null;
  outcome: Outcome<RulingEffect & { says: string }>;
}

/** Rulings in the order in which they are considered. */
const ALL: readonly ActionRuling['ruling'][] = ['cash_dividend', 'split', 'ignore', 'genuine'];

/** What is known of a date, and what each ruling on it would do; nothing is stored. */
export function lookAtRuling(place: Gatehouse, asker: Asker, input: LookAtRuling): Promise<Outcome<RulingLook>> {
  return outcomeOf(async () => {
    const known = await knownOf(place, asker, parseInput(lookAtRulingSchema, input));
    return { ...known.look, choices: ALL.map((as) => choiceOf(known, as, figureFor(as, known))) };
  });
}

/** What one ruling would do, whole as it is asked for; nothing is stored. @returns or what it would be refused with */
export function previewRuling(
  place: Gatehouse,
  asker: Asker,
  input: RuleAction,
): Promise<Outcome<RulingLook & { chosen: RulingEffect & { says: string }; reason: string }>> {
  return outcomeOf(async () => {
    const { reason, as, ...about } = parseInput(ruleActionSchema, input);
    const known = await knownOf(place, asker, about);
    const choice = choiceOf(known, as, about.value);
    return { ...known.look, choices: [choice], chosen: resultOrThrow(choice.outcome), reason };
  });
}

/** With the dates that the bars are of. */
type Around = RuledAround & { from: IsoDate; to: IsoDate };
type About = z.output<typeof lookAtRulingSchema>;

/** What is ruled on, with everything that rulings are held against. */
interface Known {
  about: About;
  day: RuledDay;
  around: Around;
  look: Omit<RulingLook, 'choices'>;
}

async function knownOf(place: Gatehouse, asker: Asker, about: About): Promise<Known> {
  const { symbol, exDate } = about;
  const by = await admitToInstallation(place, asker, about.account);
  const day = await ruledDay(place.db, by, about);
  const around = await aroundOf(place, by, about);
  const { policy } = by.configuration;
  // What is out of proportion is told by the close before it.
  const judged = await judgedActions(place.db, policy, { symbols: [symbol], since: around.from, to: around.to });
  return {
    about,
    day,
    around,
    look: {
      published: judged.filter((action) => action.exDate === exDate),
      jump: day.jump,
      earlier: await rulingsOnDay(place.db, symbol, exDate),
      bars: [...around.bars],
      now: rulingEffect(around, null),
    },
  };
}

function choiceOf({ about, day, around }: Known, as: RulingChoice['as'], value: DecimalString | null): RulingChoice {
  const { symbol, exDate, kind, type: dividendType } = about;
  const planned = planRuling({ symbol, exDate, kind, dividendType, as, value }, day);
  if (!planned.ok) return { as, value, outcome: planned };
  const result = { ...rulingEffect(around, planned.result), says: rulingText(planned.result, day) };
  return { as, value: planned.result.value, outcome: { ok: true, result } };
}

/** The figure that a ruling is tried with: what somebody says, or of a jump that looks like a split its ratio. */
function figureFor(as: RulingChoice['as'], { about: { value }, day: { jump } }: Known): DecimalString | null {
  if (as === 'ignore' || as === 'genuine') return null;
  return value ?? (as === 'split' && jump !== null ? likelyRatio(jump.closeBefore, jump.close) : null);
}

async function aroundOf(
  { db }: Pick<Gatehouse, 'db'>,
  { at, configuration: { policy } }: Admitted,
  { symbol, exDate }: { symbol: string; exDate: string },
): Promise<Around> {
  const known = asOfDate(tradingDayOf(at), policy.calendar);
  const before = exDate < EARLIEST ? EARLIEST : addSessions(exDate, -AROUND, policy.calendar);
  const after = exDate < EARLIEST ? EARLIEST : addSessions(exDate, AROUND, policy.calendar);
  const [from, to] = [before, after < known ? after : known];
  const { provider: source } = policy.market_data;
  const { histories, basis } = await storedHistories(db, { source, symbols: [symbol], from, to });
  const ledgers = [];
  for (const { account } of await listAccounts(db)) ledgers.push({ account, entries: await journal(db, account) });
  return {
    symbol,
    exDate,
    from,
    to,
    bars: histories[0]?.bars ?? [],
    basis: histories[0]?.basis ?? basis ?? 'raw',
    actions: await listActions(db, { source, symbols: [symbol], from, to }),
    rulings: await listRulings(db, [symbol]),
    ledgers,
  };
}
