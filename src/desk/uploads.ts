import type { FastifyReply, FastifyRequest } from 'fastify';
import { BODY_BYTES_MAX } from './limits.js';
import type { FileTaken } from './multipart.js';

/** What a form has beside its file: its boundaries, and fields that go along unseen. */
const BESIDE_BYTES = 64 * 1024;
/** Bodies with files at once, of all who are let in: each is held in memory until it is read. */
const AT_ONCE = 4;

/** How a form with a file is received: it may weigh more, and the route knows of it. */
export const receivesFile = (file: FileTaken): { bodyLimit: number; config: object } => ({
  bodyLimit: file.maxBytes + BESIDE_BYTES,
  config: { file },
});

/** The file that the form of a request takes; undefined where it takes none. */
export const fileTakenBy = ({ routeOptions }: FastifyRequest): FileTaken | undefined =>
  (routeOptions.config as { file?: FileTaken }).file;

/** Counts who sends files at the moment, and lets in so many. */
export class Uploads {
  #sending = 0;

  /** Takes a place until the request is answered, or its connection gone. @throws an error of status 429 */
  take({ raw: answer }: FastifyReply): void {
    if (this.#sending >= AT_ONCE)
      throw Object.assign(new Error(`${AT_ONCE} files are being sent already`), { statusCode: 429 });
    this.#sending += 1;
    answer.once('close', () => (this.#sending -= 1));
  }
}

/** So much of what nobody takes is read on, and so long. */
const PASSED_OVER = { bytes: 64 * 1024 * 1024, ms: 20_000 };

/**
 * Reads on what a browser still sends of a body that is not taken, and keeps its first bytes alone: a browser that
 * sends hears no answer before, and tells a broken connection in the place of our page. What has no end is cut off.
 * @returns the first of it, of as many bytes as a form may have; none of a body that was read already
 */
export function passOver({ raw: sent }: FastifyRequest): Promise<Buffer> {
  if (sent.readableEnded || sent.destroyed) return Promise.resolve(Buffer.alloc(0));
  return new Promise((resolve) => {
    let read = 0;
    const first: Buffer[] = [];
    const take = (piece: Buffer) => {
      if (read < BODY_BYTES_MAX) first.push(piece);
      if ((read += piece.length) > PASSED_OVER.bytes) over();
    };
    const over = () => {
      clearTimeout(late);
      sent.off('data', take).off('end', over).off('close', over).off('error', over);
      resolve(Buffer.concat(first).subarray(0, BODY_BYTES_MAX));
    };
    const late = setTimeout(over, PASSED_OVER.ms);
    sent.on('data', take).once('end', over).once('close', over).once('error', over).resume();
  });
}
