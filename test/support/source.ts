import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync } from 'vite';

/** One module named in another: by any way the language has. */
export interface Import {
  /** As it is written, or null where it is put together when the program runs, so that nobody can check it. */
  specifier: string | null;
  /** Gone when compiled: `import type`, `export type … from`, `import('./x.js').T`. */
  typeOnly: boolean;
  /** What is taken by name; empty for a side effect, `*` for all of it. */
  names: string[];
  /** Only an address (`new URL('./x.js', import.meta.url)`): another process or a bundler loads it. */
  address?: boolean;
}

export interface Source {
  /** Path from its root, with slashes. */
  file: string;
  text: string;
  imports: Import[];
  /** Every node of its syntax tree, parents before children. */
  nodes: Node[];
  /** The node that each one stands in. */
  parents: ReadonlyMap<Node, Node>;
}

/** A node of the syntax tree (ESTree with TypeScript's additions). */
export type Node = { type: string; start: number } & Record<string, unknown>;

export const SRC = fileURLToPath(new URL('../../src', import.meta.url));

/** All TypeScript files of a directory, by path from it. */
export const typeScriptOf = (root: string): string[] =>
  readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .toSorted();

/** All of them, parsed. */
export function sourcesOf(root: string): Source[] {
  return typeScriptOf(root).map((file) =>
    parseSource(file.split(path.sep).join('/'), readFileSync(path.join(root, file), 'utf8')),
  );
}

export function parseSource(file: string, text: string): Source {
  const { program, errors, comments } = parseSync(file, text, { preserveParens: false });
  if (errors.length > 0) throw new Error(`${file}: ${errors.map(({ message }) => message).join('; ')}`);
  const nodes: Node[] = [];
  const parents = new Map<Node, Node>();
  collect(program, nodes, parents);
  const lazy = new Map(nodes.flatMap((node) => lazyNames(node)));
  return {
    file,
    text,
    nodes,
    parents,
    imports: [
      ...nodes.flatMap((node) => importOf(node, lazy.get(node)) ?? []),
      ...comments.flatMap(({ value }) => referenceOf(value) ?? []),
    ],
  };
}

/** `/// <reference path="./x.d.ts" />`: an import that looks like a comment. */
function referenceOf(comment: string): Import | undefined {
  const specifier = /^\/\s*<reference\s[^>]*?\b(?:path|types|lib)\s*=\s*["']([^"']*)["']/.exec(comment)?.[1];
  return specifier === undefined ? undefined : { specifier, typeOnly: true, names: ['*'] };
}

/** The file, from the same root, that a relative import of `file` means; null for a package or a built-in. */
export function targetOf(file: string, specifier: string): string | null {
  if (!specifier.startsWith('.')) return null;
  return path.posix.join(path.posix.dirname(file), specifier).replace(/\.js$/, '.ts');
}

export const isNode = (value: unknown): value is Node => typeof (value as Node | null | undefined)?.type === 'string';

/** What is left of `x!`, `x as T`, `x satisfies T`, `x?.y` and `(0, x)` when the program runs. */
function bare(node: Node): Node {
  const inner =
    node.type === 'SequenceExpression' ? (node['expressions'] as unknown[]).at(-1) : (node['expression'] as unknown);
  return /^(TS(NonNull|As|Satisfies|Instantiation)Expression|TSTypeAssertion|ChainExpression|SequenceExpression)$/.test(
    node.type,
  ) && isNode(inner)
    ? bare(inner)
    : node;
}

/** `Date.now`, `import.meta.url`: the name of an identifier or of a chain of them; undefined for anything else. */
export function nameOf(wrapped: unknown): string | undefined {
  if (!isNode(wrapped)) return undefined;
  const node = bare(wrapped);
  if (node.type === 'Identifier') return node['name'] as string;
  if (node.type === 'MetaProperty') return `${nameOf(node['meta'])}.${nameOf(node['property'])}`;
  if (node.type !== 'MemberExpression') return undefined;
  const [object, property] = [
    nameOf(node['object']),
    node['computed'] === true ? literalOf(node['property']) : nameOf(node['property']),
  ];
  return object === undefined || property == null ? undefined : `${object}.${property}`;
}

function collect(value: unknown, nodes: Node[], parents: Map<Node, Node>, parent?: Node): void {
  if (Array.isArray(value)) for (const item of value) collect(item, nodes, parents, parent);
  else if (typeof value === 'object' && value !== null) {
    if (isNode(value)) nodes.push(value);
    if (isNode(value) && parent) parents.set(value, parent);
    for (const child of Object.values(value)) collect(child, nodes, parents, isNode(value) ? value : parent);
  }
}

/** The text of a literal, or null for anything that is known only when the program runs. */
export function literalOf(wrapped: unknown): string | null {
  if (!isNode(wrapped)) return null;
  const node = bare(wrapped);
  if (node.type === 'Literal') return String(node['value']);
  const { quasis, expressions } = node as unknown as {
    quasis?: { value: { cooked: string } }[];
    expressions?: unknown[];
  };
  return node.type === 'TemplateLiteral' && expressions?.length === 0 ? (quasis?.[0]?.value.cooked ?? null) : null;
}

/** What `const { a, b } = await import(…)` and `(await import(…)).a` take of a module. */
function lazyNames(node: Node): [Node, string[]][] {
  const awaited = node['init'] ?? node['object'];
  const loaded = isNode(awaited) && awaited.type === 'AwaitExpression' ? awaited['argument'] : undefined;
  if (!isNode(loaded) || loaded.type !== 'ImportExpression') return [];
  const pattern = node['id'];
  if (isNode(pattern) && pattern.type === 'ObjectPattern') {
    return [[loaded, (pattern['properties'] as Node[]).map((property) => nameOf(property['key']) ?? '*')]];
  }
  return node.type === 'MemberExpression' ? [[loaded, [nameOf(node['property']) ?? '*']]] : [];
}

function importOf(node: Node, lazily: string[] = ['*']): Import | undefined {
  const source = node['source'];
  switch (node.type) {
    case 'ImportDeclaration':
      return {
        specifier: literalOf(source),
        typeOnly: node['importKind'] === 'type',
        names: takenBy(node['specifiers'], 'imported'),
      };
    case 'ExportNamedDeclaration':
      return isNode(source)
        ? {
            specifier: literalOf(source),
            typeOnly: node['exportKind'] === 'type',
            names: takenBy(node['specifiers'], 'local'),
          }
        : undefined;
    case 'ExportAllDeclaration':
      return { specifier: literalOf(source), typeOnly: node['exportKind'] === 'type', names: ['*'] };
    case 'ImportExpression':
      return { specifier: literalOf(source), typeOnly: false, names: lazily };
    case 'TSImportType':
      return { specifier: literalOf(source), typeOnly: true, names: [] };
    case 'TSExternalModuleReference':
      return { specifier: literalOf(node['expression']), typeOnly: false, names: ['*'] };
    case 'CallExpression':
      return (
        loadedBy(nameOf(node['callee']), node['arguments'] as unknown[]) ?? startedBy(node, /(^|\.)(fork|execaNode)$/)
      );
    case 'NewExpression':
      return nameOf(node['callee']) === 'URL'
        ? addressed(node['arguments'] as unknown[])
        : startedBy(node, /(^|\.)Worker$/);
    default:
      return undefined;
  }
}

/** Names of an import; `import { type T }` counts only what stays when compiled. */
function takenBy(specifiers: unknown, key: 'imported' | 'local'): string[] {
  return (specifiers as Node[])
    .filter((one) => one['importKind'] !== 'type' && one['exportKind'] !== 'type')
    .map((one) => nameOf(one[key]) ?? literalOf(one[key]) ?? (one.type === 'ImportDefaultSpecifier' ? 'default' : '*'));
}

function loadedBy(callee: string | undefined, [argument]: unknown[]): Import | undefined {
  const loads =
    callee === 'require' ||
    callee === 'require.resolve' ||
    callee === 'import.meta.resolve' ||
    callee === 'process.getBuiltinModule';
  return loads
    ? { specifier: literalOf(argument), typeOnly: false, names: ['*'], address: callee === 'import.meta.resolve' }
    : undefined;
}

/** `fork(file)`, `new Worker(file)`: nobody can say which module that is, unless its address is written there. */
function startedBy(node: Node, starts: RegExp): Import | undefined {
  if (!starts.test(nameOf(node['callee']) ?? '')) return undefined;
  const [file] = node['arguments'] as unknown[];
  const isAddress =
    isNode(file) && (nameOf(file['callee']) === 'URL' || nameOf(file['callee']) === 'import.meta.resolve');
  return isAddress ? undefined : { specifier: null, typeOnly: false, names: ['*'] };
}

/** `new URL('./x.js', import.meta.url)`: a file beside this one, which may be a module. */
function addressed([argument, base]: unknown[]): Import | undefined {
  return nameOf(base) === 'import.meta.url'
    ? { specifier: literalOf(argument), typeOnly: false, names: ['*'], address: true }
    : undefined;
}

/** `.getHours` of whatever is before the dot, however it is written. */
export function methodOf(wrapped: unknown): string | undefined {
  if (!isNode(wrapped)) return undefined;
  const node = bare(wrapped);
  if (node.type !== 'MemberExpression') return undefined;
  const name = node['computed'] === true ? literalOf(node['property']) : nameOf(node['property']);
  return name == null ? undefined : `.${name}`;
}
