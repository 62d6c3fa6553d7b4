import { contentHash } from '../../domain/hash.js';
import { resultOrThrow } from '../../domain/errors.js';
import { BOOKINGS } from '../../operations/ledger/bookings.js';
import type { BookingPreview } from '../../operations/ledger/booking.js';
import { banner, facts, paragraph, type Block } from '../../reports/render/document.js';
import { money } from '../../reports/render/format.js';
import { renderBlocks } from '../../reports/render/html.js';
import type { Sitting } from '../sitting.js';
import { changeText, movedBlocks } from '../view/moved.js';
import { postingsTable } from '../view/postings.js';
import { BOOKING_KINDS, type BookingKind } from './booking-kinds.js';
import { entryPath, ledgerPath } from './entry-path.js';
import { fieldsBody } from './fields.js';
import type { Form, Review, Typed } from './form.js';
import { accountWords, fieldWords, inputOf } from './typed-command.js';

/** A form for each kind of booking, by its own schema and its own plan. */
export const bookingForms: readonly Form[] = BOOKING_KINDS.map(formOf);

function formOf({ kind, title, what, fields }: BookingKind): Form {
  const asked = BOOKINGS[kind];
  const input = ({ account: { account } }: Sitting, typed: Typed) => ({ account, ...inputOf(fields, typed) });
  return {
    path: `/:account/book/${kind}`,
    fields,
    isOfAccount: true,
    isSigned: true,
    title: ({ account }) => `Book: ${title}, ${account.account}`,
    here: ledgerPath,
    isCommandTyped: true,
    command: (sitting, typed) =>
      [
        `trading-ops ${verbOf(kind, typed)}`,
        ...wordsOf(fields, typed),
        ...accountWords(sitting.account, sitting.at),
      ].join(' '),
    body: async (_, typed, trouble) => renderBlocks([paragraph(what)]) + fieldsBody(fields, typed, trouble),
    async check(sitting, typed) {
      const { place, account } = sitting;
      const preview = await asked.preview(place, sitting.asker(typed['at']), input(sitting, typed));
      return reviewOf(resultOrThrow(preview), account.baseCurrency);
    },
    async commit(sitting, typed) {
      const asker = sitting.asker(typed['at'], typed['once']);
      const { entryId } = resultOrThrow(await asked.book(sitting.place, asker, input(sitting, typed)));
      return entryPath(sitting, entryId);
    },
  };
}

/** What a booking would do, to be read before it is done. */
export function reviewOf(preview: BookingPreview, baseCurrency: string): Review {
  const { draft, standing, cash, moved } = preview;
  const stands: Block[] =
    standing === null
      ? []
      : [banner('warn', `Entry ${standing} already books this`, 'Nothing would be booked a second time.')];
  return {
    basis: contentHash(preview),
    button: standing === null ? 'Sign and book' : `Go to entry ${standing}`,
    blocks: [
      ...stands,
      facts([
        ['What', draft.description],
        ['Kind', draft.kind],
        ['Date', draft.effectiveDate],
        ['Cash', cashText(cash, baseCurrency)],
      ]),
      ...movedBlocks(moved, baseCurrency),
      postingsTable(draft),
    ],
  };
}

/** Cash before and after, in words. */
export const cashText = ({ before, after }: BookingPreview['cash'], baseCurrency: string): string =>
  changeText(money(before, baseCurrency), money(after, baseCurrency));

const CASH_VERBS: Record<string, string> = {
  DEPOSIT: 'cash deposit',
  WITHDRAWAL: 'cash withdraw',
  FEE: 'ledger fee',
  INTEREST: 'ledger interest',
};

const verbOf = (kind: string, typed: Typed): string =>
  kind === 'cash' ? (CASH_VERBS[typed['kind'] ?? ''] ?? 'cash <deposit|withdraw>') : `ledger ${kind}`;

/** Of cash the kind is the verb itself. */
const wordsOf = (fields: BookingKind['fields'], typed: Typed): string[] =>
  fieldWords(
    fields.filter(({ name }) => name !== 'kind'),
    typed,
  );
