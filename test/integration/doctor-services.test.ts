import { Client, Connection } from '@temporalio/client';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildId } from '../../src/runtime/build.js';
import { useDemoPolicy } from '../support/day.js';
import { createInstallation, startWorkerProcess, type Installation } from '../support/stack.js';
import { startWorkerHere } from '../support/worker-here.js';
import { asked, says, NOWHERE, laterBy } from '../support/doctor.js';

describe('services', () => {
  let installation: Installation;
  beforeAll(async () => {
    installation = await createInstallation();
    useDemoPolicy(installation);
  });
  afterAll(() => installation.cleanup());

  it('Postgres that answers, that does not, and that refuses the login', async () => {
    await says(installation, 'postgres', /^ok: 1[3-9]/);
    await says(installation, 'postgres', /^fail: 127\.0\.0\.1:1: .*ECONNREFUSED/, {
      settings: { databaseUrl: NOWHERE },
    });
    const wrong = new URL(installation.settings.databaseUrl ?? '');
    wrong.password = 'wrong';
    await says(installation, 'postgres', /^fail: .*password authentication failed/, {
      settings: { databaseUrl: String(wrong) },
    });
    await says(installation, 'postgres programs', /^ok: 1[3-9]/);
  });

  it('a check that needs Postgres says that it cannot know', async () => {
    for (const name of ['migrations', 'database role', 'clock of postgres', 'kill switch', 'policy in force']) {
      await says(installation, name, 'warn: not known: Postgres does not answer', {
        settings: { databaseUrl: NOWHERE },
      });
    }
  });

  it('Temporal that answers, and that does not', async () => {
    await says(installation, 'temporal', /^ok: 1\./);
    await says(installation, 'temporal', 'fail: 127.0.0.1:1: Temporal does not answer', {
      settings: { temporalAddress: '127.0.0.1:1' },
    });
  });

  it("clocks: the servers' own time against this machine's", async () => {
    for (const name of ['clock of postgres', 'clock of temporal']) {
      await says(installation, name, /^ok: [+-][01]\.\d s/);
      await says(installation, name, /^fail: -(9|10)\.\d s/, { now: laterBy(10_000) });
      await says(installation, name, /^fail: \+(10|11)\.\d s/, { now: laterBy(-10_000) });
    }
  });

  it('NTP, as timedatectl tells it', async () => {
    const bin = path.join(installation.dataDir, 'bin');
    mkdirSync(bin);
    const told = (script: string) => {
      writeFileSync(path.join(bin, 'timedatectl'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
      return { env: { PATH: bin } };
    };
    await says(installation, 'clock by ntp', 'ok: synchronized', told('echo yes'));
    await says(installation, 'clock by ntp', 'warn: not synchronized', told('echo no'));
    await says(installation, 'clock by ntp', 'ok: not told on this machine', told('exit 1'));
    await says(installation, 'clock by ntp', 'ok: not told on this machine', { env: { PATH: installation.configDir } });
  });

  it('zone data of Node and of Postgres', async () => {
    await says(installation, 'zone data of node', /^ok: right/);
    await says(installation, 'zone data of postgres', 'ok: right');
    await says(installation, 'zone data of postgres', 'ok: right', { now: () => new Date('2035-01-01T00:00:00Z') });
  });

  it('a worker: none, ours, and one of other code', async () => {
    await says(installation, 'worker', 'fail: no worker asks for work');
    const worker = await startWorkerHere(installation);
    try {
      await expect
        .poll(() => asked(installation, 'worker'), { timeout: 10_000 })
        .toEqual([expect.stringMatching(`^ok: ${process.pid}@.*build ${buildId()}`)]);
    } finally {
      await worker.stop();
    }
    const connection = await Connection.connect({ address: installation.settings.temporalAddress ?? '' });
    const client = new Client({ connection, namespace: installation.settings.temporalNamespace });
    const stop = new AbortController();
    const polled = connection
      .withAbortSignal(stop.signal, () =>
        connection.withDeadline(Date.now() + 20_000, () =>
          client.workflowService.pollWorkflowTaskQueue({
            namespace: client.options.namespace,
            taskQueue: { name: installation.settings.taskQueue },
            identity: '1@elsewhere trading-ops+000000000000',
          }),
        ),
      )
      .catch(() => undefined);
    try {
      const stale = async () => (await asked(installation, 'worker')).filter((line) => line.includes('1@elsewhere'));
      await expect
        .poll(stale, { timeout: 10_000 })
        .toEqual([expect.stringMatching(/^fail: 1@elsewhere, build 000000000000, .*this command is build/)]);
    } finally {
      stop.abort();
      await polled;
      await connection.close();
    }
  });

  it('a worker that was started with another configuration', async () => {
    await says(installation, 'worker settings', 'warn: not known: no worker of this machine');
    const worker = await startWorkerProcess(installation, {
      TRADING_OPS_CONFIG: path.join(installation.dataDir, '..'),
    });
    await says(installation, 'worker settings', `fail: pid ${worker.pid} was started with another TRADING_OPS_CONFIG`);
    await worker.kill('SIGTERM');
    const right = await startWorkerProcess(installation);
    await says(installation, 'worker settings', `ok: pid ${right.pid}: the same`);
    await right.kill('SIGTERM');
  });
});
