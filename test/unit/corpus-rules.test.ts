import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { CORPUS, readCorpus } from '../support/corpus/case.js';
import { playRules, readRules, readRulesCorpus, RULES_FILE } from '../support/corpus/rules/play.js';

// Reports from the field that a rule alone decides (test/corpus/README.md): no server, no day.
describe('the corpus, by its rules', () => {
  for (const played of readRulesCorpus())
    test(`${played.case}: ${played.title} (${basename(played.folder)})`, () => playRules(played));
});

const folder = mkdtempSync(join(tmpdir(), 'corpus-rules-'));
afterAll(() => rmSync(folder, { recursive: true }));

const written = (name: string, text: string) => {
  mkdirSync(join(folder, name));
  writeFileSync(join(folder, name, RULES_FILE), `case: X\ntitle: t\nfrom: f\n${text}`);
  return join(folder, name);
};

describe('the folders of test/corpus', () => {
  test('each is played by one of the runners, under a title of its own', () => {
    const unplayed = readdirSync(CORPUS, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => join(CORPUS, name))
      .filter((each) => ['case.yml', RULES_FILE].filter((file) => existsSync(join(each, file))).length !== 1);
    expect(unplayed).toEqual([]);
    const titles = [...readCorpus(), ...readRulesCorpus()].map(({ title }) => title);
    expect(titles.filter((title, index) => titles.indexOf(title) !== index)).toEqual([]);
  });
});

describe('a rules.yml', () => {
  const bound = 'clock: [{ account: real, now: 2020-03-16T10:00:00Z, said: 2020-03-16T10:00:00Z, expect: { refused: ';

  test('says one subject, strictly, and figures in quotes; else its name is told', () => {
    expect(() => readRules(written('unplayed', `${bound}null, sayz: [x] } }]`))).toThrow(/unplayed\/rules\.yml/);
    expect(() => readRules(written('none', ''))).toThrow(/must have one of books, fills/);
    expect(() =>
      readRules(
        written(
          'two',
          `${bound}null } }]\nfalls: [{ index: '1', peak: '1', expect: { drawdown: '0', gate: [], report: x } }]`,
        ),
      ),
    ).toThrow(/must have one of/);
    expect(() => readRules(written('float', 'books: { opened: 2020-02-03, cash: 1.10, steps: [] }'))).toThrow(
      /float\/rules\.yml/,
    );
  });

  test('that expects what is not so fails', async () => {
    const wrong = readRules(written('wrong', `${bound}CLAIM_IN_FUTURE } }]`));
    await expect(playRules(wrong)).rejects.toThrow(/CLAIM_IN_FUTURE/);
    const look = "{ look: { on: 2020-03-06, cash: '500.00' }, expect: { certain: [FEE -500.00] } }";
    const books = readRules(written('books', `books: { opened: 2020-02-03, cash: '1000.00', steps: [${look}] }`));
    await expect(playRules(books)).rejects.toThrow(/WITHDRAWAL -500.00/);
  });
});
