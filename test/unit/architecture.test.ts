import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  literalOf,
  nameOf,
  parseSource,
  sourcesOf,
  SRC,
  targetOf,
  type Import,
  type Node,
  type Source,
} from '../support/source.js';

/**
 * The house keeps its arrows: cli, worker, doctor, simulation → operations → db, providers, reports, notify, backup →
 * contract → domain (docs/ARCHITECTURE.md). `types` may be imported as types only.
 */
const ROOMS: Record<string, { values: string[]; types?: string[] }> = {
  domain: { values: [] },
  contract: { values: ['domain'] },
  providers: { values: ['domain'] },
  db: { values: ['domain'], types: ['providers'] },
  reports: { values: ['domain', 'db'] },
  notify: { values: ['domain'] },
  runtime: { values: ['domain'] },
  backup: { values: ['domain', 'db', 'runtime'] },
  host: { values: ['domain', 'runtime'] },
  operations: { values: ['contract', 'domain', 'db', 'providers', 'reports', 'notify', 'backup'] },
  activities: { values: ['operations', 'contract', 'domain'] },
  workflows: { values: ['contract', 'domain'] },
  worker: { values: ['workflows', 'activities', 'operations', 'contract', 'db', 'domain', 'runtime'] },
  simulation: { values: ['operations', 'contract', 'db', 'providers', 'domain'] },
  doctor: { values: ['operations', 'contract', 'db', 'providers', 'domain', 'runtime', 'backup'] },
  cli: {
    values: ['operations', 'contract', 'db', 'domain', 'reports', 'runtime', 'host', 'simulation', 'backup', 'doctor'],
  },
};

/** Packages and built-ins that rooms without I/O may use; other rooms use what they need. */
const PURE = ['zod', 'decimal.js', 'luxon', 'uuid', 'yaml', 'canonicalize', 'csv-parse/sync'];
const PACKAGES: Record<string, string[]> = {
  domain: [...PURE, 'node:crypto'],
  contract: PURE,
  workflows: ['@temporalio/workflow', '@temporalio/common'],
};

const SOURCES = sourcesOf(SRC);
const roomOf = (file: string): string => file.split('/')[0] as string;

interface Arrow extends Import {
  from: string;
  to: string;
}

/** The modules of ours that a file names, in whatever way; a name that cannot be read has no target. */
function arrowsOf({ file, imports }: Source): Arrow[] {
  return imports.flatMap((one) => {
    const to = one.specifier === null ? '' : targetOf(file, one.specifier);
    return to === null || isBuilt(to) || isOutside(to) ? [] : [{ ...one, from: file, to }];
  });
}

/** What the build makes beside the modules. */
const isBuilt = (file: string) => file === 'workflow-bundle.ts';
/** Files of the checkout that are read, not run: package.json, migrations. */
const isOutside = (file: string) => file.startsWith('../') && !file.endsWith('.ts');

function isAllowed({ from, to, typeOnly }: Arrow): boolean {
  const room = ROOMS[roomOf(from)];
  if (room === undefined || to === '') return false;
  return (
    roomOf(from) === roomOf(to) ||
    room.values.includes(roomOf(to)) ||
    (typeOnly && (room.types ?? []).includes(roomOf(to)))
  );
}

describe('imports point one way', () => {
  it.each(SOURCES.map((source) => [source.file, source] as const))('%s', (file, source) => {
    const arrows = arrowsOf(source);
    expect(arrows.filter((arrow) => !isAllowed(arrow))).toEqual([]);
    expect(
      arrows.filter(({ to }) => !existsSync(path.join(SRC, to))),
      'modules that are not there',
    ).toEqual([]);
    const packages = PACKAGES[roomOf(file)];
    const foreign = source.imports.map(({ specifier }) => specifier ?? '').filter((name) => !name.startsWith('.'));
    expect(
      foreign.filter((name) => packages && !packages.includes(name)),
      'packages this room does without',
    ).toEqual([]);
  });

  it.each([
    `import { connect } from '../db/connect.js';`,
    `import { connect } from "../db/connect.js";`,
    `import {\n  connect,\n} from '../db/connect.js';`,
    `import connect, * as all from '../db/connect.js';`,
    `import { type Db } from '../db/connect.js';`,
    `import type { Db } from '../db/connect.js';`,
    `import '../db/connect.js';`,
    `import db = require('../db/connect.js');`,
    `export { connect } from '../db/connect.js';`,
    `export * from '../db/connect.js';`,
    `export type { Db } from '../db/connect.js';`,
    `type Db = import('../db/connect.js').Db;`,
    `const { connect } = await import('../db/connect.js');`,
    'const { connect } = await import(`../db/connect.js`);',
    `const db = require("../db/connect.js");`,
    `const db = require.resolve('../db/connect.js');`,
    `new Worker(new URL('../db/connect.js', import.meta.url));`,
    `new Worker(import.meta.resolve('../db/connect.js'));`,
  ])('the check sees an arrow that points back: %s', (text) => {
    expect(
      arrowsOf(parseSource('domain/x.ts', text))
        .filter((arrow) => !isAllowed(arrow))
        .map(({ to }) => to),
    ).toEqual(['db/connect.ts']);
  });

  it('the check refuses a name that is put together when the program runs, and leaves alone what is only text', () => {
    const broken = (text: string) => arrowsOf(parseSource('domain/x.ts', text)).filter((arrow) => !isAllowed(arrow));
    expect(broken('await import(`../db/${name}.js`);')).toHaveLength(1);
    expect(broken('new URL(`../${name}.js`, import.meta.url);')).toHaveLength(1);
    expect(
      broken(`// import '../db/connect.js'\nconst text = "import '../db/connect.js'"; new URL('x', base);`),
    ).toEqual([]);
  });
});

describe('no circle between files', () => {
  it('neither of values nor of types', () => {
    expect(circlesOf(SOURCES).map((circle) => circle.join(' '))).toEqual([]);
  });

  it('the check sees circles: of two, of three, by types, lazy, of a file with itself', () => {
    const files = (texts: Record<string, string>) =>
      Object.entries(texts).map(([file, text]) => parseSource(file, text));
    expect(
      circlesOf(files({ 'a.ts': `import './b.js';`, 'b.ts': `export * from './a.js';`, 'c.ts': `import './a.js';` })),
    ).toEqual([['a.ts', 'b.ts']]);
    expect(
      circlesOf(
        files({
          'x/a.ts': `import type { B } from '../y/b.js';`,
          'y/b.ts': `await import('../z/c.js');`,
          'z/c.ts': `type A = import("../x/a.js").A;`,
        }),
      ),
    ).toEqual([['x/a.ts', 'y/b.ts', 'z/c.ts']]);
    expect(circlesOf(files({ 'a.ts': `import { a } from './a.js';` }))).toEqual([['a.ts']]);
    expect(
      circlesOf(files({ 'a.ts': `import './b.js'; import './c.js';`, 'b.ts': `import './c.js';`, 'c.ts': '' })),
    ).toEqual([]);
  });
});

/** Groups of files that reach one another (Tarjan's strongly connected components), each sorted. */
function circlesOf(sources: Source[]): string[][] {
  const edges = new Map(
    sources.map((source) => [
      source.file,
      arrowsOf(source)
        .filter(({ address }) => address !== true)
        .map(({ to }) => to),
    ]),
  );
  const [index, low, stack, circles] = [
    new Map<string, number>(),
    new Map<string, number>(),
    [] as string[],
    [] as string[][],
  ];
  const visit = (file: string): void => {
    index.set(file, index.size);
    low.set(file, index.get(file) as number);
    stack.push(file);
    for (const next of edges.get(file) ?? []) {
      if (!index.has(next)) visit(next);
      if (stack.includes(next)) low.set(file, Math.min(low.get(file) as number, low.get(next) as number));
    }
    if (low.get(file) !== index.get(file)) return;
    const group = stack.splice(stack.indexOf(file));
    if (group.length > 1 || (edges.get(file) ?? []).includes(file)) circles.push(group.toSorted());
  };
  for (const file of edges.keys()) if (!index.has(file)) visit(file);
  return circles;
}

/** Names that read a clock, draw by chance, ask the machine for its zone or its environment, or come back later. */
const IMPURE = [
  /^(globalThis\.)?(performance|process|crypto|navigator|localStorage)(\.|$)/,
  /^(globalThis\.)?(setTimeout|setInterval|setImmediate|queueMicrotask)$/,
  /(^|\.)Date\.now$/,
  /(^|\.)Math\.random$/,
  /(^|\.)hrtime(\.|$)/,
  /(^|\.)Temporal\.Now(\.|$)/,
  /(^|\.)DateTime\.now$/,
  /^Settings(\.|$)/,
  /\.resolvedOptions$/,
  /(^|\.)(randomUUID|randomBytes|randomInt|randomFill|randomFillSync|getRandomValues|generateKeyPairSync|webcrypto)$/,
  /\.get(Hours|Minutes|Seconds|Milliseconds|Day|Date|Month|FullYear|TimezoneOffset)$/,
  /^(v1|v4|v6|v7|uuidv4|uuid4)$/,
];
/** Without an argument these say what time it is: `new Date()`, `DateTime.local()`. */
const NOW_WHEN_BARE = /^((globalThis\.)?Date|DateTime\.(local|utc)|Interval\.(after|before))$/;
/** Inside a workflow Temporal replaces Date by the history's clock, and its `uuid4` draws from the history's seed. */
const OF_HISTORY = /^(Date|Date\.now|uuid4)$/;

const isImpure = (name: string): boolean => IMPURE.some((pattern) => pattern.test(name));

function impuritiesOf({ nodes, imports }: Source): string[] {
  const named = nodes.flatMap((node) => nameOf(node) ?? methodOf(node) ?? []).filter(isImpure);
  const taken = imports
    .filter(({ typeOnly }) => !typeOnly)
    .flatMap(({ names }) => names)
    .filter(isImpure);
  const bare = nodes
    .filter(({ type }) => type === 'NewExpression' || type === 'CallExpression')
    .flatMap((node) => {
      const name = nameOf(node['callee']);
      if (name === undefined) return [];
      const called = NOW_WHEN_BARE.test(name) && (node['arguments'] as unknown[]).length === 0;
      // `fetch` is also a word; `Date(…)` without `new` says what time it is whatever it is given.
      return called || (node.type === 'CallExpression' && /^(globalThis\.)?(Date|fetch)$/.test(name)) ? [name] : [];
    });
  return [...new Set([...named, ...taken, ...bare])];
}

/** `.getHours` of whatever is before the dot. */
const methodOf = (node: Node): string | undefined =>
  node.type === 'MemberExpression' && node['computed'] !== true ? `.${nameOf(node['property'])}` : undefined;

describe('the domain and the contract do no I/O, know no clock and draw no lots', () => {
  it.each(
    SOURCES.filter(({ file }) => /^(domain|contract)\//.test(file)).map((source) => [source.file, source] as const),
  )('%s', (_, source) => {
    expect(impuritiesOf(source)).toEqual([]);
  });

  it.each([
    'Date.now()',
    'const now = Date.now;',
    "Date['now']()",
    'globalThis.Date.now()',
    'new Date()',
    'new Date',
    'Date()',
    'Date(5)',
    'performance.now()',
    'process.hrtime()',
    'process.env',
    'Math.random()',
    'const { random } = Math; Math.random',
    'crypto.randomUUID()',
    'randomUUID()',
    'crypto.getRandomValues(bytes)',
    "import { randomBytes } from 'node:crypto';",
    "import { v4 } from 'uuid';",
    "import { v7 as id } from 'uuid';",
    'DateTime.now()',
    'DateTime.local()',
    'DateTime.utc()',
    'Temporal.Now.instant()',
    'Settings.now = f',
    'setTimeout(f, 1)',
    'date.getHours()',
    'date.getTimezoneOffset()',
    'Intl.DateTimeFormat().resolvedOptions()',
    'fetch(url)',
  ])('the check sees %s', (text) => {
    expect(impuritiesOf(parseSource('domain/x.ts', text))).not.toEqual([]);
  });

  it('the check leaves alone what is given', () => {
    const given =
      "import { v5 } from 'uuid'; new Date(at); Date.parse(at); DateTime.utc(2014, 5, 30); DateTime.fromISO(at); const now = at; Date.UTC(2014, 4); date.getUTCHours();";
    expect(impuritiesOf(parseSource('domain/x.ts', `${given} // Date.now()`))).toEqual([]);
  });
});

describe('doors hold no rule: the command line and the worker ask operations', () => {
  it('none of them decides: what does goes to src/operations', () => {
    expect(SOURCES.flatMap(ruleHolding)).toEqual([]);
  });

  it('the check sees writes, locks, drivers, schemas and rules of the domain', () => {
    const seen = (text: string) => ruleHolding(parseSource('cli/commands/x/y.ts', text));
    expect(seen(`import { appendAudit, auditHead } from '../../../db/audit.js';`)).toEqual(['x: appendAudit']);
    expect(seen(`const { inTransaction } = await import('../../../db/transaction.js');`)).toEqual(['x: inTransaction']);
    expect(seen(`const audit = await import('../../../db/audit.js');`)).toEqual(['x: *']);
    expect(seen(`import pg from 'pg'; import { z } from 'zod'; import type { Knex } from 'knex';`)).toEqual([
      'x: pg',
      'x: zod',
    ]);
    expect(seen(`await db('runs').insert(row); await context.db.raw('select 1'); handle.delete();`)).toEqual([
      'x: .insert()',
      'x: .raw()',
    ]);
    expect(
      seen(
        `import { replayBook } from '../../../domain/ledger/positions.js'; import { refusal } from '../../../domain/errors.js';`,
      ),
    ).toEqual(['x: replayBook']);
    expect(seen(`import type { Book } from '../../../domain/ledger/positions.js';`)).toEqual([]);
  });
});

describe('a transaction has one door', () => {
  it('nobody but src/db/transaction.ts opens one: isolation and deferred rules are the same for all', () => {
    const opened = SOURCES.filter(({ file }) => file !== 'db/transaction.ts')
      .filter(({ nodes }) => nodes.some(opensTransaction))
      .map(({ file }) => file);
    expect(opened).toEqual([]);
  });

  it('the check sees them', () => {
    const seen = (text: string) => parseSource('x.ts', text).nodes.some(opensTransaction);
    expect(
      [
        'db.transaction(work)',
        'await context.db.transaction(async (trx) => {})',
        'const trx = await db.transaction();',
        'db.raw(`begin`)',
        "trx.raw('COMMIT')",
      ].filter(seen),
    ).toHaveLength(5);
    expect(
      ['inTransaction(db, work)', 'const { transaction } = x;', "db.raw('select beginning from t')"].filter(seen),
    ).toEqual([]);
  });
});

function opensTransaction(node: Node): boolean {
  if (node.type !== 'CallExpression') return false;
  const method = methodOf(node['callee'] as Node);
  const [statement] = node['arguments'] as unknown[];
  return (
    /^\.transaction(Provider)?$/.test(method ?? '') ||
    (method === '.raw' && /^\s*(begin|commit|rollback|start)\b/i.test(literalOf(statement) ?? ''))
  );
}

/** What doors may ask the database themselves: reading to show it, connecting, the schema. */
const READS = [
  'connect',
  'isDatabaseAway',
  'reach',
  'migrationState',
  'migrateToLatest',
  'listAccounts',
  'openAlerts',
  'listAlerts',
  'deliveriesOf',
  'FILE_SINK',
  'listActions',
  'findTicket',
  'lastTickets',
  'recallDay',
  'ledgerState',
  'journal',
  'newestQuotes',
  'killSwitchEvents',
  'killSwitchState',
  'auditHead',
  'auditBreaks',
  'describedTables',
];
/** Of the domain: how things are told, and how a flag is read. A rule is applied by an operation. */
const TELLING = /^domain\/(errors|types|text|money|dates|order|strict-json|[a-z]+\/words)\.ts$/;
const TOLD = [
  'londonTime',
  'dayState',
  'dayOutcome',
  'waitingFor',
  'ageText',
  'severityOf',
  'sinkName',
  'instantOfName',
  'schedulesOf',
  'comingRuns',
  'backupPolicyOf',
  'problemText',
  'positionsFromFlags',
];
const WRITES = /\.(insert|update|del|truncate|raw|transaction)$/;

/** What a file of a door takes or does that belongs to an operation, as `group: name`. */
function ruleHolding(source: Source): string[] {
  const [room, , group = room] = source.file.replace('/kit/', '/commands/kit/').split('/');
  if (room !== 'cli' && room !== 'worker') return [];
  const taken = arrowsOf(source)
    .filter(({ typeOnly }) => !typeOnly)
    .flatMap(({ to, names }) => {
      if (roomOf(to) === 'db') return names.filter((name) => !READS.includes(name));
      return roomOf(to) === 'domain' && !TELLING.test(to) && to !== '' && room === 'cli'
        ? names.filter((name) => !TOLD.includes(name))
        : [];
    });
  const drivers = source.imports
    .filter(({ typeOnly, specifier }) => !typeOnly && ['pg', 'knex', 'zod'].includes(specifier ?? ''))
    .map(({ specifier }) => specifier);
  const written = source.nodes
    .filter(({ type }) => type === 'CallExpression')
    .flatMap((node) => WRITES.exec(methodOf(node['callee'] as Node) ?? '')?.[0] ?? []);
  return [...new Set([...taken, ...drivers, ...written.map((name) => `${name}()`)])].map((name) => `${group}: ${name}`);
}

describe('workflows know only the clock of their history', () => {
  it.each(SOURCES.filter(({ file }) => file.startsWith('workflows/')).map((source) => [source.file, source] as const))(
    '%s',
    (_, source) => {
      expect(impuritiesOf(source).filter((name) => !OF_HISTORY.test(name))).toEqual([]);
    },
  );
});
