import { describe, expect, it } from 'vitest';
import { fieldsBody, troubleSummary } from '../../src/desk/forms/fields.js';
import { lookFirst } from '../../src/desk/forms/answer-views.js';
import { NOTHING_WAITS, type Waiting } from '../../src/desk/mail.js';
import { asRead } from '../../src/desk/pages/tickets.js';
import { sentHeadline } from '../../src/desk/pages/today.js';
import type { Today } from '../../src/operations/day/today.js';
import { TICKET_ID, ticketFacts } from './artifacts.fixture.js';

describe('a ticket on its page', () => {
  const read = { facts: ticketFacts('TRADE'), chain: [], own: undefined, fills: [], warnings: [] };
  const titles = (stands: Parameters<typeof asRead>[1]) =>
    asRead(read, stands).blocks.flatMap((block) => ('title' in block ? [block.title.replace(/ .*/, '')] : []));

  it('tells what to do while its orders may be placed, or may be soon', () => {
    for (const stands of ['early', 'open'] as const)
      expect(titles({ isKept: false, stands })).toEqual(
        expect.arrayContaining(['At', 'Orders', 'If', 'Write', 'Confirm']),
      );
  });

  it('tells only how to report once they may be placed no longer, and nothing once its answer was sent', () => {
    for (const stands of ['stopped', 'over'] as const) {
      const told = titles({ isKept: false, stands });
      expect(told).toEqual(expect.arrayContaining(['Orders', 'Confirm']));
      for (const title of ['At', 'If', 'Write']) expect(told).not.toContain(title);
    }
    const told = titles({ isKept: true, stands: 'open' });
    expect(told).toContain('Orders');
    for (const title of ['At', 'If', 'Write', 'Confirm']) expect(told).not.toContain(title);
  });
});

describe('the headline of a day for which something was sent', () => {
  const said = (name: 'confirm' | 'reconcile', ticketId: string | null): Waiting => ({
    isServed: false,
    kept: [{ name, operator: 'ada', sentAt: '2018-05-07T13:41:00Z', ticketId, commandId: null }],
  });
  const day = (state: string) => ({ view: { state }, ticket: { ticketId: TICKET_ID } }) as Today;

  it('says that it waits, of what the day waits for alone', () => {
    expect(sentHeadline(day('open'), said('reconcile', null))).toBe('Figures sent: they wait for a worker');
    expect(sentHeadline(day('ticketed'), said('confirm', TICKET_ID))).toBe('Answered: waits for a worker');
    for (const [state, waits] of [
      ['open', NOTHING_WAITS],
      ['open', { isServed: false, kept: null }],
      ['ticketed', said('confirm', 'another')],
      ['ticketed', said('reconcile', null)],
      ['confirmed', said('confirm', TICKET_ID)],
    ] as const)
      expect(sentHeadline(day(state), waits), state).toBeNull();
  });
});

describe('what is wrong, above a form', () => {
  const told = (message: string, body: string): string[] =>
    [...troubleSummary({ code: 'WRONG', message, remedy: null }, body).matchAll(/^<p>(.*)<\/p>$/gm)].map(
      ([, line = '']) => line,
    );

  it('calls a field by its name, and one of a fills file as the form does', () => {
    const fields = fieldsBody(
      [
        { kind: 'text', name: 'exDate', label: 'Ex-date & "time"' },
        { kind: 'figure', name: 'fills[1].units', label: 'Units' },
        { kind: 'text', name: 'fills[1].filled_at', label: 'Time in the UK' },
        { kind: 'tick', name: 'another', label: 'A second one' },
      ],
      {},
      null,
    );
    const message = [
      'ex-date: "x": must be a date',
      'fills[1].units: "4,07": must be digits: with a point',
      'fills[1].filled_at: (missing): is required when executed_status is DONE',
      'another: (missing): <b>',
      'at: (missing): must be given',
      'it is no date: x',
    ].join('\n');
    expect(told(message, fields)).toEqual([
      '<a href="#f-exDate">ex-date: &quot;x&quot;: must be a date</a>',
      '<a href="#f-fills_1_.units">Line 2, units: &quot;4,07&quot;: must be digits: with a point</a>',
      '<a href="#f-fills_1_.filled_at">Line 2, time in the UK: (missing): is required when what became of it is DONE</a>',
      '<a href="#f-another">another: (missing): &lt;b&gt;</a>',
      'at: (missing): must be given',
      'it is no date: x',
      'Nothing was recorded.',
    ]);
  });
});

describe('what is said before the first order', () => {
  it('leads to where figures are read, and is nothing where the ticket rests on those of its day', () => {
    const [told, ...more] = lookFirst(['WARNING: old figures.', 'Compare.'], { account: 'a b' });
    expect(more).toEqual([]);
    expect(told).toMatchObject({ title: 'Look before the first order' });
    expect(JSON.stringify(told)).toContain('"href":"/a%20b/reconcile"');
    expect(lookFirst([], { account: 'main' })).toEqual([]);
  });
});
