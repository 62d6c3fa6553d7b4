import { expect, it } from 'vitest';
import type { RunInput, RunReply } from '../../src/contract/runs.js';
import { londonInstant } from '../../src/domain/calendar/calendar.js';
import { addAccounts, MONDAY, useDemoPolicy, startSeat } from '../support/day.js';
import { signedRun } from '../support/signing.js';
import { createInstallation } from '../support/stack.js';

/** One more than a reply tells one by one. */
const ACCOUNTS = 51;

it('a run of many accounts answers with fifty tickets, says how many there are, and has issued each', async () => {
  const installation = await createInstallation();
  useDemoPolicy(installation);
  addAccounts(installation, ACCOUNTS - 1);
  const { seat, stop } = await startSeat(installation);
  try {
    const asked = { at: londonInstant(MONDAY, '14:00'), operator: 'demo', accounts: [], full: false, dryRun: false };
    const input: RunInput = await signedRun(seat.sign, '1400', asked);
    const reply = (await seat.client.workflow.execute('afternoonRun', {
      workflowId: 'afternoon-run/of-many',
      taskQueue: installation.settings.taskQueue,
      args: [input],
    })) as RunReply;
    expect({ told: reply.tickets.length, inAll: reply.ticketsInAll }).toEqual({ told: ACCOUNTS - 1, inAll: ACCOUNTS });
    expect(await seat.db('tickets').distinct('account')).toHaveLength(ACCOUNTS);
    expect(reply.summary).toMatch(/and 31 accounts more$/);
  } finally {
    await stop();
  }
}, 180_000);
