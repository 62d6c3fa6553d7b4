import type { Knex } from 'knex';
import { contentHash } from '../domain/hash.js';
import { keepNewest } from '../domain/keep.js';
import type { Policy } from '../domain/policy/policy.js';
import { storedPolicy, storedUniverse } from '../domain/policy/stored.js';
import type { Sha256, UniverseRow } from '../domain/types.js';
import type { Db } from './connect.js';

/** Keeps a configuration by its content hash; a repeat changes nothing. */
export const storeConfiguration = (
  db: Db,
  kind: 'policy' | 'universe',
  hash: Sha256,
  content: unknown,
): Knex.QueryBuilder =>
  db('config_versions')
    .insert({ content_hash: hash, kind, content: JSON.stringify(content) })
    .onConflict('content_hash')
    .ignore();

/** The policy with this hash, with the defaults of sections that are newer than it. */
export const loadPolicy = (db: Db, hash: Sha256): Promise<Policy> =>
  atHand(policies, hash, async () => storedPolicy(await contentOf(db, hash), hash));

/** The universe with this hash. */
export const loadUniverse = (db: Db, hash: Sha256): Promise<UniverseRow[]> =>
  atHand(universes, hash, async () => storedUniverse(await contentOf(db, hash), hash));

/** A handful: a policy and a universe change rarely, and what a hash stands for never does. */
const AT_HAND_MAX = 8;
const policies = new Map<Sha256, Policy>();
const universes = new Map<Sha256, UniverseRow[]>();

/** What was parsed when the hash was first asked for; of many, those asked for last are kept. */
async function atHand<T>(known: Map<Sha256, T>, hash: Sha256, read: () => Promise<T>): Promise<T> {
  const content = known.get(hash) ?? (await read());
  keepNewest(known, hash, content, AT_HAND_MAX);
  return content;
}

async function contentOf(db: Db, hash: Sha256): Promise<unknown> {
  const row = await db('config_versions').where({ content_hash: hash }).first('content');
  if (!row) throw new Error(`no configuration is stored under ${hash}`);
  if (contentHash(row.content) === hash) altered.delete(hash);
  else altered.add(hash);
  return row.content;
}

/** Configurations that did not have the hash that they are stored under, when this process read them. */
const altered = new Set<Sha256>();

/**
 * Whether what was read under a hash has another: somebody stored it there. It is read all the same, for what was
 * decided by it can be looked at; nothing may be decided by it.
 */
export const isAltered = (hash: Sha256): boolean => altered.has(hash);
