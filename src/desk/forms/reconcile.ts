import { resultOrThrow } from '../../domain/errors.js';
import type { ReconcileReply } from '../../contract/day-messages.js';
import { dayAt } from '../../operations/accounts/clock.js';
import { readReconciliation } from '../../operations/day/read-reconciliation.js';
import { snapshotForm, type ReconcilePreview, type SnapshotForm } from '../../operations/day/preview.js';
import { lookAtTable, takeTable } from '../../operations/day/read-table.js';
import { commandIdOf, prepareForm, previewRows, reviewForm } from '../../operations/day/snapshot-rows.js';
import { banner, bullets, facts, link, paragraph, section, type Block } from '../../reports/render/document.js';
import { money, sentence } from '../../reports/render/format.js';
import { perhapsLines } from '../../reports/reconciliation/lines.js';
import { linesTable, openingTable } from '../../reports/reconciliation/page.js';
import { rowsTold } from '../../reports/reconciliation/rows.js';
import type { Sitting } from '../sitting.js';
import { fieldsNamed } from './fields.js';
import type { Field, Form, Review, Trouble, Typed } from './form.js';
import { readerOf } from '../sessions.js';
import { commandOfRows, filledFrom, formTypedOf, OTHERS_MORE, othersShown, typedOf } from './reconcile-typed.js';
import { areFiguresKept, keptBlocks, waitsAt } from '../view/kept.js';
import { nobodyBlocks } from './nobody.js';
import { rowsBody, type Reading } from './reconcile-view.js';

const baseOf = ({ account: { account } }: Pick<Sitting, 'account'>): string => `/${encodeURIComponent(account)}`;

/** Holds what eToro shows against the ledger, row by row; records it when it was read once more. */
export const reconcileForm: Form = {
  path: '/:account/reconcile',
  isOfAccount: true,
  isSigned: true,
  scripts: ['preview.js', 'keep.js'],
  upload: { name: 'file', code: 'SNAPSHOT_INVALID' },
  title: ({ account }) => `Reconcile ${account.account}`,
  here: (sitting) => `${baseOf(sitting)}/reconcile`,
  isCommandTyped: true,
  command: ({ account, at: now }, typed) => {
    const at = typed['at'] ?? now;
    return commandOfRows(account, typed, { at, tradingDay: dayAt(account, at).tradingDay });
  },
  checkButton: 'Review and record',
  instead: async (sitting, typed) =>
    nobodyBlocks(sitting, 'figures are read in somebody’s name') ?? (await keptInstead(sitting, typed)),
  begin: async (sitting, { again }) => (again === undefined ? {} : figuresOf(sitting, again)),
  body,
  steps: {
    compare: (_, typed) => Promise.resolve(typed),
    more: async (sitting, typed) => ({
      ...typed,
      others: String(othersShown(typed, await formOf(sitting, typed)) + OTHERS_MORE),
    }),
    read: (_, typed) => Promise.resolve({ ...typed, reading: 'yes' }),
    async take(sitting, typed) {
      const taken = resultOrThrow(await takeTable(sitting.place, sitting.account, typed['file'] ?? ''));
      const filled = filledFrom(await formOf(sitting, typed), typed, taken);
      return { ...filled, taken: taken.mark };
    },
  },
  async check(sitting, typed) {
    const asker = sitting.asker(typed['at']);
    const reviewed = await reviewForm(sitting.place, asker, formTypedOf(sitting.account.account, typed));
    return reviewOf(sitting, resultOrThrow(reviewed));
  },
  async commit(sitting, typed) {
    const { place, account } = sitting;
    const asked = formTypedOf(account.account, typed);
    const prepared = resultOrThrow(await prepareForm(place, sitting.asker(typed['at']), asked));
    const path = `${baseOf(sitting)}/reconciliations/${prepared.reconciliationId}`;
    if (prepared.message === null) return path;
    const sent = await place.mail.send<ReconcileReply>(prepared.message);
    if (sent.kept) return `${path}?kept=yes`;
    if (sent.reply.refusal) resultOrThrow({ ok: false, refusal: sent.reply.refusal });
    return path;
  },
};

/** That figures wait for a worker: whoever reads them once more says so. */
async function keptInstead(sitting: Sitting, { anew }: Typed): Promise<Block[] | null> {
  const { place, account, at } = sitting;
  if (anew !== undefined) return null;
  const waits = await waitsAt(place, dayAt(account, at));
  if (!areFiguresKept(waits)) return null;
  return [
    ...keptBlocks(waits, account),
    paragraph([link(`${baseOf(sitting)}/reconcile?anew=yes`, 'Read every figure anew')]),
  ];
}

const formOf = async ({ place, asker, account }: Sitting, typed: Typed): Promise<SnapshotForm> =>
  resultOrThrow(await snapshotForm(place, asker(typed['at']), account.account));

/** The figures of an earlier comparison, to be sent again. @throws OpsError UNKNOWN_ID */
async function figuresOf(sitting: Sitting, again: string): Promise<Typed> {
  const { place, account } = sitting;
  const { evidence } = resultOrThrow(await readReconciliation(place.db, account.account, again));
  return typedOf(await formOf(sitting, {}), evidence.snapshot);
}

async function body(sitting: Sitting, typed: Typed, trouble: Trouble | null): Promise<string> {
  const { place, account } = sitting;
  const asked = formTypedOf(account.account, typed);
  const standing = resultOrThrow(await previewRows(place, sitting.asker(typed['at']), asked));
  const { form } = standing;
  const told = rowsTold(standing);
  return rowsBody({
    form,
    typed,
    command: await commandIdOf(place.db, account.account, typed['command']),
    // Whoever was told what has changed builds on what there is now.
    builtOn: trouble?.code === 'FORM_STALE' ? form.basis : (typed['builtOn'] ?? form.basis),
    reader: readerOf(sitting.who),
    told,
    wrong: trouble === null ? [] : fieldsNamed(trouble),
    focus: trouble === null ? nextRow(form, told) : null,
    others: othersShown(typed, form),
    reading: typed['reading'] === 'yes' ? await readingOf(sitting, typed, form) : null,
    cash: money(form.cash, form.baseCurrency),
  });
}

/** Where somebody goes on: the first row that is not seen or differs. */
const nextRow = ({ rows, opens }: SnapshotForm, told: ReturnType<typeof rowsTold>): string =>
  ['cash', ...rows.map(({ symbol }) => symbol)].find(
    (row) => told.rows[row]?.tone !== 'good' && !(opens && told.rows[row]?.verdict === ''),
  ) ?? 'check';

async function readingOf({ place, account }: Sitting, typed: Typed, form: SnapshotForm): Promise<Reading> {
  const table = resultOrThrow(await lookAtTable(place, account, typed['file'] ?? ''));
  const found = new Set(table.found.map(({ symbol }) => symbol));
  return { table, absent: form.rows.flatMap(({ symbol }) => (found.has(symbol) ? [] : [symbol])) };
}

const OPENS: (account: string) => Field = (account) => ({
  kind: 'text',
  name: 'opens',
  label: `The name of the account, ${account}, to open its ledger`,
});

function reviewOf(
  { account: { account } }: Sitting,
  {
    form,
    read,
    preview,
  }: {
    form: SnapshotForm;
    read: { snapshotDate: string; notes: string | null; seen?: Record<string, string> | undefined };
    preview: ReconcilePreview;
  },
): Review {
  const isPass = preview.status === 'PASS';
  const perhaps = perhapsLines(preview.explanations);
  return {
    button: preview.opens ? 'Open the ledger' : `Record ${isPass ? 'PASS' : 'FAIL'}`,
    fields: preview.opens ? [OPENS(account)] : [],
    blocks: [
      preview.opens
        ? banner('warn', 'OPENING: look at every figure twice', 'Every figure from now on builds on it.')
        : banner(isPass ? 'good' : 'bad', `Not recorded yet: it would be RECONCILIATION_${preview.status}`),
      ...(read.snapshotDate < form.tradingDay
        ? [
            banner(
              'warn',
              `Figures of ${read.snapshotDate}, for the day ${form.tradingDay}`,
              'Read them anew on its day.',
            ),
          ]
        : []),
      section('Line by line', [
        preview.opens
          ? openingTable(preview.lines, form.baseCurrency)
          : linesTable(preview.lines, form.baseCurrency, read.seen),
      ]),
      ...(preview.reasons.length === 0
        ? []
        : [section('Why it fails', [bullets(preview.reasons.map(({ code, message }) => `${code}: ${message}`))])]),
      ...(perhaps.length === 0 ? [] : [section('Perhaps', [bullets(perhaps.map(sentence))])]),
      facts([
        ['Figures of', read.snapshotDate],
        ['For the day', form.tradingDay],
        ['Notes', read.notes ?? 'none'],
      ]),
    ],
  };
}
