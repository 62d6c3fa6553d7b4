/** A field of a form that was sent: text, or what was said of it several times. */
type Said = string | string[];

/** Beside a field: the name of the file that was sent in it and is no text, or none at all. */
export const UNREADABLE = '.unreadable';

/**
 * The fields of a form that may carry files: a file's text stands in the field of its name, as if it had been pasted
 * there, and after what was. A field without a file chosen says nothing; of a file that is no UTF-8 only the name is
 * kept.
 * @param max fields that a form may have
 * @throws an error of status 413 for more, of 400 for what is no such form
 */
export async function fieldsOfMultipart(body: Buffer, contentType: string, max: number): Promise<Record<string, Said>> {
  const sent = await new Response(new Uint8Array(body), { headers: { 'content-type': contentType } })
    .formData()
    .catch((cause: unknown) => {
      throw Object.assign(new Error('the form is broken: send it again', { cause }), { statusCode: 400 });
    });
  const said = new Map<string, string[]>();
  let count = 0;
  for (const [name, value] of sent) {
    if (++count > max) throw Object.assign(new Error(`more than ${max} fields`), { statusCode: 413 });
    const [field, text] = typeof value === 'string' ? [name, value] : await textOfFile(name, value);
    if (text !== null) said.set(field, [...(said.get(field) ?? []), text]);
  }
  return Object.fromEntries(
    [...said].map(([name, [first = '', ...more]]) => [name, more.length === 0 ? first : [first, ...more]]),
  );
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
