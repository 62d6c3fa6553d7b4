import { contentHash } from '../../domain/hash.js';
import { resultOrThrow } from '../../domain/errors.js';
import { SCHEDULES } from '../../operations/schedules/list.js';
import { pauseSchedules, resumeSchedules } from '../../operations/schedules/pause.js';
import { previewPause, type PausePreview } from '../../operations/schedules/preview-pause.js';
import { banner, bullets, facts, link, paragraph, section, type Block } from '../../reports/render/document.js';
import type { Look } from '../look.js';
import type { Sitting } from '../sitting.js';
import { fieldsBody } from './fields.js';
import type { Field, Form, Typed } from './form.js';
import { flagWords } from './typed-command.js';

const FIELDS: readonly Field[] = [
  {
    kind: 'choice',
    name: 'schedule',
    label: 'Which',
    options: [['', 'both runs'], ...SCHEDULES.map(({ id }) => [id, id] as const)],
  },
  { kind: 'text', name: 'reason', label: 'Why', hint: 'It stands beside the schedule until it goes on.' },
];

type Verb = 'pause' | 'unpause';
const WORDS: Record<Verb, { title: string; button: string }> = {
  pause: { title: 'Pause what starts by itself', button: 'Sign and pause' },
  unpause: { title: 'Let it start by itself again', button: 'Sign and let go on' },
};

/** Pauses what starts by itself, and lets it go on. */
export const scheduleForms: readonly Form[] = [formOf('pause'), formOf('unpause')];

function formOf(verb: Verb): Form {
  const turn = verb === 'pause' ? pauseSchedules : resumeSchedules;
  return {
    path: `/:account/schedules/${verb}`,
    fields: FIELDS,
    isSigned: true,
    title: () => WORDS[verb].title,
    here: () => '/schedules',
    isCommandTyped: true,
    command: ({ account }, { schedule = '', reason = '' }) =>
      [
        `trading-ops schedules ${verb}`,
        ...(schedule === '' ? [] : [schedule]),
        ...flagWords('reason', reason || '<why>'),
        ...(account.clock === 'simulated' ? ['--account', account.account] : []),
      ].join(' '),
    body: async (_, typed, trouble) => fieldsBody(FIELDS, typed, trouble),
    async check(sitting, typed) {
      sitting.asker();
      const preview = await sitting.place.mail.with(async ({ client }) =>
        resultOrThrow(await previewPause({ ...sitting.place, client }, inputOf(sitting, typed))),
      );
      const { due: _, ...stands } = preview;
      return { basis: contentHash(stands), button: WORDS[verb].button, blocks: reviewBlocks(verb, preview) };
    },
    commit: (sitting, typed) =>
      sitting.place.mail.with(async ({ client, taskQueue }) => {
        const asker = sitting.asker(undefined, typed['once']);
        resultOrThrow(await turn({ ...sitting.place, client, taskQueue }, asker, inputOf(sitting, typed)));
        return '/schedules';
      }),
  };
}

/** Schedules are of a rehearsal, by its account, or of all real accounts together. */
const inputOf = ({ account }: Sitting, { schedule = '', reason = '' }: Typed) => ({
  account: account.account,
  schedules: schedule.trim() === '' ? [] : [schedule.trim()],
  reason: reason.trim(),
});

function reviewBlocks(verb: Verb, { reason, schedules, due }: PausePreview): Block[] {
  return [
    facts([
      ['Why', reason],
      ...schedules.map(({ scheduleId, isPaused, note }): [string, string] => [
        scheduleId,
        isPaused ? `paused already: ${note ?? ''}` : 'starts by itself',
      ]),
    ]),
    ...(verb === 'unpause'
      ? [paragraph('What was due meanwhile is not made up for; a command does that: trading-ops schedules backfill.')]
      : pausedBlocks(schedules, due)),
  ];
}

/** What is left undone while they are paused. */
function pausedBlocks(schedules: PausePreview['schedules'], due: PausePreview['due']): Block[] {
  const ids = schedules.map(({ id }) => id);
  return [
    ...(due.length === 0
      ? []
      : [
          section('Until it goes on each of these becomes MISSED', [
            bullets(due.map(({ slot, london, newYork }) => `${slot} of ${london} UK, ${newYork.slice(11)} New York`)),
          ]),
        ]),
    ...(ids.includes('backup') ? [banner('warn', 'No backup is made by itself', 'Tomorrow it is too old.')] : []),
    ...(ids.includes('watch')
      ? [banner('warn', 'Nobody looks at slots and deadlines', 'What is missed is not told.')]
      : []),
  ];
}

/** Ways to pause and to go on of what the page of schedules shows: those of real accounts, where there are any. */
export const scheduleLinks = ({ accounts, account: looked }: Pick<Look, 'accounts' | 'account'>): Block => {
  const { account } = accounts.find(({ clock }) => clock === 'real') ?? looked;
  const base = `/${encodeURIComponent(account)}/schedules`;
  return paragraph([link(`${base}/pause`, 'Pause'), ' · ', link(`${base}/unpause`, 'Let go on')]);
};
