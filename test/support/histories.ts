import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../../src/runtime/paths.js';
import type { TestSeat } from './day.js';

/** Recorded histories that test/replay replays against the workflows of today. */
export const HISTORIES = join(repositoryRoot, 'test', 'fixtures', 'histories');

/** Process id and host name of a worker or client. */
const MACHINE = /^\d+@/;

/**
 * With RECORD_HISTORIES=1, writes the history of a finished workflow (its newest run) into the fixtures, without the
 * names of the machine it ran on; otherwise does nothing. `RECORD_HISTORIES=1 npx vitest run test/integration/day.test.ts`
 * records them all again: only after a change that replay is meant to refuse, and with its reason in the commit.
 */
export async function keepHistory({ client }: TestSeat, name: string, workflowId: string): Promise<void> {
  if (process.env['RECORD_HISTORIES'] !== '1') return;
  const { historyToJSON } = await import('@temporalio/common/lib/proto-utils.js');
  const history = JSON.parse(historyToJSON(await client.workflow.getHandle(workflowId).fetchHistory())) as object;
  mkdirSync(HISTORIES, { recursive: true });
  writeFileSync(
    join(HISTORIES, `${name}.json`),
    `${JSON.stringify(history, (_key, value: unknown) => (typeof value === 'string' && MACHINE.test(value) ? 'recorded' : value), 1)}\n`,
  );
}
