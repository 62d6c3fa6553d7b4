import type { DayTicket, DayView } from '../../domain/day/state.js';
import type { StoredTicket } from '../../db/tickets.js';
import type { Instant, IsoDate } from '../../domain/types.js';
import { dayAt } from '../../operations/accounts/clock.js';
import { readToday, type Today } from '../../operations/day/today.js';
import {
  banner,
  facts,
  link,
  paragraph,
  section,
  strong,
  toned,
  type Block,
  type Span,
  type Text,
} from '../../reports/render/document.js';
import { ofAccount } from '../../reports/commands.js';
import { bookedSinceText } from '../../reports/reconciliation/outdated.js';
import { unendedWord } from '../../reports/run/unended.js';
import { namesOf } from '../../reports/ticket/answered.js';
import { notCounted, olderText } from '../../reports/ticket/not-counted.js';
import { differs } from '../../reports/ticket/page.js';
import { counted, minutesText, ukClock, ukStamp, ukTime, weekday, windowText } from '../../reports/render/format.js';
import { renderBlocks } from '../../reports/render/html.js';
import { holderText } from '../claim-words.js';
import { lookFirst, secondSignature } from '../forms/answer-views.js';
import type { PageContent } from '../look.js';
import { NOTHING_WAITS, nothingWaits, type Waiting } from '../mail.js';
import type { Sitting } from '../sitting.js';
import { template, type Template } from '../view/frame.js';
import {
  answersKept,
  areFiguresKept,
  isAmendmentKept,
  isAnswerKept,
  keptBlocks,
  waitsAt,
  waitsForTicket,
  type AnswerKept,
} from '../view/kept.js';
import { LOOK_AGAIN } from '../view/waits.js';

/** The one thing to do, the day's five states, and what else waits. */
export async function todayPage({ place, account, policy, at, who }: Sitting): Promise<PageContent> {
  const today = await readToday(place, { account, at, policy, dryRun: place.dryRun });
  const waits = await waitsOf(place, account.account, today);
  const kept = await answersKept(place, account.account, today.unanswered);
  // What passes by itself is shown anew when it has.
  const isPassing = !nothingWaits(waits) || kept.size > 0 || today.view?.state === 'confirmed';
  const base = `/${encodeURIComponent(account.account)}`;
  const older = today.older !== null && kept.has(today.older.ticketId) ? null : today.older;
  const actions = olderFirst(older, base, [...runOf(today, base), ...actionsOf(today, base, waits)]);
  const sent = sentHeadline(today, waits);
  return {
    title: `Today, ${account.account}`,
    here: `${base}/today`,
    command: ofAccount('trading-ops day', account.account),
    main:
      HEAD({
        day: dayShown(today.tradingDay, dayAt(account, at).tradingDay),
        headline: sent ?? headlineOf({ ...today, older }),
        edge: sent === null ? edgeOf(today, at) : null,
        next: sent === null ? today.next : waits.isServed ? 'trading-ops doctor' : 'make up',
        actions,
        clock: clockOf(today, base, { token: who.token, isQuiet: actions.some(({ isQuiet }) => !isQuiet) }),
        claim: sent === null ? claimOf(today) : null,
      }) +
      (nothingWaits(waits) ? '' : renderBlocks(keptBlocks(waits, account))) +
      (isPassing ? LOOK_AGAIN : '') +
      (sent === null && today.groundless === null ? renderBlocks(lookFirst(today.warnings, account)) : '') +
      RAIL({ steps: stepsOf(today, at) }) +
      renderBlocks([
        ...(today.groundless !== null && today.ticket ? [differs(today.ticket.ticketId)] : []),
        ...pricesFailed(today, base),
        ...olderTickets(today, kept, base),
        ...ownAnswer(today, base, who.session.operator),
        ...olderAnswers(today, base, who.session.operator),
        section('Beside it', [besideOf(today, at, base)]),
      ]),
  };
}

/** What waits at the day that is shown: of one that is closed, what is still said of its ticket. */
async function waitsOf(
  place: Sitting['place'],
  account: string,
  { view, tradingDay, ticket }: Today,
): Promise<Waiting> {
  if (view === null) return NOTHING_WAITS;
  const day = { account, tradingDay };
  if (view.state !== 'closed') return waitsAt(place, day);
  return ticket ? waitsForTicket(place, { ...day, ticketId: ticket.ticketId }, true) : NOTHING_WAITS;
}

const HEAD: Template<{
  day: string;
  headline: string;
  edge: Edge | null;
  next: string;
  actions: Action[];
  clock: { action: string; token: string; stamp: string; text: string; isQuiet: boolean } | null;
  claim: { ticketId: string; text: string } | null;
}> = template(
  `<div class="now">
<p class="subtitle"><%= it.day %></p>
<h1><%= it.headline %></h1>
<% if (it.edge !== null) { -%>
<p class="edge">The window
<span data-opens="<%= it.edge.opensAt %>" data-closes="<%= it.edge.closesAt %>"><%= it.edge.stands %></span>:
<%= it.edge.text %>. <span class="heard" data-heard role="status"></span></p>
<% } -%>
<% if (it.actions.length > 0) { -%>
<p class="actions">
<% for (const { href, text, isQuiet } of it.actions) { -%>
<a class="action<% if (isQuiet) { %> quiet<% } %>" href="<%= href %>"><%= text %></a>
<% } -%>
</p>
<% } -%>
<% if (it.clock !== null) { -%>
<form method="post" action="<%= it.clock.action %>" class="inline">
<input type="hidden" name="token" value="<%= it.clock.token %>">
<input type="hidden" name="clock" value="<%= it.clock.stamp %>">
<button<% if (it.clock.isQuiet) { %> class="quiet"<% } %>><%= it.clock.text %></button>
</form>
<% } -%>
<% if (it.claim !== null) { -%>
<p class="claim" data-claim="<%= it.claim.ticketId %>"><%= it.claim.text %></p>
<% } -%>
<p>Next: <code id="next"><%= it.next %></code></p>
</div>
`,
);

interface Step {
  state: 'done' | 'bad' | 'wait';
  name: string;
  note: string;
}

const RAIL: Template<{ steps: Step[] }> = template(
  `<ol class="rail">
<% for (const { state, name, note } of it.steps) { -%>
<li class="<%= state %>">
<span class="mark" aria-hidden="true"><%= { done: '✓', bad: '✕', wait: '○' }[state] %></span>
<strong><%= name %></strong>
<small><%= { done: 'done', bad: 'failed', wait: 'not yet' }[state] %><%= note === '' ? '' : ': ' + note %></small></li>
<% } -%>
</ol>
`,
);

/** The day that is shown, and that the one of the clock has not begun where it is a later one. */
export const dayShown = (shown: IsoDate, now: IsoDate): string =>
  `${weekday(shown)} ${shown}` +
  (shown < now ? `. It is ${weekday(now)} ${now} now, and no run has opened a day since` : '');

/** What the day waits for was sent, and nobody has handled it: nothing is done a second time. Null where it was not. */
export function sentHeadline({ view, ticket }: Today, waits: Waiting): string | null {
  const what = waits.isServed ? 'the worker has not handled' : null;
  if (view?.state === 'open' && areFiguresKept(waits))
    return `Figures sent: ${what === null ? 'they wait for a worker' : `${what} them yet`}`;
  if (!ticket || !isAnswerKept(waits, ticket.ticketId)) return null;
  const said = isAmendmentKept(waits, ticket.ticketId) ? 'Amended' : 'Answered';
  return `${said}: ${what === null ? 'waits for a worker' : `${what} it yet`}`;
}

/** What is to be done, or how the day stands, in a sentence. */
export function headlineOf({
  view,
  notYet,
  ticket,
  killSwitch,
  groundless,
  bookedSince,
  unproved,
  older,
  orders,
}: Pick<
  Today,
  'view' | 'notYet' | 'ticket' | 'killSwitch' | 'groundless' | 'bookedSince' | 'unproved' | 'older' | 'orders'
>): string {
  if (groundless !== null) return 'TICKET_DIFFERS: place no order of this ticket';
  if (older !== null) return olderText(older);
  const isHalfSigned = isWaiting(unproved);
  if (unproved !== null && !isHalfSigned) return 'TICKET_UNCONFIRMED: the answer to the ticket does not count';
  if (view === null) return notYet?.message ?? 'There is no trading day yet';
  switch (view.state) {
    case 'open':
      return view.reconciliation ? 'The figures differ: reconcile again' : 'Reconcile with eToro';
    case 'reconciled':
      return bookedSince === null
        ? 'Reconciled: wait for the ticket of 14:00'
        : `Reconcile again: ${bookedSinceText(bookedSince)}`;
    case 'ticketed':
      return `${beforeOrders(killSwitch, orders)}${ticketed(view.ticket, ticket)}`;
    case 'confirmed':
      return 'Confirmed: the day is being closed';
    case 'closed':
      return (
        `The day is closed${view.outcome === null ? '' : `: ${view.outcome}`}` +
        (isHalfSigned ? ', and waits for the signature of another person' : '')
      );
  }
}

/** Whether all that is wanted of an answer is that another person signs it too. */
const isWaiting = (unproved: Today['unproved']): boolean => (unproved?.waits ?? null) !== null;

/** What is said before the orders of a ticket that waits for its answer. */
function beforeOrders({ engaged }: Today['killSwitch'], orders: Today['orders']): string {
  if (orders === null) return '';
  if (engaged) return 'STOPPED, place nothing more: ';
  return orders === 'over' ? 'Confirm what was done: ' : '';
}

function ticketed(shown: DayTicket | null, ticket: StoredTicket | undefined): string {
  if (shown?.kind !== 'TRADE') return 'NO_TRADE: place no order, and acknowledge the ticket';
  const lines = ticket?.material.lines ?? [];
  const sells = lines.filter(({ side }) => side === 'SELL').length;
  const orders = [sells && `${sells} SELL`, lines.length - sells && `${lines.length - sells} BUY`].filter(Boolean);
  return `TRADE${shown.dryRun ? ' (dry run)' : ''}: ${orders.join(', then ')}`;
}

interface Edge {
  opensAt: Instant;
  closesAt: Instant;
  /** How long until it opens, or closes. */
  stands: string;
  text: string;
}

/** The window of a ticket that waits for its answer; null where there is none to wait for. */
function edgeOf({ view, ticket, groundless }: Today, at: Instant): Edge | null {
  // Of orders that nobody is to place no window is told.
  if (groundless !== null || view?.state !== 'ticketed' || !ticket?.windowOpensAt || !ticket.windowClosesAt)
    return null;
  const { windowOpensAt: opensAt, windowClosesAt: closesAt } = ticket;
  const { uk, newYork } = windowText(opensAt, closesAt);
  return { opensAt, closesAt, stands: minutesText(opensAt, closesAt, at), text: `${uk}, ${newYork}` };
}

interface Action {
  href: string;
  text: string;
  isQuiet?: boolean;
}

/** What is older and waits is looked at before anything of the day is done. */
const olderFirst = (older: Today['older'], base: string, actions: readonly Action[]): Action[] =>
  older === null
    ? [...actions]
    : [
        { href: `${base}/tickets/${older.ticketId}`, text: `Look at the ticket of ${older.tradingDay}` },
        ...actions.map((action) => ({ ...action, isQuiet: true })),
      ];

/** What is done next, and where the ticket can be read. */
function actionsOf(today: Today, base: string, waits: Waiting): Action[] {
  const { view, ticket, reconciliation, killSwitch, groundless } = today;
  // What a rehearsal does next stands first: one thing is to be done.
  const isQuiet = today.rehearsal !== null;
  if (view?.state === 'open' || today.bookedSince !== null) {
    const way = { href: `${base}/reconcile`, text: 'Reconcile' };
    return [...(areFiguresKept(waits) ? [] : [way]), ...comparedOf(reconciliation, base)];
  }
  if (!ticket || !view?.ticket) return [];
  const own = `${base}/tickets/${ticket.ticketId}`;
  const read = { href: own, text: 'Read the ticket', isQuiet: true };
  if (view.state !== 'ticketed' || isAnswerKept(waits, ticket.ticketId)) return [{ ...read, isQuiet }];
  if (ticket.kind === 'NO_TRADE') return [{ href: `${own}/acknowledge`, text: 'Acknowledge', isQuiet }, read];
  const rehearsed = ticket.dryRun ? ' (DRY RUN)' : '';
  if (killSwitch.engaged || groundless !== null)
    return [{ href: `${own}/confirm`, text: `Report what was placed before${rehearsed}` }, read];
  // What was not placed within the window is not placed any more.
  const isOver = today.orders === 'over';
  const execute = { href: `${own}/execute`, text: `Start executing${rehearsed}`, isQuiet };
  return [...(isOver ? [] : [execute]), { href: `${own}/confirm`, text: 'Confirm', isQuiet: isQuiet || !isOver }, read];
}

/** What differed, and what would explain it. */
const comparedOf = (compared: Today['reconciliation'], base: string): Action[] =>
  compared === null
    ? []
    : [{ href: `${base}/reconciliations/${compared.reconciliationId}`, text: 'What differs, and why', isQuiet: true }];

/** The run that a rehearsal starts next. */
function runOf({ rehearsal }: Today, base: string): Action[] {
  if (rehearsal === null || !('run' in rehearsal)) return [];
  const time = `${rehearsal.run.slice(0, 2)}:${rehearsal.run.slice(2)}`;
  return [{ href: `${base}/runs/start?slot=${rehearsal.run}`, text: `Rehearse the ${time} run` }];
}

/** To what time a rehearsal sets its clock next. */
function clockOf({ rehearsal }: Today, base: string, shown: { token: string; isQuiet: boolean }) {
  if (rehearsal === null || !('clock' in rehearsal)) return null;
  const stamp = ukStamp(rehearsal.clock);
  return { ...shown, action: `${base}/clock`, stamp, text: `Set the clock to ${weekday(stamp.slice(0, 10))} ${stamp}` };
}

/** Who executes the ticket, while there is something to execute. */
const claimOf = ({ view, ticket, holder, groundless }: Today): { ticketId: string; text: string } | null =>
  groundless === null && view?.state === 'ticketed' && ticket?.kind === 'TRADE'
    ? { ticketId: ticket.ticketId, text: holderText(holder) }
    : null;

/** The five states of a day, and when each was reached. @param at now, where its account is */
export function stepsOf(
  today: Pick<Today, 'view' | 'morning' | 'afternoon' | 'groundless' | 'bookedSince' | 'unproved' | 'signers'>,
  at: Instant,
): Step[] {
  const { view, morning, afternoon, groundless, bookedSince } = today;
  const {
    reconciliation = null,
    ticket = null,
    confirmation = null,
    closedAt = null,
  } = view ?? ({} as Partial<DayView>);
  return [
    runStep('08:00 prices', morning, at),
    comparedStep(reconciliation, bookedSince),
    ticket === null
      ? runStep('14:00 ticket', afternoon?.outcome === 'CLOSED' ? undefined : afternoon, at)
      : {
          state: groundless === null ? 'done' : 'bad',
          name: '14:00 ticket',
          note: groundless === null ? `${ukClock(ticket.issuedAt)} ${ticket.kind}` : 'TICKET_DIFFERS',
        },
    answerStep(confirmation, today),
    { state: closedAt === null ? 'wait' : 'done', name: 'Closed', note: closedAt === null ? '' : ukClock(closedAt) },
  ];
}

function comparedStep(reconciliation: DayView['reconciliation'], bookedSince: number | null): Step {
  const name = 'Reconciled';
  if (reconciliation === null) return { state: 'wait', name, note: '' };
  if (bookedSince !== null) return { state: 'wait', name, note: `again, for ${bookedSinceText(bookedSince)}` };
  const note = `${ukClock(reconciliation.at)} ${[...new Set(reconciliation.codes)].join(', ')}`.trim();
  return { state: reconciliation.status === 'PASS' ? 'done' : 'bad', name, note };
}

function answerStep(
  confirmation: DayView['confirmation'],
  { unproved, signers }: Pick<Today, 'unproved' | 'signers'>,
): Step {
  const name = 'Confirmed';
  if (confirmation === null) return { state: 'wait', name, note: '' };
  const by = `${ukClock(confirmation.at)} by ${namesOf(confirmation.operator, signers)}`;
  if (unproved === null) return { state: 'done', name, note: by };
  return isWaiting(unproved)
    ? { state: 'wait', name, note: `${by}, waits for the signature of another person` }
    : { state: 'bad', name, note: `${ukClock(confirmation.at)} in the name of ${confirmation.operator}` };
}

function runStep(name: string, run: Today['morning'], now: Instant): Step {
  if (run === undefined) return { state: 'wait', name, note: '' };
  if (run.outcome === null) return { state: 'wait', name, note: unendedWord(run.at, now) };
  const isBad = run.outcome === 'FAIL' || run.outcome === 'MISSED' || run.outcome === 'FAILED';
  return { state: isBad ? 'bad' : 'done', name, note: run.outcome };
}

/** Why the prices of the morning are not sound, and where that can be put right before the ticket is decided. */
export function pricesFailed({ morning, ticket }: Pick<Today, 'morning' | 'ticket'>, base: string): Block[] {
  if (morning?.outcome !== 'FAIL' || ticket) return [];
  const why = morning.summary === null ? '' : `${morning.summary}. `;
  return [
    banner('bad', 'The prices of 08:00 are not sound', [
      `${why}At 14:00 they are judged again: what is still wrong then makes NO_TRADE. `,
      link('/quality', 'Data quality'),
      ' says what was found, and what is to be ruled on; once it is put right, ',
      link(`${base}/runs/start`, 'run 08:00 again'),
      '.',
    ]),
  ];
}

/**
 * What is older and waits comes before everything of the day itself.
 * @param kept what is said of tickets and waits for a worker, also of those that have their answer
 */
export function olderTickets(
  { unanswered, tradingDay: shown }: Pick<Today, 'unanswered' | 'tradingDay'>,
  kept: ReadonlyMap<string, AnswerKept>,
  base: string,
): Block[] {
  const linked = (tickets: Today['unanswered']): Span[] =>
    tickets.flatMap((ticket, index) => [
      index === 0 ? '' : ', ',
      link(`${base}/tickets/${ticket.ticketId}`, `${ticket.kind} of ${ticket.tradingDay}`),
      ...(ticket.isGroundless ? [' (', strong('TICKET_DIFFERS: place no order of it'), ')'] : []),
    ]);
  // What waits of the day itself is said above.
  const sent = [...kept.values()].filter(({ tradingDay }) => tradingDay !== shown);
  const open = unanswered.filter(({ ticketId }) => !kept.has(ticketId));
  return [
    ...(open.length === 0
      ? []
      : [
          banner('bad', `${counted(open.length, 'older ticket waits', 'older tickets wait')} for an answer`, [
            'No new order is given before: ',
            ...linked(open),
          ]),
        ]),
    ...(sent.length === 0
      ? []
      : [
          banner('warn', `${counted(sent.length, 'older answer waits', 'older answers wait')} for a worker`, [
            'Nothing has to be sent again: ',
            ...sent.flatMap(({ ticketId, tradingDay, isAmendment }, index): Span[] => [
              index === 0 ? '' : ', ',
              link(`${base}/tickets/${ticketId}`, `the ticket of ${tradingDay}${isAmendment ? ', amended' : ''}`),
            ]),
          ]),
        ]),
  ];
}

/** The answer to the ticket of the day itself, where the gate of the next one will not count it as it stands. */
function ownAnswer({ ticket, unproved }: Today, base: string, operator: string | null): Block[] {
  if (unproved === null || !ticket) return [];
  const own = `${base}/tickets/${ticket.ticketId}`;
  if (isWaiting(unproved))
    return [secondSignature(`${own}/${ticket.kind === 'TRADE' ? 'confirm' : 'acknowledge'}`, unproved, operator)];
  return [banner('bad', 'TICKET_UNCONFIRMED', [`${notCounted(unproved)}. `, link(own, 'Look at it')])];
}

/** What is answered and counts as if it were not: nobody would look for it before the 14:00 gate names it. */
export function olderAnswers({ uncounted }: Pick<Today, 'uncounted'>, base: string, operator: string | null): Block[] {
  if (!uncounted.ok)
    return [banner('warn', 'Nobody can say which answers count', [`${uncounted.refusal.message}. `, DOCTOR])];
  const more = uncounted.result.length - UNCOUNTED_SHOWN;
  const shown = uncounted.result.slice(0, UNCOUNTED_SHOWN).map(({ ticketId, tradingDay, why }) => {
    const [what, own] = [`The answer to the ticket of ${tradingDay}`, `${base}/tickets/${ticketId}`];
    if (why.waits !== null) return secondSignature(own, why, operator, what);
    return banner('bad', `${what} does not count`, [`${notCounted(why)}. `, link(own, 'Look at it')]);
  });
  return more > 0 ? [...shown, paragraph([link(`${base}/tickets`, `${more} more that do not count`)])] : shown;
}

/** Answers that do not count which are told one by one; the list of tickets marks them all. */
const UNCOUNTED_SHOWN = 3;

const DOCTOR = 'trading-ops doctor says what to do.';

function besideOf({ alerts, backup, killSwitch, mode, reconciliation }: Today, at: Instant, base: string): Block {
  const codes = alerts.map(({ code }) => code);
  const waiting = alerts.reduce((sum, { open: of }) => sum + of, 0);
  const open: Text =
    alerts.length === 0
      ? toned('good', 'none is open')
      : [toned('warn', `${waiting} open`), ': ', link('/alerts', codes.slice(0, 4).join(', '))];
  return facts([
    ...(reconciliation === null
      ? []
      : [
          [
            'Reconciliation',
            link(
              `${base}/reconciliations/${reconciliation.reconciliationId}`,
              `${reconciliation.status} at ${ukClock(reconciliation.at)}`,
            ),
          ] as [string, Text],
        ]),
    ['Alerts', open],
    ['Last backup', backup === null ? toned('warn', 'there is none') : [link('/backups', ukTime(backup.takenAt))]],
    ['Trading', mode === 'off' ? 'OFF' : mode === 'live' ? 'LIVE' : 'DRY RUN'],
    [
      'Kill switch',
      killSwitch.engaged
        ? [toned('bad', 'engaged'), ': ', link(`${base}/kill-switch`, killSwitch.reason ?? 'why')]
        : link(`${base}/kill-switch`, 'not engaged'),
    ],
    ['As of', ukTime(at)],
  ]);
}
