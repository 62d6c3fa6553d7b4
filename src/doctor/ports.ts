import { readExposure, withoutPasskey } from '../operations/setup/exposure.js';
import { externalParts } from '../runtime/addresses.js';
import { deskAnswers, deskProcess } from '../runtime/processes/desk.js';
import { isFree, whoListens } from '../runtime/processes/ports.js';
import { postgresProcess } from '../runtime/postgres/server.js';
import { readRecord } from '../runtime/record.js';
import { workerProcess } from '../runtime/processes/worker.js';
import { temporalProcess } from '../runtime/temporal/server.js';
import { fail, ok, warn, type Check } from './finding.js';
import { NotKnowable } from './not-knowable.js';

const ports: Check = {
  name: 'ports',
  expected: 'held by this installation, or free',
  async examine({ settings, paths }) {
    const external = externalParts(settings);
    const record = readRecord(settings.dataDir);
    if (!record)
      return external.postgres && external.temporal
        ? ok('services are elsewhere')
        : Promise.reject(new NotKnowable('the installation has never been started'));
    const own = [
      { port: record.postgres.port, runs: external.postgres || postgresProcess(paths) !== null },
      { port: record.temporal.port, runs: external.temporal || temporalProcess(paths) !== null },
      { port: record.temporal.uiPort, runs: external.temporal || workerProcess(paths) !== null },
      ...(record.desk ? [{ port: record.desk.port, runs: deskProcess(paths) !== null }] : []),
    ];
    const taken = (
      await Promise.all(
        own.map(async ({ port, runs }) =>
          runs || (await isFree(port)) ? null : `${port} is used by ${await whoListens(port)}`,
        ),
      )
    ).filter((one) => one !== null);
    return taken.length === 0
      ? ok(own.map(({ port }) => port).join(', '))
      : fail(taken.join('; '), 'stop what uses them, or type make up: it moves to free ports');
  },
};

const desk: Check = {
  name: 'desk',
  expected: 'answers, and reaches its database',
  async examine({ settings, paths }) {
    const port = readRecord(settings.dataDir)?.desk?.port;
    if (port === undefined) throw new NotKnowable('the installation has never been started with a desk');
    if (settings.runtime !== 'compose' && !deskProcess(paths)) return fail('the desk does not run', 'make up');
    try {
      return (await deskAnswers(port))
        ? ok(`localhost:${port}`)
        : warn(`localhost:${port} answers, but does not reach its database: make up, or make migrate`);
    } catch (error) {
      return fail((error as Error).message, 'make logs, then: make down, make up');
    }
  },
};

const exposed: Check = {
  name: 'desk from outside',
  expected: 'its public address leads to it, and each operator has a passkey of that address',
  async examine({ settings, policy, now }) {
    const address = (await policy()).desk?.public_url ?? null;
    const { exposure } = await readExposure(settings.configDir);
    if (address === null || exposure === null) return ok('not reached by other machines (desk.public_url)');
    const trouble = await troubleAt(`${exposure.origin}${exposure.base}/enter`);
    if (trouble !== null)
      return fail(trouble, 'docs/HOSTING.md, The desk from other machines; then: make down, make up');
    const place = { ...settings, now: () => now().toISOString() };
    const without = await withoutPasskey(place, exposure.host);
    if (without.length === 0) return ok(address);
    return warn(
      `${without.join(', ')}: no passkey of ${exposure.host}, and so not let in there`,
      `trading-ops desk open --operator ${without[0]}`,
    );
  },
};

/** What the page to enter by says in every version, where a proxy leads to the desk at its address. */
const ENTER = /<title>Enter · trading-ops<\/title>/;

/** Why an address does not lead to the desk; null where it does. */
async function troubleAt(address: string): Promise<string | null> {
  try {
    const answer = await fetch(address, { signal: AbortSignal.timeout(ANSWER_MS), redirect: 'manual' });
    const body = await answer.text();
    return answer.status === 200 && ENTER.test(body)
      ? null
      : `${address} answers ${answer.status}: not as the desk does`;
  } catch (error) {
    const { message, cause } = error as Error;
    return `${address}: ${cause instanceof Error ? cause.message : message}`;
  }
}

const ANSWER_MS = 3_000;

export const portChecks: Check[] = [ports, desk, exposed];
