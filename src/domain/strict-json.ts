import { parseDocument } from 'yaml';
import { DEPTH_MAX, DEPTH_RULE } from './depth.js';
import { bounded } from './text.js';

/** Characters of what the parser says, which quotes the text. */
const SAID_MAX = 200;

/** What the text says, or why it cannot be taken for JSON. */
export type JsonRead = { value: unknown } | { rule: string };

/**
 * Reads JSON that a person wrote. Beyond `JSON.parse` it refuses a key given twice in one object, where the second would
 * silently win, and text above the limit before any of it is parsed. A byte order mark, as Windows editors write, is
 * passed over.
 * @param maxBytes size limit, in bytes of UTF-8.
 */
export function readJson(text: string, maxBytes: number): JsonRead {
  if (text.length > maxBytes || Buffer.byteLength(text) > maxBytes)
    return { rule: `must be at most ${maxBytes} bytes` };
  const plain = text.replace(/^\uFEFF/, '');
  if (plain.trim() === '') return { rule: 'must not be empty' };
  if (isDeep(plain)) return { rule: DEPTH_RULE };
  try {
    const value: unknown = JSON.parse(plain);
    return repeatedKey(plain) ?? { value };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { rule: `must be JSON: ${bounded(error.message, SAID_MAX)}` };
  }
}

// YAML 1.2 contains JSON, and its parser sees what JSON.parse throws away; its other complaints do not concern JSON.
function repeatedKey(text: string): { rule: string } | null {
  const error = parseDocument(text, { uniqueKeys: true, logLevel: 'silent' }).errors.find(
    ({ code }) => code === 'DUPLICATE_KEY',
  );
  return error
    ? {
        rule: `must not give a key twice in one object (line ${error.linePos?.[0].line}, column ${error.linePos?.[0].col})`,
      }
    : null;
}

/** Whether lists and objects stand within each other deeper than anybody writes; brackets within texts do not count. */
function isDeep(text: string): boolean {
  let [depth, quoted] = [0, false];
  for (let index = 0; index < text.length; index++) {
    const mark = text[index] as string;
    if (quoted && mark === '\\') index++;
    else if (mark === '"') quoted = !quoted;
    else if (!quoted && '[{'.includes(mark)) depth++;
    else if (!quoted && ']}'.includes(mark)) depth--;
    if (depth > DEPTH_MAX) return true;
  }
  return false;
}
