import { inflateRawSync } from 'node:zlib';
import { FetchError } from './provider.js';

const END_OF_DIRECTORY = 0x06054b50;
const ENTRY = 0x02014b50;
const UNPACKED_BYTES_MAX = 64 * 1024 * 1024;

export const isZip = (body: Buffer): boolean => body.length > 4 && body.readUInt32LE(0) === 0x04034b50;

/**
 * The first file of a ZIP archive, such as the ECB's, which holds one CSV (PKWARE APPNOTE 4.3: sizes come from the central
 * directory at the end, so an archive that was cut short has none and is refused as TRUNCATED).
 */
export function unzipFirst(body: Buffer, what: string): Buffer {
  const truncated = (cause?: unknown) =>
    new FetchError('TRUNCATED', `${what}: the archive is cut short or damaged`, { cause });
  let end = body.length - 22;
  while (end >= 0 && body.readUInt32LE(end) !== END_OF_DIRECTORY) end -= 1;
  if (end < 0) throw truncated();
  try {
    const entry = body.readUInt32LE(end + 16);
    if (body.readUInt32LE(entry) !== ENTRY) throw truncated();
    const [method, packed, unpacked, local] = [
      body.readUInt16LE(entry + 10),
      body.readUInt32LE(entry + 20),
      body.readUInt32LE(entry + 24),
      body.readUInt32LE(entry + 42),
    ];
    const start = local + 30 + body.readUInt16LE(local + 26) + body.readUInt16LE(local + 28);
    const bytes = body.subarray(start, start + packed);
    const plain = method === 0 ? Buffer.from(bytes) : inflateRawSync(bytes, { maxOutputLength: UNPACKED_BYTES_MAX });
    if (plain.length !== unpacked) throw truncated();
    return plain;
  } catch (cause) {
    throw cause instanceof FetchError ? cause : truncated(cause);
  }
}
