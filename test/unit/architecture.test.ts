import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  literalOf,
  methodOf,
  parseSource,
  sourcesOf,
  SRC,
  targetOf,
  type Import,
  type Node,
  type Source,
} from '../support/source.js';

/**
 * The house keeps its arrows: cli, desk, worker, doctor, simulation → operations → db, providers, reports, notify,
 * backup → contract → domain (docs/ARCHITECTURE.md). `types` may be imported as types only.
 */
const ROOMS: Record<string, { values: string[]; types?: string[] }> = {
  domain: { values: [] },
  contract: { values: ['domain'] },
  files: { values: ['domain'] },
  providers: { values: ['domain', 'files'] },
  db: { values: ['domain'], types: ['providers'] },
  reports: { values: ['domain', 'db'], types: ['contract'] },
  notify: { values: ['domain'] },
  runtime: { values: ['domain', 'files', 'db'] },
  backup: { values: ['domain', 'files', 'db', 'runtime'] },
  host: { values: ['domain', 'files', 'runtime'] },
  operations: { values: ['contract', 'domain', 'files', 'db', 'providers', 'reports', 'notify', 'backup'] },
  activities: { values: ['operations', 'contract', 'domain'] },
  workflows: { values: ['contract', 'domain'] },
  worker: { values: ['workflows', 'activities', 'operations', 'contract', 'db', 'domain', 'runtime'] },
  simulation: { values: ['operations', 'contract', 'db', 'providers', 'domain', 'files'] },
  doctor: { values: ['operations', 'contract', 'db', 'providers', 'domain', 'files', 'runtime', 'backup'] },
  desk: { values: ['operations', 'contract', 'db', 'domain', 'reports', 'runtime'] },
  cli: {
    values: [
      'operations',
      'contract',
      'db',
      'domain',
      'files',
      'reports',
      'runtime',
      'host',
      'simulation',
      'backup',
      'doctor',
    ],
  },
};

/** What rooms without I/O take of packages and built-ins, by name; other rooms use what they need. */
const PURE: Record<string, string[]> = {
  zod: ['z'],
  'decimal.js': ['Decimal'],
  luxon: ['DateTime'],
  uuid: ['v5'],
  yaml: ['isNode', 'isPair', 'LineCounter', 'parseDocument'],
  canonicalize: ['default'],
  'csv-parse/sync': ['CsvError', 'parse'],
};
const PACKAGES: Record<string, Record<string, string[]>> = {
  domain: { ...PURE, 'node:crypto': ['createHash', 'createHmac', 'createPublicKey', 'timingSafeEqual', 'verify'] },
  contract: PURE,
  workflows: {
    '@temporalio/workflow': [
      'proxyActivities',
      'ActivityCancellationType',
      'CancellationScope',
      'isCancellation',
      'condition',
      'patched',
      'defineQuery',
      'defineSignal',
      'defineUpdate',
      'setHandler',
      'allHandlersFinished',
      'setCurrentDetails',
      'startChild',
      'continueAsNew',
      'ParentClosePolicy',
      'upsertSearchAttributes',
      'workflowInfo',
      'uuid4',
      'log',
    ],
    '@temporalio/common': [
      'ActivityFailure',
      'ApplicationFailure',
      'WorkflowExecutionAlreadyStartedError',
      'defaultPayloadConverter',
      'defineSearchAttributeKey',
      'SearchAttributeType',
    ],
  },
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
    expect(foreignTo(file, source), 'what this room does without').toEqual([]);
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
    `await import(('../db/connect.js'));`,
    `import('../db/connect.js' as string).then(use);`,
    `export * as db from '../db/connect.js';`,
    `/// <reference path="../db/connect.js" />`,
    `export import db = require('../db/connect.js');`,
  ])('the check sees an arrow that points back: %s', (text) => {
    expect(
      arrowsOf(parseSource('domain/x.ts', text))
        .filter((arrow) => !isAllowed(arrow))
        .map(({ to }) => to),
    ).toEqual(['db/connect.ts']);
  });

  it.each([
    'await import(`../db/${name}.js`);',
    `await import('../db/' + 'connect.js');`,
    `await import(import.meta.resolve(name));`,
    `import(path).then(use);`,
    'new URL(`../${name}.js`, import.meta.url);',
    `require(name);`,
    `fork('dist/db/connect.js');`,
    `child.fork(path.join(here, 'connect.js'));`,
    `new Worker(file);`,
    `new threads.Worker(file, { workerData });`,
  ])('the check refuses a name that is put together when the program runs: %s', (text) => {
    const arrows = arrowsOf(parseSource('cli/x.ts', text)).filter((arrow) => !isAllowed(arrow));
    expect(arrows.map(({ to }) => to)).toContain('');
  });

  it('the check leaves alone what is only text', () => {
    const text = `// import '../db/connect.js'\nconst text = "import '../db/connect.js'"; new URL('x', base);`;
    expect(arrowsOf(parseSource('domain/x.ts', text)).filter((arrow) => !isAllowed(arrow))).toEqual([]);
  });
});

/** What a file takes of packages and built-ins that its room does not know, as `package: name`. */
function foreignTo(file: string, { imports }: Source): string[] {
  const packages = PACKAGES[roomOf(file)];
  return imports.flatMap(({ specifier, names, typeOnly }) => {
    if (packages === undefined || specifier === null || specifier.startsWith('.')) return [];
    const known = packages[specifier];
    if (known === undefined) return [`${specifier}: it`];
    return typeOnly ? [] : names.filter((name) => !known.includes(name)).map((name) => `${specifier}: ${name}`);
  });
}

describe('rooms without I/O take what they need of packages by name', () => {
  it.each([
    `import pg from 'pg';`,
    `import type { Knex } from 'knex';`,
    `import { readFileSync } from 'fs';`,
    `import 'node:timers';`,
    `import { v4 } from 'uuid';`,
    `import { v7 as id } from 'uuid';`,
    `import * as uuid from 'uuid';`,
    `import uuid from 'uuid';`,
    `import uuid = require('uuid');`,
    `export * from 'uuid';`,
    `export * as ids from 'uuid';`,
    `export { v4 as v5 } from 'uuid';`,
    `const { v4 } = await import('uuid');`,
    `(await import('uuid')).v4();`,
    `import('uuid').then(({ v4 }) => v4());`,
    `import { randomBytes } from 'node:crypto';`,
    `import { webcrypto as createHash } from 'node:crypto';`,
    `import crypto from 'node:crypto';`,
    `import { createHash, randomUUID } from 'node:crypto';`,
    `import { Settings } from 'luxon';`,
    `import { Interval, DateTime } from 'luxon';`,
    `import 'data:text/javascript,globalThis.now=Date.now()';`,
    `import { now } from '/tmp/clock.js';`,
    `import { now } from '#clock';`,
    `/// <reference types="pg" />`,
  ])('the check sees %s', (text) => {
    expect(foreignTo('domain/x.ts', parseSource('domain/x.ts', text))).not.toEqual([]);
  });

  it.each([
    `import { v5 } from 'uuid';`,
    `import { createHash } from 'node:crypto';`,
    `import { DateTime } from 'luxon';`,
    `import type { Interval } from 'luxon';`,
    `import { z, type ZodType } from 'zod';`,
    `import canonicalize from 'canonicalize';`,
  ])('the check leaves alone %s', (text) => {
    expect(foreignTo('domain/x.ts', parseSource('domain/x.ts', text))).toEqual([]);
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

describe('doors hold no rule: the command line, the desk and the worker ask operations', () => {
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
    for (const text of [`db('runs')['insert'](row)`, `const { insert } = db('runs'); db.insert;`, `db?.insert?.(row)`])
      expect(seen(text), text).toEqual(['x: .insert()']);
    expect(
      seen(
        `import { replayBook } from '../../../domain/ledger/positions.js'; import { refusal } from '../../../domain/errors.js';`,
      ),
    ).toEqual(['x: replayBook']);
    expect(seen(`import type { Book } from '../../../domain/ledger/positions.js';`)).toEqual([]);
    expect(seen(`throw refusal('NO_BACKUP', 'there is none');`)).toEqual(['x: refusal()']);
    expect(seen(`throw usageError('FLAG_INVALID', 'must be a number');`)).toEqual([]);
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
        "db['transaction'](work)",
        'db?.transaction(work)',
        '(db as Knex).transaction!(work)',
        'db.transaction.call(db, work)',
        'const open = db.transaction.bind(db);',
        'db.transactionProvider()',
        "trx?.raw?.(('rollback'))",
      ].filter((text) => !seen(text)),
    ).toEqual([]);
    expect(
      ['inTransaction(db, work)', 'const { transaction } = x;', "db.raw('select beginning from t')"].filter(seen),
    ).toEqual([]);
  });
});

function opensTransaction(node: Node): boolean {
  if (/^\.transaction(Provider)?$/.test(methodOf(node) ?? '')) return true;
  if (node.type !== 'CallExpression' || methodOf(node['callee']) !== '.raw') return false;
  const [statement] = node['arguments'] as unknown[];
  return /^\s*(begin|commit|rollback|start)\b/i.test(literalOf(statement) ?? '');
}

/** What doors may ask the database themselves: reading to show it, connecting, the schema. */
const READS = [
  'connect',
  'databaseTrouble',
  'answersWithin',
  'OF_A_COMMAND',
  'OF_THE_DESK',
  'OF_THE_KILL_SWITCH',
  'OF_THE_WORKER',
  'explainDatabaseError',
  'reach',
  'migrationState',
  'migrateToLatest',
  'listAccounts',
  'countOpenAlerts',
  'openAlerts',
  'FILE_SINK',
  'killSwitchEvents',
  'killSwitchState',
  'auditHead',
  'auditBreaks',
  'describedTables',
  'installationKeysSeen',
];
/** Of the domain: how things are told, and how a flag is read. A rule is applied by an operation. */
const TELLING = /^domain\/(errors|types|text|hash|money|dates|order|strict-json|[a-z]+\/words)\.ts$/;
const TOLD = [
  'londonTime',
  'ageText',
  'instantOfName',
  'schedulesOf',
  'problemText',
  'positionsFromFlags',
  'acceptanceOfFlag',
  'fingerprintOf',
  'ENTRY_KINDS',
];
const WRITES = /\.(insert|update|del|truncate|raw|transaction)$/;

/** What a file of a door takes or does that belongs to an operation, as `group: name`. */
function ruleHolding(source: Source): string[] {
  const [room, , group = room] = source.file.replace('/kit/', '/commands/kit/').split('/');
  if (room !== 'cli' && room !== 'worker' && room !== 'desk') return [];
  const taken = arrowsOf(source)
    .filter(({ typeOnly }) => !typeOnly)
    .flatMap(({ to, names }) => {
      if (roomOf(to) === 'db') return names.filter((name) => !READS.includes(name));
      return roomOf(to) === 'domain' && !TELLING.test(to) && to !== '' && room !== 'worker'
        ? names.filter((name) => !TOLD.includes(name))
        : [];
    });
  const drivers = source.imports
    .filter(({ typeOnly, specifier }) => !typeOnly && ['pg', 'knex', 'zod'].includes(specifier ?? ''))
    .map(({ specifier }) => specifier);
  const written = source.nodes.flatMap((node) => WRITES.exec(methodOf(node) ?? '')?.[0] ?? []);
  const said = source.nodes.some(
    (node) => node.type === 'CallExpression' && (node['callee'] as { name?: string }).name === 'refusal',
  );
  return [
    ...new Set([...taken, ...drivers, ...(said ? ['refusal()'] : []), ...written.map((name) => `${name}()`)]),
  ].map((name) => `${group}: ${name}`);
}
