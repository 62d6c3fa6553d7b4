import type { LightMyRequestResponse } from 'fastify';
import { SENDS, type Seated } from './desk.js';

/** A file that somebody chose in a form; bytes where it is no text. */
export interface Chosen {
  name: string;
  content: string | Uint8Array<ArrayBuffer>;
}

/** The name of a file that nobody chose: Node writes no field for one without a name, and browsers do. */
export const NONE = 'none.chosen';
export const asOfBrowser = (body: Buffer): Buffer =>
  Buffer.from(body.toString('latin1').replaceAll(`filename="${NONE}"`, 'filename=""'), 'latin1');

/**
 * Sends a form as a browser does that has a field for a file. @param files by the names of their fields; null for none
 * chosen
 */
export async function sendFiles(
  { app, cookie, token }: Seated,
  path: string,
  fields: Record<string, string>,
  files: Record<string, Chosen | null>,
): Promise<LightMyRequestResponse> {
  const form = new FormData();
  for (const [name, value] of Object.entries({ token, ...fields })) form.append(name, value);
  for (const [name, file] of Object.entries(files))
    form.append(name, new Blob([file?.content ?? '']), file?.name ?? NONE);
  const encoded = new Response(form);
  return app.inject({
    method: 'POST',
    url: path,
    headers: { ...SENDS, cookie, 'content-type': encoded.headers.get('content-type') ?? '' },
    payload: asOfBrowser(Buffer.from(await encoded.arrayBuffer())),
  });
}
