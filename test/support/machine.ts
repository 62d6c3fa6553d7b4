import { isNode, literalOf, methodOf, nameOf, type Node, type Source } from './source.js';

/** One use of a name that a file did not make: of the machine (`Date`, `process`) or of luxon. */
export interface Use {
  name: string;
  /** `now` of `Date.now` and of `const { now } = Date`; undefined for the thing itself. */
  member: string | undefined;
  by: 'new' | 'call' | 'instanceof' | 'value';
  /** How many arguments it is given; none where there is a spread, for then nobody can say. */
  given: number;
}

/** How people write it: `Date.now`, `new Date`. */
export const textOf = ({ name, member, by }: Use): string =>
  `${by === 'new' ? 'new ' : ''}${name}${member === undefined ? '' : `.${member}`}`;

/** Luxon's names are watched like the machine's, for they read its clock. */
const WATCHED = ['luxon'];

/** Every use of a name that the file does not declare itself, wherever the program evaluates it. */
export function usesOf(source: Source): Use[] {
  const own = new Set(declaredOf(source));
  return source.nodes
    .filter((node) => node.type === 'Identifier' && !own.has(node['name'] as string) && isValue(node, source))
    .flatMap((node) => useOf(node, source));
}

/** Names a file gives to what it makes or imports; what it only says is there (`declare const`) is not its own. */
export function declaredOf({ nodes, parents }: Source): string[] {
  return nodes.flatMap((node) => {
    if (node['declare'] === true || parents.get(node)?.['declare'] === true) return [];
    const params = /Function(Declaration|Expression)$/.test(node.type) ? (node['params'] as unknown[]) : [];
    switch (node.type) {
      case 'VariableDeclarator':
        return boundBy(node['id']);
      case 'CatchClause':
        return boundBy(node['param']);
      case 'ImportSpecifier':
      case 'ImportDefaultSpecifier':
      case 'ImportNamespaceSpecifier':
        return WATCHED.includes(literalOf(parents.get(node)?.['source']) ?? '') ? [] : boundBy(node['local']);
      default:
        return [
          ...(/^(Function|Class)|^TSEnumDeclaration$/.test(node.type) ? boundBy(node['id']) : []),
          ...params.flatMap(boundBy),
        ];
    }
  });
}

/** Names that a pattern binds: `{ a, b: [c = 1], ...d }` binds a, c, d. */
function boundBy(pattern: unknown): string[] {
  if (!isNode(pattern)) return [];
  const { type, properties, elements } = pattern as Node & { properties: Node[]; elements: unknown[] };
  if (type === 'Identifier') return [pattern['name'] as string];
  if (type === 'ObjectPattern') return properties.flatMap((one) => boundBy(one['value'] ?? one['argument']));
  if (type === 'ArrayPattern') return elements.flatMap(boundBy);
  return boundBy(pattern['left'] ?? pattern['argument'] ?? pattern['parameter']);
}

/** Nodes of TypeScript that leave something to be run when the types are gone. */
const RUNS =
  /^TS(As|NonNull|Satisfies|Instantiation)Expression$|^TS(TypeAssertion|Enum|ParameterProperty|ExportAssignment|ImportEquals|Module)/;

/** Whether an identifier is evaluated when the program runs: no type, no label, no name of a member. */
function isValue(node: Node, { parents }: Source): boolean {
  const parent = parents.get(node);
  if (parent === undefined) return true;
  const named = (key: string) => parent[key] === node && parent['computed'] !== true;
  if (/^(Import.*Specifier|MetaProperty|LabeledStatement|BreakStatement|ContinueStatement)$/.test(parent.type))
    return false;
  if (parent.type === 'ExportSpecifier') {
    return parent['local'] === node && !isNode(parents.get(parent)?.['source']) && parent['exportKind'] !== 'type';
  }
  if (parent.type === 'TSEnumMember' && named('id')) return false;
  if (parent.type === 'MemberExpression' ? named('property') : named('key') && parent['shorthand'] !== true)
    return false;
  for (let at: Node | undefined = parent; at; at = parents.get(at)) {
    if (at.type === 'TSQualifiedName' && parents.get(at)?.type === 'TSImportEqualsDeclaration') continue;
    if (at.type.startsWith('TS') && !RUNS.test(at.type)) return false;
    if (at.type === 'ExportNamedDeclaration' && at['exportKind'] === 'type') return false;
  }
  return true;
}

function useOf(node: Node, { parents }: Source): Use[] {
  const name = node['name'] as string;
  const parent = parents.get(node);
  const taken = parent?.type === 'VariableDeclarator' && parent['init'] === node ? parent['id'] : undefined;
  if (isNode(taken) && taken.type === 'ObjectPattern') {
    return (taken['properties'] as Node[]).map((one) => ({
      name,
      member: one['computed'] === true ? undefined : (nameOf(one['key']) ?? literalOf(one['key']) ?? undefined),
      by: 'value',
      given: 0,
    }));
  }
  const method = parent?.['object'] === node ? methodOf(parent) : undefined;
  const whole = method === undefined ? node : (parent as Node);
  return [{ name, member: method?.slice(1), ...doneWith(whole, parents.get(whole)) }];
}

function doneWith(node: Node, parent: Node | undefined): Pick<Use, 'by' | 'given'> {
  const given = (parent?.['arguments'] ?? []) as Node[];
  if (parent?.['callee'] === node) {
    const spread = given.some(({ type }) => type === 'SpreadElement');
    return { by: parent.type === 'NewExpression' ? 'new' : 'call', given: spread ? 0 : given.length };
  }
  return { by: parent?.['operator'] === 'instanceof' && parent['right'] === node ? 'instanceof' : 'value', given: 0 };
}

/** Every name of a member that is read, taken out of something or imported, whatever has it. */
export function membersOf({ nodes, imports, parents }: Source): string[] {
  return [
    ...nodes.flatMap((node) => methodOf(node)?.slice(1) ?? []),
    ...nodes
      .filter((node) => node.type === 'Property' && parents.get(node)?.type === 'ObjectPattern')
      .flatMap(({ key, computed }) => (computed === true ? literalOf(key) : (nameOf(key) ?? literalOf(key))) ?? []),
    ...imports.filter(({ typeOnly }) => !typeOnly).flatMap(({ names }) => names),
  ];
}
