import { resultOrThrow } from '../../domain/errors.js';
import { BOOKINGS } from '../../operations/ledger/bookings.js';
import { readEntry } from '../../operations/ledger/read-entry.js';
import { facts } from '../../reports/render/document.js';
import { ukTime } from '../../reports/render/format.js';
import { renderBlocks } from '../../reports/render/html.js';
import type { Sitting } from '../sitting.js';
import { postingsTable } from '../view/postings.js';
import { reviewOf } from './booking.js';
import { entryPath, ledgerPath } from './entry-path.js';
import { fieldsBody } from './fields.js';
import type { Field, Form, Typed } from './form.js';
import { accountWords, fieldWords } from './typed-command.js';

const FIELDS: readonly Field[] = [{ kind: 'text', name: 'reason', label: 'Why it was a mistake' }];

/** Takes an entry back that was booked by mistake. */
export const reverseForm: Form = {
  path: '/:account/ledger/:entryId/reverse',
  fields: FIELDS,
  isOfAccount: true,
  isSigned: true,
  title: ({ params }) => `Take entry ${params['entryId']} back`,
  here: ledgerPath,
  isCommandTyped: true,
  command: ({ account, at, params }, typed) =>
    [
      `trading-ops ledger reverse --entry ${params['entryId']}`,
      ...fieldWords(FIELDS, typed),
      ...accountWords(account, at),
    ].join(' '),
  async body({ place, account, params }, typed, trouble) {
    const { entry } = resultOrThrow(await readEntry(place.db, account.account, params['entryId'] ?? ''));
    const about = [
      facts([
        ['Entry', `${entry.entryId}, ${entry.kind} of ${entry.effectiveDate}`],
        ['What', entry.description],
        ['Booked', `${ukTime(entry.bookedAt)} by ${entry.operator}`],
      ]),
      postingsTable(entry),
    ];
    return renderBlocks(about) + fieldsBody(FIELDS, typed, trouble);
  },
  async check(sitting, typed) {
    const preview = await BOOKINGS.reverse.preview(sitting.place, sitting.asker(typed['at']), inputOf(sitting, typed));
    return reviewOf(resultOrThrow(preview), sitting.account.baseCurrency);
  },
  async commit(sitting, typed) {
    const asker = sitting.asker(typed['at'], typed['once']);
    const { entryId } = resultOrThrow(await BOOKINGS.reverse.book(sitting.place, asker, inputOf(sitting, typed)));
    return entryPath(sitting, entryId);
  },
};

/** What is no number stays as it stands in the address, for the refusal names it. */
const inputOf = ({ account: { account }, params }: Sitting, { reason = '' }: Typed) => {
  const entry = params['entryId'] ?? '';
  return { account, entry: /^\d{1,15}$/.test(entry) ? Number(entry) : entry, reason: reason.trim() };
};
