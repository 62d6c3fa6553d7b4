import { expect } from 'vitest';
import { previousSession } from '../../../../src/domain/calendar/calendar.js';
import { nextEquityIndex } from '../../../../src/domain/ledger/equity.js';
import { flowsOf } from '../../../../src/domain/ledger/flows.js';
import { replayBook } from '../../../../src/domain/ledger/positions.js';
import type { Quote } from '../../../../src/domain/ledger/valuation.js';
import { worthOf } from '../../../../src/domain/ledger/worth.js';
import { D, toText } from '../../../../src/domain/money.js';
import { compare } from '../../../../src/domain/reconciliation/compare.js';
import { explainDrift } from '../../../../src/domain/reconciliation/explain.js';
import {
  nextProposal,
  waysOf,
  type Explanation,
  type StoredExplanation,
} from '../../../../src/domain/reconciliation/proposal.js';
import { Journal } from './journal.js';
import type { Books, BooksStep, Booking, Follow, Look, Told, Value } from './shape.js';
import { linesOf } from './ticket.js';

const TOLERANCES = { cash_tolerance: 5, units_tolerance: 0.0001 };

/** What a case has come to. */
interface Scene {
  of: Books;
  journal: Journal;
  /** What the broker showed at the newest look, and what was said of it. */
  shown: { cash: string; positions: Record<string, string> };
  said: Explanation[];
  valued: { equity: string; equityIndex: string; peakIndex: string; entries: number } | null;
}

/** Plays a ledger from its opening on. */
export function playBooks(of: Books): void {
  const journal = new Journal(of);
  const scene: Scene = { of, journal, shown: { cash: of.cash, positions: of.positions }, said: [], valued: null };
  for (const [index, step] of of.steps.entries()) playStep(scene, step, `step ${index + 1}`);
}

function playStep(scene: Scene, step: BooksStep, at: string): void {
  if ('look' in step) looks(scene, step, at);
  else if ('follow' in step) follows(scene, step, at);
  else if ('value' in step) values(scene, step, at);
  else if ('report' in step) reports(scene, step, at);
  else books(scene, step, at);
}

function universeOf({ of }: Scene): { internalSymbol: string }[] {
  const symbols = [...Object.keys(of.positions), ...of.market.universe];
  return [...new Set(symbols)].map((internalSymbol) => ({ internalSymbol }));
}

function driftOf(scene: Scene) {
  return compare(scene.shown, scene.journal.sums(), TOLERANCES, universeOf(scene));
}

function looks(scene: Scene, { look, expect: wanted }: Look, at: string): void {
  const { journal, of } = scene;
  scene.shown = { cash: look.cash, positions: look.positions ?? journal.sums().units };
  const lines = driftOf(scene);
  if (wanted.drift) {
    const codes = lines.flatMap(({ symbol, code }) => (code === null ? [] : [symbol ? `${code} ${symbol}` : code]));
    expect(codes, at).toEqual(wanted.drift);
  }
  scene.said = explainDrift(lines, {
    baseCurrency: of.base,
    snapshotDate: look.on,
    asOfDate: look.asOf ?? previousSession(look.on),
    agreedOn: look.agreed ?? null,
    entries: journal.entries,
    actions: journal.known.settled,
    fxOn: journal.fxOn,
    listedIn: journal.listedIn,
    known: universeOf(scene).map(({ internalSymbol }) => internalSymbol),
    worthOf: (symbol) => of.market.worth[symbol] ?? null,
    openTickets: look.open ? [{ ticketId: 'open', lines: linesOf(look.open), fx: '1' }] : [],
    cashTolerance: String(TOLERANCES.cash_tolerance),
    unitsTolerance: String(TOLERANCES.units_tolerance),
  });
  const { certain, open } = waysOf(scene.said);
  expect(certain.map(inShort), `${at}: ${JSON.stringify(scene.said, null, 1)}`).toEqual(wanted.certain);
  expect(
    open.flatMap(({ ways }) => ways.map((way) => way.map(inShort))),
    `${at}: ${JSON.stringify(scene.said, null, 1)}`,
  ).toEqual(wanted.ways);
  const next = nextProposal(scene.said);
  if (wanted.next === null) expect(next, at).toBeNull();
  else if (wanted.next) expect(next, at).toMatchObject(wanted.next);
  // Whatever is said, a figure is never set by hand as the next step.
  expect(next?.kind, at).not.toBe('SET_BASELINE');
  for (const piece of wanted.says ?? []) expect(scene.said.map(({ text }) => text).join('\n'), at).toContain(piece);
}

/** `DIVIDEND IBM 30.69`, `DIVIDEND IBM 36.11 gross`, `DEPOSIT 500.00`, `SLIP CCL`. */
function inShort({ kind, subject, cash, ...rest }: StoredExplanation): string {
  const proposal = 'proposal' in rest ? rest.proposal : null;
  const gross = proposal?.kind === 'BOOK_DIVIDEND' && proposal.withholding === '0' ? 'gross' : null;
  return [kind, subject, cash === '0' ? null : cash, gross].filter((word) => word !== null).join(' ');
}

function follows(scene: Scene, { follow, expect: wanted }: Follow, at: string): void {
  const chosen = scene.said.filter(({ way }) => way === undefined || way.number === follow.way);
  if (chosen.length === 0) throw new Error(`${at}: nothing was said that could be followed`);
  for (const { proposal, text } of chosen) {
    if (proposal === null) throw new Error(`${at}: ${text}: nothing is to be typed yet`);
    expect(scene.journal.follow(proposal, follow.on), `${at}: ${text}`).toMatchObject({ ok: true });
  }
  const left = driftOf(scene).filter(({ drift }) => !D(drift).isZero());
  expect(Object.fromEntries(left.map(({ symbol, drift }) => [symbol ?? 'cash', drift])), at).toEqual(wanted.left);
  if (wanted.books) reports(scene, { report: { books: wanted.books } }, at);
}

function books({ journal }: Scene, booking: Booking, at: string): void {
  const { refused = null, says = [] } = booking.expect ?? {};
  const said = journal.book(booking);
  expect(said.ok ? null : said.refusal.code, at).toBe(refused);
  const text = said.ok ? said.result.draft.description : `${said.refusal.message}\n${said.refusal.remedy}`;
  for (const piece of says) expect(text, at).toContain(piece);
}

function reports({ journal, of }: Scene, { report: { books: wanted = {}, positions = {} } }: Told, at: string): void {
  const book = replayBook(journal.entries, of.base);
  expect(book, at).toMatchObject(wanted);
  for (const [symbol, figures] of Object.entries(positions))
    expect(
      book.positions.find((position) => position.symbol === symbol),
      `${at}: ${symbol}`,
    ).toMatchObject(figures);
}

/** Values the books as the morning's run does. Splits that nobody booked are another case's. */
function values(scene: Scene, { value: { on, closes, fx }, expect: wanted }: Value, at: string): void {
  const { journal, of, valued } = scene;
  const kinds = new Map(journal.entries.map(({ entryId, kind }) => [entryId, kind]));
  const flows = flowsOf(
    journal.entries.slice(valued?.entries ?? journal.entries.length).map((entry) => ({
      ...entry,
      reversedKind: entry.reversesEntryId === null ? null : (kinds.get(entry.reversesEntryId) ?? null),
    })),
  );
  const sums = journal.sums();
  const lastEntryId = journal.entries.length;
  const quotes = Object.entries(closes).map(([symbol, price]): [string, Quote] => [
    symbol,
    { price, currency: journal.listedIn(symbol), fx, date: on },
  ]);
  const worth = worthOf(
    {
      base: of.base,
      ledger: { ...sums, lastEntryId, lastBookedAt: null },
      previous: valued && { lastEntryId: valued.entries },
      flows,
      held: Object.keys(sums.units),
      gone: Object.keys(flows.units).filter((symbol) => sums.units[symbol] === undefined),
      splits: [],
      entries: [],
    },
    { today: new Map(quotes), last: new Map(quotes), lacking: new Map() },
  );
  if ('missing' in worth) throw new Error(`${at}: no close of ${worth.missing.join(', ')}`);
  const { equity, netFlows } = worth;
  const { index, peak, drawdown } = nextEquityIndex(valued, equity, netFlows);
  scene.valued = { equity, equityIndex: index, peakIndex: peak, entries: lastEntryId };
  const found = {
    equity: D(equity).toFixed(2),
    flows: D(netFlows).toFixed(2),
    index,
    peak,
    drawdown: toText(D(drawdown)),
  };
  expect(found, at).toMatchObject(wanted);
}
