import { contentHash } from '../../domain/hash.js';
import { OpsError, resultOrThrow } from '../../domain/errors.js';
import type { LookAtRuling, RuleAction } from '../../contract/rulings.js';
import { lookAtRuling, previewRuling, type RulingLook } from '../../operations/market/preview-ruling.js';
import { ruleAction } from '../../operations/market/rule.js';
import { banner, facts, paragraph, section } from '../../reports/render/document.js';
import { renderBlocks } from '../../reports/render/html.js';
import type { Sitting } from '../sitting.js';
import { choiceBlocks, earlierBlocks, effectBlocks, knownBlocks } from '../view/ruling.js';
import { fieldsBody } from './fields.js';
import type { Field, Form, Typed } from './form.js';
import { accountWords, fieldWords } from './typed-command.js';

const OF: readonly Field[] = [
  { kind: 'text', name: 'symbol', label: 'Symbol', hint: 'Or the pair of a rate, such as GBPUSD.' },
  { kind: 'date', name: 'exDate', label: 'Ex-date', hint: 'Of a jump: its session.' },
  {
    kind: 'choice',
    name: 'kind',
    label: 'What it was published as',
    options: [
      ['', 'choose'],
      ['SPLIT', 'a split'],
      ['DIVIDEND', 'a dividend'],
      ['JUMP', 'nothing: the price moved'],
    ],
  },
  {
    kind: 'choice',
    name: 'type',
    label: 'Of a dividend: which',
    options: [
      ['regular', 'regular'],
      ['special', 'special'],
      ['return_of_capital', 'return of capital'],
    ],
    value: 'regular',
  },
];
const RULING: readonly Field[] = [
  {
    kind: 'choice',
    name: 'as',
    label: 'What it really was',
    options: [
      ['', 'choose'],
      ['cash_dividend', 'a cash dividend'],
      ['split', 'a split'],
      ['ignore', 'nothing: it never happened'],
      ['genuine', 'a genuine move of the price'],
    ],
  },
  {
    kind: 'figure',
    name: 'value',
    label: 'Figure',
    hint: 'Cash a share, or new shares for one old share. Left empty: as published.',
  },
  { kind: 'text', name: 'reason', label: 'Why', hint: 'Kept with the ruling, beside those before it.' },
];
const FIELDS: readonly Field[] = [...OF, ...RULING];

/** Typed on the form without anything being ruled: what each ruling would do with this figure. */
const LOOK = '<p><button name="step" value="look" class="quiet">Show what each would do</button></p>\n';

/** Says what a published split or dividend, or a jump, really was. */
export const ruleForm: Form = {
  path: '/:account/actions/rule',
  fields: FIELDS,
  isOfAccount: true,
  isSigned: true,
  title: () => 'Rule on an action',
  here: () => '/quality',
  isCommandTyped: true,
  command: ({ account, at }, typed) =>
    [
      'trading-ops actions rule',
      ...fieldWords(FIELDS, { ...typed, kind: (typed['kind'] ?? '').toLowerCase() }),
      ...accountWords(account, at),
    ].join(' '),
  steps: { look: async (_, typed) => typed },
  async body(sitting, typed, trouble) {
    const look = await lookOr(sitting, typed);
    return (
      (look === null ? '' : renderBlocks([...knownBlocks(look), ...choiceBlocks(look), ...earlierBlocks(look)])) +
      fieldsBody(FIELDS, typed, trouble) +
      LOOK
    );
  },
  async check(sitting, typed) {
    const preview = await previewRuling(sitting.place, sitting.asker(typed['at']), inputOf(sitting, typed, FIELDS));
    const { chosen, reason, ...look } = resultOrThrow(preview);
    return {
      basis: contentHash({ published: look.published, earlier: look.earlier }),
      button: 'Sign and rule',
      blocks: [
        ...earlierBlocks(look),
        banner('plain', 'You rule', chosen.says),
        facts([['Why', reason]]),
        section('What it does', effectBlocks(look, chosen)),
        paragraph('A split that counts is booked into each ledger by a booking of its own.'),
      ],
    };
  },
  async commit(sitting, typed) {
    const asker = sitting.asker(typed['at'], typed['once']);
    resultOrThrow(await ruleAction(sitting.place, asker, inputOf(sitting, typed, FIELDS)));
    return '/quality';
  },
};

const inputOf = ({ account: { account } }: Sitting, typed: Typed, fields: readonly Field[]) =>
  ({
    account,
    ...Object.fromEntries(
      fields.flatMap(({ name }) => {
        const value = (typed[name] ?? '').trim();
        // Only a dividend has a type: the field stands there for each.
        const isLeftOut = value === '' || (name === 'type' && typed['kind'] !== 'DIVIDEND' && value === 'regular');
        return isLeftOut ? [] : [[name, value]];
      }),
    ),
  }) as RuleAction;

/** What is known of the date that the fields name; null where they name none yet, or another than may be looked at. */
async function lookOr(sitting: Sitting, typed: Typed): Promise<RulingLook | null> {
  const named = inputOf(sitting, typed, [...OF, ...RULING.filter(({ name }) => name === 'value')]) as LookAtRuling;
  if (typed['symbol'] === undefined) return null;
  try {
    const look = await lookAtRuling(sitting.place, sitting.asker(typed['at']), named);
    return look.ok ? look.result : null;
  } catch (error) {
    if (error instanceof OpsError && error.kind === 'usage') return null;
    throw error;
  }
}
