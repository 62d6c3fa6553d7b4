import type { DatabaseFigures } from './manifest.js';

/** One figure that two databases do not agree on; null where one of them has none. */
export interface FigureDifference {
  what: string;
  expected: string | null;
  found: string | null;
}

/** What differs between the figures of a backup's manifest and those of a database: empty when they are the same. */
export function compareFigures(expected: DatabaseFigures, found: DatabaseFigures): FigureDifference[] {
  const [before, after] = [flat(expected), flat(found)];
  return [...new Set([...before.keys(), ...after.keys()])]
    .toSorted()
    .map((what) => ({ what, expected: before.get(what) ?? null, found: after.get(what) ?? null }))
    .filter((pair) => pair.expected !== pair.found);
}

function flat({ tables, ledger, audit, migrations }: DatabaseFigures): Map<string, string> {
  return new Map([
    ...tables.map(({ name, rows }): [string, string] => [`rows of ${name}`, String(rows)]),
    ...ledger.map(({ account, book, ledgerAccount, commodity, total }): [string, string] => [
      `${account} ${book} ${ledgerAccount} ${commodity}`,
      total,
    ]),
    ['audit records', String(audit?.records ?? 0)],
    ['audit head', audit?.head ?? 'none'],
    ['migrations', migrations.join(', ')],
  ]);
}
