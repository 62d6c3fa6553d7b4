import { resultOrThrow } from '../../../domain/errors.js';
import { D } from '../../../domain/money.js';
import {
  cashTyped,
  checkSnapshotDate,
  positionTyped,
  unitsTyped,
  previewReconcile,
  snapshotForm,
  type SnapshotForm,
} from '../../../operations/day/preview.js';
import type { SnapshotRead } from '../../../operations/day/prepare.js';
import { previewLines } from '../../../reports/reconciliation/lines.js';
import { askerOf, installationOf } from '../../kit/asker.js';
import { askUntil, askYesOrNo, brokenOff, inDialog, type Dialog, type Read } from '../../kit/ask.js';
import type { Context } from '../../kit/context.js';
import { lineWidth, tableLines } from '../../kit/table.js';

/** A snapshot as it was given, and what is to be told of how it was read. */
export interface Given {
  read: SnapshotRead;
  told: string[];
}

/** A position that was answered: the ledger's figure, looked at and agreed, or another one that was typed. */
interface Answered {
  symbol: string;
  units: string;
  how: 'agreed' | 'typed';
}

/**
 * Asks for a snapshot figure by figure, shows what the gate would say of it, and asks whether it shall be recorded.
 * @throws OpsError BROKEN_OFF where it shall not
 */
export async function askSnapshot(
  context: Context,
  { snapshotDate, notes }: { snapshotDate: string; notes?: string },
): Promise<Given> {
  const [where, asker, { account }] = [installationOf(context), askerOf(context), context.account];
  const form = resultOrThrow(await snapshotForm(where, asker, account));
  return inDialog(async (dialog) => {
    dialog.say(heading(account, form));
    const date = await askDate(dialog, form, snapshotDate, (typed) =>
      checkSnapshotDate(where, asker, { account, snapshotDate: typed }),
    );
    const cash = await askCash(dialog, form);
    const answered = await askPositions(dialog, form);
    const positions = Object.fromEntries(
      answered.flatMap(({ symbol, units }) => (D(units).isZero() ? [] : [[symbol, units]])),
    );
    const seen = Object.fromEntries(
      answered.map(({ symbol, how }) => [symbol, how === 'agreed' ? ('ticked' as const) : how]),
    );
    const read: SnapshotRead = { account, snapshotDate: date, cash, positions, notes: notes ?? null, seen };
    const preview = resultOrThrow(await previewReconcile(where, asker, read));
    dialog.say([
      '',
      ...reviewOf(form, date, answered, preview),
      '',
      ...previewLines(preview, context.account, context.at),
    ]);
    if (!(await askYesOrNo(dialog, 'Record?'))) throw brokenOff();
    return { read, told: [] };
  });
}

const heading = (account: string, { tradingDay, asOfDate, opens, rows }: SnapshotForm): string[] => [
  `Reconciling ${account} for ${tradingDay}, prices of ${asOfDate}. ` +
    `Read each figure off eToro. Ctrl-C ends it, and records nothing.`,
  ...(opens ? ['THE LEDGER IS EMPTY: this snapshot opens it, and every figure from now on builds on it.'] : []),
  ...(rows.length > 0
    ? ['Of each position: Enter when eToro shows the same, its units when not, 0 when it is not there.']
    : []),
];

function askDate(
  dialog: Dialog,
  { readOn }: SnapshotForm,
  given: string,
  check: (date: string) => ReturnType<typeof checkSnapshotDate>,
): Promise<string> {
  const standing = given === '' ? readOn : given;
  return askUntil(dialog, `Date the figures are of [${standing}]: `, async (typed): Promise<Read<string>> => {
    const date = typed === '' ? standing : typed;
    const outcome = await check(date);
    return outcome.ok ? { value: date } : { rule: outcome.refusal.message };
  });
}

/** Cash has no default: an empty answer asks again. */
const askCash = (dialog: Dialog, form: SnapshotForm): Promise<string> =>
  askUntil(dialog, `Available cash in ${form.baseCurrency} (ledger ${form.cash}): `, (typed) => {
    if (typed === '') return { rule: 'must be typed: it is never taken from the ledger' };
    const read = cashTyped(form, typed);
    return 'rule' in read ? read : { value: read.figure };
  });

async function askPositions(dialog: Dialog, form: SnapshotForm): Promise<Answered[]> {
  const answered: Answered[] = [];
  for (const [index, { symbol, searchName, units }] of form.rows.entries()) {
    const name = searchName === symbol ? symbol : `${symbol} (${searchName})`;
    const question = `${index + 1} of ${form.rows.length}  ${name}, ledger ${units}: `;
    answered.push(
      await askUntil(dialog, question, (typed): Read<Answered> => {
        if (typed === '') return { value: { symbol, units, how: 'agreed' } };
        const read = unitsTyped(typed);
        return 'rule' in read ? read : { value: { symbol, units: read.figure, how: 'typed' } };
      }),
    );
  }
  return [...answered, ...(await askOthers(dialog, form))];
}

/** Positions that the ledger does not hold, until there is none. */
async function askOthers(dialog: Dialog, form: SnapshotForm): Promise<Answered[]> {
  const others: Answered[] = [];
  for (;;) {
    const symbol = await askUntil(
      dialog,
      'Any other position? Its symbol, or Enter for none: ',
      (typed): Read<string> => {
        if (typed === '') return { value: '' };
        const meant = positionTyped(form, typed);
        if ('rule' in meant) return meant;
        const asked = [...form.rows, ...others].some((row) => row.symbol === meant.symbol);
        return asked ? { rule: `was answered already: ${meant.symbol}` } : { value: meant.symbol };
      },
    );
    if (symbol === '') return others;
    const units = await askUntil(dialog, `Units of ${symbol}: `, (typed): Read<string> => {
      const read = unitsTyped(typed);
      return 'rule' in read ? read : { value: read.figure };
    });
    others.push({ symbol, units, how: 'typed' });
  }
}

/** Columns that the review takes. */
const REVIEW_WIDTH = 80;

/** Every line once more, beside the ledger's. */
function reviewOf(
  { baseCurrency }: SnapshotForm,
  date: string,
  answered: readonly Answered[],
  { lines, opens }: { lines: ReviewLine[]; opens: boolean },
): string[] {
  const how = new Map(answered.map((each) => [each.symbol, each.how]));
  const rows = lines.map(({ symbol, ledger, snapshot, drift, code }) => [
    symbol ?? `cash (${baseCurrency})`,
    opens ? '' : ledger,
    snapshot,
    symbol === null ? 'typed' : (how.get(symbol) ?? ''),
    D(drift).isZero() ? '' : drift,
    code ?? (D(drift).isZero() ? '' : 'within the limit'),
  ]);
  return [
    `Figures of ${date}:`,
    ...tableLines(['', 'ledger', 'eToro', '', 'difference', ''], rows, {
      right: [1, 2, 4],
      // A figure is never broken over two lines: a narrow terminal may do that with the last column.
      width: Math.max(lineWidth(), REVIEW_WIDTH),
    }),
  ];
}

interface ReviewLine {
  symbol: string | null;
  ledger: string;
  snapshot: string;
  drift: string;
  code: string | null;
}
