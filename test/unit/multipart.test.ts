import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fieldsOfMultipart, fileSent, type Carries } from '../../src/desk/multipart.js';
import { asOfBrowser, NONE } from '../support/multipart.js';

const MAX = 1_000;
const CARRIES: Carries = { fields: MAX, text: 1_000_000 };

async function sent(parts: readonly (readonly [name: string, value: string | Blob, file?: string])[]) {
  const form = new FormData();
  for (const [name, value, file] of parts)
    if (typeof value === 'string') form.append(name, value);
    else form.append(name, value, file ?? '');
  const encoded = new Response(form);
  return [asOfBrowser(Buffer.from(await encoded.arrayBuffer())), encoded.headers.get('content-type') ?? ''] as const;
}
const read = async (...parts: Parameters<typeof sent>[0][number][]) =>
  fieldsOfMultipart(...(await sent(parts)), CARRIES);

describe('a form with files', () => {
  it('says what was typed, whatever stands in it', async () => {
    const text = fc.string({ unit: 'grapheme' }).map((each) => each.replaceAll(/[\r\n]/g, ' '));
    await fc.assert(
      fc.asyncProperty(fc.dictionary(text, text, { noNullPrototype: true, minKeys: 1 }), async (fields) => {
        const said = await read(...Object.entries(fields));
        expect(Object.entries(said)).toEqual(Object.entries(fields));
      }),
      { numRuns: 300 },
    );
  });

  it('has the text of a file in the field of its name, after what was pasted; without one what was pasted counts', async () => {
    expect(await read(['pasted', 'old'], ['pasted', new Blob(['a,b\r\n']), 'fills.csv'])).toEqual({
      pasted: ['old', 'a,b\r\n'],
    });
    expect(await read(['pasted', 'old'], ['pasted', new Blob([]), NONE])).toEqual({ pasted: 'old' });
    const marked = new Blob(['\uFEFF{}']);
    expect(await read(['pasted', marked, 'fills.json'])).toEqual({ pasted: '\uFEFF{}' });
  });

  it('names a file that is no text, and reads nothing of it', async () => {
    expect(await read(['pasted', new Blob([]), 'empty.csv'])).toEqual({ 'pasted.unreadable': 'empty.csv' });
    const bytes = new Blob([new Uint8Array([0x50, 0x4b, 0x03, 0x04, 0xff, 0xfe])]);
    expect(await read(['pasted', 'old'], ['pasted', bytes, 'fills.xlsx'])).toEqual({
      pasted: 'old',
      'pasted.unreadable': 'fills.xlsx',
    });
  });

  it('has a thousand fields and no more', async () => {
    const fields = Array.from({ length: MAX }, (_, index): [string, string] => [`f${index}`, '']);
    expect(Object.keys(await read(...fields))).toHaveLength(MAX);
    await expect(read(...fields, ['one', 'more'])).rejects.toMatchObject({ statusCode: 413 });
  });

  it('has the file that it takes aside, as it came, and refuses a larger one or one more field of text', async () => {
    const bytes = new Uint8Array([0x50, 0x4b, 0x03, 0x04, 0xff, 0xfe]);
    const file = { name: 'file', maxBytes: bytes.length, tooLarge: 'TOO_LARGE' };
    const takes = async (...parts: Parameters<typeof sent>[0][number][]) =>
      fieldsOfMultipart(...(await sent(parts)), { fields: MAX, text: 10, file });
    const form = await takes(['token', 'abc'], ['file', new Blob([bytes]), '../jan.xlsx']);
    expect([Object.entries(form), JSON.stringify(form)]).toEqual([[['token', 'abc']], '{"token":"abc"}']);
    expect(fileSent(form)).toEqual({ name: '../jan.xlsx', body: bytes });
    expect(fileSent(await takes(['file', new Blob([]), 'empty.xlsx']))?.body).toHaveLength(0);
    expect(fileSent(await takes(['file', new Blob([]), NONE]))).toBeNull();
    expect(fileSent(await takes(['file', 'PK']))).toBeNull();
    for (const none of [undefined, null, {}, { file: 'PK' }]) expect(fileSent(none)).toBeNull();
    const larger = new Blob([bytes, 'x']);
    await expect(takes(['file', larger, 'a.xlsx'])).rejects.toMatchObject({ statusCode: 413 });
    await expect(takes(['a', 'x'.repeat(11)])).rejects.toMatchObject({ statusCode: 413 });
    await expect(takes(['a', 'xxxxxx'], ['b', new Blob(['xxxxx']), 'b.txt'])).rejects.toMatchObject({
      statusCode: 413,
    });
  });

  it('has one file where it takes one: of several none is read, chosen or not', async () => {
    const file = { name: 'file', maxBytes: 10, tooLarge: 'TOO_LARGE' };
    const takes = async (...parts: Parameters<typeof sent>[0][number][]) =>
      fieldsOfMultipart(...(await sent(parts)), { fields: MAX, text: 10, file });
    const [one, two] = [new Blob(['1']), new Blob(['2'])];
    for (const second of ['two.xlsx', 'one.xlsx'])
      await expect(takes(['file', one, 'one.xlsx'], ['file', two, second])).rejects.toMatchObject({
        statusCode: 400,
        message: expect.stringMatching(/^file: must be one file/) as string,
      });
    for (const parts of [
      [['file', one, 'one.xlsx'] as const, ['file', new Blob([]), NONE] as const],
      [['file', new Blob([]), NONE] as const, ['file', one, 'one.xlsx'] as const],
    ])
      expect(fileSent(await takes(...parts))?.name).toBe('one.xlsx');
  });

  it('is refused where it is broken, and touches nothing of our own', async () => {
    const [body, type] = await sent([['a', '1']]);
    for (const [broken, said] of [
      [body.subarray(0, -8), type],
      [body, 'multipart/form-data'],
      [body, 'multipart/form-data; boundary=other'],
      [Buffer.from('--x'), 'multipart/form-data; boundary=x'],
      [Buffer.from('--x--'), 'multipart/form-data; boundary=x'],
      [Buffer.from('--x--\r\n'), 'multipart/form-data; boundary=x'],
      [Buffer.alloc(200_000, '-'), 'multipart/form-data; boundary=-'],
    ] as const)
      await expect(fieldsOfMultipart(broken, said, CARRIES)).rejects.toMatchObject({ statusCode: 400 });
    const own = await read(['__proto__', 'x'], ['constructor', 'y']);
    expect(Object.entries(own)).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ]);
    expect({}).not.toHaveProperty('x');
  });
});
