import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connect } from '../../src/db/connect.js';
import { contentHash } from '../../src/domain/hash.js';
import { useDemoPolicy } from '../support/day.js';
import { createInstallation, startWorkerProcess, type Installation } from '../support/stack.js';
import { asked, says } from '../support/doctor.js';

describe('configuration', () => {
  let installation: Installation;
  const write = (file: string, text: string) => writeFileSync(path.join(installation.configDir, file), text);
  const policyOf = (marketData: string) =>
    `version: 1\naccounts: { main: { base_currency: GBP, clock: real } }\noperators: [ann]\nmarket_data: { ${marketData} }\n`;
  beforeEach(async () => {
    installation = await createInstallation();
    useDemoPolicy(installation);
  });
  afterEach(() => installation.cleanup());

  it('a policy that is wrong, gone, or signed by nobody', async () => {
    await says(installation, 'policy', 'ok: sound; operators demo; trading mode live');
    useDemoPolicy(installation, { operators: ['operator'] });
    await says(installation, 'policy', 'warn: operators still has the placeholder');
    write('policy.yml', policyOf('provider: csv, max_attempts: many'));
    await says(installation, 'policy', /^fail: .*policy\.yml:4: market_data\.max_attempts: "many": /);
    await says(installation, 'provider key', 'warn: not known: policy.yml is not sound');
    await says(installation, 'universe', 'ok: 1 stocks');
    rmSync(path.join(installation.configDir, 'policy.yml'));
    await says(installation, 'policy', /^fail: .*policy\.yml cannot be read: ENOENT/);
  });

  it('a policy that wants more people to sign than have a key of their own', async () => {
    const operators = ['ada', 'bo'];
    useDemoPolicy(installation, { operators });
    await says(installation, 'who signs', "ok: this installation's key signs for ada, bo");
    useDemoPolicy(installation, { operators, more: 'confirmations: { signatures: 2 }' });
    await says(installation, 'who signs', 'warn: 0 of 2 with a key of their own, and 2 people sign an answer');
  });

  it('a universe that is wrong or not verified', async () => {
    const header = 'internal_symbol,etoro_search_name,name,kind,listing_currency,tradable,verified_on,verified_by';
    write(
      'universe.csv',
      `${header}\nAAPL,AAPL,Apple,stock,USD,true,,\nMSFT,MSFT,Microsoft,stock,USD,true,2026-01-02,ann\n`,
    );
    await says(installation, 'universe', 'warn: not verified, so never traded: AAPL');
    write('universe.csv', `${header}\nAAPL,AAPL,Apple,stock,USD,perhaps,,\n`);
    await says(installation, 'universe', /^fail: .*universe\.csv:2: tradable: "perhaps": must be true or false/);
    await says(installation, 'policy', /^ok: /);
  });

  it('an edit that no run has pinned yet', async () => {
    await says(installation, 'policy in force', 'ok: no run yet');
    const db = connect(installation.settings.databaseUrl ?? '', 1);
    const [stored] = ['policy', 'universe'].map((kind) => ({
      content_hash: contentHash({ kind }),
      kind,
      content: '{}',
    }));
    await db('config_versions' as string).insert([
      stored,
      { ...stored, kind: 'universe', content_hash: contentHash('u') },
    ]);
    await db('runs').insert({
      run_id: randomUUID(),
      slot: 'ops',
      trading_day: '2018-05-07',
      as_of_date: '2018-05-04',
      at: '2018-05-07T08:00:00Z',
      workflow_id: 'x',
      operator: 'x',
      policy_hash: String(stored?.content_hash),
      universe_hash: contentHash('u'),
    });
    await db.destroy();
    await says(installation, 'policy in force', 'warn: policy.yml and universe.csv changed since the newest run');
  });

  it("a provider's key: not needed, missing, the demonstration's, set, and set too late for the worker", async () => {
    await says(installation, 'provider key', 'ok: sample and ecb need none');
    write('policy.yml', policyOf('provider: alphavantage, second_provider: tiingo'));
    const [alphavantage, tiingo] = [
      ['fail: ALPHAVANTAGE_API_KEY is not in this environment'],
      ['fail: TIINGO_API_KEY is not in this environment'],
    ].map(([text]) => expect.stringContaining(text as string) as unknown);
    expect(await asked(installation, 'provider key')).toEqual([alphavantage, tiingo]);
    expect(
      await asked(installation, 'provider key', { env: { ALPHAVANTAGE_API_KEY: 'demo', TIINGO_API_KEY: 'abc' } }),
    ).toEqual(["fail: ALPHAVANTAGE_API_KEY is the provider's public demonstration key", 'ok: TIINGO_API_KEY is set']);
    const secret = path.join(installation.dataDir, 'tiingo-key');
    writeFileSync(secret, 'of the worker\n');
    const worker = await startWorkerProcess(installation, { TIINGO_API_KEY_FILE: secret });
    expect(await asked(installation, 'provider key', { env: { ALPHAVANTAGE_API_KEY: 'mine' } })).toEqual([
      "fail: ALPHAVANTAGE_API_KEY is not in the worker's environment",
      'ok: TIINGO_API_KEY is set',
    ]);
    await worker.kill('SIGTERM');
  });

  it('a drop folder that is not there, lacks a file, is stale, and is fresh', async () => {
    await says(installation, 'drop folder', 'ok: not used');
    write('policy.yml', policyOf('provider: csv'));
    const folder = path.join(installation.dataDir, 'data', 'drop');
    const at = { now: () => new Date('2026-11-23T07:00:00Z') };
    await says(installation, 'drop folder', `fail: ${folder} cannot be read`, at);
    mkdirSync(folder, { recursive: true });
    const rows = (dates: string[]) =>
      ['Date,Open,High,Low,Close,Volume', ...dates.map((date) => `${date},1,1,1,1,1`), ''].join('\n');
    writeFileSync(path.join(folder, 'aapl.us.csv'), rows(['2026-11-19', '2026-11-20']));
    await says(installation, 'drop folder', 'fail: no file for SP500', at);
    writeFileSync(path.join(folder, '^SPX.csv'), rows(['2026-11-19', '2026-11-18']));
    await says(installation, 'drop folder', 'warn: 1 of 2 do not reach 2026-11-20: SP500 (2026-11-19)', at);
    const older = path.join(folder, 'AAPL.csv');
    writeFileSync(older, rows(['2026-11-18']));
    const stale = 'warn: 1 of 2 do not reach 2026-11-20: SP500 (2026-11-19); passed over for a newer one: AAPL.csv';
    await says(installation, 'drop folder', stale, at);
    rmSync(older);
    const year = Array.from({ length: 2_000 }, (_, day) =>
      new Date(Date.UTC(2021, 5, 1 + day)).toISOString().slice(0, 10),
    ).filter((date) => date <= '2026-11-20');
    writeFileSync(path.join(folder, '^SPX.csv'), rows(year.toReversed()));
    utimesSync(path.join(folder, '^SPX.csv'), 0, 0);
    await says(installation, 'drop folder', 'ok: 2 files reach 2026-11-20', at);
  });
});
