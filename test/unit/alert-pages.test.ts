import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FORMS } from '../../src/desk/forms/all.js';
import { enterPath, pagesOf } from '../../src/desk/next.js';
import { PAGES } from '../../src/desk/server.js';
import { ALERT_CODES } from '../../src/domain/alerts/codes.js';
import { pageOfAlert, type Located } from '../../src/domain/alerts/page.js';

const TICKET = '8b20c1f0-1111-4222-8333-8f4512345678';
const isPage = pagesOf([...Object.keys(PAGES), ...FORMS.map(({ path }) => path)]);
const about = (code: string, over: Partial<Located> = {}): string =>
  pageOfAlert({ account: 'main', code, subject: TICKET, evidence: {}, ...over });

describe('the page on which an alert is dealt with', () => {
  it('is a page of the desk, whatever the alert is about and whoever says so', () => {
    const word = fc.oneof(fc.string(), fc.constantFrom('../..', '//evil.test', '\\evil', `${TICKET}/../x`, '', '?a#b'));
    const alert = fc.record({
      code: fc.oneof(
        fc.constantFrom(...Object.keys(ALERT_CODES)),
        fc.constantFrom('OF_LATER', '__proto__', 'toString'),
      ),
      account: fc.constantFrom(null, 'main', 'runs', 'a-b_c.1'),
      subject: fc.oneof(word, fc.constant(TICKET)),
      evidence: fc.oneof(fc.constant({}), fc.record({ ticketId: fc.oneof(word, fc.integer(), fc.constant(null)) })),
    });
    fc.assert(
      fc.property(alert, (given) => isPage(pageOfAlert(given))),
      { numRuns: 2_000 },
    );
  });

  it('is the ticket of a push, of a deadline, of a receipt and of a deviation', () => {
    for (const code of ['TICKET_TRADE', 'CONFIRMATION_LOST']) expect(about(code)).toBe(`/main/tickets/${TICKET}`);
    for (const code of ['CONFIRMATION_DUE', 'CONFIRMATION_OVERDUE'])
      expect(about(code, { subject: `${TICKET} at 2026-11-23T16:00:00.000Z` })).toBe(`/main/tickets/${TICKET}`);
    for (const code of ['CONFIRMATION_RECEIPT', 'TICKET_DEVIATION']) {
      expect(about(code, { subject: 'another', evidence: { ticketId: TICKET } })).toBe(`/main/tickets/${TICKET}`);
      // One of an earlier version names its confirmation alone, whose id is none of a ticket.
      expect(about(code)).toBe('/main/tickets');
    }
  });

  it('is the account’s own, or the list where it is of none or of no code that is known', () => {
    expect(about('KILL_SWITCH_ENGAGED', { subject: 'main' })).toBe('/main/kill-switch');
    expect(about('MESSAGE_REFUSED', { account: null })).toBe('/alerts');
    expect(about('RUN_MISSED', { subject: '2026-11-23/1400' })).toBe('/runs');
    expect(about('BACKUP_STALE', { account: null, subject: 'database' })).toBe('/backups');
    expect(about('OF_LATER')).toBe('/alerts');
  });
});

describe('where somebody goes on to who is let in', () => {
  it('is a page of the list, without what its address says', () => {
    expect(enterPath(isPage, `/main/tickets/${TICKET}`)).toBe(`/enter?next=%2Fmain%2Ftickets%2F${TICKET}`);
    expect(enterPath(isPage, '/main/reconcile?cash=1')).toBe('/enter?next=%2Fmain%2Freconcile');
    expect(enterPath(isPage, '/alerts')).toBe('/enter?next=%2Falerts');
    for (const none of ['/', '/nope', '/pulse', '/runs.csv', '/assets/desk.css', '/leave', '/main/today/more', ''])
      expect([none, enterPath(isPage, none)]).toEqual([none, '/enter']);
  });

  it.each([
    ['another host', '//evil.test'],
    ['another host as an account', '//today'],
    ['a host after a backslash', '/\\evil.test/today'],
    ['a tab, which browsers leave out', '/\t/evil.test/today'],
    ['a scheme', 'https://evil.test/main/today'],
    ['a script', 'javascript:alert(1)'],
    ['a way up', '/main/../today'],
    ['a way up, escaped', '/%2e%2E/today'],
    ['quotes', '/"><script>/today'],
    ['an end of line', '/main\r\nx/today'],
    ['a slash too many', '/main//today'],
    ['one at the end', '/main/today/'],
    ['a query', '/main/today?x=1'],
    ['no slash', 'main/today'],
  ])('is never %s', (_, next) => expect(isPage(next)).toBe(false));
});
