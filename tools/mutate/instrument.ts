import { childrenOf, oneLine, parse, type Node } from './tree.js';
import { LOOPS, METHODS, variantsOf } from './variants.js';

/** One change of one place of a file. */
export interface Mutant {
  id: number;
  /** Path from the root of the repository, with slashes. */
  file: string;
  /** From 1. */
  line: number;
  /** What stands around the place, as one line: the widest expression or statement of at most `CODE_MAX` characters. */
  code: string;
  /** What was done, for people. */
  change: string;
  /** The expression or statement that was changed, as one line. */
  original: string;
}

/** A file with all its mutants in it, each behind a switch of its own. */
export interface Instrumented {
  mutants: Mutant[];
  text: string;
}

/** Asks which mutant is on, and notes that its place was reached. */
export const SWITCH = '__mutant';
/** Counts the turns of a loop, and throws when they never end. */
export const TURN = '__turn';

/** Characters around a mutant that name it, when its survival is excused. */
const CODE_MAX = 160;

interface Work {
  file: string;
  text: string;
  mutants: Mutant[];
  firstId: number;
  /** From the program to the node at hand. */
  path: Node[];
}

/**
 * Writes every mutant of a file into it, as `(__mutant(17) ? changed : original)`: the file is compiled and loaded once
 * for all of them. A change is made of the source as it was, since one mutant is on at a time.
 */
export function instrument(file: string, text: string, firstId = 0): Instrumented {
  const work: Work = { file, text, mutants: [], firstId, path: [] };
  const program = parse(file, text);
  return { text: emit(program, null, false, work), mutants: work.mutants };
}

function add(work: Work, node: Node, change: string): number {
  const id = work.firstId + work.mutants.length;
  const line = work.text.slice(0, node.start).split('\n').length;
  work.mutants.push({ id, file: work.file, line, code: around(work), change, original: oneLine(source(node, work)) });
  return id;
}

function around(work: Work): string {
  let widest = '';
  for (const node of work.path.toReversed()) {
    if (node.type === 'Program') break;
    const text = oneLine(source(node, work));
    if (text.length > CODE_MAX) return widest === '' ? text.slice(0, CODE_MAX) : widest;
    widest = text;
  }
  return widest;
}

const source = (node: Node, { text }: Work): string => text.slice(node.start, node.end);

/** `inChain`: the node is the object of `?.`; parentheses would end what the chain leaves out. */
function emit(node: Node, parent: Node | null, inChain: boolean, work: Work): string {
  work.path.push(node);
  const written = emitWhole(node, parent, inChain, work);
  work.path.pop();
  return written;
}

function emitWhole(node: Node, parent: Node | null, inChain: boolean, work: Work): string {
  if (node.type === 'CallExpression') return emitCall(node, parent, inChain, work);
  const written = emitInner(node, inChain, work);
  return node.type.endsWith('Statement')
    ? emitStatement(node, written, work)
    : switched(node, parent, inChain, written, work);
}

function emitInner(node: Node, inChain: boolean, work: Work): string {
  let [written, at] = ['', node.start];
  for (const child of childrenOf(node)) {
    // A shorthand property is key and value at once.
    if (child.start < at) continue;
    const goesOn =
      (node.type === 'MemberExpression' && node['object'] === child) ||
      (node.type === 'CallExpression' && node['callee'] === child) ||
      node.type === 'TSNonNullExpression';
    const inner = emit(child, node, node.type === 'ChainExpression' || (inChain && goesOn), work);
    // Only its condition runs at every turn of a loop, whatever the body is.
    written +=
      work.text.slice(at, child.start) +
      (LOOPS.has(node.type) && node['test'] === child ? `(${TURN}()&&(${inner}))` : inner);
    at = child.end;
  }
  return written + work.text.slice(at, node.end);
}

function switched(node: Node, parent: Node | null, inChain: boolean, written: string, work: Work): string {
  if (inChain) return written;
  return variantsOf(node, parent, (part) => source(part, work)).reduce(
    (text, variant) => `(${SWITCH}(${add(work, node, variant.operator)})?(${variant.text}):${text})`,
    written,
  );
}

/** A method gets its name from the switch: what it is called on is written once, and a chain stays a chain. */
function emitCall(node: Node, parent: Node | null, inChain: boolean, work: Work): string {
  const callee = node['callee'] as Node;
  const name =
    callee.type === 'MemberExpression' && callee['computed'] !== true
      ? ((callee['property'] as Node)['name'] as string)
      : '';
  const other = METHODS[name];
  if (other === undefined) return switched(node, parent, inChain, emitInner(node, inChain, work), work);
  const object = emit(callee['object'] as Node, callee, inChain, work);
  const id = add(work, node, `.${name}() becomes .${other}()`);
  const rest = emitInner({ ...node, type: 'Arguments', callee: null, start: callee.end }, false, work);
  return switched(
    node,
    parent,
    inChain,
    `${object}${callee['optional'] === true ? '?.' : ''}[${SWITCH}(${id})?'${other}':'${name}']${rest}`,
    work,
  );
}

function emitStatement(node: Node, written: string, work: Work): string {
  const removable =
    node.type === 'ThrowStatement' || (node.type === 'ExpressionStatement' && typeof node['directive'] !== 'string');
  return removable ? `{if(!${SWITCH}(${add(work, node, 'drop statement')})){${written}}}` : written;
}
