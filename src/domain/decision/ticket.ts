import { v5 as uuidV5 } from 'uuid';
import { contentHash } from '../hash.js';
import type { DecisionFacts } from './facts.js';
import type { Quote } from '../ledger/valuation.js';
import { D, Decimal, toText } from '../money.js';
import { byText } from '../order.js';
import type { SizedLine } from './sizing.js';
import type { GateResult, IsoDate, Sha256, Side, TicketLine, TicketMaterial } from '../types.js';

/** Names ticket ids; never to be changed, or every machine would give the same ticket another id. */
const TICKET_NAMESPACE = '6f1c2f0e-5b0a-4c57-9a4e-3c1d7f0b8a52';

export interface Tradable {
  lines: readonly SizedLine[];
  quotes: ReadonlyMap<string, Quote>;
  window: TicketMaterial['window'];
}

/**
 * The economic content of the day's ticket. TRADE when no gate failed, with its lines, rate and window; NO_TRADE
 * otherwise, with the reasons, each gate, code and subject once, without free text or figures.
 */
export function buildMaterial(
  facts: DecisionFacts,
  gates: readonly GateResult[],
  tradable: Tradable | null,
): TicketMaterial {
  const trade = tradable !== null && tradable.lines.length > 0 && gates.every((gate) => gate.status === 'PASS');
  const converts =
    trade && tradable.lines.some((line) => tradable.quotes.get(line.symbol)?.currency !== facts.account.baseCurrency);
  return {
    schema: 1,
    account: facts.account.account,
    baseCurrency: facts.account.baseCurrency,
    tradingDay: facts.tradingDay,
    asOfDate: facts.asOfDate,
    kind: trade ? 'TRADE' : 'NO_TRADE',
    dryRun: trade && facts.mode === 'dry-run',
    reasons: trade ? [] : sortedReasons(gates),
    lines: trade ? ticketLines(facts, tradable) : [],
    fx: converts ? fxOf(facts) : null,
    window: trade ? tradable.window : null,
    policyHash: facts.policyHash,
    universeHash: facts.universeHash,
    snapshotId: facts.snapshot?.snapshotId ?? null,
    supersedes: null,
  };
}

/** SHA-256 over the canonical JSON (RFC 8785) of a ticket's material: the same for the same content in any key order. */
export const materialHash = (material: TicketMaterial): Sha256 => contentHash(material);

/** UUID v5 of account, trading day and material hash: two machines with the same facts issue the same ticket. */
export const ticketId = (account: string, tradingDay: IsoDate, hash: Sha256): string =>
  uuidV5(`${account}/${tradingDay}/${hash}`, TICKET_NAMESPACE);

/** The material of a ticket that takes the place of another one of its day; null for the first. */
export const withSupersedes = (material: TicketMaterial, supersedes: string | null): TicketMaterial => ({
  ...material,
  supersedes,
});

/** Whether two materials say the same, whatever tickets they take the place of. */
export const sameDecision = (a: TicketMaterial, b: TicketMaterial): boolean =>
  materialHash(withSupersedes(a, null)) === materialHash(withSupersedes(b, null));

/** Whether what is decided now says what a NO_TRADE said, but that the window has passed meanwhile: no fact has changed. */
export const isOnlyLater = (standing: TicketMaterial, decided: TicketMaterial): boolean =>
  standing.kind === 'NO_TRADE' &&
  decided.kind === 'NO_TRADE' &&
  sameDecision(withoutWindow(standing), withoutWindow(decided));

const withoutWindow = (material: TicketMaterial): TicketMaterial => ({
  ...material,
  reasons: material.reasons.filter(({ code }) => code !== 'WINDOW_PASSED'),
});

/**
 * The price beyond which a line is skipped: close × (1 ± slippage), to the cent, cut towards the close: the operator
 * never pays more and never gets less than the policy allows.
 */
export function skipPrice(side: Side, close: string, slippageBps: number): string {
  const slippage = D(slippageBps).div(10_000);
  const limit = D(close).times(side === 'BUY' ? D(1).plus(slippage) : D(1).minus(slippage));
  return toText(limit.toDecimalPlaces(2, side === 'BUY' ? Decimal.ROUND_DOWN : Decimal.ROUND_UP));
}

function ticketLines(facts: DecisionFacts, { lines, quotes }: Tradable): TicketLine[] {
  const names = new Map(facts.universe.map((row) => [row.internalSymbol, row.etoroSearchName]));
  return lines.map((line, index) => {
    const quote = quotes.get(line.symbol);
    const name = names.get(line.symbol);
    if (quote === undefined || name === undefined)
      throw new RangeError(`line ${line.symbol} has no quote or search name`);
    return {
      sequence: index + 1,
      symbol: line.symbol,
      etoroSearchName: name,
      side: line.side,
      orderType: 'MARKET',
      valueBase: line.units === null ? line.value.toFixed(2) : null,
      units: line.units === null ? null : line.units.toFixed(6),
      referencePrice: toText(D(quote.price)),
      referenceCurrency: quote.currency,
      skipPrice: skipPrice(line.side, quote.price, facts.policy.ticket.slippage_bps),
    };
  });
}

function sortedReasons(gates: readonly GateResult[]): TicketMaterial['reasons'] {
  const all = gates.flatMap(({ gate, reasons }) => reasons.map(({ code, subject }) => ({ gate, code, subject })));
  const unique = new Map(all.map((reason) => [[reason.gate, reason.code, reason.subject ?? ''].join(' '), reason]));
  return [...unique].toSorted(([a], [b]) => byText(a, b)).map(([, reason]) => reason);
}

function fxOf({ market, policy }: DecisionFacts): TicketMaterial['fx'] {
  if (!market.fx) return null;
  const { pair, date, rate, source } = market.fx;
  return {
    pair,
    date,
    rate: toText(D(rate)),
    ...(source === policy.market_data.second_fx_provider && { source }),
  };
}
