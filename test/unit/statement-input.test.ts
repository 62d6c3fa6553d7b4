import { describe, expect, it } from 'vitest';
import { importStatementSchema, pageStatementsSchema } from '../../src/contract/statements.js';

const nameOf = (fileName: string) =>
  importStatementSchema.safeParse({ account: 'main', fileName, body: new Uint8Array() }).data?.fileName;

describe('what is asked of a statement', () => {
  it.each([
    ['jan.xlsx', 'jan.xlsx'],
    ['../../etc/passwd', 'passwd'],
    ['C:\\Users\\ann\\jan.xlsx', 'jan.xlsx'],
    ['jan\u202Exslx.exe', 'jan\\u202exslx.exe'],
    ['jan\u0000.xlsx', 'jan\\u0000.xlsx'],
    ['a\nb.xlsx', 'a\\u000ab.xlsx'],
    [`${'x'.repeat(400)}.xlsx`, `${'x'.repeat(197)}...`],
    ['', undefined],
    ['folder/', undefined],
    ['   ', undefined],
  ])('of the name %j is kept %j', (name, kept) => {
    expect(nameOf(name)).toBe(kept);
  });

  it('a page begins before a statement, by its whole id', () => {
    const before = '8b20c1f0-1111-4222-8333-8f4512345678';
    expect(pageStatementsSchema.parse({ account: 'main', before })).toEqual({ account: 'main', before });
    for (const wrong of ['', '7', before.slice(0, 8), `${before}'`])
      expect(pageStatementsSchema.safeParse({ account: 'main', before: wrong }).success).toBe(false);
  });
});
