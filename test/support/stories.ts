import fc from 'fast-check';
import { tradingDayOf } from '../../src/domain/calendar/calendar.js';
import { opened, type Happening, type Statement } from './statement.js';

/*
 * Stories of an account: what really happened at the broker in January and February 2026, or in July and August, when
 * London is an hour ahead; as its statements of this or that time tell it, and which of it somebody has booked.
 */

export const WHAT = ['DEPOSIT', 'WITHDRAWAL', 'FEE', 'INTEREST', 'BUY', 'SELL', 'SPLIT', 'DIVIDEND'] as const;
export type What = (typeof WHAT)[number];
/** What somebody has made of a fact: the right booking, none, one of other figures, or one of another date. */
export const BOOKED = ['RIGHT', 'LEFT_OUT', 'WRONG', 'LATE'] as const;
export type BookedAs = (typeof BOOKED)[number];

/** A story as it is drawn; what cannot be (a sale of nothing) is left out when it is told. */
export interface Drawn {
  base: 'USD' | 'GBP';
  /** January and February when left out. */
  season?: 'WINTER' | 'SUMMER';
  /** Whether each trade is of a ticket of its day, and booked as a fill. */
  isOrdered?: boolean;
  facts: {
    day: number;
    /** UTC; the afternoon when left out, and of a split the morning. */
    time?: string;
    what: What;
    symbol: 'AAA' | 'BBB';
    cents: number;
    units: number;
    pick: number;
    as: BookedAs;
  }[];
  /** What the ledger has: each fact as it says itself, or all of them, or none. */
  ledger: 'MIXED' | 'EVERYTHING' | 'NOTHING';
  periods: number;
  order: number[];
  isPatient: boolean;
  isPublished: boolean;
  /** The day at whose end somebody counted the cash, and set it by a baseline; no day of February is later than 59. */
  counted: number | null;
}

const drawnFact = (whats: readonly What[]) =>
  fc.record({
    day: fc.integer({ min: 2, max: 57 }),
    what: fc.constantFrom(...whats),
    symbol: fc.constantFrom('AAA' as const, 'BBB' as const),
    // Few of each, so that equal ones are many.
    cents: fc.constantFrom(10_000, 5_000, 12_345),
    units: fc.integer({ min: 1, max: 3 }),
    pick: fc.nat({ max: 9 }),
    as: fc.constantFrom(...BOOKED),
  });

/** Stories of these kinds of facts, at random. */
export const stories = (
  whats: readonly What[] = WHAT,
  bases: readonly Drawn['base'][] = ['USD', 'GBP'],
): fc.Arbitrary<Drawn> =>
  fc.record({
    base: fc.constantFrom(...bases),
    facts: fc.array(drawnFact(whats), { minLength: 1, maxLength: 8 }),
    ledger: fc.constantFrom('MIXED' as const, 'NOTHING' as const, 'EVERYTHING' as const),
    periods: fc.nat({ max: PERIODS.length - 1 }),
    order: fc.array(fc.nat({ max: 2 }), { maxLength: 5 }),
    isPatient: fc.boolean(),
    isPublished: fc.boolean(),
    counted: fc.option(fc.integer({ min: 1, max: 59 }), { freq: 2 }),
  });

/** Days of the first month, counted on into the second, of which statements are told. */
type Days = readonly [from: number, to: number];
const [JANUARY, FEBRUARY, BOTH]: readonly Days[] = [
  [1, 31],
  [32, 59],
  [1, 59],
];
const PERIODS: readonly (readonly Days[])[] = [
  [JANUARY as Days, FEBRUARY as Days],
  [JANUARY as Days, FEBRUARY as Days, BOTH as Days],
  [
    [1, 41],
    [25, 59],
  ],
  [JANUARY as Days, [15, 45], FEBRUARY as Days],
];

/** What happened, as the broker has it. */
export interface Fact {
  what: What;
  symbol: string;
  date: string;
  /** The instant of its rows, which is its own. */
  at: string;
  /** Above zero; base currency, in which a statement in dollars may not say it. */
  amount: string;
  /** Signed: what the holding changes by, of a trade or a split. */
  units: string;
  /** Of a dividend. */
  exDate: string;
  as: BookedAs;
}
export interface Action {
  symbol: string;
  exDate: string;
  kind: 'SPLIT' | 'DIVIDEND';
  value: string;
  currency: string;
}
export interface Story {
  base: Drawn['base'];
  season: Season;
  /** When all of it is booked. */
  today: string;
  /** Whether its trades are of tickets, one a day on which there were any. */
  isOrdered: boolean;
  facts: Fact[];
  statements: { happenings: Happening[]; said: Statement }[];
  /** Indices of statements as they are imported, each at least once. */
  order: number[];
  isPatient: boolean;
  /**
   * When somebody set the cash that they had counted. A statement in dollars tells nothing of the cash of pounds, and
   * one without rows of none.
   */
  countedOn: string | null;
  actions: Action[];
  /** How the holding of the end came about at the broker. */
  units: Map<string, number>;
}

export const OPENED = { date: '2025-12-01', cash: 20_000, symbol: 'AAA', units: 10 };
export const RATIO = 2;
const RATE = 1.25;

const two = (number: number): string => String(number).padStart(2, '0');
const cents = (amount: number): number => Math.round(amount * 100) / 100;
type Season = NonNullable<Drawn['season']>;
/** The month before the first one of a season. */
const MONTH = { WINTER: 0, SUMMER: 6 };
/** A day of the first month, counted on. */
export const dateOf = (day: number, season: Season = 'WINTER'): string =>
  new Date(Date.UTC(2026, MONTH[season], day)).toISOString().slice(0, 10);
const ukDate = (date: string): string => date.split('-').toReversed().join('/');
const TODAY = 64;

interface Lot {
  id: string;
  symbol: string;
  units: number;
  cost: number;
  at: string;
  opened: Happening | null;
}
interface Told {
  day: number;
  happening: Happening;
}
/** The broker's books as a story goes on. */
interface Broker {
  base: Drawn['base'];
  season: Season;
  isPublished: boolean;
  lots: Lot[];
  told: Told[];
  facts: Fact[];
  actions: Action[];
}

/** The story that was drawn, as the broker's statements tell it. */
export function storyOf(drawn: Drawn): Story {
  const { base, isPublished, isPatient, ledger, counted, season = 'WINTER', isOrdered = false } = drawn;
  const seed = { id: '1', symbol: OPENED.symbol, units: OPENED.units, cost: 1000, at: '01/12/2025 15:00:00' };
  const lots = [{ ...seed, opened: null }];
  const broker: Broker = { base, season, isPublished, lots, told: [], facts: [], actions: [] };
  const placeOf = (fact: Drawn['facts'][number]) => `${two(fact.day)} ${timeOf(fact)}`;
  const ordered = drawn.facts.toSorted((a, b) => (placeOf(a) < placeOf(b) ? -1 : placeOf(a) > placeOf(b) ? 1 : 0));
  for (const [index, fact] of ordered.entries()) happen(broker, fact, index);
  const periods = PERIODS[drawn.periods] as readonly Days[];
  const statements = periods.map((days) => statementOf(broker, days));
  const all = statements.map((_, index) => index);
  const as = ({ as: own }: Fact): BookedAs =>
    ledger === 'NOTHING' ? 'LEFT_OUT' : ledger === 'EVERYTHING' ? 'RIGHT' : own;
  const isTold = (counted: number): boolean =>
    base === 'USD' &&
    periods.some(([from, to]) => {
      const isWithin = (day: number) => day >= from && day <= to;
      return isWithin(counted) && broker.told.some(({ day }) => isWithin(day));
    });
  const units = new Map<string, number>();
  for (const lot of broker.lots) units.set(lot.symbol, (units.get(lot.symbol) ?? 0) + lot.units);
  return {
    base,
    season,
    today: dateOf(TODAY, season),
    isOrdered,
    facts: broker.facts.map((fact) => ({ ...fact, as: as(fact) })),
    statements,
    order: [...drawn.order.map((index) => index % all.length), ...all],
    isPatient,
    countedOn: counted !== null && isTold(counted) ? dateOf(counted, season) : null,
    actions: broker.actions,
    units,
  };
}

function statementOf({ told, season }: Broker, [from, to]: Days): Story['statements'][number] {
  const before = told.filter(({ day }) => day < from);
  const sum = (of: (each: Happening) => number) => cents(before.reduce((total, each) => total + of(each.happening), 0));
  const cash = OPENED.cash + sum(({ cash: own, amount }) => own ?? amount);
  const equity = OPENED.cash + 1000 + sum(({ equity: own, amount }) => own ?? amount);
  const on = (day: number) => ukDate(dateOf(day, season));
  const period = { from: `${on(from)} 00:00:00`, to: `${on(to)} 23:59:59`, created: `${on(TODAY)} 08:00:00` };
  return {
    happenings: told.filter(({ day }) => day >= from && day <= to).map(({ happening }) => happening),
    said: { ...period, cash: cents(cash), equity: cents(equity) },
  };
}

/** UTC. */
const timeOf = ({ what, time = '15:00' }: Drawn['facts'][number]): string => (what === 'SPLIT' ? '06:00' : time);

function happen(broker: Broker, drawn: Drawn['facts'][number], index: number): void {
  const { day, what, as } = drawn;
  const on = dateOf(day, broker.season);
  const at = `${ukDate(on)} ${timeOf(drawn)}:${two(index)}`;
  const instant = `${on}T${at.slice(11)}.000Z`;
  const fact = { what, symbol: drawn.symbol, date: tradingDayOf(instant), at: instant, as, units: '0', exDate: '' };
  const tell = (happening: Happening) => void broker.told.push({ day, happening });
  const know = (more: Partial<Fact> & { amount: string }) => void broker.facts.push({ ...fact, ...more });
  const scene: Scene = { broker, drawn, at, index, tell, know, amount: drawn.cents / 100 };
  if (what === 'BUY') buy(scene);
  else if (what === 'SELL') sell(scene);
  else if (what === 'SPLIT') split(scene);
  else if (what === 'DIVIDEND') pay(scene);
  else move(scene, what);
}

interface Scene {
  broker: Broker;
  drawn: Drawn['facts'][number];
  at: string;
  index: number;
  amount: number;
  tell(happening: Happening): void;
  know(more: Partial<Fact> & { amount: string }): void;
}

/** An amount of dollars as the account has it: the broker's rate is near that of the day. */
const inBase = ({ broker, drawn }: Scene, usd: number): number =>
  broker.base === 'USD' ? usd : cents(usd / (RATE + (drawn.cents % 7) * 0.002));

const TYPES = {
  DEPOSIT: 'Deposit',
  WITHDRAWAL: 'Withdraw Request',
  FEE: 'Overnight fee',
  INTEREST: 'Interest Payment',
};
function move(scene: Scene, what: keyof typeof TYPES): void {
  const { at, tell, know, broker } = scene;
  const amount = what === 'FEE' || what === 'INTEREST' ? cents(scene.amount / 100) : scene.amount;
  const base = inBase(scene, cents(amount)).toFixed(2);
  const details = what === 'DEPOSIT' ? { details: `${base} ${broker.base} Wire` } : {};
  tell({ at, type: TYPES[what], amount: what === 'DEPOSIT' || what === 'INTEREST' ? amount : -amount, ...details });
  know({ amount: base });
}

function buy(scene: Scene): void {
  const { broker, drawn, at, index, amount, tell, know } = scene;
  const id = String(1000 + index);
  const happening = opened(at, drawn.symbol, id, String(drawn.units), amount);
  broker.lots.push({ id, symbol: drawn.symbol, units: drawn.units, cost: amount, at, opened: happening });
  tell(happening);
  know({ amount: inBase(scene, amount).toFixed(2), units: String(drawn.units) });
}

/** A part of a position, which gets an id of its own, or the whole one. */
function sell(scene: Scene): void {
  const { broker, drawn, at, index, amount, tell, know } = scene;
  const lot = broker.lots[drawn.pick % Math.max(broker.lots.length, 1)];
  if (lot === undefined) return;
  const isWhole = drawn.units >= lot.units;
  const units = isWhole ? lot.units : drawn.units;
  const invested = isWhole ? lot.cost : cents((lot.cost * units) / lot.units);
  const profit = cents(amount - invested);
  const rates = { openRate: invested / units, closeRate: amount / units };
  const closed = { invested, profit, display: cents(profit / RATE), openedAt: lot.at, ...rates };
  const id = isWhole ? lot.id : String(2000 + index);
  const common = { at, type: 'Position closed', details: `${lot.symbol}/USD`, amount, equity: profit, id };
  tell({ ...common, units: String(units), closed });
  know({ amount: inBase(scene, amount).toFixed(2), symbol: lot.symbol, units: String(-units) });
  Object.assign(lot, { units: lot.units - units, cost: cents(lot.cost - invested) });
  if (isWhole) broker.lots.splice(broker.lots.indexOf(lot), 1);
  else if (lot.opened !== null) lot.opened.amount = lot.cost;
}

/** Once a story: two for one, a row a position. */
function split({ broker, drawn, at, tell, know }: Scene): void {
  const lots = broker.lots.filter(({ symbol }) => symbol === drawn.symbol);
  if (lots.length === 0 || broker.facts.some(({ what }) => what === 'SPLIT')) return;
  const before = lots.reduce((sum, { units }) => sum + units, 0);
  for (const lot of lots) {
    lot.units *= RATIO;
    tell({ at, type: 'corp action: Split', details: `${lot.symbol}/USD 2:1`, amount: 0, equity: 0, id: lot.id });
  }
  know({ amount: '0', units: String(before * (RATIO - 1)) });
  const { symbol } = drawn;
  if (broker.isPublished)
    broker.actions.push({
      symbol,
      exDate: dateOf(drawn.day, broker.season),
      kind: 'SPLIT',
      value: String(RATIO),
      currency: 'USD',
    });
}

/** Once a symbol, a row a position. */
function pay(scene: Scene): void {
  const { broker, drawn, at, tell, know } = scene;
  const { symbol } = drawn;
  const lots = broker.lots.filter((lot) => lot.symbol === symbol);
  if (lots.length === 0 || broker.facts.some((fact) => fact.what === 'DIVIDEND' && fact.symbol === symbol)) return;
  let net = 0;
  for (const lot of lots) {
    const own = cents(lot.units * 0.85);
    const [shown, tax] = [inBase(scene, own), cents((own * 15) / 85)];
    net = cents(net + shown);
    const paid = { tax, display: shown, taxDisplay: inBase(scene, tax) };
    tell({ at, type: 'Dividend', details: `${symbol}/USD`, amount: own, id: lot.id, paid });
  }
  const exDate = dateOf(drawn.day - 5, broker.season);
  broker.actions.push({ symbol, exDate, kind: 'DIVIDEND', value: '1', currency: 'USD' });
  know({ amount: net.toFixed(2), exDate });
}
