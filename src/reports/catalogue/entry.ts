/** What a person is told about one code, in the answer to "what now?". Texts are Markdown of one paragraph. */
export interface CodeEntry {
  /** What happened. */
  happened: string;
  /** What to look at before anything is done; left out when there is nothing to look at. */
  check?: string;
  /** What to type or do, in a sentence or two: what tickets and reports print beside the code. */
  remedy: string;
  /** The one command that is typed next, where it is always the same. */
  next?: string;
  /** What else is worth knowing about the way out; only where there is room for it. */
  more?: string;
}

/** Codes of one subject: one block of docs/INCIDENTS.md. */
export interface Subject {
  /** Name of its block. */
  id: string;
  /** Heading under which the block stands there. */
  title: string;
  /** Who says these codes, such as "a gate". */
  saidBy: string;
  /** Codes that need room have a section each, the others a row of one table. */
  layout: 'sections' | 'table';
  codes: Readonly<Record<string, CodeEntry>>;
}
