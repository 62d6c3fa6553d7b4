import { resultOrThrow } from '../../domain/errors.js';
import type { Signed } from '../../domain/signing/attestation.js';
import { fingerprintOf } from '../../domain/signing/keys.js';
import { readEntry } from '../../operations/ledger/read-entry.js';
import {
  banner,
  code,
  facts,
  link,
  paragraph,
  section,
  table,
  type Block,
  type Text,
} from '../../reports/render/document.js';
import { ukTime } from '../../reports/render/format.js';
import type { Look, PageContent } from '../look.js';
import { listMain } from '../view/document.js';

/** One entry of the journal: its postings, who booked and signed it, what it takes back and what took it back. */
export async function entryPage({ place, account, params }: Look): Promise<PageContent> {
  const { account: name } = account;
  const { book, entry, reversedBy, signatures } = resultOrThrow(
    await readEntry(place.db, name, params['entryId'] ?? ''),
  );
  const base = `/${encodeURIComponent(name)}`;
  const entryLink = (entryId: number) => link(`${base}/ledger/${entryId}`, `entry ${entryId}`);
  return {
    title: `Entry ${entry.entryId}, ${name}`,
    here: null,
    command:
      `trading-ops ledger journal --account ${name} --book ${book} ` +
      `--from ${entry.effectiveDate} --to ${entry.effectiveDate}`,
    main: listMain(
      `Entry ${entry.entryId}: ${entry.kind}`,
      `${book === 'paper' ? 'Paper book' : 'Ledger'} of ${name}.`,
      [
        ...(reversedBy === null ? [] : [banner('warn', 'Taken back', ['By ', entryLink(reversedBy), '.'])]),
        facts([
          ['What', entry.description],
          ['Effective date', entry.effectiveDate],
          [
            'Symbol',
            entry.symbol === null ? 'none' : [link(`/quality/${encodeURIComponent(entry.symbol)}`, entry.symbol)],
          ],
          ['Booked', `${ukTime(entry.bookedAt)} by ${entry.operator}`],
          ['Takes back', entry.reversesEntryId === null ? 'nothing' : [entryLink(entry.reversesEntryId)]],
          ['Ticket', entry.ticketId === null ? 'none' : [link(`${base}/tickets/${entry.ticketId}`, entry.ticketId)]],
          ['Key', code(entry.idempotencyKey)],
        ]),
        section('Postings', [
          table(
            ['Account', 'Amount#', 'Commodity'],
            entry.postings.map((posting): Text[] => [posting.account, posting.amount, posting.commodity]),
          ),
        ]),
        section('Signed', signatureBlocks(signatures, entry.confirmationId !== null)),
        paragraph([
          link(`${base}/ledger`, 'The ledger'),
          // What an answer booked is amended with the answer.
          ...(reversedBy === null && entry.confirmationId === null && book === 'ledger'
            ? [' · ', link(`${base}/ledger/${entry.entryId}/reverse`, 'Take it back')]
            : []),
        ]),
      ],
    ),
  };
}

function signatureBlocks(signatures: readonly Signed[], isOfAnswer: boolean): Block[] {
  if (signatures.length === 0)
    return [paragraph('Nobody signed the entry itself: it follows from something else that was asked for.')];
  return [
    ...(isOfAnswer ? [paragraph('With the answer to the ticket that it was booked by.')] : []),
    table(
      ['Operator', 'For', 'Key', 'Fingerprint', 'At'],
      signatures.map(({ attestation, kind, key }): Text[] => [
        attestation.operator,
        attestation.purpose,
        kind,
        code(fingerprintOf(key)),
        ukTime(attestation.at),
      ]),
    ),
    paragraph(['What proves them: ', code('trading-ops signatures verify')]),
  ];
}
