import { isNode, oneLine, type Node } from './tree.js';

/** Characters of a dropped item that name it. */
const SHOWN_MAX = 80;

/** Another way to write an expression, that means something else. */
export interface Variant {
  /** What was done, for people. */
  operator: string;
  /** The source of the whole node, changed. */
  text: string;
}

type Source = (node: Node) => string;

const OPERATORS: Record<string, string> = {
  '<': '<=',
  '<=': '<',
  '>': '>=',
  '>=': '>',
  '===': '!==',
  '!==': '===',
  '+': '-',
  '-': '+',
  '*': '/',
  '/': '*',
  '%': '*',
  '**': '*',
  '&&': '||',
  '||': '&&',
  '??': '&&',
};

/** A method, and one that reads as likely and does another thing: on decimals, lists, texts and `Math`. */
export const METHODS: Record<string, string> = {
  plus: 'minus',
  minus: 'plus',
  times: 'div',
  div: 'times',
  gt: 'gte',
  gte: 'gt',
  lt: 'lte',
  lte: 'lt',
  min: 'max',
  max: 'min',
  some: 'every',
  every: 'some',
  startsWith: 'endsWith',
  endsWith: 'startsWith',
  floor: 'ceil',
  ceil: 'floor',
  round: 'floor',
};

const CONSTANTS: Record<string, string> = {
  ROUND_DOWN: 'ROUND_UP',
  ROUND_UP: 'ROUND_DOWN',
  ROUND_HALF_EVEN: 'ROUND_DOWN',
  ROUND_HALF_UP: 'ROUND_DOWN',
  ROUND_FLOOR: 'ROUND_CEIL',
  ROUND_CEIL: 'ROUND_FLOOR',
};

/** Calls that may be left out: what they are called on stands in their place. */
const DROPPED_METHODS = new Set([
  'filter',
  'toSorted',
  'slice',
  'neg',
  'abs',
  'toDecimalPlaces',
  'trim',
  'trimEnd',
  'toLowerCase',
  'toUpperCase',
  'toReversed',
  'replace',
  'replaceAll',
]);
/** Functions that may be left out: their argument stands in their place. */
const DROPPED_FUNCTIONS = new Set(['pennies', 'floorPennies', 'floorUnits']);

/** What an expression could have been by mistake. */
export function variantsOf(node: Node, parent: Node | null, source: Source): Variant[] {
  return [...ownVariants(node, source), ...(isCondition(node, parent) ? forced(parent as Node) : [])];
}

function ownVariants(node: Node, source: Source): Variant[] {
  switch (node.type) {
    case 'BinaryExpression':
    case 'LogicalExpression':
      return swappedOperator(node, source);
    case 'UnaryExpression':
      return node['operator'] === '!' || node['operator'] === '-'
        ? [{ operator: `drop ${node['operator']}`, text: source(node['argument'] as Node) }]
        : [];
    case 'Literal':
      return literal(node);
    case 'TemplateLiteral':
      return source(node).length > 2 ? [{ operator: 'empty text', text: `''` }] : [];
    case 'ArrayExpression':
      return without(node, 'elements', '[', ']', 'entry', source);
    case 'ObjectExpression':
      return without(node, 'properties', '{', '}', 'property', source);
    case 'MemberExpression':
      return swappedConstant(node, source);
    case 'CallExpression':
      return droppedCall(node, source);
    default:
      return [];
  }
}

function swappedOperator(node: Node, source: Source): Variant[] {
  const operator = node['operator'] as string;
  const other = OPERATORS[operator];
  if (other === undefined) return [];
  return [
    {
      operator: `${operator} becomes ${other}`,
      text: `(${source(node['left'] as Node)}) ${other} (${source(node['right'] as Node)})`,
    },
  ];
}

function literal(node: Node): Variant[] {
  const value = node['value'];
  if (node['regex'] !== undefined) return unanchored(node['regex'] as { pattern: string; flags: string });
  if (typeof value === 'boolean') return [{ operator: `${value} becomes ${!value}`, text: String(!value) }];
  if (typeof value === 'number') return [{ operator: `${value} becomes ${value + 1}`, text: String(value + 1) }];
  if (typeof value !== 'string') return [];
  return [
    value === '' ? { operator: 'text instead of none', text: `'mutated'` } : { operator: 'empty text', text: `''` },
  ];
}

function unanchored({ pattern, flags }: { pattern: string; flags: string }): Variant[] {
  const changed: [string, string][] = [];
  if (pattern.startsWith('^') && pattern.length > 1) changed.push(['drop ^', pattern.slice(1)]);
  if (pattern.endsWith('$') && !pattern.endsWith('\\$')) changed.push(['drop $', pattern.slice(0, -1)]);
  return changed.map(([operator, text]) => ({ operator, text: `/${text}/${flags}` }));
}

function without(node: Node, field: string, open: string, close: string, what: string, source: Source): Variant[] {
  const items = (node[field] as (Node | null)[]).filter(isNode);
  return items.map((item) => ({
    operator: `drop ${what} ${oneLine(source(item)).slice(0, SHOWN_MAX)}`,
    text: `${open}${items
      .filter((other) => other !== item)
      .map(source)
      .join(', ')}${close}`,
  }));
}

function swappedConstant(node: Node, source: Source): Variant[] {
  const name = (node['property'] as Node)['name'] as string | undefined;
  const other = node['computed'] === true || name === undefined ? undefined : CONSTANTS[name];
  return other === undefined
    ? []
    : [{ operator: `${name} becomes ${other}`, text: `${source(node['object'] as Node)}.${other}` }];
}

function droppedCall(node: Node, source: Source): Variant[] {
  const callee = node['callee'] as Node;
  if (callee.type === 'MemberExpression') {
    const name = (callee['property'] as Node)['name'] as string;
    return DROPPED_METHODS.has(name) ? [{ operator: `drop .${name}()`, text: source(callee['object'] as Node) }] : [];
  }
  const [argument] = node['arguments'] as Node[];
  const name = callee['name'] as string;
  return argument !== undefined && DROPPED_FUNCTIONS.has(name)
    ? [{ operator: `drop ${name}()`, text: source(argument) }]
    : [];
}

export const LOOPS = new Set(['WhileStatement', 'DoWhileStatement', 'ForStatement']);

const isCondition = (node: Node, parent: Node | null): boolean =>
  parent !== null &&
  parent['test'] === node &&
  node.type !== 'Literal' &&
  (parent.type === 'IfStatement' || parent.type === 'ConditionalExpression' || LOOPS.has(parent.type));

const forced = (parent: Node): Variant[] =>
  (LOOPS.has(parent.type) ? [false] : [true, false]).map((value) => ({
    operator: `condition is ${value}`,
    text: String(value),
  }));
