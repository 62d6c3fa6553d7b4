import { factBreaks, factBreaksButBars } from '../../db/audit.js';
import type { Db } from '../../db/connect.js';
import type { FactBreak } from '../../db/fact-break.js';
import { isBelieved, MIGRATION, type SchemaProof } from '../../domain/audit/schema.js';

/** Every fact, or all but the bars, which are most of a database. */
export type FactsScope = 'all' | 'all but bars';

/** Where the schema of a database stands among facts that are not as they were recorded. */
const SCHEMA = 'schema';

/** What is to be told of a schema: what is not as the migrations make it, and migrations of another version. */
export function schemaBreaks({ missing, unknown, breaks }: SchemaProof): FactBreak[] {
  const migrations = (names: readonly string[], problem: string): FactBreak[] =>
    names.map((name) => ({ fact: SCHEMA, key: `${MIGRATION} ${name}`, problem }));
  return [
    ...migrations(missing, 'is not applied yet (make migrate): until then the schema cannot be proved'),
    ...migrations(unknown, 'is of a newer version than this program, which cannot prove the schema'),
    ...breaks.map(({ kind, name, problem }) => ({ fact: SCHEMA, key: `${kind} ${name}`, problem })),
    ...(isBelieved({ missing, unknown, breaks })
      ? []
      : [{ fact: SCHEMA, key: '', problem: 'is not ours: what its functions say of the facts is not believed' }]),
  ];
}

/** The schema as it is proved, and the facts as they are by functions of a schema that can be believed. Reads only. */
export async function provedBreaks(trx: Db, scope: FactsScope, proof: SchemaProof): Promise<FactBreak[]> {
  if (!isBelieved(proof)) return schemaBreaks(proof);
  return [...schemaBreaks(proof), ...(scope === 'all' ? await factBreaks(trx) : await factBreaksButBars(trx))];
}
