import type { Command } from 'commander';
import type { Knex } from 'knex';
import { connect } from '../../../db/connect.js';
import { explainDatabaseError } from '../../../db/explained.js';
import { installationKeysSeen } from '../../../db/signatures.js';
import { OpsError, usageError } from '../../../domain/errors.js';
import { fingerprintOf, type KeyLine } from '../../../domain/signing/keys.js';
import { isPlainText } from '../../../domain/text.js';
import type { Instant } from '../../../domain/types.js';
import { readConfiguration } from '../../../operations/runs/configuration.js';
import { passkeysOffered } from '../../../operations/signing/list-passkeys.js';
import { approveKey, endKey, keyLines, type KeyOffered } from '../../../operations/signing/operator-keys.js';
import { resolveAddresses } from '../../../runtime/addresses.js';
import { loadSettings, type Settings } from '../../../runtime/settings.js';
import { deskSealKey } from '../../../runtime/signing/desk-key.js';
import { ensureInstallationKey, readInstallationKey } from '../../../runtime/signing/installation-key.js';
import { makePersonalKey, personalKeysDir, personalKeysMade } from '../../../runtime/signing/personal-keys.js';
import { answer, machineClock, operatorAsked, type CommonFlags } from '../../kit/context.js';
import type { Answer } from '../../kit/output.js';
import { passphraseOf } from '../../kit/passphrase.js';

const PASSPHRASE_MIN = 12;

/** Runs a command that needs the settings alone. */
const withSettings = (command: Command, action: (settings: Settings) => Promise<Answer>): Promise<void> =>
  answer(command.optsWithGlobals<CommonFlags>().json ?? false, () => action(loadSettings()));

/** Makes a key file. */
export const newKey = (command: Command): Promise<void> =>
  withSettings(command, async ({ dataDir, configDir }) => {
    const { operator: flag, label = '' } = command.optsWithGlobals<CommonFlags & { label?: string }>();
    const operator = operatorAsked((await readConfiguration(configDir)).policy, flag);
    if (!isPlainText(label, { lines: false }) || label.length > 200)
      throw usageError('ARGUMENT_INVALID', 'label: must be plain text on one line, of at most 200 characters');
    const passphrase = await passphraseOf(`the new key of ${operator}`);
    if (passphrase.length < PASSPHRASE_MIN)
      throw usageError('PASSPHRASE_SHORT', `passphrase: (not shown): must have at least ${PASSPHRASE_MIN} characters`, {
        remedy: 'nothing was made; choose a longer one',
      });
    await ensureInstallationKey(dataDir);
    const { made, file } = makePersonalKey(personalKeysDir(dataDir), { operator, label }, passphrase);
    const fingerprint = fingerprintOf(made.publicKey);
    return {
      data: { operator, fingerprint, publicKey: made.publicKey, file },
      lines: [`Key ${fingerprint} of ${operator} was made: ${file}`, 'It signs nothing before it is approved.'],
      next: `trading-ops operator approve ${fingerprint}`,
    };
  });

/** Writes the line of a key that was made here or on the desk, or of an installation that signed what is here. */
export const approve = (fingerprint: string, command: Command): Promise<void> =>
  withSettings(command, async (settings) => {
    const made = keyFilesOffered(settings);
    const now = machineClock();
    const isMade = made.some(({ publicKey }) => fingerprintOf(publicKey) === fingerprint);
    const offered = isMade ? made : await keysInDatabase(settings, now);
    const { line, isNew } = await approveKey(settings.configDir, { fingerprint, offered, now });
    const key = `key ${fingerprint} of ${nameOf(line)}${atHost(line)}`;
    return {
      data: { ...line, fingerprint, isNew },
      lines: [
        isNew ? `${key.replace('key', 'Key')} signs from now on.` : `Nothing changed: ${key} has its line already.`,
      ],
      next: 'trading-ops operator list',
    };
  });

const keyFilesOffered = ({ dataDir }: Settings): KeyOffered[] =>
  personalKeysMade(personalKeysDir(dataDir)).map((key) => ({ ...key, kind: 'ed25519', host: null }));

/** Passkeys that were made on the desk, and the keys of installations that signed what is stored here. */
const keysInDatabase = (settings: Settings, now: Instant): Promise<KeyOffered[]> =>
  withDatabase(settings, async (db) => {
    const passkeys = await passkeysOffered({ db, now: () => now, sealKey: () => deskSealKey(settings.dataDir) }, []);
    const seen = await installationKeysSeen(db);
    return [
      ...passkeys,
      ...seen.map(({ installation, publicKey }): KeyOffered => ({
        operator: '*',
        kind: 'installation',
        publicKey,
        host: installation,
        label: 'an earlier installation',
      })),
    ];
  });

async function withDatabase<T>(settings: Settings, work: (db: Knex) => Promise<T>): Promise<T> {
  const db = connect(resolveAddresses(settings).databaseUrl, 1);
  try {
    return await work(db);
  } finally {
    await db.destroy();
  }
}

/** Ends a key. */
export const end = (fingerprint: string, command: Command): Promise<void> =>
  withSettings(command, async ({ configDir }) => {
    const line = await endKey(configDir, fingerprint, machineClock());
    return {
      data: { ...line, fingerprint },
      lines: [`Key ${fingerprint} of ${nameOf(line)} ended at ${line.until}: what it signed stays signed.`],
      next: 'trading-ops operator list',
    };
  });

/** Lists every key. */
export const list = (command: Command): Promise<void> =>
  withSettings(command, async (settings) => {
    const { dataDir, configDir } = settings;
    const own = readInstallationKey(dataDir);
    const lines = await keyLines(configDir);
    const passkeys = await passkeysWaiting(settings, lines);
    const waiting = [...keyFilesOffered(settings), ...(passkeys ?? [])].filter(
      ({ publicKey }) => !lines.some((line) => line.publicKey === publicKey),
    );
    const { operators } = (await readConfiguration(configDir)).policy;
    const claimed = operators.filter((name) => !lines.some(({ operator }) => operator === name));
    const withFingerprint = lines.map((line) => ({ ...line, fingerprint: fingerprintOf(line.publicKey) }));
    return {
      data: { installation: own, keys: withFingerprint, waiting },
      lines: [
        own
          ? `Installation ${own.installation}: key ${fingerprintOf(own.publicKey)}`
          : 'This installation has no key yet: make up',
        ...withFingerprint.map(
          ({ fingerprint, kind, from, until, label, ...line }) =>
            `${nameOf(line)}: ${kind} ${fingerprint}${atHost({ kind, ...line })} from ${from}` +
            `${until === null ? '' : ` until ${until}`}${label ? `, ${label}` : ''}`,
        ),
        ...waiting.map(
          ({ operator, publicKey, ...key }) =>
            `${operator}: ${fingerprintOf(publicKey)}${atHost(key)} waits to be approved`,
        ),
        ...(passkeys === null ? ['The database is away: passkeys that wait to be approved are not listed'] : []),
        ...claimed.map((name) => `${name}: no key; the installation's signs in that name`),
      ],
      next: waiting[0]
        ? `trading-ops operator approve ${fingerprintOf(waiting[0].publicKey)}`
        : 'trading-ops operator key new',
    };
  });

/** Those that were made on the desk; null while the database is away. */
async function passkeysWaiting(settings: Settings, lines: readonly KeyLine[]): Promise<KeyOffered[] | null> {
  try {
    const sealKey = () => deskSealKey(settings.dataDir);
    return await withDatabase(settings, (db) => passkeysOffered({ db, now: machineClock, sealKey }, lines));
  } catch (error) {
    if (explainDatabaseError(error, '') instanceof OpsError) return null;
    throw error;
  }
}

const atHost = ({ kind, host }: Pick<KeyLine, 'kind' | 'host'>): string => (kind === 'passkey' ? ` at ${host}` : '');

const nameOf = ({ operator, host }: Pick<KeyLine, 'operator' | 'host'>): string =>
  operator === '*' ? `installation ${host}` : operator;
