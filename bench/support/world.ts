import type { Client } from '@temporalio/client';
import { accountsOf, readConfiguration } from '../../src/operations/runs/configuration.js';
import { handsOf } from '../../src/simulation/hands.js';
import { connect } from '../../src/db/connect.js';
import type { Policy } from '../../src/domain/policy/policy.js';
import type { Instant, IsoDate } from '../../src/domain/types.js';
import { loadMarket } from '../../src/simulation/market.js';
import type { Knex } from 'knex';
import type { World } from '../../src/simulation/run.js';
import { standingIn } from '../../src/simulation/standing.js';
import { signerOf } from '../../test/support/signing.js';
import { OPERATOR } from './configuration.js';
import type { BenchStack } from './stack.js';

export interface WorldOptions {
  stack: BenchStack;
  client: Client;
  /** The drop folder with everything in it: what the broker trades at. */
  marketFolder: string;
  from: IsoDate;
  to: IsoDate;
  /** The machine's clock, of which the worker has the same; left out, it is the true one. */
  now?: () => Instant;
}

/** A simulated broker and operator on a stack, ready for `simulateDays`; the caller closes `world.db`. */
export async function createWorld({
  stack,
  client,
  marketFolder,
  from,
  to,
  now = () => new Date().toISOString(),
}: WorldOptions): Promise<World & { db: Knex }> {
  const { settings, addresses } = stack;
  const { policy, universe } = await readConfiguration(settings.configDir);
  const [account] = accountsOf(policy);
  if (!account) throw new Error('the policy names no account');
  const db = connect(addresses.databaseUrl, 4);
  const { dataDir, configDir, taskQueue, dryRunTrades: dryRun } = settings;
  const installation = { db, dataDir, configDir, now };
  const symbols = universe.map(({ internalSymbol }) => internalSymbol);
  const whole: Policy = { ...policy, market_data: { ...policy.market_data, csv_folder: marketFolder } };
  const market = await loadMarket({
    policy: whole,
    dataDir: settings.dataDir,
    env: {},
    symbols,
    baseCurrency: account.baseCurrency,
    listingCurrency: 'USD',
    from: '2013-01-02',
    to,
    truth: [],
  });
  return {
    db,
    standing: standingIn(db, { account: account.account, policy, universe: symbols }),
    hands: handsOf(client, {
      installation,
      policy,
      account,
      operator: OPERATOR,
      taskQueue,
      dryRun,
      sign: signerOf(dataDir, now),
    }),
    market,
    policy,
    account: account.account,
    universe: symbols,
    cash: '100000.00',
    rulings: [],
    from,
    to,
    onDay: () => undefined,
  };
}
