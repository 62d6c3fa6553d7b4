import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { OpsError } from '../../src/domain/errors.js';
import { contentHash } from '../../src/domain/hash.js';
import { remindAfterDays } from '../../src/domain/policy/alerts.js';
import {
  accountOf,
  effectiveMode,
  parsePolicy,
  policySchema,
  maxPriceDeviationOf,
} from '../../src/domain/policy/policy.js';
import { storedPolicy, storedUniverse } from '../../src/domain/policy/stored.js';
import { parseUniverse } from '../../src/domain/policy/universe.js';

const shipped = readFileSync(new URL('../../config/policy.yml', import.meta.url), 'utf8');
const smallest =
  'version: 1\naccounts: { main: { base_currency: GBP } }\noperators: [ada]\nmarket_data: { provider: csv }\n';
const withMode = (mode: string) => parsePolicy(`${smallest}trading: { mode: ${mode} }\n`, 'policy.yml');

function refusalOf(text: string): string[] {
  try {
    parsePolicy(text, 'policy.yml');
  } catch (error) {
    if (error instanceof OpsError && error.kind === 'usage') return error.message.split('\n');
    throw error;
  }
  throw new Error('it was accepted');
}

/** Every key of the schema with its section, read off a policy in which every default is filled in. */
const keysOf = (value: unknown, path = ''): string[] =>
  typeof value !== 'object' || value === null || Array.isArray(value)
    ? []
    : Object.entries(value).flatMap(([key, inner]) => [`${path}${key}`, ...keysOf(inner, `${path}${key}.`)]);

describe('the shipped policy', () => {
  const policy = parsePolicy(shipped, 'config/policy.yml');

  it('is safe: trading off, a real clock, GBP, no key needed', () => {
    expect(policy.trading.mode).toBe('off');
    expect(policy.accounts).toEqual({ main: { base_currency: 'GBP', clock: 'real' } });
    expect([policy.market_data.provider, policy.market_data.fx_provider]).toEqual(['csv', 'ecb']);
  });

  it('says the defaults it promises to say', () => {
    const smallest = policySchema.parse({
      version: 1,
      accounts: { main: { base_currency: 'GBP' } },
      operators: policy.operators,
      market_data: { provider: 'csv' },
    });
    // A key that came later is no part of a policy that leaves it out, whose tickets are known by its content.
    expect(smallest.ticket).not.toHaveProperty('max_price_deviation');
    const ticket = { ...smallest.ticket, max_price_deviation: maxPriceDeviationOf(smallest) };
    expect(smallest.alerts).not.toHaveProperty('remind_after_days');
    const alerts = { ...smallest.alerts, remind_after_days: remindAfterDays(smallest.alerts) };
    expect(policy).toEqual({ ...smallest, ticket, alerts });
  });

  it('names every key of the schema, with a comment on the line above each', () => {
    const lines = shipped.split('\n');
    for (const key of keysOf(policy).filter((name) => name !== 'accounts.main')) {
      const at = lines.findIndex((line) => line.trim().startsWith(`${key.split('.').at(-1)}:`));
      expect([key, lines[at - 1]?.trim().startsWith('#')]).toEqual([key, true]);
    }
  });
});

describe('parsePolicy', () => {
  it('gives what leaves every key out the hash that it always had, which all its tickets name', () => {
    // Of 26 November 2026. A key that comes later has no default in the schema; its reader says what counts without it.
    const known = '66b2c1ba2dccef96a0ace87bf858c655076e50d3d35f4c74d7985c4bc7526ac5';
    const policy = parsePolicy(smallest.replace('ada', 'ann'), 'policy.yml');
    expect(contentHash(policy)).toBe(known);
  });

  it('fills in defaults', () => {
    expect(parsePolicy(smallest, 'policy.yml').risk).toEqual({
      max_positions: 15,
      max_weight: 0.075,
      cash_buffer: 0.03,
      max_turnover: 0.3,
      max_drawdown: 0.2,
    });
  });

  it('refuses everything wrong at once, with file, line, key, value and rule', () => {
    const text = `version: 1
accounts:
  Main: { base_currency: GBP }
  b: { base_curency: GBP, clock: reel }
operators: []
market_data:
  provider: csv
risk:
  max_wieght: 0.1
  max_weight: 1.5
  cash_buffer: "3%"
trading:
  mode: lve
deadlines:
  remind_at: ['16:00', 25:00]
calendar:
  extra_closures: [2025-02-30]
`;
    expect(refusalOf(text)).toEqual([
      'policy.yml:3: accounts.Main: {"base_currency":"GBP"}: must be lower-case letters, digits and dashes, starting with a letter',
      'policy.yml:4: accounts.b.base_currency: (missing): is required',
      'policy.yml:4: accounts.b.clock: "reel": must be real or simulated',
      'policy.yml:4: accounts.b.base_curency: "GBP": is not a key of the policy; did you mean "base_currency"?',
      'policy.yml:5: operators: []: must be at least 1 item',
      'policy.yml:9: risk.max_wieght: 0.1: is not a key of the policy; did you mean "max_weight"?',
      'policy.yml:10: risk.max_weight: 1.5: must be at most 1',
      'policy.yml:11: risk.cash_buffer: "3%": must be a number',
      'policy.yml:13: trading.mode: "lve": must be off, dry-run or live',
      'policy.yml:15: deadlines.remind_at.1: "25:00": must be a time of day HH:MM, UK time',
      'policy.yml:17: calendar.extra_closures.0: "2025-02-30": must be a date that exists, YYYY-MM-DD',
    ]);
  });

  it.each([
    ['a duplicate key', `${smallest}version: 1\n`, 'policy.yml:5: YAML: the key "version" stands twice in one section'],
    ['broken YAML', 'a: [1,\n', 'policy.yml:2: YAML: Flow sequence'],
    ['an unresolved alias', 'a: *x\n', 'policy.yml:1: YAML: Unresolved alias'],
    ['a second document', `${smallest}---\na: 1\n`, 'policy.yml:5: YAML: Source contains multiple documents'],
    ['an empty file', '', 'policy.yml:1: null: must be fields with their names'],
    ['a web page', '<html><body>x</body></html>', 'policy.yml:1: "<html>'],
    [
      'no account',
      smallest.replace('{ main: { base_currency: GBP } }', '{}'),
      'policy.yml:2: accounts: {}: must name at least one account',
    ],
    [
      'a source that checks itself',
      smallest.replace('csv }', 'csv, second_provider: csv }'),
      'policy.yml:4: market_data.second_provider: "csv": must differ from provider',
    ],
    [
      'an escalation before its reminder',
      `${smallest}deadlines: { escalate_at: '09:00' }\n`,
      'policy.yml:5: deadlines.escalate_at: "09:00": must be later',
    ],
    [
      'too little history',
      `${smallest}data_quality: { lookback_sessions: 400 }\n`,
      'policy.yml:4: market_data.history_sessions: (missing): must be at least data_quality.lookback_sessions, 400',
    ],
    [
      'an unknown section',
      `${smallest}riks: {}\n`,
      'policy.yml:5: riks: {}: is not a key of the policy; did you mean "risk"?',
    ],
  ])('refuses %s', (_, text, beginning) => {
    const lines = refusalOf(text);
    expect(lines).toHaveLength(1);
    expect(lines[0]?.slice(0, beginning.length)).toBe(beginning);
  });

  it('refuses aliases that would multiply into gigabytes', () => {
    const bomb = [
      'a: &a [x, x, x, x, x, x, x, x, x, x]',
      ...[...'bcdefgh'].map(
        (key, i) => `${key}: &${key} [${Array.from({ length: 10 }, () => `*${'abcdefg'[i]}`).join(', ')}]`,
      ),
    ];
    expect(refusalOf(`${bomb.join('\n')}\n`)[0]).toMatch(/Excessive alias count/);
  });
});

describe('effectiveMode', () => {
  it('is the policy mode, and DRYRUN_TRADES makes any run a dry run', () => {
    expect(['off', 'dry-run', 'live'].map((mode) => effectiveMode(withMode(mode), false))).toEqual([
      'off',
      'dry-run',
      'live',
    ]);
    expect(['off', 'dry-run', 'live'].map((mode) => effectiveMode(withMode(mode), true))).toEqual([
      'dry-run',
      'dry-run',
      'dry-run',
    ]);
  });
});

describe('accountOf', () => {
  const policy = parsePolicy(smallest, 'policy.yml');

  it('finds the account, and refuses others by naming what there is', () => {
    expect(accountOf(policy, 'main')).toEqual({ account: 'main', baseCurrency: 'GBP', clock: 'real' });
    expect(() => accountOf(policy, 'mian')).toThrow(
      'account: mian: is not in the policy, which names main; did you mean "main"?',
    );
    expect(() => accountOf(policy, 'constructor')).toThrow(OpsError);
  });
});

describe('a policy that was stored', () => {
  const hash = 'a'.repeat(64);
  const today = parsePolicy(shipped, 'policy.yml');

  it('is read as it was', () => {
    expect(storedPolicy(JSON.parse(JSON.stringify(today)), hash)).toEqual(today);
  });

  it('gets the defaults of sections and keys that came after it', () => {
    const { backup: _, schedules: __, alerts: ___, artifacts: ____, ...old } = today;
    const complete = parsePolicy(smallest, 'policy.yml');
    expect(storedPolicy({ ...old, deadlines: {} }, hash)).toEqual({
      ...today,
      deadlines: complete.deadlines,
      backup: complete.backup,
      schedules: complete.schedules,
      alerts: complete.alerts,
      artifacts: complete.artifacts,
    });
  });

  it.each([
    [{ ...today, risk: { ...today.risk, max_weight: '0.075' } }, /risk\.max_weight/],
    [{ ...today, trading: { ...today.trading, mode: 'on' } }, /trading\.mode/],
    [{ ...today, a_later_section: {} }, /a_later_section/],
    [{}, /accounts/],
    [null, /policy/],
  ])('is refused as a fault where it breaks a rule: %#', (content, message) => {
    expect(() => storedPolicy(content, hash)).toThrow(
      expect.objectContaining({
        code: 'CONFIGURATION_UNREADABLE',
        kind: 'fault',
        message: expect.stringMatching(message),
      }),
    );
  });

  it('goes with a universe that is read likewise', () => {
    const rows = parseUniverse(
      readFileSync(new URL('../../config/universe.csv', import.meta.url), 'utf8'),
      'universe.csv',
    );
    expect(storedUniverse(JSON.parse(JSON.stringify(rows)), hash)).toEqual(rows);
    expect(
      storedUniverse(
        rows.map((row) => ({ ...row, enabled: undefined })),
        hash,
      ),
    ).toEqual(rows.map((row) => ({ ...row, enabled: true })));
    expect(() => storedUniverse([{ ...rows[0], tradable: 'false' }], hash)).toThrow(/0\.tradable/);
  });
});
