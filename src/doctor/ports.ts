import { externalParts } from '../runtime/addresses.js';
import { deskAnswers, deskProcess } from '../runtime/processes/desk.js';
import { isFree, whoListens } from '../runtime/processes/ports.js';
import { postgresProcess } from '../runtime/postgres/server.js';
import { readRecord } from '../runtime/record.js';
import { workerProcess } from '../runtime/processes/worker.js';
import { temporalProcess } from '../runtime/temporal/server.js';
import { outside } from './desk-outside.js';
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

export const portChecks: Check[] = [ports, desk, outside];
