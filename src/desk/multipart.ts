/** A field of a form that was sent: text, or what was said of it several times. */
type Said = string | string[];

/** Beside a field: the name of the file that was sent in it and is no text, or none at all. */
export const UNREADABLE = '.unreadable';

/** A file that a form takes as it is: in which field, of how many bytes, and by which code a larger one is refused. */
export interface FileTaken {
  name: string;
  maxBytes: number;
  tooLarge: string;
}

/** A file as somebody chose it. */
export interface SentFile {
  name: string;
  body: Uint8Array;
}

/** Where a form that was sent has its file: under no name, so that it stands in no page and in no field. */
const FILE = Symbol('the file of a form');

/** The file that came with a form that takes one; null where none was chosen. */
export const fileSent = (body: unknown): SentFile | null => (Object(body) as { [FILE]?: SentFile })[FILE] ?? null;

/** What a form may carry. */
export interface Carries {
  /** Fields at most. */
  fields: number;
  /** Characters of all its fields together. */
  text: number;
  /** The file that is taken as it is; any other one is text. */
  file?: FileTaken | undefined;
}

const broken = (cause?: unknown): Error =>
  Object.assign(new Error('the form is broken: send it again', { cause }), { statusCode: 400 });
const severalFiles = (name: string): Error =>
  Object.assign(new Error(`${name}: must be one file: several were sent, and nothing was read of them`), {
    statusCode: 400,
  });
const tooMuch = (what: string): Error => Object.assign(new Error(what), { statusCode: 413 });

/**
 * The fields of a form that may carry files: a file's text stands in the field of its name, as if it had been pasted
 * there, and after what was. A field without a file chosen says nothing; of a file that is no UTF-8 only the name is
 * kept. A file that is taken as it is stands aside: `fileSent` has it.
 * @throws an error of status 413 for more than it may carry, of 400 for what is no such form or has several such files
 */
export async function fieldsOfMultipart(
  body: Buffer,
  contentType: string,
  { fields: max, text: textMax, file: taken }: Carries,
): Promise<Record<string, Said>> {
  const sent = await new Response(new Uint8Array(body), { headers: { 'content-type': contentType } })
    .formData()
    .catch((cause: unknown) => {
      throw broken(cause);
    });
  const said = new Map<string, string[]>();
  let [count, length, file]: [number, number, SentFile | null] = [0, 0, null];
  for (const [name, value] of sent) {
    if (++count > max) throw tooMuch(`more than ${max} fields`);
    if (typeof value !== 'string' && name === taken?.name) {
      const chosen = await fileOf(value, taken);
      if (file !== null && chosen !== null) throw severalFiles(name);
      file ??= chosen;
      continue;
    }
    const [field, text] = typeof value === 'string' ? [name, value] : await textOfFile(name, value);
    length += text?.length ?? 0;
    if (length > textMax) throw tooMuch(`more than ${textMax} characters`);
    if (text !== null) said.set(field, [...(said.get(field) ?? []), text]);
  }
  // Every form of ours has its token: what is read as one without a field (Node 24 reads a row of dashes so) is none.
  if (count === 0) throw broken();
  const fields = Object.fromEntries(
    [...said].map(([name, [first = '', ...more]]) => [name, more.length === 0 ? first : [first, ...more]]),
  );
  return file === null ? fields : Object.assign(fields, { [FILE]: file });
}

/** Null for a field in which nobody chose a file. @throws an error of status 413 */
async function fileOf(file: File, { maxBytes }: FileTaken): Promise<SentFile | null> {
  if (file.size === 0 && file.name === '') return null;
  if (file.size > maxBytes) throw tooMuch(`more than ${maxBytes} bytes`);
  return { name: file.name, body: new Uint8Array(await file.arrayBuffer()) };
}

/** As the command line reads a file: UTF-8 or nothing, for what is guessed is booked wrong. */
async function textOfFile(name: string, file: File): Promise<[field: string, text: string | null]> {
  if (file.size === 0) return file.name === '' ? [name, null] : [name + UNREADABLE, file.name];
  try {
    return [name, new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(await file.arrayBuffer())];
  } catch {
    return [name + UNREADABLE, file.name];
  }
}
