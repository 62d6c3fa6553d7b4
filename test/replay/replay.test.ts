import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { bundleWorkflowCode, Worker, type WorkflowBundle } from '@temporalio/worker';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { repositoryRoot } from '../../src/runtime/paths.js';
import { installLogging } from '../../src/worker/logging.js';
import { HISTORIES } from '../support/histories.js';

interface Recorded {
  events: {
    eventType: string;
    activityTaskScheduledEventAttributes?: { activityType: { name: string } };
    workflowExecutionStartedEventAttributes?: { workflowId: string; workflowType: { name: string } };
  }[];
}

const names = readdirSync(HISTORIES)
  .map((file) => file.replace(/\.json$/, ''))
  .toSorted();
let bundle: WorkflowBundle;

beforeAll(async () => {
  installLogging('fatal');
  // From the sources, so that a stale build cannot hide a change.
  bundle = await bundleWorkflowCode({
    workflowsPath: join(repositoryRoot, 'src', 'workflows', 'index.ts'),
    payloadConverterPath: join(repositoryRoot, 'src', 'workflows', 'payload-converter.ts'),
    logger: { ...console, trace: quiet, debug: quiet, info: quiet, log: quiet },
  });
});

describe('workflows replay what earlier versions did', () => {
  it('on every path that a workflow can end on', () => {
    expect(names).toEqual([
      'afternoon-run',
      'confirmed-again-after-close',
      'morning-run',
      'no-trade-escalated-acknowledged',
      'ops-run',
      'reconcile-failed-then-passed',
      'rejected-signal',
      'reopened-after-close',
      'superseded-ticket',
      'trade-confirmed',
    ]);
    for (const name of names)
      expect(read(name).events.at(-1)?.eventType, name).toBe('EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED');
    expect(new Set(names.map((name) => startOf(read(name)).workflowType.name))).toEqual(
      new Set(['tradingDay', 'morningRun', 'afternoonRun', 'opsRun']),
    );
  });

  it.each(names)('%s', async (name) => {
    await expect(replay(read(name))).resolves.toBeUndefined();
  });

  it('and an altered history is refused: a confirmation that closed the day before it was booked', async () => {
    const history = read('trade-confirmed');
    const scheduled = history.events
      .map((event) => event.activityTaskScheduledEventAttributes)
      .find((activity) => activity?.activityType.name === 'confirm');
    if (!scheduled) throw new Error('the history has no confirmation');
    scheduled.activityType.name = 'closeDay';
    await expect(replay(history)).rejects.toThrow(/TMPRL1100|[Nn]ondeterminism/);
  });
});

const read = (name: string): Recorded => JSON.parse(readFileSync(join(HISTORIES, `${name}.json`), 'utf8')) as Recorded;

function startOf({ events }: Recorded) {
  const started = events[0]?.workflowExecutionStartedEventAttributes;
  if (!started) throw new Error('a history begins with the start of its workflow');
  return started;
}

async function replay(history: Recorded): Promise<void> {
  await Worker.runReplayHistory({ workflowBundle: bundle }, historyFromJSON(history), startOf(history).workflowId);
}

function quiet(): void {
  // The bundler tells of every module.
}
