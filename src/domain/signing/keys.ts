import { CsvError, parse } from 'csv-parse/sync';
import { v5 as uuidV5 } from 'uuid';
import { z } from 'zod';
import { isInstant } from '../dates.js';
import { usageError } from '../errors.js';
import { sha256 } from '../hash.js';
import { faultLines, type Fault } from '../policy/faults.js';
import { isPlainText, shown } from '../text.js';
import type { Instant } from '../types.js';
import { isPasskey, isPublicKey, type KeyKind } from './attestation.js';
import { isHostOfPasskeys } from './passkey-host.js';
import { IN_OUR_WORDS } from '../shape-words.js';

/** The operator column of a key that is an installation's. */
export const ANY_OPERATOR = '*';

/** A line of `operators.keys`: whose key it is, and from when until when it signs. */
export interface KeyLine {
  /** The person; `*` for the key of another installation, such as the one that a backup was made on. */
  operator: string;
  kind: KeyKind;
  publicKey: string;
  /** The host with its port that a passkey belongs to, or the id of the other installation; null for a key file. */
  host: string | null;
  from: Instant;
  /** From then on it signs nothing any more; what it signed before stays signed. Null while it is in force. */
  until: Instant | null;
  label: string;
}

/** The public half of an installation's own key. */
export interface InstallationKey {
  /** Id of the installation: what is said to one is not said to another. */
  installation: string;
  publicKey: string;
}

/** Where the public half of an installation's key stands, below its data directory: all that a worker reads of it. */
export const INSTALLATION_KEY_FILE = 'keys/installation.json';
/** The keys of people, beside the policy. */
export const OPERATORS_KEYS_FILE = 'operators.keys';

/** Names installations; never to be changed: every statement carries the id. */
const NAMESPACE = '0c6f7c52-9a5e-4c43-8a0f-5f3f6f0f2b11';

/** The id of an installation follows from its key, so that it cannot be given to another. */
export const installationId = (publicKey: string): string => uuidV5(`installation/${publicKey}`, NAMESPACE);

/** Everything that a signature is held against. It comes from files alone: no row of the database makes a key. */
export interface Keyring {
  own: InstallationKey;
  lines: readonly KeyLine[];
}

/** What a person compares of a key: the beginning of its SHA-256. */
export const fingerprintOf = (publicKey: string): string => sha256(publicKey).slice(0, 16);

const COLUMNS = ['operator', 'kind', 'public_key', 'host', 'from', 'until', 'label'] as const;
/** The first line of the file. */
export const KEYS_HEADER = COLUMNS.join(',');

const instant = z.string().refine(isInstant, 'must be a time with offset, such as 2026-11-27T09:00:00Z');
const plain = z.string().refine((text) => isPlainText(text, { lines: false }), 'must be plain text on one line');

const lineSchema = z
  .strictObject({
    operator: plain.min(1, 'must be the name of an operator, or * for an installation').max(200),
    kind: z.enum(['installation', 'ed25519', 'passkey'], 'must be installation, ed25519 or passkey'),
    public_key: z.string(),
    host: plain.max(200).transform((text) => (text === '' ? null : text)),
    from: instant,
    until: z.union([z.literal('').transform(() => null), instant]),
    label: plain.max(200),
  })
  .superRefine((line, context) => {
    const refuse = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    if (line.kind === 'passkey' ? !isPasskey(line.public_key) : !isPublicKey(line.public_key))
      refuse(
        'public_key',
        `must be a public key of ${line.kind === 'passkey' ? 'P-256: x.y' : 'ed25519: 32 bytes'} in base64url`,
      );
    if ((line.kind === 'installation') !== (line.operator === ANY_OPERATOR))
      refuse('operator', 'must be * for the key of an installation, and a name for every other');
    if (line.kind === 'installation' && line.host === null) refuse('host', 'must be the id of that installation');
    if (line.kind === 'passkey' && !isHostOfPasskeys(line.host ?? ''))
      refuse('host', 'must be the host that the passkey belongs to, such as localhost:8240 or desk.example.org');
    if (line.kind === 'ed25519' && line.host !== null) refuse('host', 'must be empty: a key file belongs to no host');
    if (line.until !== null && Date.parse(line.until) < Date.parse(line.from))
      refuse('until', 'must not be before from');
  });

/**
 * Reads `operators.keys`: one line a key below its header, comments after `#`. Every fault is named at once, with
 * file, line, field, value and rule.
 * @throws OpsError KEYS_INVALID
 */
export function parseKeys(text: string, fileName: string): KeyLine[] {
  const found = readLines(text, fileName);
  const faults: Fault[] = [];
  const keys: KeyLine[] = [];
  const lineOfKey = new Map<string, number>();
  for (const { line, cells } of found) {
    const { success, data, error } = lineSchema.safeParse(cells, IN_OUR_WORDS);
    if (!success) {
      for (const { path, message } of error.issues) {
        const field = String(path[0] ?? '');
        faults.push({ line, key: field, value: shown(cells[field]), rule: message });
      }
      continue;
    }
    const { public_key: publicKey, ...rest } = data;
    const first = lineOfKey.get(publicKey);
    if (first !== undefined)
      faults.push({ line, key: 'public_key', value: shown(publicKey), rule: `stands already on line ${first}` });
    lineOfKey.set(publicKey, first ?? line);
    keys.push({ ...rest, publicKey });
  }
  if (faults.length > 0) throw refused(fileName, faults);
  return keys;
}

/** Which row of the file a key has, from 0; -1 for one that has none. @throws OpsError KEYS_INVALID */
export const rowOfKey = (text: string, fileName: string, publicKey: string): number =>
  (readLines(text, fileName).find(({ cells }) => cells['public_key'] === publicKey)?.line ?? 0) - 1;

interface Line {
  line: number;
  cells: Record<string, string>;
}

function readLines(text: string, fileName: string): Line[] {
  try {
    const records: { record: Record<string, string>; info: { lines: number } }[] = parse(text, {
      bom: true,
      comment: '#',
      comment_no_infix: true,
      info: true,
      skip_empty_lines: true,
      trim: true,
      columns: (header: string[]) => checkedHeader(header, fileName),
    });
    return records.map(({ record, info }) => ({ line: info.lines, cells: record }));
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = typeof error.lines === 'number' ? error.lines : 1;
    throw refused(fileName, [{ line, key: 'CSV', value: '', rule: error.message }]);
  }
}

function checkedHeader(header: string[], fileName: string): string[] {
  if (header.join(',') === KEYS_HEADER) return header;
  throw refused(fileName, [{ line: 1, key: 'header', value: shown(header.join(',')), rule: `must be ${KEYS_HEADER}` }]);
}

const refused = (fileName: string, faults: Fault[]) =>
  usageError('KEYS_INVALID', faultLines(fileName, faults), {
    remedy: 'mend the lines above; trading-ops operator approve and operator end write them',
  });
