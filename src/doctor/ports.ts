import { externalParts } from '../runtime/addresses.js';
import { isFree, whoListens } from '../runtime/processes/ports.js';
import { postgresProcess } from '../runtime/postgres/server.js';
import { readRecord } from '../runtime/record.js';
import { workerProcess } from '../runtime/processes/worker.js';
import { temporalProcess } from '../runtime/temporal/server.js';
import { fail, ok, type Check } from './finding.js';
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

export const portChecks: Check[] = [ports];
