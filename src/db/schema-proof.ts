import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { proveSchema, readSchema, type SchemaProof, type SchemaThing } from '../domain/audit/schema.js';
import type { Db } from './connect.js';
import { schemaThings } from './schema-things.js';

/** The schema that the migrations of this version make: written by its test, docs/DEVELOPING.md says how. */
const MADE = fileURLToPath(new URL('../../migrations-support/schema.txt', import.meta.url));

/** What does not change while a program runs. */
let made: readonly SchemaThing[] | undefined;

/** Holds the schema of this database against the one that the migrations make. Reads only; call it in a transaction. */
export async function schemaProof(trx: Db): Promise<SchemaProof> {
  made ??= readSchema(readFileSync(MADE, 'utf8'));
  return proveSchema(made, await schemaThings(trx));
}
