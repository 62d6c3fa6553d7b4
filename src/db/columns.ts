/** How Postgres stores a column, by the name it has for the type itself (`information_schema.columns.udt_name`). */
export type Kind =
  | 'text'
  | 'uuid'
  | 'date'
  | 'timestamptz'
  | 'numeric'
  | 'int2'
  | 'int4'
  | 'int8'
  | 'bool'
  | 'jsonb'
  | '_text'
  | '_uuid';
/** Who gives a new row its value: whoever inserts it, or a default where it is left out, or the database alone. */
export type Giver = 'insert' | 'default' | 'database';

/** A column as it is stored and as it is read. `Value` holds null where the column may. */
export interface Column<K extends Kind = Kind, Value = unknown, G extends Giver = Giver> {
  readonly kind: K;
  readonly nullable: boolean;
  readonly giver: G;
  /** Only for the compiler: what the driver reads. */
  readonly value?: Value;
}

export type Columns = Record<string, Column>;

type ValueOf<C> = C extends Column<Kind, infer Value> ? Value : never;
/** JSON is written as text: the driver would write an array of JavaScript as one of Postgres. */
type WrittenOf<C> = C extends Column<'jsonb'> ? string : ValueOf<C>;
type OmitUnwritten<T extends Columns> = {
  [Name in keyof T as T[Name]['giver'] extends 'database' ? never : Name]: T[Name];
};
type MayBeLeftOut<T extends Columns> = {
  [Name in keyof T]: T[Name]['giver'] extends 'default' ? Name : null extends ValueOf<T[Name]> ? Name : never;
}[keyof T];
type Written<T extends Columns> = { [Name in Exclude<keyof T, MayBeLeftOut<T>>]: WrittenOf<T[Name]> } & {
  [Name in MayBeLeftOut<T>]?: WrittenOf<T[Name]>;
};

/** A row as it is read. */
export type RowOf<T extends Columns> = { [Name in keyof T]: ValueOf<T[Name]> };
/** A row as it is inserted: what the database gives alone is not there, what it gives by default may be left out. */
export type NewRowOf<T extends Columns> = Written<OmitUnwritten<T>>;

/** `a_name_like_this` as `aNameLikeThis`. */
export type CamelCase<Name extends string> = Name extends `${infer First}_${infer Rest}`
  ? `${First}${Capitalize<CamelCase<Rest>>}`
  : Name;

const column =
  <K extends Kind, Usual>(kind: K) =>
  <Value extends Usual = Usual>(): Column<K, Value, 'insert'> => ({ kind, nullable: false, giver: 'insert' });

export const text = column<'text', string>('text');
export const texts = column<'_text', string[]>('_text');
export const uuid = column<'uuid', string>('uuid');
export const uuids = column<'_uuid', string[]>('_uuid');
/** `YYYY-MM-DD`. */
export const date = column<'date', string>('date');
/** ISO 8601 in UTC (src/db/connect.ts). */
export const instant = column<'timestamptz', string>('timestamptz');
/** Its digits as text: money is never a float. */
export const numeric = column<'numeric', string>('numeric');
export const smallint = column<'int2', number>('int2');
export const integer = column<'int4', number>('int4');
export const bigint = column<'int8', number>('int8');
export const boolean = column<'bool', boolean>('bool');
/** `Value` is what a program of ours wrote; `unknown` where it is parsed when it is loaded. */
export const json = column<'jsonb', unknown>('jsonb');

export const orNull = <K extends Kind, Value, G extends Giver>(
  one: Column<K, Value, G>,
): Column<K, Value | null, G> => ({
  kind: one.kind,
  nullable: true,
  giver: one.giver,
});

const givenBy =
  <G extends Giver>(giver: G) =>
  <K extends Kind, Value>(one: Column<K, Value>): Column<K, Value, G> => ({
    kind: one.kind,
    nullable: one.nullable,
    giver,
  });

export const byDefault = givenBy('default');
/** An identity, a number of a sequence, or what a trigger sets: nobody else may. */
export const byDatabase = givenBy('database');
