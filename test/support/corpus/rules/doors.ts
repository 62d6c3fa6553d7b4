import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { causeOf } from '../../../../src/domain/alerts/cause.js';
import { stampOfToday } from '../../../../src/domain/day/clock.js';
import { OpsError } from '../../../../src/domain/errors.js';
import { D, toText } from '../../../../src/domain/money.js';
import { alertsSchema, mailboxesOf } from '../../../../src/domain/policy/alerts.js';
import { createSink } from '../../../../src/notify/create.js';
import type { Notice, SinkAnswer } from '../../../../src/notify/sink.js';
import { createCsvProvider } from '../../../../src/providers/csv.js';
import { smtpError, startMailReceiver } from '../../receivers.js';
import type { Causes, Clock, Drop, Mail } from './shape.js';

const MINUTE_S = 60;

/** Reads a drop folder as the morning's run does. */
export async function playDrop({ files, reads }: Drop): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'corpus-drop-'));
  try {
    for (const [index, { name, text }] of files.entries()) {
      writeFileSync(join(folder, name), text);
      const changed = Date.parse('2020-03-06T08:00:00Z') / 1_000 + index * MINUTE_S;
      utimesSync(join(folder, name), changed, changed);
    }
    const provider = createCsvProvider(folder, () => new Date('2020-03-06T09:00:00Z'));
    for (const [index, { expect: wanted, ...request }] of reads.entries()) {
      const answer = await provider.fetchBars(request);
      const where = `read ${index + 1}, ${request.symbol}`;
      expect(answer.ok ? undefined : answer.code, where).toBe(wanted.failed);
      if (!answer.ok) continue;
      const closes: [string, string][] = [];
      for await (const { session, close } of answer.bars) closes.push([session, toText(D(close))]);
      if (wanted.closes) expect(Object.fromEntries(closes), where).toEqual(wanted.closes);
      expect(answer.passedOver?.read, where).toBe(wanted.read);
      if (wanted.passedOver) expect(answer.passedOver?.others, where).toEqual(wanted.passedOver);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const NOTICE: Notice = {
  kind: 'ALERT',
  id: '1b0cbd2a-0000-4000-8000-000000000002',
  alertId: '1b0cbd2a-0000-4000-8000-000000000002',
  account: null,
  tradingDay: null,
  code: 'BACKUP_FAILED',
  severity: 'critical',
  subject: 'backup',
  message: 'No backup.',
  remedy: 'docs/INCIDENTS.md',
  raisedAt: '2014-06-09T14:30:00.000Z',
  page: null,
  auditHead: null,
  recovered: null,
};
const TIMEOUT_MS = 30_000;

/** Tells one alert by mail to a real server on this machine, each reader until it is taken or given up. */
export async function playMail({ readers, expect: wanted }: Mail): Promise<void> {
  const answers = new Map(Object.entries(readers).map(([reader, codes]) => [reader, [...codes]]));
  const server = await startMailReceiver({
    onRcptTo: ({ address }, _session, done) => {
      const code = answers.get(address)?.shift() ?? 250;
      done(code < 400 ? null : smtpError(code, 'not now'));
    },
  });
  try {
    const [sink] = alertsSchema.parse({
      sinks: [
        {
          kind: 'email',
          host: '127.0.0.1',
          port: server.port,
          security: 'none',
          from: 'ops@example.org',
          to: Object.keys(readers),
        },
      ],
    }).sinks;
    if (!sink) throw new Error('the policy has one sink');
    const fates: [string, string[]][] = [];
    for (const { name, sink: mailbox } of mailboxesOf(sink)) {
      const reader = name.replace(/^email:?/, '') || (Object.keys(readers)[0] ?? '');
      const fate: string[] = [];
      while ((answers.get(reader) ?? []).length > 0 && !ENDED.has(fate.at(-1) ?? ''))
        fate.push(fateOf(await createSink(mailbox, {}, TIMEOUT_MS).send(NOTICE)));
      fates.push([reader, fate]);
    }
    expect(Object.fromEntries(fates)).toEqual(wanted);
    // Nobody gets the mail twice for another's sake.
    expect(server.mails).toHaveLength(fates.flatMap(([, fate]) => fate).filter((each) => each === 'taken').length);
  } finally {
    await server.close();
  }
}

const ENDED = new Set(['taken', 'given up']);
const fateOf = (answer: SinkAnswer): string => (answer.ok ? 'taken' : answer.final ? 'given up' : 'later');

/** What counts as now when somebody says another instant, for a run or a watch. */
export function playClock(tries: Clock): void {
  for (const [index, { account, now, said, expect: wanted }] of tries.entries()) {
    const where = `try ${index + 1}`;
    const found = stampFor({ account: 'main', clock: account }, { claimedAt: said, now });
    expect(found.refused, where).toBe(wanted.refused);
    if (wanted.at !== undefined) expect(Date.parse(found.at ?? ''), where).toBe(Date.parse(wanted.at));
  }
}

function stampFor(...asked: Parameters<typeof stampOfToday>): { refused: string | null; at: string | null } {
  try {
    return { refused: null, at: stampOfToday(...asked).at };
  } catch (error) {
    if (!(error instanceof OpsError)) throw error;
    return { refused: error.code, at: null };
  }
}

/** What an alert about failed checks is of: the same on a later day is no news. */
export function playCauses(days: Causes): void {
  for (const [index, { reasons, expect: wanted }] of days.entries()) {
    const told = reasons.map((reason) => {
      const [code = '', subject = null] = reason.split(' ');
      return { code, subject };
    });
    expect(causeOf(told), `day ${index + 1}`).toBe(wanted);
  }
}
