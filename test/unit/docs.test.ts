import { Command } from 'commander';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { ALERT_CODES } from '../../src/domain/alerts/codes.js';
import { parsePolicy } from '../../src/domain/policy/policy.js';
import { repositoryRoot } from '../../src/runtime/paths.js';
import { codesSaid } from './codes.fixture.js';

/** What README and docs name must exist: commands, options, links, files, codes, variables, policy keys, libraries. */
const read = (file: string): string => readFileSync(path.join(repositoryRoot, file), 'utf8');
const listed = (directory: string, end: string): string[] =>
  readdirSync(path.join(repositoryRoot, directory), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(end))
    .map((file) => `${directory}/${file}`);
const matches = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].map((match) => match[1] as string);

const DOCUMENTS = ['README.md', 'CONTRIBUTING.md', ...listed('docs', '.md')];
const SOURCES = new Map(listed('src', '.ts').map((file) => [file, read(file)]));
const source = [...SOURCES.values()].join('\n');

const makefile = read('Makefile');
const cliTargets = (/TRADING_OPS_COMMANDS := ((?:.*\\\n)*.*)/.exec(makefile)?.[1] ?? '')
  .replaceAll('\\\n', ' ')
  .trim()
  .split(/\s+/);
const targets = [...cliTargets, ...matches(makefile, /^([a-z][a-z-]*):/gm)];

async function wholeProgram(): Promise<Command> {
  const program = new Command('trading-ops').option('--json');
  for (const [file, text] of SOURCES) {
    for (const name of file.startsWith('src/cli/')
      ? matches(text, /^export function (register\w+)\(program: Command\)/gm)
      : []) {
      const module = (await import(path.join(repositoryRoot, file))) as Record<string, (into: Command) => void>;
      module[name]?.(program);
    }
  }
  return program;
}
const program = await wholeProgram();

/** Code of a document, one command line or word each: lines of fenced blocks and inline code. */
function codeOf(text: string): string[] {
  const fences = matches(text, /^```[a-z]*\n([\s\S]*?)^```/gm).flatMap((block) => block.split('\n'));
  const inline = matches(text.replaceAll(/^```[\s\S]*?^```/gm, ''), /`([^`]+)`/g).map((code) =>
    code.replaceAll(/\s+/g, ' '),
  );
  return [...fences, ...inline];
}

const wordsOf = (line: string): string[] => line.replace(/\s#.*$/, '').match(/"[^"]*"|\S+/g) ?? [];

/** The command lines in a piece of code, as words for the program; null for a target of make alone. */
function commandLines(code: string): { target: string | null; words: string[] }[] {
  const make = [...code.matchAll(/(?<![\w./-])make ([a-z][a-z0-9-]*)([^;]*)/g)].map(([, target = '', rest = '']) => {
    const words = wordsOf(rest);
    return {
      target,
      words:
        cliTargets.includes(target) && words[0] === '--'
          ? [target, ...words.slice(1)]
          : cliTargets.includes(target)
            ? [target]
            : [],
    };
  });
  const direct = [...code.matchAll(/(?<![\w-])trading-ops ([a-z-][^;]*)/g)].map(([, rest = '']) => ({
    target: null,
    words: wordsOf(rest),
  }));
  return [...make, ...direct];
}

/** What is wrong with a command line: a command or an option that the program does not have. */
function faultOf(words: string[]): string | null {
  let command = program;
  const rest = [...words];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word.startsWith('--')) {
      const option = [...command.options, ...program.options].find(({ long }) => long === word);
      if (!option && word !== '--help' && word !== '--version') return `${command.name()} has no option ${word}`;
      if (option?.required) rest.shift();
      continue;
    }
    const inner = command.commands.find((candidate) => candidate.name() === word);
    if (!inner && command.commands.length > 0 && /^[a-z]/.test(word)) return `${command.name()} has no command ${word}`;
    if (inner) command = inner;
  }
  return null;
}

describe('commands in the documents', () => {
  const all = DOCUMENTS.flatMap((file) =>
    codeOf(read(file))
      .flatMap(commandLines)
      .map((line) => ({ file, ...line })),
  );

  it('are found by this test', () => {
    expect(all.length).toBeGreaterThan(150);
    expect(commandLines('FILLS_JSON=f make confirm-fills -- --amend')).toEqual([
      { target: 'confirm-fills', words: ['confirm-fills', '--amend'] },
    ]);
    expect(faultOf(['ticket', 'verify', '<id>'])).toBeNull();
    expect(faultOf(['ticket', 'prove', '<id>'])).toBe('ticket has no command prove');
    expect(faultOf(['reconcile-daily', '--cash-eur', '1'])).toBe('reconcile-daily has no option --cash-eur');
  });

  it('are targets of the Makefile', () => {
    const unknown = all.filter(({ target }) => target !== null && !targets.includes(target));
    expect(unknown).toEqual([]);
  });

  it('are commands and options of the program', () => {
    const wrong = all.flatMap(({ file, words }) =>
      words.length > 0 && faultOf(words) !== null ? [`${file}: ${words.join(' ')}: ${faultOf(words)}`] : [],
    );
    expect(wrong).toEqual([]);
  });

  it('cover every command: each target of the CLI is in the runbook or in the guide for developers', () => {
    const named = new Set(all.flatMap(({ target, words }) => [target, words[0]]));
    expect(cliTargets.filter((target) => !named.has(target))).toEqual([]);
  });
});

/** Targets that the product must have (the contract of the product, section 6), the runbook's first. */
const CONTRACT =
  `up down logs ps health psql migrate db-tables backup restore-fresh-test run-ops run-0800 reconcile-daily run-1400 confirm confirm-fills
  install-backup-timer demo test status worker schedules ticket runs-last tickets-last alerts-last ledger-report ledger-baseline cash market-fetch data-quality
  restore-test artifacts-retention simulate doctor`.split(/\s+/);

/** Targets that the contract names and that come with a later milestone. */
const COMING = ['desk', 'performance', 'statement', 'books', 'operator'];

/** What the user's own runbook types, expects and names: each stands in ours, to the letter. */
const USERS_RUNBOOK = [
  'docs/CHANGELOG.md',
  'docs/INCIDENTS.md',
  'docs/ETORO_CONSTRAINTS.md',
  'docs/EXECUTION_WORKFLOW_1PAGER.md',
  'docs/RECONCILIATION_SOP.md',
  '**NO DATA / NO RECONCILE / NO CONFIRM / NO TRADE**',
  'eToro execution is **manual**',
  'Deterministic gates decide; humans execute and confirm.',
  'make up',
  'make down',
  'make logs',
  'make ps',
  'make health',
  'make psql',
  'make migrate',
  'make db-tables',
  'make backup',
  'make restore-fresh-test',
  'make run-ops',
  'make run-0800',
  '/data/trading-ops/artifacts/runs/<run_id>/',
  '/data/trading-ops/artifacts/runs/<run_id>/run_summary.md',
  'make reconcile-daily -- --snapshot-date YYYY-MM-DD --cash-gbp <cash> --position SYMBOL=UNITS --notes "manual_etoro_snapshot"',
  'RECONCILIATION_PASS',
  '/data/trading-ops/artifacts/reports/',
  'make run-1400',
  'NO_TRADE',
  'DRYRUN_TRADES=true make run-1400',
  'make confirm',
  'FILLS_JSON=/path/to/fills.json make confirm-fills',
  'make install-backup-timer',
  'systemctl status trading-ops-db-backup.timer --no-pager',
  '/data/trading-ops/postgres-data',
  '/data/trading-ops/backups/postgres',
  '/data/trading-ops/postgres-data.bak-<timestamp>',
];

describe('the contract', () => {
  const runbook = read('docs/RUNBOOK.md');
  const shared = (file: string): string | null => {
    const place = path.join(repositoryRoot, '..', 'shared', file);
    return existsSync(place) ? readFileSync(place, 'utf8') : null;
  };
  /** Every command and path of the user's runbook; shell of the days before this program is of no use here. */
  const inCode = (text: string) =>
    matches(text, /`([^`]+)`/g).filter((code) => !code.startsWith('python3') && code !== 'PLAN.md');
  const stands = (words: string) =>
    runbook.replaceAll(/\s+/g, ' ').includes(words.startsWith('docs/') ? `](${words.slice(5)})` : words);

  it('every target of it exists and is in the runbook, or in the guide for developers', () => {
    expect(CONTRACT.filter((target) => !targets.includes(target))).toEqual([]);
    const told = `${runbook}${read('docs/DEVELOPING.md')}${read('README.md')}`;
    expect(CONTRACT.filter((target) => !new RegExp(`make ${target}(?![\\w-])`).test(told))).toEqual([]);
  });

  it("every line of the user's runbook stands in ours", () => {
    expect(USERS_RUNBOOK.filter((words) => !stands(words))).toEqual([]);
  });

  it('these lists are what the contract says, where it is at hand', () => {
    const product = shared('PRODUCT.md');
    const section = /## 6\. Commands([\s\S]*?)\n## /.exec(product ?? '')?.[1] ?? '';
    const named = matches(section, /`([a-z][a-z0-9 \n-]{20,})`/g).flatMap((list) => list.split(/\s+/));
    expect(product === null || named.length > 20, 'section 6 of the contract names its targets').toBe(true);
    expect(named.filter((target) => !CONTRACT.includes(target) && !COMING.includes(target))).toEqual([]);
    expect(inCode(shared('seed/RUNBOOK.md') ?? '').filter((words) => !stands(words))).toEqual([]);
  });
});

describe('links and files in the documents', () => {
  const slug = (heading: string) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(' ', '-');
  const anchorsOf = (file: string) => matches(read(file), /^#+ (.+)$/gm).map(slug);

  it.each(DOCUMENTS)('%s: every relative link leads somewhere', (file) => {
    const broken = matches(read(file), /\]\(([^)\s]+)\)/g)
      .filter((link) => !/^[a-z]+:/.test(link))
      .filter((link) => {
        const [to = '', anchor] = link.split('#');
        const target = to === '' ? file : path.posix.join(path.posix.dirname(file), to);
        return (
          !existsSync(path.join(repositoryRoot, target)) ||
          (anchor !== undefined && !anchorsOf(target).includes(anchor))
        );
      });
    expect(broken).toEqual([]);
  });

  it.each(DOCUMENTS)('%s: every file of the repository that it names exists', (file) => {
    const named = codeOf(read(file)).filter((code) =>
      /^(?:src|test|config|migrations|migrations-support|bench|tools|ops|docs|\.ci)(?:\/[\w./-]+)?$/.test(code),
    );
    expect(
      named.filter((name) => !existsSync(path.join(repositoryRoot, name)) && !name.startsWith('bench/results/')),
    ).toEqual([]);
  });
});

describe('codes an operator can meet', () => {
  const incidents = read('docs/INCIDENTS.md');
  const sections = new Set(matches(incidents, /^### ([A-Z][A-Z0-9_]+)$/gm));
  const said = [...codesSaid().keys()];

  it('are on the page of incidents (test/unit/catalogue.test.ts has the rest)', () => {
    const mentioned = new Set([...sections, ...matches(incidents, /^\| `([A-Z][A-Z0-9_]+)` \|/gm)]);
    expect(said.filter((code) => !mentioned.has(code))).toEqual([]);
  });

  it("an alert's section says what to type, or that nothing is to be done", () => {
    const textOf = (code: string) =>
      new RegExp(`^### ${code}\\n([\\s\\S]*?)(?=^##|^<!--)`, 'm').exec(incidents)?.[1] ?? '';
    expect(
      Object.keys(ALERT_CODES).filter(
        (code) => !/`(?:[A-Z_]+=\S+ )?(?:make|\.\/trading-ops) [a-z]|Nothing is to be done/.test(textOf(code)),
      ),
    ).toEqual([]);
  });
});

describe('what comments cite', () => {
  const files = new Map(
    ['src', 'test', 'bench', 'tools', 'migrations', 'migrations-support']
      .flatMap((directory) => [...listed(directory, '.ts'), ...listed(directory, '.js')])
      .filter((file) => !file.startsWith('test/fixtures/'))
      .map((file) => [file, read(file)]),
  );
  /** Comments of a source text: blocks, and what follows two slashes at the start of a line or after a space. */
  const commentsOf = (text: string) =>
    [...matches(text, /(\/\*[\s\S]*?\*\/)/g), ...matches(text, /(?:^|\s)(\/\/ .*)$/gm)].join('\n');
  const known = new Set([
    ...DOCUMENTS,
    ...files.keys(),
    ...listed('config', ''),
    ...listed('bench', '.md'),
    ...listed('test/corpus', '.md'),
    ...listed('ops', ''),
  ]);
  const exists = (name: string) => [...known].some((file) => file === name || file.endsWith(`/${name}`));

  it('every document that a comment names is in this repository', () => {
    const cited = [...files].flatMap(([file, text]) =>
      matches(commentsOf(text), /([\w./-]*\b[A-Z][A-Z0-9_]+\.md)\b/g).map((name) => `${name} in ${file}`),
    );
    expect(cited.length).toBeGreaterThan(30);
    expect(cited.filter((line) => !exists(line.split(' in ')[0] as string))).toEqual([]);
  });

  it('every rule that a comment names is in docs/RULES.md', () => {
    const rules = read('docs/RULES.md');
    const numbers = new Set([...matches(rules, /^- \*\*(\d+\.\d+) /gm), ...matches(rules, /^## (\d+)\. /gm)]);
    expect(numbers.size).toBeGreaterThan(40);
    const cited = [...files].flatMap(([file, text]) =>
      matches(commentsOf(text), /docs\/RULES\.md (\d+(?:\.\d+)?)/g).map((number) => [file, number] as const),
    );
    expect(cited.length).toBeGreaterThan(20);
    expect(cited.filter(([, number]) => !numbers.has(number))).toEqual([]);
  });
});

describe('the drawing of the house', () => {
  it('has the rooms and arrows that the architecture test keeps', () => {
    const kept = [
      ...read('test/unit/architecture.test.ts').matchAll(
        /^ {2}(\w+): \{\s+values: \[([^\]]*)\](?:,\s+types: \[([^\]]*)\])?,?\s+\},$/gm,
      ),
    ].map(([, room, values = '', types]) => [room, words(values), words(types ?? '')]);
    const drawn = [...read('docs/ARCHITECTURE.md').matchAll(/^\| `src\/(\w+)` \| .* \| ([^|]*) \|$/gm)].map(
      ([, room, arrows = '']) => {
        const [, values = '', types = ''] =
          /^(.*?)(?: \(types of (.*)\))?$/.exec(arrows === 'nothing of ours' ? '' : arrows) ?? [];
        return [room, words(values), words(types)];
      },
    );
    expect(drawn.length).toBeGreaterThan(14);
    expect(new Map(drawn.map(([room, ...arrows]) => [room, arrows]))).toEqual(
      new Map(kept.map(([room, ...arrows]) => [room, arrows])),
    );
  });

  const words = (list: string) =>
    list
      .replaceAll("'", '')
      .split(',')
      .map((word) => word.trim())
      .filter((word) => word !== '')
      .toSorted();
});

describe('the decisions log', () => {
  const log = read('docs/CHANGELOG.md');
  const decisions = matches(log.slice(0, log.indexOf('## Libraries')), /^(\d+)\. \*\*/gm).map(Number);

  it('numbers every decision, each number once, in order', () => {
    expect(decisions).toEqual(decisions.map((_, index) => index + 1));
    expect(decisions.length).toBeGreaterThan(100);
    expect(matches(log.slice(0, log.indexOf('## Libraries')), /^(- .*)$/gm)).toEqual([]);
  });

  it('says of a later decision only what is one, and of an earlier one', () => {
    const rows = [...log.matchAll(/^\| (\d+) \| ([\d, ]+) \|/gm)].map(
      ([, later, earlier = '']) => [Number(later), earlier.split(', ').map(Number)] as const,
    );
    expect(rows.length).toBeGreaterThan(3);
    expect(
      rows.filter(([later, earlier]) => !decisions.includes(later) || earlier.some((number) => number >= later)),
    ).toEqual([]);
  });
});

describe('configuration in the documents', () => {
  const runbook = read('docs/RUNBOOK.md');

  it('every variable of the settings stands in the runbook, and every one there is read somewhere', () => {
    const variables = matches(SOURCES.get('src/runtime/settings.ts') ?? '', /^ {2}([A-Z][A-Z_]+): /gm);
    expect(variables.length).toBeGreaterThan(10);
    expect(variables.filter((name) => !runbook.includes(`\`${name}\``))).toEqual([]);
    const table = matches(/## Environment variables([\s\S]*?)\n## /.exec(runbook)?.[1] ?? '', /`([A-Z][A-Z_]+)`/g);
    expect(table.length).toBeGreaterThan(10);
    expect(table.filter((name) => !source.includes(name))).toEqual([]);
  });

  it('every policy key that a document names is a key of the shipped policy', () => {
    const policy = parsePolicy(read('config/policy.yml'), 'policy.yml') as unknown as Record<
      string,
      Record<string, unknown>
    >;
    const sections = Object.keys(policy).filter((name) => name !== 'accounts');
    const named = DOCUMENTS.flatMap((file) => codeOf(read(file))).filter((code) =>
      new RegExp(`^(?:${sections.join('|')})\\.(?!md$|json$|html$)[a-z_]+$`).test(code),
    );
    expect(named.length).toBeGreaterThan(0);
    expect(
      named.filter((code) => !((code.split('.')[1] as string) in (policy[code.split('.')[0] as string] ?? {}))),
    ).toEqual([]);
  });

  it('the versions of Node are those of package.json', () => {
    const { engines } = JSON.parse(read('package.json')) as { engines: { node: string } };
    const least = engines.node.split('||').map((range) => range.replaceAll(/[^\d.]/g, '').replace(/(\.0)+$/, ''));
    const told = `Node ${least.slice(0, -1).join(', ')}, or ${least.at(-1)} and later`;
    expect(['README.md', 'docs/RUNBOOK.md', 'docs/DEVELOPING.md'].filter((file) => !read(file).includes(told))).toEqual(
      [],
    );
  });

  it('every library of package.json has its reason in the decisions log', () => {
    const { dependencies, devDependencies } = JSON.parse(read('package.json')) as Record<
      string,
      Record<string, string>
    >;
    const reasons = read('docs/CHANGELOG.md');
    const family = (name: string) => name.replace(/^(@temporalio|@types)\/.*/, '$1/*');
    const names = Object.keys({ ...dependencies, ...devDependencies }).map(family);
    expect(names.filter((name) => !reasons.includes(`\`${name}\``))).toEqual([]);
  });
});
