import { contentHash } from '../../domain/hash.js';
import { resultOrThrow, usageError } from '../../domain/errors.js';
import { problemText } from '../../domain/problems.js';
import { positionsFromFlags } from '../../domain/reconciliation/snapshot.js';
import { previewBaseline, setBaseline } from '../../operations/ledger/set-baseline.js';
import { banner, facts, paragraph, section, type Block } from '../../reports/render/document.js';
import { renderBlocks } from '../../reports/render/html.js';
import type { Sitting } from '../sitting.js';
import { movedBlocks } from '../view/moved.js';
import { postingsTable } from '../view/postings.js';
import { cashText } from './booking.js';
import { entryPath, ledgerPath } from './entry-path.js';
import { fieldsBody } from './fields.js';
import type { Field, Form, Typed } from './form.js';
import { accountWords, fieldWords, flagWords, inputOf } from './typed-command.js';

const CASH: Field = {
  kind: 'figure',
  name: 'cash',
  label: 'Cash there is',
  hint: 'In the currency of the account. Left empty: as it is.',
};
const DATE: Field = { kind: 'date', name: 'date', label: 'Date', hint: 'On which it takes effect. Left empty: today.' };
const REASON: Field = { kind: 'text', name: 'reason', label: 'Why you vouch for it' };
const FIELDS: readonly Field[] = [
  CASH,
  {
    kind: 'lines',
    name: 'positions',
    label: 'Units there are',
    hint: 'A line each, as AAPL=12.5; 0 takes it out. What is not named stays as it is.',
  },
  {
    kind: 'lines',
    name: 'costs',
    label: 'Cost of the whole holding',
    hint: 'A line each, as AAPL=1800.00, in the currency of the account.',
  },
  DATE,
  REASON,
];

const linesOf = (text: string | undefined): string[] =>
  (text ?? '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

/** Sets the ledger to figures that somebody vouches for; opens it where it is empty. */
export const baselineForm: Form = {
  path: '/:account/baseline',
  fields: FIELDS,
  isOfAccount: true,
  isSigned: true,
  title: ({ account }) => `Baseline, ${account.account}`,
  here: ledgerPath,
  isCommandTyped: true,
  command: ({ account, at }, typed) =>
    [
      'trading-ops ledger-baseline',
      ...fieldWords([CASH], typed),
      ...linesOf(typed['positions']).flatMap((line) => flagWords('position', line)),
      ...linesOf(typed['costs']).flatMap((line) => flagWords('cost', line)),
      ...fieldWords([DATE, REASON], typed),
      ...accountWords(account, at),
    ].join(' '),
  body: async (_, typed, trouble) =>
    renderBlocks([
      paragraph(
        'Every figure from now on builds on this. It opens an empty ledger; of one that is open it corrects what no ' +
          'booking explains, against the opening.',
      ),
    ]) + fieldsBody(FIELDS, typed, trouble),
  async check(sitting, typed) {
    const { place, account } = sitting;
    const preview = resultOrThrow(await previewBaseline(place, sitting.asker(typed['at']), figuresOf(sitting, typed)));
    const { opens, drafts, cash, moved } = preview;
    const said: Block[] = [
      ...(opens ? [banner('warn', 'The ledger is empty; this opens it')] : []),
      ...(drafts.length === 0 ? [banner('good', 'The ledger already says this', 'Nothing would be booked.')] : []),
      facts([['Cash', cashText(cash, account.baseCurrency)]]),
      ...movedBlocks(moved, account.baseCurrency),
    ];
    return {
      basis: contentHash(preview),
      button: drafts.length === 0 ? 'Go to the ledger' : 'Sign and book',
      blocks: [
        ...said,
        ...drafts.map((draft) =>
          section(`${draft.kind}${draft.symbol === null ? '' : ` of ${draft.symbol}`}, ${draft.effectiveDate}`, [
            paragraph(draft.description),
            postingsTable(draft),
          ]),
        ),
      ],
    };
  },
  async commit(sitting, typed) {
    const asker = sitting.asker(typed['at'], typed['once']);
    const { entries } = resultOrThrow(await setBaseline(sitting.place, asker, figuresOf(sitting, typed)));
    return entryPath(sitting, entries.at(-1)?.entryId ?? null);
  },
};

/** The figures that the fields name, read as the command line reads them. @throws OpsError ARGUMENT_INVALID */
const figuresOf = ({ account: { account } }: Sitting, typed: Typed) => ({
  account,
  reason: '',
  ...inputOf([CASH, DATE, REASON], typed),
  positions: bySymbol('positions', typed),
  costs: bySymbol('costs', typed),
});

function bySymbol(field: string, typed: Typed): Record<string, string> {
  const read = positionsFromFlags(linesOf(typed[field]), field);
  if ('positions' in read) return read.positions;
  // Told as a refusal of the booking tells a line of a field: `costs.AAPL`.
  const problems = read.problems.map((each) => ({ ...each, field: each.field.replace(' ', '.') }));
  throw usageError('ARGUMENT_INVALID', problemText(problems), { remedy: 'nothing was booked' });
}
