import type { Knex } from 'knex';
import { connect } from '../src/db/connect.js';
import { loadMarketFacts } from '../src/db/market-facts.js';
import { addSessions } from '../src/domain/calendar/calendar.js';
import { parsePolicy, type Policy } from '../src/domain/policy/policy.js';
import { assessQuality } from '../src/domain/market/index.js';
import { CLOSES_NEEDED, scoreUniverse } from '../src/domain/decision/scoring.js';
import type { GateResult, Scored, UniverseRow } from '../src/domain/types.js';
import { parseUniverse } from '../src/domain/policy/universe.js';
import { policyText, universeText } from './support/configuration.js';
import type { BenchContext } from './support/context.js';
import { storeDecade, type Decade } from './support/decade.js';
import { FACTS_STATEMENT, type StatementRow } from './support/facts-statement.js';
import { atMost, told, type Figure } from './support/figures.js';
import { interleave, median, medianRatio } from './support/statistics.js';

const PAIRS = 20;
const FACTS_MAX = 2;
const SCORE_TOLERANCE = 1e-9;

/** Facts, gate and scores of 500 symbols × 10 years, beside one SQL statement that computes the same figures; both must agree. */
export async function run({ createStack, say }: BenchContext): Promise<Figure[]> {
  const { addresses } = await createStack();
  const [db, owner] = [connect(addresses.databaseUrl, 2), connect(addresses.ownerDatabaseUrl, 1)];
  try {
    const decade = await storeDecade(owner);
    say(`${decade.bars} generated bars of ${decade.symbols.length} symbols, ${PAIRS} pairs`);
    const universe = parseUniverse(universeText(decade.symbols, []), 'universe.csv');
    const [ours, other] = [() => byProduct(db, decade, universe), () => byStatement(db, decade)];
    compare(await ours(), await other());
    const pairs = await interleave(PAIRS, ours, other);
    return [
      atMost(
        'facts: quality and scores of 500 symbols × 10 years / one SQL statement',
        medianRatio(pairs),
        'x',
        FACTS_MAX,
      ),
      told('facts: quality and scores', median(pairs.map((pair) => pair.ours)), 'ms'),
      told('facts: one SQL statement', median(pairs.map((pair) => pair.other)), 'ms'),
    ];
  } finally {
    await Promise.all([db.destroy(), owner.destroy()]);
  }
}

interface Judged {
  gate: GateResult;
  scores: Scored[];
}

const policy: Policy = parsePolicy(policyText(300), 'policy.yml');

async function byProduct(db: Knex, { symbols, asOfDate }: Decade, universe: UniverseRow[]): Promise<Judged> {
  const market = await loadMarketFacts(db, { policy, asOfDate, symbols, pair: null });
  return {
    gate: assessQuality(market, universe, [], policy, false),
    scores: scoreUniverse(universe, market, 'momentum'),
  };
}

async function byStatement(db: Knex, { symbols, asOfDate }: Decade): Promise<StatementRow[]> {
  const lookback = addSessions(asOfDate, 1 - policy.data_quality.lookback_sessions);
  const from = addSessions(asOfDate, -Math.max(policy.data_quality.lookback_sessions, CLOSES_NEEDED - 1));
  const { rows } = await db.raw<{ rows: StatementRow[] }>(FACTS_STATEMENT, {
    symbols,
    from,
    lookback,
    asOf: asOfDate,
  } as never);
  return rows;
}

/** Stops the bench when the two do not say the same: then the ratio would compare different work. */
function compare({ gate, scores }: Judged, rows: StatementRow[]): void {
  const covered = rows.filter((row) => row.covered).length;
  if (gate.evidence['covered'] !== covered)
    throw new Error(`coverage: the gate counts ${gate.evidence['covered']}, the statement ${covered}`);
  const subjects = (code: string) =>
    [...gate.reasons, ...(gate.exclusions ?? [])]
      .filter((reason) => reason.code === code)
      .map(({ subject }) => subject)
      .join(' ');
  const named = (which: (row: StatementRow) => boolean) =>
    rows
      .filter(which)
      .map(({ symbol }) => symbol)
      .toSorted()
      .join(' ');
  differ(
    'bars that cannot be true',
    subjects('BAR_INVALID'),
    named(({ invalid }) => invalid > 0),
  );
  differ(
    'unexplained jumps',
    subjects('PRICE_JUMP_UNEXPLAINED'),
    named(({ jumps }) => jumps > 0),
  );
  const byHand = new Map(rows.map((row) => [row.symbol, row.score]));
  for (const { symbol, score } of scores) {
    const other = byHand.get(symbol) ?? null;
    const apart =
      score === null || other === null ? score !== other : Math.abs(Number(score) - other) > SCORE_TOLERANCE;
    if (apart) throw new Error(`score of ${symbol}: ${score} by the product, ${other} by the statement`);
  }
  differ(
    'symbols scored',
    String(scores.filter(({ score }) => score !== null).length),
    String(rows.filter(({ score }) => score !== null).length),
  );
}

function differ(what: string, ours: string, other: string): void {
  if (ours === '' || ours !== other) throw new Error(`${what}: "${ours}" by the product, "${other}" by the statement`);
}
