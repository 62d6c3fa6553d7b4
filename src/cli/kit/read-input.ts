import { usageError, type OpsError } from '../../domain/errors.js';
import { bounded } from '../../domain/text.js';
import { readRegularBytes } from '../../files/regular.js';

/** Which file of an operator's is read, and what is told of one that cannot be. */
export interface InputFile {
  /** Its path; `-` for standard input. */
  file: string;
  /** The field that a refusal names. */
  field: string;
  /** Code of a file that cannot be read. */
  code: string;
  /** Code of one that says too much. */
  tooLarge: string;
  maxBytes: number;
  /** What is done about one that cannot be read or says too much. */
  remedy: string;
}

/**
 * The text of a file that an operator names: a regular one, or what comes on standard input. A pipe that nobody writes
 * to, or a device without an end, would be waited for, or read, for ever.
 * @throws OpsError with the code given: it cannot be read, is no regular file, is too large, or is no UTF-8
 */
export async function readInputFile(asked: InputFile): Promise<string> {
  const bytes = await readInputBytes(asked);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw refused(asked, 'must be text in UTF-8: save it as such', cause);
  }
}

/** The same as it is, for a file that is no text. @throws OpsError as `readInputFile` */
export const readInputBytes = (asked: InputFile): Promise<Buffer> =>
  asked.file === '-' ? bytesOfStream(process.stdin, asked) : bytesOfFile(asked);

const refused = ({ field, file, code, remedy }: InputFile, rule: string, cause?: unknown): OpsError =>
  usageError(code, `${field}: ${bounded(file)}: ${rule}`, { cause, remedy });

const tooLarge = (asked: InputFile): OpsError =>
  refused({ ...asked, code: asked.tooLarge }, `must be at most ${asked.maxBytes} bytes`);

async function bytesOfFile(asked: InputFile): Promise<Buffer> {
  try {
    return await readRegularBytes(asked.file, asked);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'TOO_LARGE') throw tooLarge(asked);
    if (code === 'NOT_REGULAR')
      throw refused(asked, 'must be a regular file; what another program writes is given as -');
    throw refused(asked, `cannot be read (${code})`, cause);
  }
}

async function bytesOfStream(stream: NodeJS.ReadableStream, asked: InputFile): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk as string | Buffer);
    size += bytes.length;
    if (size > asked.maxBytes) throw tooLarge(asked);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}
