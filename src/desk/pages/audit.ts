import { resultOrThrow } from '../../domain/errors.js';
import { pageAudit } from '../../operations/guard/page-audit.js';
import { readAudit } from '../../operations/guard/read-audit.js';
import type { StoredAuditRecord } from '../../db/audit.js';
import {
  banner,
  code,
  codeBlock,
  facts,
  link,
  paragraph,
  table,
  type Block,
  type Text,
} from '../../reports/render/document.js';
import { ukTime } from '../../reports/render/format.js';
import { renderBlocks } from '../../reports/render/html.js';
import { csvText } from '../../reports/render/csv.js';
import type { Look, PageContent } from '../look.js';
import { listMain } from '../view/document.js';
import { filterForm, pathWith } from '../view/filter.js';

const VERIFY = 'trading-ops audit verify';
/** Longest detail that stands in a row of the list; a record's own page has it whole. */
const DETAIL_MAX = 90;
/** So many records are in one file, the newest of those that are asked for. */
const CSV_RECORDS = '10000';

const wanted = ({ query }: Look) => ({ kind: query['kind'] ?? null, subject: query['subject'] ?? null });

/** The audit log, newest first, a page at a time. */
export async function auditPage(look: Look): Promise<PageContent> {
  const { place, query } = look;
  const narrowed = wanted(look);
  const { records, older, head } = resultOrThrow(
    await pageAudit(place.db, { ...narrowed, before: query['before'] ?? null }),
  );
  return {
    title: 'Audit',
    here: '/audit',
    command: VERIFY,
    main:
      listMain('Audit', 'Who did what, each record with the hash of the one before it.', [headBlock(head)]) +
      filterForm('/audit', 'Records', [
        { name: 'kind', label: 'Action', value: query['kind'], hint: 'or how it begins: ticket' },
        { name: 'subject', label: 'Subject', value: query['subject'], hint: 'or how it begins' },
      ]) +
      renderBlocks([
        paragraph([
          link(pathWith('/audit.csv', narrowed), `As CSV, the newest ${Number(CSV_RECORDS).toLocaleString('en-GB')}`),
        ]),
        records.length === 0 ? paragraph('There is no such record.') : table(HEADS, records.map(rowOf)),
        ...(older === null
          ? []
          : [paragraph([link(pathWith('/audit', { ...narrowed, before: older }), 'Older records')])]),
      ]),
  };
}

const HEADS = ['Record#', 'When, UK', 'Action', 'Subject', 'Who', 'Detail'];

const headBlock = (head: { seq: number; hash: string } | null): Block =>
  head === null
    ? banner('plain', 'The log is empty')
    : facts([
        ['Records', head.seq.toLocaleString('en-GB')],
        ['Newest hash', code(head.hash)],
        ['Proved by', [code(VERIFY), ', which recomputes every record and the digest of every fact']],
      ]);

const rowOf = (record: StoredAuditRecord): Text[] => [
  [link(`/audit/${record.seq}`, String(record.seq))],
  ukTime(record.at).slice(0, 16),
  record.action,
  record.subject,
  record.account === null ? record.actor : `${record.actor}, ${record.account}`,
  code(shortened(JSON.stringify(record.detail))),
];

const shortened = (text: string): string => (text.length > DETAIL_MAX ? `${text.slice(0, DETAIL_MAX)}…` : text);

/** One record, whole. */
export async function auditRecordPage({ place, params }: Look): Promise<PageContent> {
  const { record, sound } = resultOrThrow(await readAudit(place.db, { seq: params['seq'] ?? '' }));
  return {
    title: `Record ${record.seq}`,
    here: null,
    command: VERIFY,
    main: listMain(`Record ${record.seq}`, record.action, [
      sound
        ? banner('good', 'It has the hash of its content, and names the record before it')
        : banner('bad', 'AUDIT_BROKEN', 'It has not the hash of its content, or names another record before it.'),
      facts([
        ['When', ukTime(record.at)],
        ['Who', record.actor],
        ['Account', record.account ?? 'the installation'],
        ['Subject', record.subject],
        ['Hash', code(record.hash)],
        ['Hash before', code(record.prevHash)],
      ]),
      codeBlock(JSON.stringify(record.detail, null, 2)),
      paragraph([
        ...(record.seq > 1 ? [link(`/audit/${record.seq - 1}`, 'The record before'), ' · '] : []),
        link('/audit', 'All records'),
      ]),
    ]),
  };
}

/** The newest records that are asked for, as CSV. */
export async function auditCsv(look: Look): Promise<string> {
  const { records } = resultOrThrow(await pageAudit(look.place.db, { ...wanted(look), limit: CSV_RECORDS }));
  return csvText([
    ['record', 'at', 'action', 'subject', 'actor', 'account', 'detail', 'previous_hash', 'hash'],
    ...records.map(({ seq, at, action, subject, actor, account, detail, prevHash, hash }) => [
      seq,
      at,
      action,
      subject,
      actor,
      account,
      JSON.stringify(detail),
      prevHash,
      hash,
    ]),
  ]);
}
