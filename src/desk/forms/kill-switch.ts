import { contentHash } from '../../domain/hash.js';
import { resultOrThrow } from '../../domain/errors.js';
import { parseInput } from '../../contract/reading.js';
import { turnKillSwitchSchema } from '../../contract/kill-switch.js';
import { engageOrLatch } from '../../operations/guard/engage-or-latch.js';
import { killSwitchStanding } from '../../operations/guard/kill-switch-standing.js';
import { resetKillSwitch } from '../../operations/guard/kill-switch.js';
import { banner, facts, paragraph } from '../../reports/render/document.js';
import { renderBlocks } from '../../reports/render/html.js';
import type { Look } from '../look.js';
import { killSwitchBlocks, killSwitchPath } from '../pages/kill-switch.js';
import { fieldsBody } from './fields.js';
import type { Field, Form, Typed } from './form.js';
import { accountWords, flagWords } from './typed-command.js';

/** Reasons at hand: whoever stops trading has no time to write; what is written beside is kept too. */
const AT_HAND = [
  'Stopped to look into something',
  'A price or a rate looks wrong',
  'The ticket looks wrong',
  'A position or an order at eToro is not ours',
  'Nobody is there to trade',
] as const;
const FIELDS: readonly Field[] = [
  {
    kind: 'choice',
    name: 'because',
    label: 'Why',
    options: AT_HAND.map((reason) => [reason, reason] as const),
    value: AT_HAND[0],
  },
  { kind: 'text', name: 'more', label: 'More, if there is time' },
];

const reasonOf = ({ because, more = '' }: Typed): string =>
  [(because ?? AT_HAND[0]).trim(), more.trim()].filter((text) => text !== '').join(': ');

const command = (verb: 'engage' | 'reset', { account, at }: Pick<Look, 'account' | 'at'>, reason: string): string =>
  [`trading-ops kill-switch ${verb}`, ...flagWords('reason', reason), ...accountWords(account, at)].join(' ');

/** Stops all trading, by one button: it can be taken back, and nothing is sooner. */
export const stopForm: Form = {
  path: '/:account/kill-switch/engage',
  fields: FIELDS,
  isOfAccount: true,
  isDirect: true,
  checkButton: 'Stop trading now',
  title: ({ account }) => `Stop trading, ${account.account}`,
  here: () => null,
  isCommandTyped: true,
  command: (sitting, typed) => command('engage', sitting, reasonOf(typed)),
  async instead(sitting) {
    const standing = await killSwitchStanding(sitting.place, sitting.account.account);
    return standing.engaged ? killSwitchBlocks(sitting, standing) : null;
  },
  body: async ({ account: { account } }, typed, trouble) =>
    renderBlocks([
      paragraph(
        `No new ticket of ${account} orders a trade until somebody resets it, and of one that waits now nothing more ` +
          'is placed. What is open at eToro stays as it is: this places and cancels nothing.',
      ),
    ]) + fieldsBody(FIELDS, typed, trouble),
  async check(sitting, typed) {
    const { reason } = parseInput(turnKillSwitchSchema, {
      account: sitting.account.account,
      reason: reasonOf(typed),
    });
    return { blocks: [facts([['Why', reason]])], button: 'Stop trading now' };
  },
  async commit(sitting, typed) {
    const { place, account } = sitting;
    const input = { account: account.account, reason: reasonOf(typed) };
    resultOrThrow(await engageOrLatch(place, sitting.asker(typed['at']), input));
    return killSwitchPath(sitting);
  },
};

const WHY_AGAIN: readonly Field[] = [{ kind: 'text', name: 'reason', label: 'Why it may trade again' }];

/** Lets an account trade again: read once more, and signed. */
export const resetForm: Form = {
  path: '/:account/kill-switch/reset',
  fields: WHY_AGAIN,
  isOfAccount: true,
  isSigned: true,
  title: ({ account }) => `Let ${account.account} trade again`,
  here: () => null,
  isCommandTyped: true,
  command: (sitting, { reason = '' }) => command('reset', sitting, reason || '<why it may trade again>'),
  async instead(sitting) {
    const standing = await killSwitchStanding(sitting.place, sitting.account.account);
    return standing.engaged ? null : killSwitchBlocks(sitting, standing);
  },
  async body(sitting, typed, trouble) {
    const { reason } = await killSwitchStanding(sitting.place, sitting.account.account);
    return renderBlocks([facts([['It was engaged', reason ?? '']])]) + fieldsBody(WHY_AGAIN, typed, trouble);
  },
  async check(sitting, typed) {
    const { reason } = parseInput(turnKillSwitchSchema, inputOf(sitting, typed));
    sitting.asker(typed['at']);
    const standing = await killSwitchStanding(sitting.place, sitting.account.account);
    return {
      basis: contentHash({ engaged: standing.engaged, reason: standing.reason }),
      button: 'Sign and reset',
      blocks: [
        banner('warn', 'The other gates decide again', 'The drawdown is measured from here on.'),
        facts([
          ['It was engaged', standing.reason ?? ''],
          ['Why it may trade again', reason],
        ]),
      ],
    };
  },
  async commit(sitting, typed) {
    const asker = sitting.asker(typed['at'], typed['once']);
    resultOrThrow(await resetKillSwitch(sitting.place, asker, inputOf(sitting, typed)));
    return killSwitchPath(sitting);
  },
};

const inputOf = ({ account: { account } }: Pick<Look, 'account'>, { reason = '' }: Typed) => ({
  account,
  reason: reason.trim(),
});
