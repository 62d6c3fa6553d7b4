import type { Block } from '../../reports/render/document.js';
import type { FileTaken, SentFile } from '../multipart.js';
import type { Sitting } from '../sitting.js';

/** What stands in the fields of a form that was sent: the last word of each, by its name. */
export type Typed = Readonly<Record<string, string>>;

/** What a request carries of fields: of what is said twice the last word counts. */
export const fieldsSent = (body: unknown): Typed =>
  Object.fromEntries(
    Object.entries(Object(body) as Record<string, unknown>).map(([name, value]) => [
      name,
      String(Array.isArray(value) ? value.at(-1) : value),
    ]),
  );

/** What is wrong, as it is told above a form. */
export interface Trouble {
  code: string;
  /** A line each: `field: value: rule` where a field is wrong. */
  message: string;
  remedy: string | null;
  /** What was kept all the same; by itself nothing was recorded. */
  kept?: string;
}

/** A field of a form that is filled in. */
export type Field = { name: string; label: string; hint?: string; value?: string } & (
  | { kind: 'text' | 'date' | 'figure' | 'lines' | 'tick' }
  /** Of one that is taken as it is: what kinds a browser offers, and bytes at most. */
  | { kind: 'file'; accept?: string; maxBytes?: number }
  | { kind: 'choice'; options: readonly (readonly [value: string, text: string])[] }
);

/** What somebody reads before they ask for it. */
export interface Review {
  blocks: readonly Block[];
  /** What the button says that asks for it. */
  button: string;
  /**
   * What it was made of, in a word: where that is another one when it is asked for, it is to be read once more.
   * Left out where the asking itself looks.
   */
  basis?: string;
  /** Fields that the review adds to those that were typed. */
  adds?: Typed;
  /** What is filled in beside that button, and goes along with all that was typed before. */
  fields?: readonly Field[];
}

/**
 * Something that is asked for at the desk: a form, a review of what was typed, and the asking. Rules are the
 * operations'; whatever they refuse is told above the form, with everything that was typed still in it.
 */
export interface Form {
  /** The route, such as `/:account/cash`. */
  path: string;
  /** Those of its fields that are always the same: what was typed is told by them also where the page has no form. */
  fields?: readonly Field[];
  title(sitting: Sitting): string;
  /** The page of the rail that it belongs to, by its path. */
  here(sitting: Sitting): string | null;
  /** What is typed for the same. */
  command(sitting: Sitting, typed: Typed): string;
  /** Whether that says what stands in the fields: beside a form it is of what was sent to be checked last. */
  isCommandTyped?: boolean;
  /** Whether it is of one account, whose rehearsal clock goes along. */
  isOfAccount?: boolean;
  /**
   * The form without its frame, token and buttons: HTML of templates.
   * @param typed what stands in it; of a new form what its address says.
   */
  body(sitting: Sitting, typed: Typed, trouble: Trouble | null): Promise<string>;
  /** What the button of the form says; by itself "Review". */
  checkButton?: string | ((sitting: Sitting, typed: Typed) => Promise<string>);
  /** What is kept although it is refused, by the code that refuses it; nothing is, where the form says nothing. */
  keeps?: Readonly<Record<string, string>>;
  /** Modules of the browser that the form has beside the pulse; it is whole without them. */
  scripts?: readonly string[];
  /** The field whose text may come as a file, and by which code one is refused that is no text. */
  upload?: { name: string; code: string };
  /** The file that is taken as it is: whoever sends the form again chooses it again, for no page can hold it. */
  file?: FileTaken;
  /** Asked for by the button of the form, without a review: for what must be quick and can be taken back. */
  isDirect?: boolean;
  /**
   * Whole pages in the place of the form, where there is nothing to be asked for; null where there is.
   * @returns blocks
   */
  instead?(sitting: Sitting, typed: Typed): Promise<readonly Block[] | null>;
  /** What stands in a new form, of what its address says; the same where it is left out. */
  begin?(sitting: Sitting, typed: Typed): Promise<Typed>;
  /** The button that the Enter key presses, by its name; by itself the one of the form. */
  enter?: string;
  /** Other buttons of the form, by name: what stands in it afterwards. */
  steps?: Record<string, (sitting: Sitting, typed: Typed) => Promise<Typed>>;
  /** The one of them after which nothing is left but the form's own button. */
  lastStep?: string;
  /** Holds what was typed against every rule and changes nothing. @throws OpsError what an operation refuses */
  check(sitting: Sitting, typed: Typed): Promise<Review>;
  /**
   * Whether `commit` is signed, and does nothing before it is: whoever has a passkey then signs on the review's page.
   */
  isSigned?: boolean;
  /**
   * Asks for it.
   * @param file the one that came along, where the form takes one; null for none
   * @returns the path of the page that shows what came of it
   * @throws OpsError as `check`
   */
  commit(sitting: Sitting, typed: Typed, file: SentFile | null): Promise<string>;
}
