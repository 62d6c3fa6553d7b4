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
  const { program, errors } = parseSync(file, text);
  if (errors.length > 0) throw new Error(`${file}: ${errors.map(({ message }) => message).join('; ')}`);
  const nodes: Node[] = [];
  collect(program, nodes);
  const lazy = new Map(nodes.flatMap((node) => lazyNames(node)));
  return { file, text, nodes, imports: nodes.flatMap((node) => importOf(node, lazy.get(node)) ?? []) };
}

/** The file, from the same root, that a relative import of `file` means; null for a package or a built-in. */
export function targetOf(file: string, specifier: string): string | null {
  if (!specifier.startsWith('.')) return null;
  return path.posix.join(path.posix.dirname(file), specifier).replace(/\.js$/, '.ts');
}

export const isNode = (value: unknown): value is Node => typeof (value as Node | null | undefined)?.type === 'string';

/** `Date.now`, `import.meta.url`: the name of an identifier or of a chain of them; undefined for anything else. */
export function nameOf(node: unknown): string | undefined {
  if (!isNode(node)) return undefined;
  if (node.type === 'Identifier') return node['name'] as string;
  if (node.type === 'MetaProperty') return `${nameOf(node['meta'])}.${nameOf(node['property'])}`;
  if (node.type !== 'MemberExpression') return undefined;
  const [object, property] = [
    nameOf(node['object']),
    node['computed'] === true ? literalOf(node['property']) : nameOf(node['property']),
  ];
  return object === undefined || property == null ? undefined : `${object}.${property}`;
}

function collect(value: unknown, nodes: Node[]): void {
  if (Array.isArray(value)) for (const item of value) collect(item, nodes);
  else if (typeof value === 'object' && value !== null) {
    if (isNode(value)) nodes.push(value);
    for (const child of Object.values(value)) collect(child, nodes);
  }
}

/** The text of a literal, or null for anything that is known only when the program runs. */
export function literalOf(node: unknown): string | null {
  if (!isNode(node)) return null;
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
      return loadedBy(nameOf(node['callee']), node['arguments'] as unknown[]);
    case 'NewExpression':
      return nameOf(node['callee']) === 'URL' ? addressed(node['arguments'] as unknown[]) : undefined;
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

/** `new URL('./x.js', import.meta.url)`: a file beside this one, which may be a module. */
function addressed([argument, base]: unknown[]): Import | undefined {
  return nameOf(base) === 'import.meta.url'
    ? { specifier: literalOf(argument), typeOnly: false, names: ['*'], address: true }
    : undefined;
}
