import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { OpsError } from '../domain/errors.js';
import { signaturesNeeded } from '../domain/policy/policy.js';
import type { Keyring } from '../domain/signing/keys.js';
import { readKeyring } from '../operations/signing/keyring.js';
import { installationSigningKey } from '../runtime/signing/installation-key.js';
import { personalKeysDir } from '../runtime/signing/personal-keys.js';
import { fail, ok, warn, type Check } from './finding.js';
import { NotKnowable } from './not-knowable.js';

/** Bits of a file's mode that let anybody but its owner in. */
const OTHERS = 0o077;

const files: Check = {
  name: 'keys',
  expected: "the installation's key whole, every private half readable by its owner alone",
  async examine({ settings, env }) {
    try {
      const { own } = await readKeyring(settings);
      const open = [path.join(settings.dataDir, 'keys'), personalKeysDir(settings.dataDir, env)].flatMap(openIn);
      if (open.length > 0) return fail(`readable by others: ${[...new Set(open)].join(', ')}`, `chmod 600 ${open[0]}`);
      return installationSigningKey(settings.dataDir).publicKey === own.publicKey
        ? ok('whole')
        : fail('the private half is of another key than the public one', 'restore the folder keys from a copy');
    } catch (error) {
      if (error instanceof OpsError) return fail(error.message, error.remedy ?? 'restore the folder keys from a copy');
      throw error;
    }
  },
};

/** Private halves in a folder that somebody else may read. */
function openIn(directory: string): string[] {
  const names = existsSync(directory) ? readdirSync(directory).filter((name) => name.endsWith('.key')) : [];
  return names.map((name) => path.join(directory, name)).filter((file) => (statSync(file).mode & OTHERS) !== 0);
}

const people: Check = {
  name: 'who signs',
  expected: 'each operator with a key of their own, where trading is live; as many as must sign an answer',
  async examine(patient) {
    const policy = await patient.policy();
    const { operators, trading } = policy;
    const keyring = await readKeyring(patient.settings).catch(() =>
      Promise.reject(new NotKnowable('no key can be read')),
    );
    const isReal = (await patient.accounts()).some(({ clock }) => clock === 'real');
    const claimed = operators.filter((name) => !hasKey(name, keyring, patient.now().getTime()));
    const [keyed, needed] = [operators.length - claimed.length, signaturesNeeded(policy)];
    if (needed > 1 && keyed < needed)
      return warn(
        `${keyed} of ${operators.length} with a key of their own, and ${needed} people sign an answer ` +
          '(confirmations.signatures): none will count',
        claimed[0] === undefined ? 'name another operator in policy.yml' : keyOf(claimed[0]),
      );
    if (claimed.length === 0) return ok(`${operators.join(', ')}, each with a key of their own`);
    if (!isReal || trading.mode !== 'live') return ok(`this installation's key signs for ${claimed.join(', ')}`);
    return warn(
      `${claimed.join(', ')}: no key of their own; whoever has this machine's key signs in that name`,
      keyOf(claimed[0] as string),
    );
  },
};

const keyOf = (operator: string): string => `trading-ops operator key new --operator ${operator}`;

/** Whether a person has a key that is in force. */
const hasKey = (operator: string, { lines }: Keyring, now: number): boolean =>
  lines.some((line) => line.operator === operator && (line.until === null || Date.parse(line.until) > now));

/** What the doctor looks at of keys. */
export const keyChecks: Check[] = [files, people];
