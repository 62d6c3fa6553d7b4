import { z } from 'zod';
import { contentHash } from '../hash.js';
import type { Instant, Sha256 } from '../types.js';
import { backupReasonShape } from './reason.js';
import { IN_OUR_WORDS } from '../shape-words.js';

const sha = z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in lower-case hex');
const count = z.number().int().min(0);

/** What a database holds, as figures that can be compared: taken in the snapshot of the dump, and again after a restore. */
const figuresSchema = z.strictObject({
  /** Rows of every table, `schema.table`, by name. */
  tables: z.array(z.strictObject({ name: z.string().min(1), rows: count })),
  /** Sums of the journal's postings, every account, book, ledger account and commodity. */
  ledger: z.array(
    z.strictObject({
      account: z.string(),
      book: z.string(),
      ledgerAccount: z.string(),
      commodity: z.string(),
      total: z.string().regex(/^-?\d+(\.\d+)?$/, 'must be a decimal number'),
    }),
  ),
  /** Head of the audit log's hash chain; null for an empty log. */
  audit: z.strictObject({ records: count, head: sha }).nullable(),
  /** Migrations applied, by name: the version of the schema. */
  migrations: z.array(z.string()),
});
export type DatabaseFigures = z.infer<typeof figuresSchema>;

const body = z.strictObject({
  format: z.literal('trading-ops-backup'),
  version: z.literal(1),
  /** Name of the dump beside the manifest. */
  file: z.string().regex(/^[\w.-]+\.dump$/, 'must be the name of a dump'),
  bytes: count,
  sha256: sha,
  /** When the snapshot was taken: what was committed before is in it. */
  takenAt: z.iso.datetime(),
  finishedAt: z.iso.datetime(),
  reason: backupReasonShape(),
  /** Who asked for it; null when nobody did. */
  operator: z.string().nullable(),
  database: z.strictObject({ name: z.string(), serverVersion: z.string() }),
  pgDump: z.string(),
  tradingOps: z.string(),
  /** Entries of the dump's table of contents. */
  entries: count,
  figures: figuresSchema,
});
const sealed = body.extend({ manifestSha256: sha });

export type ManifestBody = z.infer<typeof body>;
/** The sidecar of a dump: what it is, what is in it, and a hash over itself, so that an edit by hand is found. */
export type Manifest = z.infer<typeof sealed>;

const DUMP = /^trading-ops-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)\.(\d{3})Z\.dump$/;

/** Name of the dump of an instant: `trading-ops-20261122T223000.123Z.dump`. */
export const dumpName = (takenAt: Instant): string =>
  `trading-ops-${new Date(takenAt).toISOString().replaceAll(/[-:]/g, '')}.dump`;

/** Name of a dump's sidecar. */
export const manifestName = (dump: string): string => `${dump}.manifest.json`;

/** The instant in a dump's name, or null when it is no name of ours. */
export function instantOfName(dump: string): Instant | null {
  const [, year, month, day, hour, minute, second, fraction] = DUMP.exec(dump) ?? [];
  if (year === undefined) return null;
  const text = `${year}-${month}-${day}T${hour}:${minute}:${second}.${fraction}Z`;
  return Number.isNaN(Date.parse(text)) ? null : text;
}

/** Adds the hash over everything else. */
export const sealManifest = (content: ManifestBody): Manifest => ({ ...content, manifestSha256: contentHash(content) });

/** The one text of a manifest: what is written, and the only thing that is read again without a complaint. */
export const manifestText = (manifest: Manifest): string => `${JSON.stringify(manifest, null, 2)}\n`;

export type ManifestRead = { manifest: Manifest; problem?: never } | { manifest?: never; problem: string };

/** Reads a sidecar: anything but the bytes that were written is a problem, told with field, value and rule. */
export function readManifest(text: string, dump: string): ManifestRead {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { problem: 'the manifest is not JSON: it was cut short or altered' };
  }
  const parsed = sealed.safeParse(value, IN_OUR_WORDS);
  if (!parsed.success)
    return {
      problem: `the manifest was altered: ${parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'manifest'}: ${message}`).join('; ')}`,
    };
  const { manifestSha256, ...content } = parsed.data;
  const found: Sha256 = contentHash(content);
  if (found !== manifestSha256)
    return { problem: `the manifest was altered by hand: its content has SHA-256 ${found}, it says ${manifestSha256}` };
  if (manifestText(parsed.data) !== text)
    return { problem: 'the manifest was altered: its bytes are not those that were written' };
  if (content.file !== dump) return { problem: `the manifest is of ${content.file}, not of ${dump}` };
  return { manifest: parsed.data };
}
