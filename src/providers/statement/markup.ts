import { SaxesParser, type SaxesTagNS } from 'saxes';
import { OpsError } from '../../domain/errors.js';
import { refusedStatement } from '../../domain/statement/refusals.js';
import type { Part } from './archive.js';

/** An element as whoever reads a part is told of it: its name without the prefix, whose it is, and its attributes. */
export interface Element {
  name: string;
  namespace: string;
  /** By the name as it is written, with its prefix. */
  attribute(name: string): string | null;
  /** The one of that name that has a namespace of its own, such as `r:id`. */
  attributeOf(namespace: string, name: string): string | null;
}

/** Told of a part as it is read, from its beginning to its end. */
export interface Reader {
  open(element: Element): void;
  text?(text: string): void;
  close?(name: string, namespace: string): void;
}

const DEPTH_MAX = 64;
/** No cell and no tag of a statement is longer: what goes on so is there to fill a memory. */
const WITHOUT_TAG_MAX = 1_000_000;
const PIECE = 65_536;

/**
 * Reads a part of a workbook as markup, in pieces. It may declare nothing (DOCTYPE), nest no deeper than sheets do, and
 * must be well-formed UTF-8.
 * @throws OpsError STATEMENT_HOSTILE, STATEMENT_NOT_A_WORKBOOK, and what the reader throws
 */
export async function readMarkup(part: Part, reader: Reader): Promise<void> {
  const state = { depth: 0, since: 0 };
  const parser = parserOf(part.name, reader, state);
  const decoder = new TextDecoder('utf-8', { fatal: true });
  // Said here: whoever unpacks the part would take it for a fault of the archive.
  const parse = (piece: string | null) => {
    try {
      parser.write(piece);
    } catch (cause) {
      throw cause instanceof OpsError ? cause : unreadable(part.name, cause);
    }
  };
  const write = (text: string) => {
    for (let at = 0; at < text.length; at += PIECE) {
      const piece = text.slice(at, at + PIECE);
      state.since += piece.length;
      parse(piece);
      if (state.since > WITHOUT_TAG_MAX) throw hostile(part.name, 'goes on without an end of a text or tag');
    }
  };
  const decode = (bytes?: Buffer): string => {
    try {
      return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true });
    } catch (cause) {
      throw unreadable(part.name, cause);
    }
  };
  await part.read((bytes) => write(decode(bytes)));
  write(decode());
  parse(null);
}

const unreadable = (where: string, cause: unknown): OpsError => {
  const rule = `is no well-formed markup (${(cause as Error).message})`;
  return refusedStatement('STATEMENT_NOT_A_WORKBOOK', where, null, rule, cause);
};

const hostile = (where: string, rule: string): OpsError =>
  refusedStatement('STATEMENT_HOSTILE', `part ${where}`, null, rule);

function parserOf(
  where: string,
  reader: Reader,
  state: { depth: number; since: number },
): SaxesParser<{ xmlns: true }> {
  const parser = new SaxesParser({ xmlns: true });
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('doctype', () => {
    throw hostile(where, 'declares a DOCTYPE: must declare nothing');
  });
  parser.on('opentag', (tag) => {
    state.since = 0;
    state.depth += 1;
    if (state.depth > DEPTH_MAX) throw hostile(where, `nests deeper than ${DEPTH_MAX}`);
    reader.open(new Tag(tag));
  });
  parser.on('closetag', (tag) => {
    state.since = 0;
    state.depth -= 1;
    reader.close?.(tag.local, tag.uri);
  });
  const { text } = reader;
  if (text) {
    parser.on('text', (said) => text.call(reader, said));
    parser.on('cdata', (said) => text.call(reader, said));
  }
  return parser;
}

/** A class, so that of a hundred thousand cells none makes functions of its own. */
class Tag implements Element {
  constructor(private readonly tag: SaxesTagNS) {}

  get name(): string {
    return this.tag.local;
  }

  get namespace(): string {
    return this.tag.uri;
  }

  attribute(name: string): string | null {
    const { attributes } = this.tag;
    return Object.hasOwn(attributes, name) ? (attributes[name]?.value ?? null) : null;
  }

  attributeOf(namespace: string, name: string): string | null {
    const found = Object.values(this.tag.attributes).find((one) => one.uri === namespace && one.local === name);
    return found?.value ?? null;
  }
}
