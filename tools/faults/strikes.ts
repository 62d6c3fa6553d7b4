import { setTimeout as pause } from 'node:timers/promises';
import { persist } from '../../test/support/persist.js';
import type { House } from './house.js';
import type { Fault, Part } from './kinds.js';

/** What befalls the machine while a step is under way; resolves when everything is up again. */
export async function strike(house: House, fault: Fault): Promise<void> {
  if (fault.kind === 'killed') {
    await pause(fault.afterMs);
    await kill(house, fault.parts);
    await pause(fault.downMs);
    await comeBack(house);
  }
}

/** Ends parts with SIGKILL; Postgres as by `pg_ctl stop -m immediate`. */
export async function kill(house: House, parts: readonly Part[]): Promise<void> {
  await Promise.all(
    parts.map((part) =>
      part === 'worker' ? house.killWorker() : house.stage.kill(part, part === 'postgres' ? 'SIGQUIT' : 'SIGKILL'),
    ),
  );
}

/** Starts what is down and waits until the simulator's own client has found Temporal again. */
export async function comeBack(house: House): Promise<void> {
  await house.stage.start();
  await persist(() => house.client.workflowService.getSystemInfo({}));
  await house.startWorker();
}
