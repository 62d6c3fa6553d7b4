import { execa } from 'execa';
import { DateTime } from 'luxon';
import { serverMilliseconds, serverOffsets } from '../db/server.js';
import { fail, ok, warn, type Check, type Verdict } from './finding.js';
import { NotKnowable } from './not-knowable.js';
import type { Patient } from './patient.js';
import { firstDifference, knownOffsets } from './zones.js';

const SKEW_MAX_MS = 2_000;
/** The server refuses a poll of less than two seconds; ours is given up as soon as it was noted. */
const POLL_MS = 5_000;
const UPDATE_ZONES = 'update the zone data (Debian: apt-get install --only-upgrade tzdata)';

/** How far another clock may be from this machine's. */
export function skewVerdict(ms: number): Verdict {
  const found = `${ms < 0 ? '-' : '+'}${(Math.abs(ms) / 1_000).toFixed(1)} s`;
  return Math.abs(ms) <= SKEW_MAX_MS ? ok(found) : fail(found, 'set both clocks by NTP (timedatectl set-ntp true)');
}

const databaseClock: Check = {
  name: 'clock of postgres',
  expected: `within ${SKEW_MAX_MS / 1_000} s of this machine's`,
  async examine(patient) {
    const db = await patient.db();
    const began = patient.now().getTime();
    const its = await serverMilliseconds(db);
    return skewVerdict(its - (began + patient.now().getTime()) / 2);
  },
};

/**
 * A poll for work on a queue of our own; what the server notes of it is the only sight of its clock that every server
 * gives.
 */
const temporalClock: Check = {
  name: 'clock of temporal',
  expected: `within ${SKEW_MAX_MS / 1_000} s of this machine's`,
  async examine(patient) {
    const client = await patient.client();
    const { namespace } = client.options;
    const taskQueue = { name: `${patient.settings.taskQueue}-doctor` };
    const stop = new AbortController();
    const identity = `doctor ${process.pid} ${patient.now().getTime()}`;
    const began = patient.now().getTime();
    const polled = client.connection
      .withAbortSignal(stop.signal, () =>
        client.connection.withDeadline(Date.now() + POLL_MS, () =>
          client.workflowService.pollActivityTaskQueue({ namespace, taskQueue, identity }),
        ),
      )
      .catch(() => undefined);
    try {
      return skewVerdict((await noted(client, taskQueue.name, identity)) - began);
    } finally {
      stop.abort();
      await polled;
    }
  },
};

async function noted(client: Awaited<ReturnType<Patient['client']>>, queue: string, identity: string): Promise<number> {
  for (let tried = 0; tried < 50; tried++) {
    const { pollers } = await client.workflowService.describeTaskQueue({
      namespace: client.options.namespace,
      taskQueue: { name: queue },
      taskQueueType: 2,
    });
    const ours = (pollers ?? []).find((poller) => poller.identity === identity)?.lastAccessTime;
    if (ours) return Number(ours.seconds) * 1_000 + (ours.nanos ?? 0) / 1e6;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new NotKnowable('the server does not tell its time');
}

/** What `timedatectl` says of NTP; machines without it (containers) leave the clock to their host. */
const ntp: Check = {
  name: 'clock by ntp',
  expected: 'synchronized',
  async examine(patient) {
    const said = await execa('timedatectl', ['show', '--property=NTPSynchronized', '--value'], {
      reject: false,
      timeout: 3_000,
      env: { PATH: patient.env['PATH'] ?? '' },
      extendEnv: false,
    });
    const word = said.exitCode === 0 ? said.stdout.trim() : '';
    if (word === 'yes') return ok('synchronized');
    return word === 'no' ? warn('not synchronized', 'timedatectl set-ntp true') : ok('not told on this machine');
  },
};

const nodeZones: Check = {
  name: 'zone data of node',
  expected: 'UK and US clock changes of this year and the next',
  async examine({ now }) {
    const known = knownOffsets(now().getUTCFullYear());
    const wrong = firstDifference(
      known,
      known.map(({ at, zone }) => DateTime.fromISO(at, { zone }).offset),
    );
    return wrong === null
      ? ok(`right (tz ${process.versions.tz ?? 'unknown'})`)
      : fail(wrong, `${UPDATE_ZONES}, or install a newer Node`);
  },
};

const databaseZones: Check = {
  name: 'zone data of postgres',
  expected: 'UK and US clock changes of this year and the next',
  async examine(patient) {
    const known = knownOffsets(patient.now().getUTCFullYear());
    const wrong = firstDifference(known, await serverOffsets(await patient.db(), known));
    return wrong === null ? ok('right') : fail(wrong, UPDATE_ZONES);
  },
};

export const clockChecks: Check[] = [databaseClock, temporalClock, ntp, nodeZones, databaseZones];
