import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { up } from '../../src/runtime/stack.js';
import { useDemoPolicy } from '../support/day.js';
import {
  createInstallation,
  createPrivateStack,
  runCli,
  startWorkerProcess,
  type PrivateStack,
} from '../support/stack.js';

describe('trading-ops doctor', () => {
  let stack: PrivateStack;
  beforeAll(async () => {
    stack = await createPrivateStack();
    useDemoPolicy(stack, { operators: ['ann'] });
  });
  afterAll(() => stack.cleanup());

  it('ends with 2 and names every remedy; with 0 once all is well; a machine gets JSON', async () => {
    const bad = await runCli(stack, ['doctor']);
    expect(bad).toMatchObject({ code: 2, stderr: '' });
    expect(bad.stdout).toMatch(/^FAIL +worker +asks for work, and runs the code of +no worker asks for work/m);
    expect(bad.stdout).toMatch(/Needs a person:\n(.*\n)*  worker: no worker asks for work.*\n    -> make up/);
    expect(bad.stdout).toMatch(/\d+ of \d+ checks need a person.*\n\nNext: /);
    const json = JSON.parse((await runCli(stack, ['--json', 'doctor'])).stdout) as {
      well: boolean;
      findings: { name: string; status: string }[];
    };
    expect(json.well).toBe(false);
    expect(json.findings.find(({ name }) => name === 'worker')).toEqual({
      name: 'worker',
      expected: 'asks for work, and runs the code of this command',
      found: expect.stringContaining('no worker'),
      status: 'fail',
      remedy: 'make up',
    });

    await startWorkerProcess(stack);
    await up(stack.settings, () => undefined, { parts: ['desk'] });
    expect((await runCli(stack, ['backup', '--direct'])).code).toBe(0);
    const good = await runCli(stack, ['--json', 'doctor']);
    const { findings } = JSON.parse(good.stdout) as { findings: { status: string }[] };
    expect(findings.filter(({ status }) => status === 'fail')).toEqual([]);
    expect(good.code).toBe(0);
  }, 120_000);

  it('of an installation that was never started says so, and checks what it can', async () => {
    const installation = await createInstallation();
    const { DATABASE_URL: _url, DATABASE_OWNER_URL: _owner, TEMPORAL_ADDRESS: _temporal, ...env } = installation.env;
    const nowhere = { ...installation, env: { ...env, TRADING_OPS_DATA: path.join(installation.dataDir, 'nowhere') } };
    const said = await runCli(nowhere, ['doctor']);
    expect(said).toMatchObject({ code: 2, stderr: '' });
    expect(said.stdout).toMatch(/^FAIL +data directory /m);
    expect(said.stdout).toMatch(/^ {2}data directory:\s+\S*nowhere\s+does\s+not\s+exist$/m);
    expect(said.stdout).toMatch(/^ok +node /m);
    expect(said.stdout).toMatch(/^WARN +migrations .*not known: the installation has$/m);
    await installation.cleanup();
  });
});
