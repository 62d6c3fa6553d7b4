import { expect } from 'vitest';
import { killSwitchGate } from '../../../../src/domain/decision/gates/kill-switch.js';
import { drawdown } from '../../../../src/domain/ledger/equity.js';
import { policySchema } from '../../../../src/domain/policy/policy.js';
import { comparisonBlocks } from '../../../../src/reports/day/comparison.js';
import type { DayFacts } from '../../../../src/reports/day/facts.js';
import { drawdownText } from '../../../../src/reports/run/page.js';
import { ticketScreen } from '../../../../src/reports/ticket/screen.js';
import { screenLines } from '../../../../src/cli/commands/tickets/screen-lines.js';
import type { UniverseRow } from '../../../../src/domain/types.js';
import type { Comparison, Falls, Screens, Ticket } from './shape.js';
import { materialOf } from './ticket.js';

/** The account beside its benchmark, as the daily report has them. */
export function playComparison({ base, account, benchmark, rates, expect: wanted }: Comparison): void {
  const equity = Object.entries(account).map(([asOfDate, equityIndex]) => ({ asOfDate, equityIndex }));
  const points = Object.entries(benchmark.closes).map(([session, close]) => ({ session, close, adjusted: close }));
  const facts = {
    account: { account: 'main', baseCurrency: base, clock: 'real' },
    equity,
    prices: [{ symbol: benchmark.symbol, currency: benchmark.currency, points }],
    benchmarks: [{ internalSymbol: benchmark.symbol }],
    rateSeries: Object.entries(rates).flatMap(([pair, ofPair]) =>
      Object.entries(ofPair).map(([date, rate]) => ({ pair, date, rate })),
    ),
  } as unknown as DayFacts;
  const block = comparisonBlocks(facts).find(({ kind }) => kind === 'table');
  // The table says of a benchmark what kind of index it is; an instance names it by its symbol.
  const symbolOf = (name: unknown) => String(name).replace(/ \(PRICE INDEX.*\)$/, '');
  const rows = block?.kind === 'table' ? block.rows.map(([name, ...changes]) => [symbolOf(name), changes]) : [];
  expect(Object.fromEntries(rows)).toEqual(wanted);
}

/** A fall has one answer, whoever asks: the valuation, the gate, the report. */
export function playFalls(falls: Falls): void {
  for (const [at, { index, peak, limit, expect: wanted }] of falls.entries()) {
    const where = `fall ${at + 1}`;
    expect(drawdown(index, peak), where).toBe(wanted.drawdown);
    const policy = policyWith(limit);
    const equity = { index, peak, asOfDate: '2020-03-19' };
    const gate = killSwitchGate({ killSwitch: { engaged: false, reason: null }, equity, policy });
    expect(
      gate.reasons.map(({ code }) => code),
      where,
    ).toEqual(wanted.gate);
    expect(drawdownText(index, peak), where).toBe(wanted.report);
  }
}

const policyWith = (limit: number) =>
  policySchema.parse({
    version: 1,
    accounts: { main: { base_currency: 'GBP', clock: 'real' } },
    operators: ['ana'],
    market_data: { provider: 'csv' },
    trading: { mode: 'live', cadence: 'daily' },
    risk: { max_drawdown: limit },
  });

/** A ticket as it stands on the operator's screen. */
export function playScreens({ ticket, names, tries }: Screens): void {
  const universe = Object.entries(names).map(([internalSymbol, name]) => ({ internalSymbol, name }) as UniverseRow);
  for (const [at, { issuedAt, snapshotDate, kind, expect: wanted }] of tries.entries()) {
    const lines = screenOf({ ticket, universe, issuedAt, snapshotDate, kind });
    // Text is broken to the width of the terminal: how says nothing of its words.
    const text = lines.join(' ').replaceAll(/\s+/g, ' ');
    for (const piece of wanted.says) expect(text, `try ${at + 1}`).toContain(piece);
    for (const piece of wanted.never) expect(text, `try ${at + 1}`).not.toContain(piece);
    const longest = Math.max(...lines.map(({ length }) => length));
    if (wanted.columns !== undefined) expect(longest, `try ${at + 1}`).toBeLessThanOrEqual(wanted.columns);
  }
}

function screenOf({
  ticket,
  universe,
  issuedAt,
  snapshotDate,
  kind,
}: {
  ticket: Ticket;
  universe: UniverseRow[];
  issuedAt: string;
  snapshotDate: string;
  kind: 'TRADE' | 'NO_TRADE';
}): string[] {
  const material = materialOf(ticket, kind);
  const facts = {
    ticket: {
      material,
      kind,
      issuedAt,
      account: 'main',
      tradingDay: ticket.day,
      asOfDate: ticket.day,
      dryRun: false,
      ticketId: '7c1e0c5a-3f8e-5a52-9d3b-0c6f6d1a2b3c',
      reasons: [],
    },
    universe,
    snapshotDate,
  } as unknown as Parameters<typeof ticketScreen>[0];
  return screenLines(ticketScreen(facts), 'ticket.md');
}
