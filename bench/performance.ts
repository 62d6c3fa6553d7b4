import { connect } from '../src/db/connect.js';
import { resultOrThrow } from '../src/domain/errors.js';
import { parsePolicy } from '../src/domain/policy/policy.js';
import { parseUniverse } from '../src/domain/policy/universe.js';
import { readPerformance } from '../src/operations/performance/read-performance.js';
import { policyText, universeText } from './support/configuration.js';
import type { BenchContext } from './support/context.js';
import { atMost, told, type Figure } from './support/figures.js';
import { BENCHMARK, DECADE, fillDecade, STOCKS } from './support/household.js';
import { median } from './support/statistics.js';

const ROUNDS = 9;
const PERFORMANCE_MS = 300;

/** How an account did over ten years: everything that `performance` tells, read anew and with the journal at hand. */
export async function run({ createStack, say }: BenchContext): Promise<Figure[]> {
  const { addresses } = await createStack();
  const owner = connect(addresses.ownerDatabaseUrl, 1);
  try {
    await fillDecade(owner);
    say(`${DECADE.sessions} valued closes, ${DECADE.tickets * DECADE.linesOfTicket} fills, ${DECADE.stocks} stocks`);
  } finally {
    await owner.destroy();
  }
  const subject = {
    account: { account: 'main', baseCurrency: 'GBP', clock: 'simulated' as const },
    policy: parsePolicy(policyText(300), 'policy.yml'),
    universe: parseUniverse(universeText(STOCKS, [BENCHMARK]), 'universe.csv'),
  };
  const [anew, again, atOnce]: number[][] = [[], [], []];
  for (let round = 0; round < ROUNDS; round++) {
    // Nothing is at hand for a connection that was just made.
    const db = connect(addresses.databaseUrl, 2);
    try {
      await db.raw('select 1');
      for (const times of [anew, again, atOnce]) {
        const began = performance.now();
        const { report } = resultOrThrow(await readPerformance(db, subject, { range: 'all' }));
        times?.push(performance.now() - began);
        if (report?.closes.length !== DECADE.sessions || report.contributions.residual.gain !== '0')
          throw new Error(
            `performance: ${report?.closes.length} closes, residual ${report?.contributions.residual.gain}`,
          );
      }
    } finally {
      await db.destroy();
    }
  }
  return [
    atMost('performance: ten years, read anew', median(anew ?? []), 'ms', PERFORMANCE_MS),
    told('performance: ten years, the journal at hand', median([...(again ?? []), ...(atOnce ?? [])]), 'ms'),
  ];
}
