import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { CLOCKS_READ, HIDDEN, IMPURE, IMPURE_IN_WORKFLOWS, NO_CLOCKS, PURE, SHOWN } from './architecture.cheats.js';
import { declaredOf, membersOf, textOf, usesOf, type Use } from '../support/machine.js';
import {
  literalOf,
  methodOf,
  nameOf,
  parseSource,
  sourcesOf,
  SRC,
  targetOf,
  type Node,
  type Source,
} from '../support/source.js';

/**
 * What the code takes of the machine it runs on. Rooms without I/O know a list of names, and everything else is
 * refused: a clock has too many. For all rooms: no code that cannot be read here, and the clock is read where the list
 * says.
 */
const SOURCES = sourcesOf(SRC);
const rowsOf = (rooms: RegExp) => SOURCES.filter(({ file }) => rooms.test(file)).map((one) => [one.file, one] as const);
const packages = JSON.parse(readFileSync(path.join(SRC, '../package.json'), 'utf8')) as {
  dependencies: Record<string, string>;
};

/** Names of the language that tell nothing but what they are given. */
const PLAIN = new Set(
  `undefined NaN Infinity isNaN isFinite parseInt parseFloat Object Array String Number Boolean BigInt
  Symbol RegExp Map Set WeakMap JSON Promise Error TypeError RangeError SyntaxError AggregateError Uint8Array
  TextEncoder TextDecoder encodeURIComponent decodeURIComponent URL`.split(/\s+/),
);
/** Names that are pure in part: this part. */
const IN_PART: Record<string, (use: Use) => boolean> = {
  Date: ({ member, by, given }) =>
    member === undefined ? by === 'new' && given === 1 : ['parse', 'UTC'].includes(member),
  // What is left out of a date or a time, luxon takes from the clock: `DateTime.local()`, `DateTime.utc(…)`.
  DateTime: ({ member, by, given }) => ['fromISO', 'fromMillis'].includes(member ?? '') && by === 'call' && given > 0,
  Math: ({ member }) => member !== undefined && member !== 'random',
  Intl: ({ member }) => member === 'supportedValuesOf',
  Buffer: ({ member }) => member === 'byteLength',
};
/** Inside a workflow Temporal replaces Date by the history's clock. */
const OF_HISTORY = ({ name, member, by }: Use): boolean =>
  name === 'Date' && (member === undefined ? by === 'new' : member === 'now' && by === 'call');

/** Members that ask the machine whatever has them, and those that lead to code nobody sees. */
const ASKING =
  /^(random|diffNow|toRelative|toRelativeCalendar|toLocal|resolvedOptions|toLocale(Date|Time)?String|to(Date|Time)String|unsafe|timeOrigin|hrtime|get(Timezone)?Offset|getTimezoneOffset|[gs]et(Hours|Minutes|Seconds|Milliseconds|Day|Date|Month|Year|FullYear))$/;
const LEADING = /^(constructor|__proto__|createRequire|getBuiltinModule|mainModule|dlopen|_load|fork|execaNode)$/;
/** A file may not give these names to something else, or they would no longer mean what the checks read. */
const GLOBALS = new Set([...Object.getOwnPropertyNames(globalThis), 'require', 'module', 'exports', 'global']);

/** What a file of a room without I/O takes of the machine. */
function impuritiesOf(source: Source, isMore: (use: Use) => boolean = () => false): string[] {
  const used = usesOf(source)
    .filter((use) => !PLAIN.has(use.name) && !(IN_PART[use.name]?.(use) ?? false) && !isMore(use))
    .map(textOf);
  const asked = membersOf(source).filter((name) => ASKING.test(name) || LEADING.test(name));
  const meta = source.nodes
    .filter((node) => node.type === 'MetaProperty' && nameOf(node) === 'import.meta')
    .map(() => 'import.meta');
  const renamed = declaredOf(source).filter((name) => GLOBALS.has(name));
  return [...new Set([...used, ...asked, ...meta, ...renamed])];
}

/**
 * A row of a table below as a file: the names it works with come from elsewhere, so that what is seen is the row's own.
 */
const rowOf = (file: string, text: string): Source =>
  parseSource(
    file,
    `import { a, at, amount, bytes, child, date, f, name, none, record, space, text, time, times, url, use, x, y, zone } from './given.js';
     import { Decimal, F } from './given.js'; ${text}`,
  );

describe('the domain and the contract do no I/O, know no clock and draw no lots', () => {
  it.each(rowsOf(/^(domain|contract)\//))('%s', (_, source) => {
    expect(impuritiesOf(source)).toEqual([]);
  });

  it.each(IMPURE)('the check sees %s', (text) => {
    expect(impuritiesOf(rowOf('domain/x.ts', text))).not.toEqual([]);
  });

  it.each(PURE)('the check leaves alone %s', (text) => {
    expect(impuritiesOf(rowOf('domain/x.ts', text))).toEqual([]);
  });
});

describe('workflows know only the clock of their history', () => {
  it.each(rowsOf(/^workflows\//))('%s', (_, source) => {
    expect(impuritiesOf(source, OF_HISTORY)).toEqual([]);
  });

  it.each(IMPURE_IN_WORKFLOWS)('the check sees %s', (text) => {
    expect(impuritiesOf(rowOf('workflows/x.ts', text), OF_HISTORY)).not.toEqual([]);
  });

  it('the check leaves alone what Temporal replaces', () => {
    const text = "import { uuid4 } from '@temporalio/workflow'; uuid4(); new Date(); Date.now(); new Date(at);";
    expect(impuritiesOf(rowOf('workflows/x.ts', text), OF_HISTORY)).toEqual([]);
  });
});

/** Where a file does what all others do without, and why. */
const MAY_HIDE: Record<string, string[]> = {
  // Data that ship inside packages are found as Node finds them; nothing of them is run.
  'providers/sample.ts': ['node:module', 'createRequire'],
  // The types of all tables are given to knex.
  'db/tables.ts': ['declare'],
  // A statement is imported in a thread of its own, whose file is named by an address that the arrows see.
  'operations/statement/import-apart.ts': ['node:worker_threads'],
  'operations/statement/import-thread.ts': ['node:worker_threads'],
};
const BY_TEXT = /^(eval|Function|globalThis|global|Reflect|require|WebAssembly)$/;
const RUNNERS = /^(node:)?(module|vm|worker_threads|cluster|inspector|inspector\/promises|repl|wasi)$/;

/** Ways by which code is run, or another room's code handed on, that the arrows would not show. */
function hiddenIn(source: Source): string[] {
  const { file, nodes, parents, imports } = source;
  const found = [
    ...usesOf(source).flatMap(({ name }) => (BY_TEXT.test(name) ? [name] : [])),
    ...declaredOf(source).filter((name) => BY_TEXT.test(name) && !(MAY_HIDE[file] ?? []).includes('createRequire')),
    ...membersOf(source).filter((name) => LEADING.test(name)),
    ...imports.flatMap(({ specifier }) => (specifier === null || isKnown(specifier) ? [] : [specifier])),
    ...nodes.flatMap((node) => unseen(node, source) ?? []),
    ...nodes.filter((node) => nameOf(node) === 'import.meta').flatMap((node) => metaTaken(parents.get(node), parents)),
    ...handedOn(source),
  ];
  return [...new Set(found)].filter((one) => !(MAY_HIDE[file] ?? []).includes(one));
}

/** A file of ours, a package that package.json names, a built-in that runs nothing. */
function isKnown(specifier: string): boolean {
  if (specifier.startsWith('./') || specifier.startsWith('../')) return true;
  if (isBuiltin(specifier)) return !RUNNERS.test(specifier);
  const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
  return Object.hasOwn(packages.dependencies, name);
}

function unseen(node: Node, { parents }: Source): string | undefined {
  if (node['declare'] === true || (node.type === 'TSModuleDeclaration' && !inAmbient(node, parents))) return 'declare';
  return /^(TSImportEqualsDeclaration|TSExportAssignment|ExportAllDeclaration)$/.test(node.type)
    ? node.type
    : undefined;
}

const inAmbient = (node: Node, parents: Source['parents']): boolean => parents.get(node)?.['declare'] === true;

/** Of `import.meta` only where this file is, and `resolve` only called: the arrows read what it is given. */
function metaTaken(parent: Node | undefined, parents: Source['parents']): string[] {
  const taken = parent && nameOf(parent);
  if (taken === 'import.meta.url') return [];
  const isCalled =
    taken === 'import.meta.resolve' && parent !== undefined && parents.get(parent)?.['callee'] === parent;
  return isCalled ? [] : ['import.meta'];
}

/** What a file exports of another room or of a package: whoever imports it would cross two rooms by one arrow. */
function handedOn({ file, nodes, imports }: Source): string[] {
  const isElsewhere = (specifier: string): boolean => targetOf(file, specifier)?.split('/')[0] !== file.split('/')[0];
  const sourceOf = (node: Node) => (node['source'] as Node | null | undefined)?.['value'] as string | undefined;
  const foreign = nodes
    .filter((node) => node.type === 'ImportDeclaration' && isElsewhere(sourceOf(node) as string))
    .flatMap((node) => (node['specifiers'] as Node[]).map(({ local }) => nameOf(local)));
  const exported = nodes.filter(({ type }) => type === 'ExportNamedDeclaration');
  return imports.length === 0
    ? []
    : exported.flatMap((node) => {
        const specifier = sourceOf(node);
        const locals = (node['specifiers'] as Node[]).map(({ local }) => nameOf(local) ?? '');
        return (
          specifier === undefined
            ? locals.filter((name) => foreign.includes(name))
            : isElsewhere(specifier)
              ? locals
              : []
        ).map((name) => `export ${name}`);
      });
}

describe('no code that cannot be read', () => {
  it.each(rowsOf(/./))('%s', (_, source) => {
    expect(hiddenIn(source)).toEqual([]);
  });

  it.each(HIDDEN)('the check sees %s', (text) => {
    expect(hiddenIn(rowOf('cli/x.ts', text))).not.toEqual([]);
  });

  it.each(SHOWN)('the check leaves alone %s', (text) => {
    expect(hiddenIn(rowOf('cli/x.ts', text))).toEqual([]);
  });
});

/**
 * Where the machine's clock is read or waited for, outside the rooms that start and watch processes (runtime, host).
 * Everywhere else the time is an argument: an installation's `now`, an asker's claim, a fact. A line goes with what it
 * names.
 */
const CLOCKS: Record<string, string[]> = {
  // What time it is, read once at a door and handed on as `now`.
  'activities/backups.ts': ['new Date'],
  'cli/kit/context.ts': ['new Date', 'setTimeout'],
  'cli/commands/backup/direct.ts': ['new Date'],
  'cli/commands/backup/list.ts': ['new Date'],
  'cli/commands/day/rebuild.ts': ['new Date'],
  'cli/commands/restore/fresh.ts': ['new Date'],
  'cli/commands/schedules/context.ts': ['new Date'],
  'desk/main.ts': ['new Date'],
  'doctor/patient.ts': ['new Date'],
  'operations/market/fetching.ts': ['new Date'],
  'simulation/market.ts': ['new Date'],
  'worker/worker.ts': ['new Date'],
  // How long something took.
  'backup/prove.ts': ['performance.now'],
  'operations/backup/fresh/steps.ts': ['performance.now'],
  'operations/backup/prove.ts': ['performance.now'],
  'simulation/run.ts': ['performance.now'],
  // How long somebody waits, or how often something is told.
  'backup/dump.ts': ['setInterval'],
  'backup/scratch.ts': ['node:timers/promises'],
  'backup/snapshot.ts': ['node:timers/promises'],
  'cli/kit/steps.ts': ['Date.now'],
  'cli/kit/pulse.ts': ['setTimeout'],
  'cli/kit/temporal.ts': ['Date.now'],
  'desk/mail.ts': ['Date.now'],
  'desk/uploads.ts': ['setTimeout'],
  'desk/browser/preview.ts': ['AbortSignal.timeout', 'setTimeout'],
  'desk/browser/draft.ts': ['setTimeout'],
  'desk/browser/pulse.ts': ['AbortSignal.timeout', 'setInterval'],
  'desk/browser/timer.ts': ['performance.getEntriesByType', 'performance.now', 'setInterval'],
  'doctor/clock.ts': ['Date.now', 'setTimeout'],
  'doctor/examine.ts': ['setTimeout'],
  'notify/email.ts': ['setTimeout'],
  'notify/http.ts': ['AbortSignal.timeout', 'Date.now'],
  'operations/backup/ask-backup.ts': ['setInterval'],
  'operations/day/ask-day.ts': ['Date.now', 'setInterval'],
  'operations/within.ts': ['node:timers/promises'],
  'operations/workers.ts': ['Date.now'],
  'operations/schedules/started.ts': ['Date.now', 'node:timers/promises'],
  'providers/http.ts': ['AbortSignal.timeout'],
  'worker/heartbeat.ts': ['performance.now', 'setInterval'],
  'worker/outbox.ts': ['setInterval', 'setTimeout'],
};
const CLOCK_MODULES = /^(node:)?(timers|timers\/promises|perf_hooks)$/;
const CLOCK_NAMES =
  /^(performance|setTimeout|setInterval|setImmediate|queueMicrotask|Atomics|AbortSignal\.timeout|process\.(hrtime|uptime)|Temporal\..*)$/;
const CLOCK_MEMBERS = /^(diffNow|toRelative|toRelativeCalendar|hrtime|timeOrigin)$/;

/** Every clock and every wait of a file, under whatever name. */
function clocksOf(source: Source): string[] {
  const used = usesOf(source)
    .filter((use) => CLOCK_NAMES.test(use.name) || CLOCK_NAMES.test(`${use.name}.${use.member}`) || isNow(use))
    .map(textOf);
  const members = membersOf(source).filter((name) => CLOCK_MEMBERS.test(name));
  const renamed = declaredOf(source).filter((name) => name === 'Date' || CLOCK_NAMES.test(name));
  const modules = source.imports
    .filter(({ specifier, typeOnly }) => !typeOnly && CLOCK_MODULES.test(specifier ?? ''))
    .map(({ specifier }) => specifier as string);
  return [...new Set([...used, ...members, ...modules, ...renamed, ...source.nodes.flatMap(clockIn)])].toSorted();
}

/** `.format()` of a date format without a date, and whatever of luxon is not `DateTime` by its own name. */
function clockIn(node: Node): string[] {
  const method =
    node.type === 'CallExpression' && (node['arguments'] as []).length === 0 ? methodOf(node['callee']) : '';
  if (/^\.format(ToParts)?$/.test(method ?? '')) return [`${method}()`];
  if (node.type !== 'ImportDeclaration' || literalOf(node['source']) !== 'luxon' || node['importKind'] === 'type')
    return [];
  const locals = (node['specifiers'] as Node[]).map(({ local }) => nameOf(local) ?? '');
  return locals.filter((name) => name !== 'DateTime').map((name) => `luxon: ${name}`);
}

/** Whether a use of a watched name may say what time it is. */
const isNow = (use: Use): boolean => {
  if (use.name === 'Intl') return use.member === undefined || (use.member === 'DateTimeFormat' && use.by === 'value');
  if (use.name === 'process') return use.member === undefined;
  if (!['Date', 'DateTime'].includes(use.name) || use.by === 'instanceof') return false;
  return !(IN_PART[use.name]?.(use) ?? false);
};

describe('the clock is read where the list says', () => {
  const read = Object.fromEntries(
    SOURCES.filter(({ file }) => !/^(domain|contract|workflows|runtime|host)\//.test(file))
      .map((source) => [source.file, clocksOf(source)] as const)
      .filter(([, clocks]) => clocks.length > 0),
  );

  it.each([...new Set([...Object.keys(read), ...Object.keys(CLOCKS)])])('%s', (file) => {
    expect(read[file] ?? [], 'take `now` as an argument, or say in the list why not').toEqual(CLOCKS[file] ?? []);
  });

  it.each(CLOCKS_READ)('the check sees %s', (text) => {
    expect(clocksOf(rowOf('db/x.ts', text))).not.toEqual([]);
  });

  it.each(NO_CLOCKS)('the check leaves alone %s', (text) => {
    expect(clocksOf(rowOf('db/x.ts', text))).toEqual([]);
  });
});
