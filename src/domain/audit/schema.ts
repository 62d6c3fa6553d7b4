import { byText } from '../order.js';

/** One thing of a database's schema: a table, a column, a constraint, a trigger, a function. */
export interface SchemaThing {
  /** `function`, `trigger`, … */
  kind: string;
  /** With the table it is of, or the types of its arguments: no two of a kind have one name. */
  name: string;
  /** Everything that counts of it, as text that is the same on every version of Postgres. */
  is: string;
}

/** A thing that is not as the migrations make it. */
export interface SchemaBreak {
  kind: string;
  name: string;
  problem: 'is missing' | 'is not as the migrations make it' | 'was added by somebody else';
}

/** How a schema stands to the one that this version of the program makes. */
export interface SchemaProof {
  /** Migrations of this version that the database does not have: it is older, and nothing of it can be compared. */
  missing: string[];
  /** Migrations that this version does not know: the database is newer than the program. */
  unknown: string[];
  /** What differs; empty where all is as it was made, and where the database is of another version. */
  breaks: SchemaBreak[];
}

/** The migrations that were applied, each a thing of its own. */
export const MIGRATION = 'migration';

/**
 * Compares a schema with the one that the migrations make. One of another version cannot be compared: that is told by
 * its migrations, and not as a break.
 * @param made by the migrations of this version, as `schemaText` had it
 * @param found in the database
 */
export function proveSchema(made: readonly SchemaThing[], found: readonly SchemaThing[]): SchemaProof {
  const [ours, theirs] = [byName(made), byName(found)];
  const migrations = (of: readonly SchemaThing[], known: ReadonlyMap<string, string>): string[] =>
    of.filter((thing) => thing.kind === MIGRATION && !known.has(nameOf(thing))).map(({ name }) => name);
  const [missing, unknown] = [migrations(made, theirs), migrations(found, ours)];
  if (missing.length + unknown.length > 0) return { missing, unknown, breaks: [] };
  const gone = made.flatMap((thing): SchemaBreak[] => {
    const is = theirs.get(nameOf(thing));
    if (is === thing.is) return [];
    return [broken(thing, is === undefined ? 'is missing' : 'is not as the migrations make it')];
  });
  const added = found
    .filter((thing) => !ours.has(nameOf(thing)))
    .map((thing) => broken(thing, 'was added by somebody else'));
  return { missing, unknown, breaks: [...gone, ...added] };
}

const broken = ({ kind, name }: SchemaThing, problem: SchemaBreak['problem']): SchemaBreak => ({ kind, name, problem });

const nameOf = ({ kind, name }: SchemaThing): string => `${kind} ${name}`;
const byName = (things: readonly SchemaThing[]): Map<string, string> =>
  new Map(things.map((thing) => [nameOf(thing), thing.is]));

/** What proves facts is asked of the database itself only where this is as it was made. */
const PROVING = ['function', 'built in', 'setting', 'operator', 'cast', 'view', 'rule', 'policy', 'inheritance'];

/** Whether what the database's own functions say of its facts can be believed. */
export const isBelieved = ({ breaks }: SchemaProof): boolean => !breaks.some(({ kind }) => PROVING.includes(kind));

const DIVIDES = ' = ';

/** A schema as text: a line a thing, in the order of code units. */
export const schemaText = (things: readonly SchemaThing[]): string =>
  things
    .map((thing) => `${thing.kind}: ${thing.name}${DIVIDES}${thing.is}\n`)
    .toSorted(byText)
    .join('');

/** Reads what `schemaText` wrote; lines that begin with `#` are for people. */
export const readSchema = (text: string): SchemaThing[] =>
  text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [kindEnd, nameEnd] = [line.indexOf(': '), line.indexOf(DIVIDES)];
      return { kind: line.slice(0, kindEnd), name: line.slice(kindEnd + 2, nameEnd), is: line.slice(nameEnd + 3) };
    });
