import { addSessions, asOfDate } from '../../domain/calendar/calendar.js';
import { costsInWords, timesCosts, type BrokerCosts } from '../../domain/walk/costs.js';
import { contentHash } from '../../domain/hash.js';
import { ticketDifferences } from '../../domain/walk/difference.js';
import { outcomeOfWalk, type WalkOutcome } from '../../domain/walk/outcome.js';
import { resetInWords, SURVIVORSHIP, type Variant, type WalkedBy, type WalkReport } from '../../domain/walk/report.js';
import type { IsoDate } from '../../domain/types.js';
import { walkedTo } from '../market.js';
import { executeWith, type BrokerMarket } from '../broker.js';
import { benchmarkIn } from '../benchmark.js';
import type { SimulatedDay } from '../run.js';
import type { Archive } from './archive.js';
import type { Rules } from './desk.js';
import { readMarket, type MarketOfWalk } from './prepare.js';
import type { TriedBefore } from './files.js';
import { walk, type Walked } from './walk.js';

/** Sessions before and after its first day that a walk is begun on, to see how much hangs on the day. */
export const START_DAYS = [-5, -4, -3, -2, -1, 1, 2, 3, 4, 5] as const;
const COSTS_FACTOR = 2;

/** What a report of a walk is asked for with. */
export interface ReportAsked extends Omit<MarketOfWalk, 'rules'> {
  rules: Rules;
  by: WalkedBy;
  cash: string;
  costs: BrokerCosts;
  /** Sessions after which the kill switch is reset; null: nobody resets it. */
  resetAfter: number | null;
  sensitivity: boolean;
  /** The other policy on the same days. */
  against: { rules: Rules; by: WalkedBy } | null;
  /** Walks that were made before. */
  before: TriedBefore;
  onDay?(day: SimulatedDay): void;
}

/** A market that was read once, for every walk of a report. */
interface Read {
  archive: Archive;
  market: BrokerMarket;
}

/** Walks the days, and what else the report compares them with. @throws OpsError as `walk` */
export async function walkReport(wanted: ReportAsked): Promise<WalkReport> {
  const { rules, against, costs, from } = wanted;
  // As far back as any of the walks begins; what each is told depends on its own days.
  const earliest = wanted.sensitivity ? addSessions(from, START_DAYS[0], rules.policy.calendar) : from;
  const read = await readMarket({ ...wanted, from: earliest });
  const otherRead = against && (await readFor(wanted, against.rules, read));
  const { to, endsEarly } = lastDayOf(wanted, read, otherRead);
  const asked = { ...wanted, to };
  const own = await walkOf(asked, read, {});
  const outcome = outcomeOf(asked, read, own, from);
  const variants = asked.sensitivity ? await sensitivityOf(asked, read) : [];
  const other = against && otherRead && (await outcomeAgainst({ ...asked, rules: against.rules }, otherRead));
  return {
    schema: 1,
    account: rules.account.account,
    baseCurrency: rules.account.baseCurrency,
    cash: asked.cash,
    by: asked.by,
    costs,
    assumptions: [...costsInWords(costs), resetInWords(asked.resetAfter)],
    outcome,
    endsEarly,
    warning: SURVIVORSHIP,
    unread: unreadIn(read.archive, rules),
    problems: problemsOf(own.days),
    resets: own.desk.resets,
    sensitivity: variants,
    against: against &&
      other && {
        by: against.by,
        outcome: other.outcome,
        resets: other.walked.desk.resets,
        differences: ticketDifferences(
          own.tickets.map(({ material }) => material),
          other.walked.tickets.map(({ material }) => material),
        ),
      },
    variants: variantsOf(asked, variants.length),
  };
}

/** Each walk by what it was asked for with, and how many others were tried before. @param begun those of sensitivity */
function variantsOf(asked: ReportAsked, begun: number): WalkReport['variants'] {
  const { rules, against, costs, from, to, cash, resetAfter, rulings, events, before } = asked;
  const keyOf = ({ account, policyHash, universeHash, mode }: Rules, more: object = {}) =>
    contentHash({
      account,
      policyHash,
      universeHash,
      mode,
      cash,
      costs,
      resetAfter,
      rulings,
      events,
      from,
      to,
      ...more,
    });
  const keys = [
    keyOf(rules),
    ...(against === null ? [] : [keyOf(against.rules)]),
    ...Array.from({ length: begun }, (_, variant) => keyOf(rules, { variant })),
  ];
  const others = [...before.keys].filter((key) => !keys.includes(key));
  return { inThisReport: keys.length, before: before.unnamed + others.length, keys };
}

/** Both policies walk the same days: to the last that either of them has a price of. */
function lastDayOf(asked: ReportAsked, read: Read, other: Read | null): ReturnType<typeof walkedTo> {
  const [own, others] = [read.market.pricedTo, (other ?? read).market.pricedTo];
  return walkedTo(asked, { pricedTo: own < others ? own : others }, asked.rules.policy.calendar);
}

/** The other policy's walk, by its own market. */
async function outcomeAgainst(asked: ReportAsked, read: Read): Promise<{ walked: Walked; outcome: WalkOutcome }> {
  const walked = await walkOf(asked, read, {});
  return { walked, outcome: outcomeOf(asked, read, walked, asked.from) };
}

/** The market is read once more where the other policy takes its prices elsewhere, or looks further back. */
function readFor(asked: ReportAsked, rules: Rules, read: Read): Promise<Read> {
  const of = ({ policy }: Rules) => JSON.stringify([policy.market_data, policy.calendar]);
  return of(rules) === of(asked.rules) ? Promise.resolve(read) : readMarket({ ...asked, rules });
}

function walkOf(
  { rules, cash, rulings, costs, resetAfter, from, to, onDay }: ReportAsked,
  read: Read,
  other: { from?: IsoDate; costs?: BrokerCosts },
): Promise<Walked> {
  return walk({
    ...read,
    rules,
    cash,
    rulings,
    resetAfter,
    from: other.from ?? from,
    to,
    fill: executeWith(other.costs ?? costs),
    ...(onDay && { onDay }),
  });
}

async function sensitivityOf(asked: ReportAsked, read: Read): Promise<Variant[]> {
  const { rules, from, to, costs } = asked;
  const variants: Variant[] = [];
  const quiet = { ...asked, onDay: () => undefined };
  for (const sessions of START_DAYS) {
    const begins = addSessions(from, sessions, rules.policy.calendar);
    if (begins > to) continue;
    const apart = Math.abs(sessions);
    const name = `begun ${apart} ${apart === 1 ? 'session' : 'sessions'} ${sessions < 0 ? 'earlier' : 'later'}`;
    const walked = await walkOf(quiet, read, { from: begins });
    variants.push(variantOf(name, begins, outcomeOf(asked, read, walked, begins)));
  }
  const dear = await walkOf(quiet, read, { costs: timesCosts(costs, COSTS_FACTOR) });
  return [...variants, variantOf(`costs × ${COSTS_FACTOR}`, from, outcomeOf(asked, read, dear, from))];
}

const variantOf = (
  name: string,
  from: IsoDate,
  { change, annual, drawdowns, trades, gaps, valuedTo }: WalkOutcome,
): Variant => ({
  name,
  from,
  change,
  annual,
  deepest: drawdowns[0]?.depth ?? 0,
  trades,
  gaps: gaps.length,
  valuedTo,
});

function outcomeOf(
  { rules, cash }: ReportAsked,
  { market }: Read,
  { days, tickets }: Walked,
  from: IsoDate,
): WalkOutcome {
  const startsOn = asOfDate(days[0]?.tradingDay ?? from, rules.policy.calendar);
  return outcomeOfWalk(
    days,
    tickets.map(({ material }) => material),
    {
      baseCurrency: rules.account.baseCurrency,
      cash,
      startsOn,
      reference: market,
      benchmark: benchmarkIn(market, rules.universe, [startsOn, ...days.map(({ tradingDay }) => tradingDay)]),
    },
  );
}

function unreadIn({ eod }: Archive, { policy }: Rules): WalkReport['unread'] {
  const series = [...(eod.get(policy.market_data.provider)?.values() ?? [])];
  return series.flatMap(({ symbol, failure }) =>
    failure ? [{ symbol, why: `${failure.code}: ${failure.message}` }] : [],
  );
}

function problemsOf(days: readonly SimulatedDay[]): WalkReport['problems'] {
  const found = new Map<string, { tradingDay: IsoDate; problem: string; days: number }>();
  for (const { tradingDay, problems } of days)
    for (const problem of problems) {
      const before = found.get(problem) ?? { tradingDay, problem, days: 0 };
      found.set(problem, { ...before, days: before.days + 1 });
    }
  return [...found.values()];
}
