import { describe, expect, it } from 'vitest';
import { causeOf } from '../../src/domain/alerts/cause.js';
import { issuedEarly } from '../../src/domain/decision/early.js';
import { alertsSchema, mailboxesOf } from '../../src/domain/policy/alerts.js';
import { isBeginningOfId } from '../../src/domain/shapes.js';
import { wishedSchedules } from '../../src/operations/schedules/ensure.js';
import { theOne } from '../../src/operations/day/whole-id.js';
import { ticketScreen } from '../../src/reports/ticket/screen.js';
import { screenLines } from '../../src/cli/commands/tickets/screen-lines.js';
import { policySchema } from '../../src/domain/policy/policy.js';
import { ticketFacts } from './artifacts.fixture.js';

const mail = (to: string[]) =>
  alertsSchema.parse({
    sinks: [{ kind: 'email', host: '127.0.0.1', security: 'none', from: 'ops@example.org', to }],
  }).sinks[0]!;

describe('who is told by a mail', () => {
  it('each of several readers has a delivery of their own; one alone is the sink itself', () => {
    expect(mailboxesOf(mail(['ana@example.org', 'bo@example.org', 'ana@example.org']))).toMatchObject([
      { name: 'email:ana@example.org', sink: { to: ['ana@example.org'] } },
      { name: 'email:bo@example.org', sink: { to: ['bo@example.org'] } },
    ]);
    expect(mailboxesOf(mail(['ana@example.org']))).toMatchObject([
      { name: 'email', sink: { to: ['ana@example.org'] } },
    ]);
  });
});

describe('the cause of failed prices', () => {
  const jump = (subject: string | null) => ({ code: 'PRICE_JUMP_UNEXPLAINED', subject });
  it('is the same whatever the order, the day and how often a symbol was found', () => {
    const cause = causeOf([jump('KO'), jump('AAPL'), jump('KO'), { code: 'COVERAGE_LOW', subject: '2020-03-16' }]);
    expect(cause).toBe('COVERAGE_LOW, PRICE_JUMP_UNEXPLAINED AAPL KO');
    expect(causeOf([{ code: 'COVERAGE_LOW', subject: '2020-03-17' }, jump('AAPL'), jump('KO')])).toBe(cause);
  });
  it('is another when a symbol or a code is another, also where it is too long to be written out', () => {
    expect(causeOf([jump('KO')])).not.toBe(causeOf([jump('AAPL')]));
    const many = (last: string) =>
      causeOf([...Array.from({ length: 90 }, (_, index) => jump(`S${index}`)), jump(last)]);
    expect(many('ZA')).not.toBe(many('ZB'));
    expect(many('ZA').length).toBeLessThan(200);
  });
});

describe('a TRADE typed before its day', () => {
  const of = { kind: 'TRADE', tradingDay: '2026-11-27', issuedAt: '2026-11-27T00:00:00.000Z' } as const;
  it('is warned of when the figures are of an earlier day, and only then', () => {
    expect(issuedEarly({ ...of, snapshotDate: '2026-11-26' })?.[0]).toMatch(
      /^WARNING: it was issued at 00:00 .*2026-11-26/,
    );
    expect(issuedEarly({ ...of, snapshotDate: '2026-11-27' })).toBeNull();
    expect(issuedEarly({ ...of, kind: 'NO_TRADE', snapshotDate: '2026-11-26' })).toBeNull();
  });
});

describe('a ticket on one screen', () => {
  it.each(['TRADE', 'NO_TRADE', 'DRY_RUN'] as const)('%s fits 100 columns and 40 lines', (kind) => {
    const lines = screenLines(ticketScreen(ticketFacts(kind)), 'artifacts/tickets/x.md');
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(100);
    expect(lines.length).toBeLessThan(40);
  });
  it('names the companies, and says what is left out when there is not enough cash', () => {
    const text = screenLines(ticketScreen(ticketFacts('TRADE')), 'x').join('\n');
    for (const part of ['Walt Disney', 'Apple', 'skip if', 'Not enough cash for the BUYs', 'on the SELLs above'])
      expect(text.replaceAll('\n', ' ')).toContain(part);
  });
});

describe('the beginning of an id', () => {
  it('has its dashes where an id has them, and eight characters at least', () => {
    const id = '9f0e7b5e-0000-4000-8000-000000000001';
    for (let length = 8; length <= id.length; length++) expect(isBeginningOfId(id.slice(0, length))).toBe(true);
    for (const text of ['', '9f0e7b5', 'a'.repeat(36), '9f0e7b5e0', '9f0e7b5x', `${id}0`])
      expect(isBeginningOfId(text)).toBe(false);
  });

  it('means one, or is refused with those it may mean', () => {
    const none = () => new Error('none');
    expect(theOne('ticket', 'abc', ['abcd'], none)).toBe('abcd');
    expect(() => theOne('ticket', 'abc', ['abcd', 'abce'], none)).toThrow(/ticket: abc: 2 begin like that: abcd, abce/);
    expect(() => theOne('ticket', 'abc', [], none)).toThrow('none');
  });
});

describe('a backup within the hour that clocks leave out', () => {
  const calendars = (dailyAt: string, zone = 'Europe/London') => {
    const policy = policySchema.parse({
      version: 1,
      accounts: { main: { base_currency: 'GBP', clock: 'real' } },
      operators: ['ann'],
      market_data: { provider: 'csv' },
      trading: { mode: 'live', cadence: 'daily' },
      schedules: { zone },
      backup: { daily_at: dailyAt },
    });
    return wishedSchedules(policy, 'queue').find(({ scheduleId }) => scheduleId === 'backup')!.options.spec.calendars!;
  };
  it('is made an hour later on the last Sunday of March; any other time is as it is', () => {
    expect(calendars('01:30')).toHaveLength(2);
    expect(calendars('01:30')[1]).toMatchObject({
      hour: [{ start: 2 }],
      minute: [{ start: 30 }],
      dayOfMonth: [{ start: 25, end: 31 }],
      month: [{ start: 'MARCH' }],
      dayOfWeek: [{ start: 'SUNDAY' }],
    });
    expect(calendars('22:30')).toHaveLength(1);
    expect(calendars('02:00')).toHaveLength(1);
    expect(calendars('01:30', 'Europe/Paris')).toHaveLength(1);
    expect(calendars('02:15', 'Europe/Paris')).toHaveLength(2);
  });
});
