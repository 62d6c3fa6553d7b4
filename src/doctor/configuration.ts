import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { newestPinned } from '../db/current-configuration.js';
import { asOfDate, tradingDayOf } from '../domain/calendar/calendar.js';
import { OpsError } from '../domain/errors.js';
import { contentHash } from '../domain/hash.js';
import { parsePolicy, type Policy } from '../domain/policy/policy.js';
import { parseUniverse } from '../domain/policy/universe.js';
import { readRegular, whyUnreadable } from '../files/regular.js';
import { dropFolder } from '../providers/create.js';
import { newestFile, withDropped, type Dropped } from '../providers/csv/folder.js';
import { fileNamesOf } from '../providers/csv.js';
import { fail, ok, warn, type Check, type Verdict } from './finding.js';
import type { Patient } from './patient.js';
import { workerOf } from './worker-environment.js';

const policy: Check = {
  name: 'policy',
  expected: 'sound, signed by people, in force',
  async examine(patient) {
    const read = await checked(
      path.join(patient.settings.configDir, 'policy.yml'),
      parsePolicy,
      'trading-ops policy check',
    );
    if ('status' in read) return read;
    const { operators, trading } = read.value;
    if (operators.includes('operator'))
      return warn(
        'operators still has the placeholder "operator"',
        "put the people's names under operators: in policy.yml",
      );
    return ok(`sound; operators ${operators.join(', ')}; trading mode ${trading.mode}`);
  },
};

const inForce: Check = {
  name: 'policy in force',
  expected: 'the edited files, pinned by the newest run',
  async examine(patient) {
    const [edited, universe, db] = await Promise.all([patient.policy(), patient.universe(), patient.db()]);
    const pinned = await newestPinned(db);
    if (!pinned) return ok('no run yet');
    const changed = [
      pinned.policyHash === contentHash(edited) ? null : 'policy.yml',
      pinned.universeHash === contentHash(universe) ? null : 'universe.csv',
    ].filter((one) => one !== null);
    return changed.length === 0
      ? ok('the same')
      : warn(
          `${changed.join(' and ')} changed since the newest run`,
          'make run-ops, so that the change counts before anybody signs',
        );
  },
};

const universe: Check = {
  name: 'universe',
  expected: 'sound, every enabled stock verified at the broker',
  async examine({ settings }) {
    const read = await checked(
      path.join(settings.configDir, 'universe.csv'),
      parseUniverse,
      'trading-ops universe check',
    );
    if ('status' in read) return read;
    const stocks = read.value.filter(({ enabled, kind }) => enabled && kind === 'stock');
    const open = stocks.filter(({ verifiedOn }) => verifiedOn === null).map(({ internalSymbol }) => internalSymbol);
    const some = `${open.slice(0, 5).join(', ')}${open.length > 5 ? ` and ${open.length - 5} more` : ''}`;
    return open.length === 0
      ? ok(`${stocks.length} stocks`)
      : warn(`not verified, so never traded: ${some}`, 'look each up at eToro and sign its row in universe.csv');
  },
};

async function checked<T>(
  file: string,
  parse: (text: string, name: string) => T,
  remedy: string,
): Promise<{ value: T } | Verdict> {
  try {
    return { value: parse(await readRegular(file), file) };
  } catch (error) {
    if (error instanceof OpsError) return fail(error.message, remedy);
    return fail(
      `${file} cannot be read: ${whyUnreadable(error)}`,
      'set TRADING_OPS_CONFIG to the folder that holds policy.yml and universe.csv',
    );
  }
}

/** Providers that need a key, and the keys that work for nobody's own account. */
const KEYS: Record<string, { variable: string; public: string[] }> = {
  tiingo: { variable: 'TIINGO_API_KEY', public: [] },
  alphavantage: { variable: 'ALPHAVANTAGE_API_KEY', public: ['demo'] },
};

const providerKeys: Check = {
  name: 'provider key',
  expected: "set in the worker's environment, and your own",
  async examine(patient) {
    const data = (await patient.policy()).market_data;
    const { provider, second_provider, fx_provider, second_fx_provider = null } = data;
    const needed = [...new Set([provider, second_provider, fx_provider, second_fx_provider])].filter(
      (name) => name !== null && name in KEYS,
    ) as string[];
    if (needed.length === 0) return ok(`${[provider, fx_provider].join(' and ')} need none`);
    const worker = workerOf(patient)?.env ?? null;
    return needed.map((name) => ({
      of: name,
      ...keyVerdict(KEYS[name] as { variable: string; public: string[] }, worker, patient.env),
    }));
  },
};

/** The worker fetches, so its key counts; the one of this shell tells where that is not to be seen. */
function keyVerdict(
  key: { variable: string; public: string[] },
  worker: NodeJS.ProcessEnv | null,
  own: NodeJS.ProcessEnv,
): Verdict {
  const value = ((worker ?? own)[key.variable] ?? '').trim();
  const where = worker ? "the worker's environment" : 'this environment (no worker of this machine runs)';
  const remedy = `export ${key.variable}=…, then: make down, make up`;
  if (value === '') return fail(`${key.variable} is not in ${where}`, remedy);
  return key.public.includes(value.toLowerCase())
    ? fail(`${key.variable} is the provider's public demonstration key`, remedy)
    : ok(`${key.variable} is set`);
}

const folder: Check = {
  name: 'drop folder',
  expected: 'there, with a file for each symbol that reaches the session due',
  async examine(patient) {
    const rules = await patient.policy();
    const { provider, second_provider, fx_provider, second_fx_provider = null } = rules.market_data;
    if (![provider, second_provider, fx_provider, second_fx_provider].includes('csv')) return ok('not used');
    const directory = dropFolder({ policy: rules, dataDir: patient.settings.dataDir });
    const names = await readdir(directory).catch(() => null);
    if (names === null)
      return fail(`${directory} cannot be read`, `mkdir -p ${directory}, and save one CSV file a symbol there`);
    return provider === 'csv' || second_provider === 'csv'
      ? await filesVerdict(patient, rules, directory, names)
      : ok(directory);
  },
};

async function filesVerdict(patient: Patient, rules: Policy, directory: string, names: string[]): Promise<Verdict> {
  const wanted = (await patient.universe())
    .filter(({ enabled }) => enabled)
    .map(({ internalSymbol }) => internalSymbol);
  const [account] = await patient.accounts();
  const due = asOfDate(
    tradingDayOf(account ? patient.instantOf(account) : patient.now().toISOString()),
    rules.calendar,
  );
  const byName = new Map(names.toSorted().map((name) => [name.toLowerCase(), path.join(directory, name)]));
  const files = await Promise.all(
    wanted.map(async (symbol) => ({ symbol, ...(await newestFile(byName, fileNamesOf(symbol), due)) })),
  );
  const missing = files.filter(({ file }) => file === undefined).map(({ symbol }) => symbol);
  const passedOver = files.flatMap((one) => one.passedOver ?? []);
  const others = passedOver.length === 0 ? '' : `; passed over for a newer one: ${few(passedOver)}`;
  if (missing.length > 0) return fail(`no file for ${few(missing)}${others}`, `save them into ${directory}`);
  const states = await Promise.all(
    files.map(async ({ symbol, file }) => ({ symbol, reaches: await newestDate(file as string) })),
  );
  const stale = states
    .filter(({ reaches }) => reaches < due)
    .map(({ symbol, reaches }) => `${symbol} (${reaches || 'empty'})`);
  if (stale.length === 0 && passedOver.length > 0)
    return warn(
      `${files.length} files reach ${due}${others}`,
      'remove the older files, so that nobody takes them for what is read',
    );
  if (stale.length === 0) return ok(`${files.length} files reach ${due}`);
  return warn(
    `${stale.length} of ${files.length} do not reach ${due}: ${stale.slice(0, 3).join(', ')}${others}`,
    'download them anew before 08:00',
  );
}

const few = (names: readonly string[]): string =>
  `${names.slice(0, 5).join(', ')}${names.length > 5 ? ` and ${names.length - 5} more` : ''}`;

const HEAD_AND_TAIL_BYTES = 4_096;

/** The newest date that a file's first or last rows name (either order is in use); empty when there is none. */
async function newestDate(file: string): Promise<string> {
  const text = await withDropped(file, endsOf);
  return (
    [...text.matchAll(/^"?(\d{4}-\d{2}-\d{2})/gm), ...text.matchAll(/^[^,\n]*,"?(\d{4}-\d{2}-\d{2})/gm)]
      .map(([, date]) => date as string)
      .toSorted()
      .at(-1) ?? ''
  );
}

async function endsOf({ handle, size }: Dropped): Promise<string> {
  const ends = await Promise.all(
    [0, Math.max(0, size - HEAD_AND_TAIL_BYTES)].map((from) =>
      handle.read(Buffer.alloc(HEAD_AND_TAIL_BYTES), 0, HEAD_AND_TAIL_BYTES, from),
    ),
  );
  return ends.map(({ buffer, bytesRead }) => buffer.subarray(0, bytesRead).toString('utf8')).join('\n');
}

export const configurationChecks: Check[] = [policy, inForce, universe, providerKeys, folder];
