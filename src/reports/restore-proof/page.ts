import type { LostFacts, RestoreProof } from '../../domain/backup/proof.js';
import type { DatabaseFigures } from '../../domain/backup/manifest.js';
import {
  banner,
  bullets,
  code,
  facts,
  paragraph,
  section,
  table,
  toned,
  type Block,
  type Document,
  type Text,
} from '../render/document.js';
import { counted } from '../render/format.js';

/** Where a proof's report lies: `restore_test_20261122T180102.345Z.md`, `restore_fresh_test_…` for one on a fresh cluster. */
export const restoreReportPath = (
  { kind, finishedAt }: Pick<RestoreProof, 'kind' | 'finishedAt'>,
  format: 'md' | 'json',
): string =>
  `artifacts/reports/${kind === 'FRESH' ? 'restore_fresh_test' : 'restore_test'}_${new Date(finishedAt).toISOString().replaceAll(/[-:]/g, '')}.${format}`;

/** The word that a proof ends with. */
export const verdictWord = ({ kind, passed }: Pick<RestoreProof, 'kind' | 'passed'>): string =>
  `${kind === 'FRESH' ? 'RESTORE_PROOF' : 'RESTORE_TEST'}_${passed ? 'PASS' : 'FAIL'}`;

/** The report of a restored backup: each table's rows and the ledger's totals, on both sides. */
export function restoreProofDocument(proof: RestoreProof): Document {
  const { backup, expected, found } = proof;
  const where = proof.kind === 'FRESH' ? 'into a fresh cluster' : 'into a scratch database, dropped afterwards';
  return {
    title: `Restore of ${backup.file}`,
    subtitle: `${where}, ${proof.startedAt} to ${proof.finishedAt}${proof.operator ? `, asked for by ${proof.operator}` : ''}.`,
    stamp: null,
    blocks: [
      banner(
        proof.passed ? 'good' : 'bad',
        verdictWord(proof),
        proof.passed
          ? 'What was restored is what was backed up: rows, ledger totals and audit chain.'
          : 'What was restored is not what was backed up.',
      ),
      ...(proof.problems.length > 0 ? [section('What is wrong', [bullets(proof.problems)])] : []),
      section('The backup', [
        facts([
          ['File', code(backup.file)],
          ['SHA-256', code(backup.sha256)],
          ['Size', `${backup.bytes.toLocaleString('en-GB')} bytes`],
          ['Snapshot taken', backup.takenAt],
          ['Schema', expected.migrations.at(-1) ?? 'none'],
          [
            'Time taken',
            `verification ${seconds(proof.took.verification)}, restore ${seconds(proof.took.restore)}, comparison ${seconds(proof.took.comparison)}`,
          ],
          ...(proof.priorData ? [['Prior data directory', code(proof.priorData)] satisfies [string, Text]] : []),
        ]),
      ]),
      section('Rows of each table', [rowsTable(expected, found)]),
      section('Totals of the ledger', [ledgerTable(expected, found)]),
      section('Audit log', [auditTable(expected, found)]),
      ...ticketBlocks(proof),
      ...lostBlocks(proof.lost),
    ],
    footer: ['Kept in the table ', code('restore_proofs'), `, proof ${proof.proofId}.`],
  };
}

/** The same for machines. */
export const restoreProofJson = (proof: RestoreProof): object => ({ schema: 1, verdict: verdictWord(proof), ...proof });

const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`;

const same = (expected: string | undefined, found: string | undefined): Text =>
  expected === found ? toned('good', 'OK') : toned('bad', 'DIFFERS');

/** Both sides by key; `none` where a side has none of it, a dash where nothing was restored. */
function bothSides(expected: [string, string][], found: [string, string][] | null): [string, string, string, Text][] {
  const [before, after] = [new Map(expected), new Map(found ?? [])];
  return [...new Set([...before.keys(), ...after.keys()])]
    .toSorted()
    .map((key) => [
      key,
      before.get(key) ?? 'none',
      found ? (after.get(key) ?? 'none') : '-',
      same(before.get(key), after.get(key)),
    ]);
}

function rowsTable(expected: DatabaseFigures, found: DatabaseFigures | null): Block {
  const rows = (side: DatabaseFigures) => side.tables.map(({ name, rows }): [string, string] => [name, String(rows)]);
  return table(['Table', 'In the backup#', 'Restored#', 'Result'], bothSides(rows(expected), found && rows(found)));
}

function ledgerTable(expected: DatabaseFigures, found: DatabaseFigures | null): Block {
  const totals = (side: DatabaseFigures) =>
    side.ledger.map(({ account, book, ledgerAccount, commodity, total }): [string, string] => [
      `${account} (${book}): ${ledgerAccount}, ${commodity}`,
      total,
    ]);
  const lines = bothSides(totals(expected), found && totals(found));
  return lines.length === 0
    ? paragraph('The ledger is empty.')
    : table(['Account and commodity', 'In the backup#', 'Restored#', 'Result'], lines);
}

function auditTable(expected: DatabaseFigures, found: DatabaseFigures | null): Block {
  const head = (side: DatabaseFigures): [string, string][] => [
    ['Records', String(side.audit?.records ?? 0)],
    ['Hash of the newest', side.audit?.head ?? 'none'],
  ];
  return table(['Chain', 'In the backup', 'Restored', 'Result'], bothSides(head(expected), found && head(found)));
}

function ticketBlocks({ tickets }: RestoreProof): Block[] {
  if (tickets === null) return [];
  return [
    section('Tickets', [
      paragraph(`${counted(tickets.verified, 'ticket')} recomputed from the restored facts.`),
      ...(tickets.differing.length > 0
        ? [
            paragraph('These differ in the prior database too, for facts stored since they were issued:'),
            bullets(tickets.differing),
          ]
        : []),
    ]),
  ];
}

function lostBlocks(lost: LostFacts | null): Block[] {
  if (lost === null) return [];
  return [
    section('What the prior database had beyond the backup', [
      table(
        ['Table', 'In the backup#', 'In the prior database#'],
        lost.tables.map(({ name, backup, live }) => [name, String(backup), String(live)]),
      ),
      ...(lost.actions.length > 0 ? [bullets(lost.actions.map(actionText))] : []),
    ]),
  ];
}

/** One audit record in words. */
export const actionText = ({ at, account, actor, action, subject }: LostFacts['actions'][number]): string =>
  `${at} ${account ?? 'installation'}: ${action} ${subject}, by ${actor}`;
