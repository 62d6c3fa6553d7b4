import type { Client } from '@temporalio/client';
import { execa } from 'execa';
import { join } from 'node:path';
import { accountsOf, readConfiguration } from '../../src/operations/runs/configuration.js';
import type { Context } from '../../src/cli/kit/context.js';
import { deskOf } from '../../src/cli/commands/simulate/simulate.js';
import { connect } from '../../src/db/connect.js';
import type { Policy } from '../../src/domain/policy/policy.js';
import type { IsoDate } from '../../src/domain/types.js';
import { repositoryRoot } from '../../src/runtime/paths.js';
import { loadMarket } from '../../src/simulation/market.js';
import { wordsOf, type Desk } from '../../src/simulation/operator.js';
import type { World } from '../../src/simulation/run.js';
import { OPERATOR } from './configuration.js';
import type { BenchStack } from './stack.js';

export interface WorldOptions {
  stack: BenchStack;
  client: Client;
  /** The drop folder with everything in it: what the broker trades at. */
  marketFolder: string;
  from: IsoDate;
  to: IsoDate;
}

/** A simulated broker and operator on a stack, ready for `simulateDays`; the caller closes `world.db`. */
export async function createWorld({ stack, client, marketFolder, from, to }: WorldOptions): Promise<World> {
  const { settings, addresses } = stack;
  const configuration = await readConfiguration(settings.configDir);
  const { policy, universe } = configuration;
  const accounts = accountsOf(policy);
  const [account] = accounts;
  if (!account) throw new Error('the policy names no account');
  const db = connect(addresses.databaseUrl, 4);
  const context: Context = { ...configuration, settings, addresses, db, accounts, account, at: `${from}T00:00:00Z`, json: false, operator: () => OPERATOR };
  const symbols = universe.map(({ internalSymbol }) => internalSymbol);
  const whole: Policy = { ...policy, market_data: { ...policy.market_data, csv_folder: marketFolder } };
  const market = await loadMarket({
    policy: whole, dataDir: settings.dataDir, env: {}, symbols, baseCurrency: account.baseCurrency, listingCurrency: 'USD', from: '2013-01-02', to, truth: [],
  });
  return {
    db, desk: { ...deskOf(client, context), type: typist(stack) }, market, policy, account: account.account, universe: symbols,
    cash: '100000.00', rulings: [], from, to, onDay: () => undefined,
  };
}

/** Types commands into the compiled program of this installation. */
const typist = ({ env }: BenchStack): Desk['type'] => async (command) => {
  const { exitCode, all } = await execa(process.execPath, [join(repositoryRoot, 'dist', 'cli', 'main.js'), ...wordsOf(command).slice(1)], {
    env: { ...env, TRADING_OPS_OPERATOR: OPERATOR }, reject: false, all: true,
  });
  return { exitCode: exitCode ?? 1, said: all };
};
