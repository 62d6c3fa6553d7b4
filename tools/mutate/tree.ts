import { parseSync } from 'vite';

/** A node of the syntax tree: ESTree with TypeScript's additions. Offsets count UTF-16 units of the source. */
export interface Node {
  type: string;
  start: number;
  end: number;
  [field: string]: unknown;
}

/** The syntax tree of a TypeScript file. Throws when it does not parse. */
export function parse(file: string, text: string): Node {
  const { program, errors } = parseSync(file, text);
  if (errors.length > 0) throw new Error(`${file}: ${errors.map(({ message }) => message).join('; ')}`);
  return program as unknown as Node;
}

export const isNode = (value: unknown): value is Node => typeof (value as Node | null)?.type === 'string';

/** TypeScript's wrappers around an expression; every other TS node is a type, and gone when the program runs. */
const WRAPPERS = new Set(['TSAsExpression', 'TSNonNullExpression', 'TSSatisfiesExpression']);

/** Fields that hold names, addresses and types: nothing that runs. */
function isSilent(parent: Node, field: string): boolean {
  if (parent.type === 'Property' || parent.type === 'MethodDefinition' || parent.type === 'PropertyDefinition') {
    return field === 'key' && parent['computed'] !== true;
  }
  if (parent.type === 'MemberExpression') return field === 'property' && parent['computed'] !== true;
  return field === 'source' && (parent.type.startsWith('Import') || parent.type.startsWith('Export'));
}

/** The children of a node that run, in the order of the text. */
export function childrenOf(node: Node): Node[] {
  return Object.keys(node)
    .filter((field) => !isSilent(node, field))
    .flatMap((field) => {
      const value = node[field];
      return Array.isArray(value) ? value : [value];
    })
    .filter(isNode)
    .filter(({ type }) => !type.startsWith('TS') || WRAPPERS.has(type))
    .toSorted((a, b) => a.start - b.start);
}

/** Code as one line that says the same however it was laid out: no breaks, no margins, no comma before a closing bracket. */
export const oneLine = (code: string): string =>
  code
    .trim()
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/,? (?=[)\]])/g, '')
    .replaceAll(/, (?=\})/g, ' ')
    .replaceAll(/(?<=[([]) /g, '')
    .replaceAll(/ (?=\??\.[A-Za-z_])/g, '');
