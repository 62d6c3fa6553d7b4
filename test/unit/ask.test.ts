import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { askUntil, askYesOrNo, inDialog, type Dialog } from '../../src/cli/kit/ask.js';

/** Holds a conversation over streams: what is typed at once, and what was said. */
async function talk<T>(typed: string, work: (dialog: Dialog) => Promise<T>): Promise<{ result: T; said: string }> {
  const [input, output] = [new PassThrough(), new PassThrough()];
  let said = '';
  output.on('data', (chunk: Buffer) => (said += chunk.toString()));
  input.end(typed);
  const result = await inDialog(work, { input, output: output as unknown as NodeJS.WriteStream });
  return { result, said };
}

describe('a conversation at the terminal', () => {
  it('takes the lines in their order, also where all are pasted at once', async () => {
    const { result, said } = await talk('one\ntwo\nthree\n', async (dialog) => [
      await dialog.ask('first? '),
      await dialog.ask('second? '),
      await dialog.ask('third? '),
    ]);
    expect(result).toEqual(['one', 'two', 'three']);
    expect(said).toContain('first? ');
  });

  it('says what is wrong, and asks again', async () => {
    const { result, said } = await talk('maybe\n\nYES\n', (dialog) => askYesOrNo(dialog, 'Record?'));
    expect(result).toBe(true);
    expect(said.match(/must be yes or no/g)).toHaveLength(2);
    expect((await talk('no\n', (dialog) => askYesOrNo(dialog, 'Record?'))).result).toBe(false);
  });

  it.each(['', 'one\n'])('that ends after %j says that it was broken off', async (typed) => {
    const all = talk(typed, async (dialog) => [await dialog.ask('first? '), await dialog.ask('second? ')]);
    await expect(all).rejects.toMatchObject({ code: 'BROKEN_OFF', kind: 'usage' });
  });

  it('no question or answer commands the terminal', async () => {
    const { said } = await talk('x\u001B[2J\nb\n', (dialog) =>
      askUntil(dialog, 'Apple\u001B[2J? ', (typed) => (typed === 'b' ? { value: typed } : { rule: `not ${typed}` })),
    );
    expect(said).toContain('\\u001b[2J');
    expect(said).not.toContain('\u001B[2J');
  });
});
