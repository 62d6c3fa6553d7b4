import { londonTime } from '../../domain/calendar/calendar.js';
import type { ComingRun } from '../../domain/day/schedule-times.js';
import { OpsError } from '../../domain/errors.js';
import { runsAhead } from '../../operations/schedules/look-ahead.js';
import { showSchedules, type ShownSchedule, type ShownSchedules } from '../../operations/schedules/show.js';
import {
  banner,
  code,
  paragraph,
  section,
  table,
  toned,
  type Block,
  type Text,
} from '../../reports/render/document.js';
import { ukTime, weekday } from '../../reports/render/format.js';
import type { Look, PageContent } from '../look.js';
import { scheduleLinks } from '../forms/schedules.js';
import { listMain } from '../view/document.js';

/** What starts by itself: the coming runs by the policy, and the schedules as Temporal has them. */
export async function schedulesPage(look: Look): Promise<PageContent> {
  const rehearsed = rehearsedIn(look);
  const flag = rehearsed === undefined ? '' : ` --account ${rehearsed}`;
  const server = await onServer(look, rehearsed);
  const shown = 'schedules' in server ? server.schedules : [];
  return {
    title: 'Schedules',
    here: '/schedules',
    command: `trading-ops schedules show${flag}`,
    main: listMain(
      'Schedules',
      rehearsed === undefined
        ? 'Those that accounts on the real clock share.'
        : `A rehearsal: those of ${rehearsed} alone, told from its own clock.`,
      [
        ...serverBlocks(server, flag),
        scheduleLinks(look),
        section('The next ten runs', [
          table(
            ['UK', 'New York', 'Run', 'Market'],
            runsAhead(look.policy, rehearsed === undefined ? look.place.now() : look.at).map((run) =>
              runRow(run, shown),
            ),
          ),
        ]),
      ],
    ),
  };
}

/** Accounts on the real clock share one set; where there is none, what is looked at is a rehearsal. */
const rehearsedIn = ({ accounts, account }: Look): string | undefined =>
  accounts.some(({ clock }) => clock === 'real') ? undefined : account.account;

type OnServer = Pick<ShownSchedules, 'schedules' | 'mend'> | { away: OpsError };

/** What the server has; or, while it is away, why nothing can be told of it. */
async function onServer({ place, policy, at }: Look, rehearsed: string | undefined): Promise<OnServer> {
  const said = rehearsed === undefined ? undefined : at;
  try {
    return await place.mail.with(({ client, taskQueue }) =>
      showSchedules({ client, taskQueue, now: place.now }, policy, { rehearsed, said }),
    );
  } catch (error) {
    if (error instanceof OpsError) return { away: error };
    throw error;
  }
}

function serverBlocks(server: OnServer, flag: string): Block[] {
  if ('away' in server) {
    const { code: of, message, remedy } = server.away;
    return [
      banner('bad', `${of}: whether anything starts by itself cannot be told`, [
        `${message}. `,
        ...(remedy === undefined ? [] : ['What to do: ', code(remedy), '. ']),
        'The times below are those of the policy.',
      ]),
    ];
  }
  const { schedules, mend } = server;
  if (schedules.every(({ state }) => state === 'not registered') && flag !== '')
    return [
      banner('plain', 'Nothing starts by itself', [
        'This rehearsal is driven by hand. What would register its schedules: ',
        code(`trading-ops schedules apply${flag}`),
      ]),
    ];
  return [
    ...(mend === null
      ? []
      : [
          banner('warn', 'The schedules are not as the policy has them', [
            'What to do: ',
            code(`trading-ops schedules ${mend}${flag}`),
          ]),
        ]),
    section('As they stand', [
      table(['Schedule', 'State', 'Next', 'Ran#', 'Missed#', 'Note'], schedules.map(scheduleRow)),
      ...(schedules.some(({ state }) => state === 'paused')
        ? [paragraph('What is paused starts nothing: each run that is due meanwhile becomes MISSED.')]
        : []),
    ]),
  ];
}

const scheduleRow = ({ scheduleId, state, asPolicy, next, taken, missed, note }: ShownSchedule): Text[] => [
  code(scheduleId),
  state === 'on'
    ? asPolicy
      ? toned('good', 'on')
      : toned('warn', 'on, not as in the policy')
    : toned('warn', state === 'paused' ? 'PAUSED' : state),
  next === null ? '' : ukTime(next),
  String(taken),
  String(missed),
  note ?? '',
];

const runRow = (run: ComingRun, shown: readonly ShownSchedule[]): Text[] => {
  const isPaused = shown.some(
    ({ scheduleId, state }) => scheduleId.startsWith(`run-${run.slot}`) && state === 'paused',
  );
  return [
    `${weekday(run.tradingDay).slice(0, 3)} ${run.london}`,
    run.newYork,
    isPaused ? [run.slot, ' ', toned('warn', 'PAUSED')] : run.slot,
    [marketWords(run), ...(run.hoursApart === null ? [] : [`; ${run.hoursApart} hours apart`])],
  ];
};

function marketWords({ market, closesAt, window }: ComingRun): string {
  if (market === 'closed' || !window || !closesAt) return 'CLOSED';
  const words = `window ${londonTime(window.opensAt)} to ${londonTime(window.closesAt)} UK`;
  return market === 'closes early' ? `EARLY CLOSE at ${londonTime(closesAt)} UK; ${words}` : words;
}
