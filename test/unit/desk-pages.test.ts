import type { Knex } from 'knex';
import { policy } from './artifacts.fixture.js';
import { describe, expect, it } from 'vitest';
import { bookCashSchema } from '../../src/contract/bookings.js';
import { read } from '../../src/contract/reading.js';
import { BOOKING_KINDS } from '../../src/desk/forms/booking-kinds.js';
import { toldText } from '../../src/desk/forms/answer-lines.js';
import { fieldsBody, troubleSummary } from '../../src/desk/forms/fields.js';
import { bothAnswers, hasAnswer, lookFirst, reviewBlocks, takenBack } from '../../src/desk/forms/answer-views.js';
import { renderBlocks } from '../../src/reports/render/html.js';
import { NOTHING_WAITS, type Waiting } from '../../src/desk/mail.js';
import { asRead, ticketMain } from '../../src/desk/pages/tickets.js';
import { renderMarkdown } from '../../src/reports/render/markdown.js';
import { LOOK_FIRST, ticketDocument } from '../../src/reports/ticket/page.js';
import type { AnswerForm } from '../../src/operations/day/answer-form.js';
import { unreachableError } from '../../src/domain/errors.js';
import type { Look } from '../../src/desk/look.js';
import { schedulesPage } from '../../src/desk/pages/schedules.js';
import { answersKept, keptBlocks } from '../../src/desk/view/kept.js';
import type { KeptMessage } from '../../src/operations/day/kept-messages.js';
import { unendedWord } from '../../src/reports/run/unended.js';
import {
  dayShown,
  headlineOf,
  olderAnswers,
  olderTickets,
  pricesFailed,
  sentHeadline,
  stepsOf,
} from '../../src/desk/pages/today.js';
import type { Today } from '../../src/operations/day/today.js';
import type { UnprovedAnswer } from '../../src/operations/day/unproved-answers.js';
import { halfSigned } from '../../src/reports/ticket/not-counted.js';
import { namesOf } from '../../src/reports/ticket/answered.js';
import { figureTyped } from '../../src/operations/day/fills-form.js';
import { readRows } from '../../src/domain/reconciliation/rows.js';
import { AS_OF, TICKET_ID, ticketFacts } from './artifacts.fixture.js';

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

describe('a ticket of no orders on its page', () => {
  const read = { facts: ticketFacts('NO_TRADE'), chain: [], own: undefined, fills: [], warnings: [] };
  const shown = (isKept: boolean) => renderMarkdown(asRead(read, { isKept, stands: 'open' }));

  it('asks to be acknowledged until that was sent, and says all the while why there is no order', () => {
    expect(shown(false)).toMatch(/acknowledge this ticket/);
    expect(shown(true)).toContain('Place no order today');
    expect(shown(true)).not.toMatch(/acknowledge/i);
    for (const isKept of [true, false]) expect(shown(isKept)).toContain('Why, and what would change it');
  });
});

describe('a ticket that was issued on figures of an earlier day', () => {
  const facts = ticketFacts('TRADE');
  const early = { ...facts, snapshotDate: AS_OF };

  it('says so in its files, and no other ticket does', () => {
    const told = (of: typeof facts) => renderMarkdown(ticketDocument(of));
    expect(told(early)).toContain(LOOK_FIRST);
    expect(told(early)).toMatch(
      /WARNING: it was issued at .* on the broker's figures of 2014-06-09, and stands for 2014-06-10/,
    );
    for (const of of [facts, { ...early, ticket: ticketFacts('NO_TRADE').ticket }])
      expect(told(of)).not.toMatch(/WARNING|Look before/);
  });

  it('is said once on its page, with the way to Reconcile, and on paper too', () => {
    const read = { facts: early, chain: [], own: undefined, fills: [], warnings: [] };
    const document = asRead(read, { isKept: false, stands: 'open' });
    expect(renderMarkdown(document)).not.toContain('WARNING');
    const html = ticketMain(document, lookFirst(['WARNING: old'], { account: 'main' }));
    expect(html.match(/WARNING/g)).toHaveLength(1);
    expect(html).toContain('<a href="/main/reconcile">Reconcile</a>');
    const [block] = lookFirst(['WARNING: old'], { account: 'main' });
    const other = ticketMain(document, [{ ...block, title: 'Not answered yet' } as never]);
    expect([html, other].map((each) => /class="screen"[^>]*>\s*<div class="banner warn"/.test(each))).toEqual([
      false,
      true,
    ]);
  });
});

describe('an answer that is amended', () => {
  const { material } = ticketFacts('TRADE').ticket;
  const [line] = material.lines;
  const fill = {
    sequence: line?.sequence ?? 1,
    side: 'BUY' as const,
    executedStatus: 'DONE' as const,
    units: '0.168000',
    fillPrice: '2690.000000',
    executedValueBase: '451.92',
    filledAt: null,
    notes: null,
  };
  const answer = { operator: 'ada', confirmedAt: '2014-06-10T14:05:00Z', fills: [{ ...fill, symbol: 'SP500' }] };
  const form = {
    ticket: { material, dryRun: false },
    of: material,
    answer,
    lines: [{ line: { ...line, sequence: fill.sequence } }],
  } as unknown as AnswerForm;
  const cash = { now: '9231.00', before: '9682.92' };
  const again = { ...fill, internalSymbol: 'SP500', executedValueBase: '294.80' };

  it('says what becomes of the cash, before and after, of what is taken back and of what is booked', () => {
    expect(renderBlocks(takenBack(form, cash))).toContain('Cash 9231.00 +451.92 = 9682.92');
    const review = (amend: boolean) =>
      renderBlocks(reviewBlocks(form, { fills: [again], deviations: [] }, { amend, cash }));
    expect(review(true)).toContain('Cash 9682.92 -294.80 = 9388.12');
    // Said again it changes nothing.
    expect(review(false)).not.toContain('9682.92');
    const rehearsed = renderBlocks(takenBack(form, null));
    expect(rehearsed).toContain('Cash +451.92');
  });

  it('takes nothing back where nothing is booked of it', () => {
    const html = renderBlocks(takenBack({ ...form, answer: { ...answer, fills: [] } } as never, cash));
    expect(html).toContain('Nothing is booked of what stands in the name of ada');
    expect(html).not.toContain('Cash');
  });

  it('stands beside what was typed, figures alike', () => {
    const typed = { executed_status: 'DONE', units: '.168', fill_price: '2,690.00', executed_value_base: '450.840' };
    const html = renderBlocks(bothAnswers(form, [typed]));
    expect(html).toContain('DONE · 0.168 · 2690 · 451.92');
    expect(html).toContain('DONE · .168 · 2690 · 450.84');
  });
});

describe('a day whose answer does not count', () => {
  const NOW = '2014-06-10T14:00:00Z';
  const view = { state: 'confirmed', confirmation: { at: '2014-06-10T13:45:00Z', operator: 'bo' } };
  const day = {
    view,
    notYet: null,
    ticket: undefined,
    killSwitch: { engaged: false, reason: null },
    groundless: null,
    older: null,
  } as unknown as Today;
  const unproved: UnprovedAnswer = {
    operator: 'bo',
    code: 'SIGNATURE_MISSING',
    message: 'nobody signed it',
    waits: null,
    keyless: [],
  };

  it('is called TICKET_UNCONFIRMED, and not confirmed, by its headline and its steps', () => {
    expect(headlineOf({ ...day, unproved: null })).toBe('Confirmed: the day is being closed');
    expect(headlineOf({ ...day, unproved })).toMatch(/^TICKET_UNCONFIRMED: /);
    const written = { ...day, groundless: 'ledger cash: 1000000 when issued, 10000 now' };
    expect(headlineOf({ ...written, unproved: null })).toBe('TICKET_DIFFERS: place no order of this ticket');
    const confirmed = (why: Today['unproved'], signers: string[] = []) =>
      stepsOf({ ...day, groundless: null, unproved: why, signers }, NOW).find(({ name }) => name === 'Confirmed');
    expect(confirmed(null)).toMatchObject({ state: 'done', note: '14:45 by bo' });
    expect(confirmed(unproved)).toMatchObject({ state: 'bad', note: '14:45 in the name of bo' });
    expect(confirmed(null, ['bo', 'ada'])).toMatchObject({ state: 'done', note: '14:45 by bo and ada' });
    // One that only waits for another person is not called forged, and the day is not called done with.
    const half = { ...unproved, waits: ['bo'] };
    expect(confirmed(half)).toMatchObject({
      state: 'wait',
      note: '14:45 by bo, waits for the signature of another person',
    });
    const closed = { ...day, view: { ...view, state: 'closed', outcome: 'TRADE' }, unproved: half } as unknown as Today;
    expect(headlineOf(closed)).toBe('The day is closed: TRADE, and waits for the signature of another person');
  });

  it('of an earlier day beats everything but that no order is to be placed', () => {
    const older = (why: UnprovedAnswer | null) => ({ ticketId: TICKET_ID, tradingDay: '2014-06-09', why });
    const open = { ...day, view: { ...view, state: 'open' }, unproved: null } as unknown as Today;
    expect(headlineOf(open)).toBe('Reconcile with eToro');
    for (const [why, told] of [
      [null, 'First the ticket of 2014-06-09: it waits for its answer'],
      [unproved, 'TICKET_UNCONFIRMED: the answer to the ticket of 2014-06-09 does not count'],
      [
        { ...unproved, waits: ['bo'] },
        'The answer to the ticket of 2014-06-09 waits for the signature of another person',
      ],
    ] as [UnprovedAnswer | null, string][]) {
      expect(headlineOf({ ...open, older: older(why) })).toBe(told);
      expect(headlineOf({ ...open, older: older(why), groundless: 'x' })).toMatch(/^TICKET_DIFFERS/);
    }
  });

  it('says whose signature is none of the several, and why', () => {
    const half = { code: 'SIGNATURE_MISSING', message: 'demo, ada signed it, and 2 people must' } as const;
    expect(halfSigned({ ...half, keyless: ['demo'] })).toContain(
      '2 people must. That of demo does not count among them: it is by the key of the machine',
    );
    expect(halfSigned({ ...half, keyless: [] })).not.toContain('does not count');
  });

  it('has its answer only with the signature of another person, where that is wanted', () => {
    const answer = { operator: 'demo', signers: ['ada', 'bo'], confirmedAt: '2014-06-10T13:45:00Z' };
    const told = (isWaitingForSigner: boolean) => renderBlocks([hasAnswer({ ...answer, isWaitingForSigner } as never)]);
    expect(told(true)).toContain('It has its answer, and waits for the signature of another person');
    expect(told(false)).not.toContain('waits');
    expect(told(false)).toContain('demo, ada and bo, ');
    expect([namesOf('bo', []), namesOf('bo', ['bo', 'ada'])]).toEqual(['bo', 'bo and ada']);
  });

  it('has no 14:00 that is done where its ticket was written around the program', () => {
    const issued = { at: null, ticket: { issuedAt: '2014-06-10T13:00:00Z', kind: 'TRADE' }, confirmation: null };
    const at1400 = (groundless: string | null) =>
      stepsOf({ ...day, view: { ...view, ...issued } as never, groundless, unproved: null, signers: [] }, NOW)[2];
    expect(at1400(null)).toMatchObject({ state: 'done', note: '14:00 TRADE' });
    expect(at1400('ledger cash differs')).toMatchObject({ state: 'bad', note: 'TICKET_DIFFERS' });
  });
});

describe('how the figures of a line stand', () => {
  it('is told in UK time, as the page is', () => {
    const told = toldText({ holds: false, lines: ['filled_at 2018-05-07T14:41:00.000Z is out of the window'] });
    expect(told).toBe('✕ time in the UK 2018-05-07 15:41 UK time (BST) is out of the window');
  });
});

describe('a run that has no result', () => {
  it('is under way on Today as long as the list of runs says so', () => {
    const at = '2018-05-07T07:00:00.000Z';
    const day = {
      view: null,
      signers: [],
      morning: { runId: 'r', at, outcome: null, summary: null },
    } as unknown as Today;
    const noteAt = (now: string) => stepsOf(day, now)[0]?.note;
    for (const now of ['2018-05-07T07:01:00.000Z', '2018-05-07T15:00:00.000Z'])
      expect(noteAt(now)).toBe(unendedWord(at, now));
    expect(noteAt('2018-05-07T15:00:00.000Z')).toBe('no result');
  });
});

describe('the runs that come next', () => {
  const AWAY = unreachableError('TEMPORAL_DOWN', 'it does not answer');
  const REHEARSED = '2014-06-11T13:00:00.000Z';
  const look = (accounts: { account: string; clock: 'real' | 'simulated' }[]) =>
    ({
      policy,
      accounts,
      account: accounts[0],
      at: REHEARSED,
      place: { now: () => '2026-11-27T09:00:00.000Z', mail: { with: () => Promise.reject(AWAY) } },
    }) as unknown as Look;
  const [main, own] = [
    { account: 'main', clock: 'simulated' },
    { account: 'own', clock: 'real' },
  ] as const;

  it('are of the real clock where an account is on it, whichever is looked at, else of the rehearsal', async () => {
    const { main: real } = await schedulesPage(look([main, own]));
    expect(real).toContain('2026-11-27');
    expect(real).not.toContain('2014-06');
    expect((await schedulesPage(look([main]))).main).toContain('2014-06-12');
  });
});

describe('prices of the morning that are not sound', () => {
  const morning = {
    runId: 'r',
    at: '2018-05-07T07:00:00.000Z',
    outcome: 'FAIL',
    summary: 'data_quality: DATA_STALE, PRICE_JUMP_UNEXPLAINED',
  };
  const told = (today: object) => renderBlocks(pricesFailed(today as Today, '/main'));

  it('are told on Today with their codes, and where they are put right, until there is a ticket', () => {
    const html = told({ morning, ticket: undefined });
    expect(html).toContain('data_quality: DATA_STALE, PRICE_JUMP_UNEXPLAINED. At 14:00 they are judged again');
    expect(html).toContain('href="/quality"');
    expect(html).toContain('href="/main/runs/start"');
    expect(told({ morning, ticket: { ticketId: TICKET_ID } })).toBe('');
    for (const outcome of ['PASS', 'MISSED', null]) expect(told({ morning: { ...morning, outcome } })).toBe('');
    expect(told({ morning: undefined })).toBe('');
  });
});

const keptMessage = (said: Partial<KeptMessage>): KeptMessage => ({
  name: 'confirm',
  operator: 'ada',
  sentAt: '2018-05-07T13:41:00Z',
  at: null,
  ticketId: TICKET_ID,
  isAmendment: false,
  contentHash: null,
  commandId: null,
  ...said,
});

describe('tickets of other days without a stored answer', () => {
  const id = (number: number) => `0d8e2a6c-0000-4000-8000-00000000000${number}`;
  const [open, sent, amended, own] = [id(1), id(2), id(3), id(4)];
  const tickets = [
    { ticketId: open, tradingDay: '2018-05-07', kind: 'TRADE', isGroundless: false },
    { ticketId: sent, tradingDay: '2018-05-08', kind: 'NO_TRADE', isGroundless: false },
  ] as Today['unanswered'];
  const today = { unanswered: tickets, tradingDay: '2018-05-09' };
  /** What waits by day; whatever a page does not look for is under way at the server. */
  const said: Record<string, KeptMessage> = {
    '2018-05-04': keptMessage({ ticketId: amended, isAmendment: true }),
    '2018-05-08': keptMessage({ ticketId: sent }),
    '2018-05-09': keptMessage({ ticketId: own }),
  };
  const mail = {
    daysWaiting: () => Promise.resolve(['2018-05-04', '2018-05-09']),
    waiting: ({ tradingDay }: { tradingDay: string }) => {
      const message = said[tradingDay];
      return Promise.resolve<Waiting>(message ? { isServed: false, kept: [message] } : NOTHING_WAITS);
    },
  };
  const nothingBooked = { where: () => ({ whereRaw: () => ({ first: () => Promise.resolve() }) }) };
  const db = (() => nothingBooked) as unknown as Knex;

  it('are told apart: what is answered and waits for a worker is asked for of nobody', async () => {
    const kept = await answersKept({ mail, db }, 'main', tickets);
    const html = renderBlocks(olderTickets(today, kept, '/main'));
    const [asked = '', waits = ''] = html.split('2 older answers wait for a worker');
    expect(asked).toContain('1 older ticket waits for an answer');
    expect([open, sent, amended].map((each) => asked.includes(each))).toEqual([true, false, false]);
    expect([open, sent, amended].map((each) => waits.includes(each))).toEqual([false, true, true]);
    expect(waits).toContain('the ticket of 2018-05-04, amended');
    // That of the day itself is told at its head.
    expect(html).not.toContain(own);
    expect(olderTickets({ ...today, unanswered: [] }, new Map(), '/main')).toEqual([]);
  });
});

describe('answers of other days that do not count', () => {
  const why = (said: Partial<UnprovedAnswer>): UnprovedAnswer => ({
    operator: 'ada',
    code: 'SIGNATURE_MISSING',
    message: 'ada signed it, and 2 people must, each with a key of their own',
    waits: null,
    keyless: [],
    ...said,
  });
  const told = (operator: string, ...whys: UnprovedAnswer[]) => {
    const result = whys.map((each) => ({ ticketId: TICKET_ID, tradingDay: '2018-05-07', why: each }));
    return renderBlocks(olderAnswers({ uncounted: { ok: true, result } }, '/main', operator));
  };

  it('wait for another person where one has signed, who is not sent to say the same again', () => {
    const title = 'The answer to the ticket of 2018-05-07 waits for the signature of another person';
    const half = why({ waits: ['ada'] });
    for (const html of [told('ada', half), told('bo', half)]) {
      expect(html).toContain(title);
      expect(html).not.toContain('the same answer again signs it');
    }
    expect(told('ada', half)).toContain('Another person&#39;s is wanted.');
    expect(told('ada', half)).not.toContain('sign too');
    expect(told('bo', half)).toContain(`<a href="/main/tickets/${TICKET_ID}">Look at it, and sign too</a>`);
    expect(told('ada', why({}))).toContain('the same answer again signs it');
  });

  it('are told three at most, with the way to the others', () => {
    const html = told('ada', ...Array.from({ length: 5 }, () => why({})));
    expect(html.match(/does not count</g)).toHaveLength(3);
    expect(html).toContain('2 more that do not count');
    expect(told('ada', why({}), why({}), why({}))).not.toContain('more that do not count');
  });
});

describe('the headline of a day for which something was sent', () => {
  const said = (name: 'confirm' | 'reconcile', ticketId: string | null): Waiting => ({
    isServed: false,
    kept: [keptMessage({ name, ticketId })],
  });
  const day = (state: string) => ({ view: { state }, ticket: { ticketId: TICKET_ID } }) as Today;

  it('says that it waits, of what the day waits for alone', () => {
    expect(sentHeadline(day('open'), said('reconcile', null))).toBe('Figures sent: they wait for a worker');
    expect(sentHeadline(day('ticketed'), said('confirm', TICKET_ID))).toBe('Answered: waits for a worker');
    const slow = { ...said('confirm', TICKET_ID), isServed: true };
    expect(sentHeadline(day('ticketed'), slow)).toBe('Answered: the worker has not handled it yet');
    expect(renderBlocks(keptBlocks(slow, { clock: 'real' }))).not.toContain('Not answered');
    // What is still said of a ticket that has its answer waits like that.
    const amending = { isServed: false, kept: [keptMessage({ isAmendment: true })] };
    for (const state of ['confirmed', 'closed']) {
      expect(sentHeadline(day(state), amending), state).toBe('Amended: waits for a worker');
      expect(sentHeadline(day(state), said('confirm', TICKET_ID)), state).toBe('Answered: waits for a worker');
    }
    for (const [state, waits] of [
      ['open', NOTHING_WAITS],
      ['open', { isServed: false, kept: null }],
      ['ticketed', said('confirm', 'another')],
      ['ticketed', said('reconcile', null)],
      ['closed', said('confirm', 'another')],
    ] as const)
      expect(sentHeadline(day(state), waits), state).toBeNull();
  });
});

describe('the day that Today shows', () => {
  it('says so where the clock has gone on and no run has opened a day', () => {
    expect(dayShown('2018-05-08', '2018-05-08')).toBe('Tuesday 2018-05-08');
    expect(dayShown('2018-05-08', '2018-05-09')).toBe(
      'Tuesday 2018-05-08. It is Wednesday 2018-05-09 now, and no run has opened a day since',
    );
  });
});

describe('what is kept', () => {
  const waits: Waiting = {
    isServed: false,
    kept: [keptMessage({ sentAt: '2026-11-29T13:10:00Z', at: '2018-05-11T13:45:00Z' })],
  };

  it('was sent by the clock of its account: of a rehearsal as it says, of a real one as it was', () => {
    expect(renderBlocks(keptBlocks(waits, { clock: 'simulated' }))).toContain('sent 2018-05-11 14:45');
    expect(renderBlocks(keptBlocks(waits, { clock: 'real' }))).toContain('sent 2026-11-29 13:10');
  });

  it('is called what it is; of an amendment the answer before it stands meanwhile', () => {
    expect(renderBlocks(keptBlocks(waits, { clock: 'real' }))).toContain('An answer by ada, sent ');
    const amending = { isServed: false, kept: [keptMessage({ isAmendment: true })] };
    const html = renderBlocks(keptBlocks(amending, { clock: 'real' }));
    expect(html).toContain('An amendment by ada, sent ');
    expect(html).toContain('Until then the answer stands that was booked before it.');
  });
});

describe('what is wrong, above a form', () => {
  const told = (message: string, body: string): string[] =>
    [
      ...troubleSummary({ code: 'WRONG', message, remedy: null }, { base: '/main', body }).matchAll(/^<p>(.*)<\/p>$/gm),
    ].map(([, line = '']) => line);

  it('calls each field as the form does, one of a row with its row', () => {
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
      'positions.BRK.B: "x": must be digits',
      'at: (missing): must be given',
      'it is no date: x',
    ].join('\n');
    expect(told(message, fields)).toEqual([
      '<a href="#f-exDate">Ex-date &amp; &quot;time&quot;: &quot;x&quot;: must be a date</a>',
      '<a href="#f-fills_1_.units">Line 2, units: &quot;4,07&quot;: must be digits: with a point</a>',
      '<a href="#f-fills_1_.filled_at">Line 2, time in the UK is missing: is required when what became of it is DONE</a>',
      '<a href="#f-another">A second one is missing: &lt;b&gt;</a>',
      'BRK.B, units: &quot;x&quot;: must be digits',
      'at is missing: must be given',
      'it is no date: x',
      'Nothing was recorded.',
    ]);
  });
});

describe('a trouble', () => {
  const summary = (remedy: string, body = '') =>
    troubleSummary({ code: 'WRONG', message: 'fills[0].fill_price: "x": must be', remedy }, { base: '/main', body });

  it('says once that nothing was recorded', () => {
    for (const remedy of ['Nothing was recorded. Correct the snapshot.', 'nothing was booked: correct the snapshot.']) {
      expect(summary(remedy).match(/nothing was/gi)).toHaveLength(1);
      expect(summary(remedy)).toMatch(/What to do: correct the snapshot/i);
    }
    expect(summary('nothing was booked')).not.toContain('What to do');
  });

  it("calls a field of a line by the form's own label", () => {
    const name = 'fills[0].fill_price';
    const body = fieldsBody([{ kind: 'figure', name, label: 'Price, USD a share' }], {}, null);
    expect(summary('x', body)).toContain('>Line 1, price, USD a share: &quot;x&quot;: must be<');
  });

  it('says of a figure of a fill what the fills file says, whatever is wrong with it', () => {
    const rule = 'must be a plain number above 0 with at most 6 decimals';
    for (const typed of ['-1', '1e5', '$190.04'])
      expect(figureTyped('fill_price', typed)).toMatchObject({ rule: expect.stringContaining(rule) });
    expect(figureTyped('fill_price', '1,234')).toMatchObject({ rule: expect.stringContaining('more than one way') });
  });

  it('says of units of a snapshot that 0 is taken', () => {
    const rows = {
      snapshotDate: '',
      notes: '',
      cash: '',
      rows: [{ symbol: 'KO', ticked: null, typed: '-2.5' }],
      others: [],
    };
    const { problems } = readRows({ rows: [{ symbol: 'KO', units: '2' }], blind: false, known: [] } as never, rows);
    expect(problems).toMatchObject([{ rule: expect.stringContaining('must be units of 0 or more') }]);
  });
});

describe('a rule about a choice', () => {
  it('is told in the words of the form', () => {
    const fields = fieldsBody(BOOKING_KINDS.find(({ kind }) => kind === 'cash')?.fields ?? [], {}, null);
    const reading = read(bookCashSchema, { account: 'main' });
    const message = reading.ok ? '' : reading.refusal.message;
    const page = troubleSummary({ code: 'WRONG', message, remedy: null }, { base: '/main', body: fields });
    expect(page).toContain('What it was is missing: must be Paid in, Paid out, A fee or Interest<');
    expect(page).toContain('Amount is missing: must be an amount above 0 with at most 2 decimals');
    expect(message).toContain('kind: (missing): must be DEPOSIT, WITHDRAWAL, FEE or INTEREST\n');
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
