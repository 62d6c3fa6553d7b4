import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import writeFileAtomic from 'write-file-atomic';
import { faultError, refusal, usageError } from '../../domain/errors.js';
import {
  ANY_OPERATOR,
  fingerprintOf,
  KEYS_HEADER,
  OPERATORS_KEYS_FILE,
  parseKeys,
  rowOfKey,
  type KeyLine,
} from '../../domain/signing/keys.js';
import { bounded } from '../../domain/text.js';
import type { Instant } from '../../domain/types.js';
import { readRegular } from '../../files/regular.js';
import { unreadable } from '../../files/unreadable.js';
import { readConfiguration } from '../runs/configuration.js';

/** A public key that somebody made and nobody has approved yet. */
export type KeyOffered = Pick<KeyLine, 'operator' | 'kind' | 'publicKey' | 'host' | 'label'>;

const fileOf = (configDir: string): string => path.join(configDir, OPERATORS_KEYS_FILE);

/** The key file as it stands; one that is missing has no line. @throws OpsError KEYS_INVALID */
export async function keyLines(configDir: string): Promise<KeyLine[]> {
  return parseKeys(await textOf(configDir), fileOf(configDir));
}

/**
 * Writes the line of a key that is offered: from now on it signs, and the installation's no longer does in that name.
 * A key that has a line keeps it.
 * @throws OpsError KEY_UNKNOWN, OPERATOR_UNKNOWN, KEYS_INVALID
 */
export async function approveKey(
  configDir: string,
  { fingerprint, offered, now }: { fingerprint: string; offered: readonly KeyOffered[]; now: Instant },
): Promise<{ line: KeyLine; isNew: boolean }> {
  const lines = await keyLines(configDir);
  const known = lines.find(({ publicKey }) => fingerprintOf(publicKey) === fingerprint);
  if (known) return { line: known, isNew: false };
  const key = offered.find(({ publicKey }) => fingerprintOf(publicKey) === fingerprint);
  if (!key) throw keyUnknown(fingerprint);
  const { operators } = (await readConfiguration(configDir)).policy;
  if (key.operator !== ANY_OPERATOR && !operators.includes(key.operator))
    throw usageError('OPERATOR_UNKNOWN', `operator: ${bounded(key.operator)}: must be one of ${operators.join(', ')}`, {
      remedy: 'add the name to policy.yml first',
    });
  // The key of an installation that was there before signed before: it counts for what is stored, and never for what is new.
  const from = key.operator === ANY_OPERATOR ? '2020-01-01T00:00:00.000Z' : now;
  const line: KeyLine = { ...key, from, until: null };
  const text = await textOf(configDir);
  await write(configDir, `${text}${text.endsWith('\n') ? '' : '\n'}${rowOf(line)}\n`, line);
  return { line, isNew: true };
}

/**
 * Ends a key from now on: it verifies what it signed, and signs nothing more. @throws OpsError KEY_UNKNOWN,
 * KEYS_INVALID
 */
export async function endKey(configDir: string, fingerprint: string, now: Instant): Promise<KeyLine> {
  const line = (await keyLines(configDir)).find(({ publicKey }) => fingerprintOf(publicKey) === fingerprint);
  if (!line) throw keyUnknown(fingerprint);
  if (line.until !== null) return line;
  const ended = { ...line, until: now };
  const text = await textOf(configDir);
  // The row is found as it is read: a label may say whatever it likes, also somebody else's key.
  const rows = text.split('\n');
  rows[rowOfKey(text, fileOf(configDir), line.publicKey)] = rowOf(ended);
  await write(configDir, rows.join('\n'), ended);
  return ended;
}

const keyUnknown = (fingerprint: string) =>
  refusal('KEY_UNKNOWN', `fingerprint: ${bounded(fingerprint)}: no key of that fingerprint is known here`, {
    remedy: 'trading-ops operator list',
  });

async function textOf(configDir: string): Promise<string> {
  try {
    return await readRegular(fileOf(configDir));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return `${KEYS_HEADER}\n`;
    throw unreadable(fileOf(configDir), cause, 'let this user read the file');
  }
}

/** Nothing is written that would not be read again as what it says. @throws OpsError KEYS_INVALID */
async function write(configDir: string, text: string, line: KeyLine): Promise<void> {
  const isRead = parseKeys(text, fileOf(configDir)).some((one) => isDeepStrictEqual(one, line));
  if (!isRead)
    throw faultError('KEYS_INVALID', `${fileOf(configDir)}: the line of ${bounded(line.operator)} is not read`);
  await writeFileAtomic(fileOf(configDir), text);
}

const rowOf = ({ operator, kind, publicKey, host, from, until, label }: KeyLine): string =>
  [operator, kind, publicKey, host ?? '', from, until ?? '', label].map(cell).join(',');

/** A row that begins with # is a comment, and blanks at an end are not read: both stand in quotes. */
const cell = (text: string): string => (/[",\n]|^[#\s]|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
