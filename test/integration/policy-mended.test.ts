import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { ConfirmReply } from '../../src/contract/day-messages.js';
import { londonInstant } from '../../src/domain/calendar/calendar.js';
import { askDay } from '../../src/operations/day/ask-day.js';
import { prepareConfirm } from '../../src/operations/day/prepare.js';
import { assertOneOfEverything, MONDAY, withSeat } from '../support/day.js';

it('an answer that was refused because the policy could not be read is booked when it is given again after it was mended', () =>
  withSeat({ mode: 'off' }, async (seat, { configDir, dataDir, settings }) => {
    await seat.run('0800', MONDAY);
    await seat.reconcile(MONDAY);
    const { ticketId } = await seat.issue(MONDAY);
    const file = join(configDir, 'policy.yml');
    const policy = readFileSync(file, 'utf8');
    const where = { db: seat.db, configDir, dataDir, now: () => new Date().toISOString() };
    const asker = {
      operator: 'demo',
      door: 'cli' as const,
      claimedAt: londonInstant(MONDAY, '15:20'),
      sign: seat.sign,
    };
    const give = async (meanwhile = policy): Promise<ConfirmReply> => {
      const typed = { account: 'main', ticketId, kind: 'ACK' as const, fills: null, amend: false };
      const prepared = await prepareConfirm(where, asker, typed);
      if (!prepared.ok) throw new Error(prepared.refusal.message);
      writeFileSync(file, meanwhile);
      const post = { client: seat.client, taskQueue: settings.taskQueue, workerIsUp: () => Promise.resolve(true) };
      return askDay<ConfirmReply>(post, prepared.result);
    };

    expect(await give(policy.slice(0, 60))).toMatchObject({
      status: 'REFUSED',
      reason: { code: expect.stringMatching(/^(POLICY|CONFIG)_/) },
    });
    writeFileSync(file, policy);
    const booked = await give();
    expect(booked).toMatchObject({ status: 'ACKNOWLEDGED', reason: null });
    // The same once more is the same result, under whatever name it is sent.
    expect(await give()).toMatchObject({ status: 'ACKNOWLEDGED', confirmationId: booked.confirmationId });
    await seat.closed(MONDAY);
    await assertOneOfEverything(seat.db, MONDAY, ticketId);
  }));
