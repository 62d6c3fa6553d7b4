import type { Signer } from '../../contract/asker.js';
import type { RunSlot } from '../../domain/types.js';
import { parseInput } from '../../contract/reading.js';
import { accountsOfRun } from '../../operations/runs/ask.js';
import { previewRun, type RunPreview, type RunPreviewOf } from '../../operations/runs/preview.js';
import { runAsked } from '../../operations/runs/start.js';
import { slotAskedSchema, type RunReply } from '../../contract/runs.js';
import { banner, bullets, facts, link, paragraph, type Block, type Text } from '../../reports/render/document.js';
import { unendedWord } from '../../reports/run/unended.js';
import { counted, ukClock, ukTime, weekday, windowText } from '../../reports/render/format.js';
import { renderBlocks } from '../../reports/render/html.js';
import type { Sitting } from '../sitting.js';
import { askedBefore } from '../signing.js';
import { askFor } from '../asked.js';
import { fieldsBody } from './fields.js';
import type { Field, Form, Typed } from './form.js';
import { accountWords } from './typed-command.js';

const SLOTS: readonly (readonly [RunSlot, string])[] = [
  ['0800', '08:00: prices, and open the day'],
  ['1400', '14:00: the ticket of the day'],
  ['ops', 'Operations: 08:00 gates alone'],
];
const FIELDS: readonly Field[] = [
  { kind: 'choice', name: 'slot', label: 'Which run', options: SLOTS },
  {
    kind: 'tick',
    name: 'dry',
    label: 'As a dry run: its ticket is for the paper book, and no order is placed (of a 14:00 run)',
  },
  { kind: 'tick', name: 'full', label: 'Fetch the whole history again, not only what is new' },
];

/** Starts a run as its schedule would. */
export const runForm: Form = {
  path: '/:account/runs/start',
  fields: FIELDS,
  isOfAccount: true,
  isSigned: true,
  title: () => 'Start a run',
  here: () => '/runs',
  isCommandTyped: true,
  command: ({ account, at }, typed) =>
    [
      ...(typed['dry'] ? ['DRYRUN_TRADES=true'] : []),
      `trading-ops run-${typed['slot'] ?? '0800'}`,
      ...(typed['full'] ? ['--full'] : []),
      ...accountWords(account, at),
    ].join(' '),
  body: async (_, typed, trouble) =>
    renderBlocks([paragraph('Its schedule starts it by itself; by hand it is the same run, once a second.')]) +
    fieldsBody(FIELDS, typed, trouble),
  async check(sitting, typed) {
    const order = orderOf(sitting, typed);
    const preview = await previewRun(sitting.place, order.input);
    return {
      adds: { instant: order.input.at },
      button: `Start the ${order.slot} run`,
      blocks: [...(typed['dry'] ? [banner('warn', 'DRY RUN', DRY)] : []), ...reviewBlocks(preview)],
    };
  },
  async commit(sitting, typed) {
    const { place } = sitting;
    const [begun] = (await askedBefore(place, typed)) ?? [];
    if (begun !== undefined) return pathOf({ runId: begun });
    const { slot, account, input } = orderOf(sitting, typed);
    const { operator, sign = unsignable } = sitting.asker(typed['at'], typed['once']);
    return askFor(
      place,
      (taskQueue) =>
        runAsked(taskQueue, sign, {
          slot,
          account,
          input: { ...input, operator, dryRun: place.dryRun || typed['dry'] === 'yes' },
        }),
      (reply) => pathOf(reply as RunReply),
    );
  },
};

const DRY = 'A ticket of this run is a rehearsal: its fills go to the paper book.';

const unsignable: Signer = () => Promise.reject(new TypeError('a run is asked for by whoever signs it'));

const pathOf = ({ runId }: Pick<RunReply, 'runId'>): string => `/runs/${runId}`;

/** The order as the fields say it. @throws OpsError ARGUMENT_INVALID */
function orderOf({ place, account, accounts, at: seen }: Sitting, { slot: named = '', full, at, instant }: Typed) {
  const { slot } = parseInput(slotAskedSchema, { slot: named || undefined });
  const isRehearsed = account.clock === 'simulated';
  // A rehearsal's clock is one account's; those on the real clock run together, as their schedule has it.
  const isAlone = isRehearsed && accounts.length > 1;
  const names = accountsOfRun(account, accounts, { asked: isAlone, isInstantGiven: false });
  return {
    slot,
    account: isAlone ? account.account : null,
    input: {
      slot,
      accounts: names,
      at: isRehearsed ? (at ?? seen) : (instant ?? place.now()),
      full: full !== undefined && full !== '',
    },
  };
}

function reviewBlocks(preview: RunPreview): Block[] {
  const { tradingDay, asOfDate, at, accounts } = preview;
  return [
    facts([
      ['Trading day', `${weekday(tradingDay)} ${tradingDay}`],
      ['Prices of', asOfDate],
      ['Instant', ukTime(at)],
      ['Accounts', accounts.map((each) => each.account).join(', ')],
    ]),
    bullets(doesOf(preview)),
    ...lateOf(preview),
    ...accounts.flatMap((each) => standsOf(each, preview)),
  ];
}

function doesOf({ slot, symbols, isSession, tradingDay, asOfDate }: RunPreview): Text[] {
  if (slot === '1400') return [`Issues the one ticket of ${tradingDay} on what is stored; it fetches nothing.`];
  const gates = `Fetches ${counted(symbols, 'symbol')} up to ${asOfDate}, checks them and values the ledgers.`;
  if (slot === 'ops') return [gates, 'It opens no day and issues no ticket.'];
  return [
    gates,
    isSession ? `Opens the trading day ${tradingDay}.` : `New York is closed on ${tradingDay}: no day is opened.`,
  ];
}

/** What a person should know of the hour. */
function lateOf({ slot, isSession, isPast, window, tradingDay }: RunPreview): Block[] {
  if (slot === '1400' && (!isSession || window === null))
    return [banner('warn', 'NO_TRADE: MARKET_CLOSED', `New York is closed on ${tradingDay}.`)];
  if (!isPast) return [];
  if (slot === '1400' && window !== null)
    return [
      banner(
        'warn',
        'NO_TRADE: WINDOW_PASSED',
        `The execution window was ${windowText(window.opensAt, window.closesAt).uk}. A slot that no run came to in ` +
          'time is recorded as MISSED, and stays so.',
      ),
    ];
  return [banner('warn', 'The 14:00 run is due already', 'It decides on what it finds: this one comes late for it.')];
}

function standsOf({ account, run, ticket }: RunPreviewOf, { slot, at }: RunPreview): Block[] {
  const slots: Block[] =
    run === undefined
      ? []
      : [
          paragraph(
            run.outcome === null
              ? `${account}: a ${slot} run of this day began at ${ukClock(run.at)}: ${unendedWord(run.at, at)}.`
              : `${account}: the ${slot} run of this day came to ${run.outcome} already; both stay on record.`,
          ),
        ];
  if (ticket === null) return slots;
  const stays = ticket.confirmed || ticket.kind === 'TRADE' ? 'it stays' : 'another takes its place where facts differ';
  return [
    ...slots,
    paragraph([
      `${account} has a ticket of this day: `,
      link(`/${encodeURIComponent(account)}/tickets/${ticket.ticketId}`, ticket.kind),
      `${ticket.confirmed ? ', answered' : ''}; ${stays}.`,
    ]),
  ];
}
