import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { CORPUS, readCase, readCorpus } from '../support/corpus/case.js';

const folder = mkdtempSync(join(tmpdir(), 'corpus-'));
afterAll(() => rmSync(folder, { recursive: true }));

const written = (name: string, text: string) => {
  mkdirSync(join(folder, name));
  writeFileSync(join(folder, name, 'case.yml'), text);
  return join(folder, name);
};
const HEAD = 'case: X\ntitle: t\nfrom: f\nuniverse: [AAPL]\n';

describe('cases of test/corpus', () => {
  test('each can be read, has a title of its own and expects something', () => {
    const cases = readCorpus();
    const titles = cases.map(({ title }) => title);
    expect(titles.filter((title, index) => titles.indexOf(title) !== index)).toEqual([]);
    const silent = cases.filter(
      ({ steps }) => !steps.some((step) => 'expect' in step && Object.keys(step.expect ?? {}).length > 0),
    );
    expect(silent.map((each) => each.folder.slice(CORPUS.length))).toEqual([]);
  });

  test('a word that nobody plays, a float and a change of two verbs are refused by the name of the file', () => {
    const unplayed = "steps: [{ run: '0800', day: 2014-06-09, expect: { outcom: PASS } }]";
    expect(() => readCase(written('unplayed', HEAD + unplayed))).toThrow(/unplayed\/case\.yml/);
    const float = 'steps: [{ reconcile: { cash: 1.10 }, day: 2014-06-09 }]';
    expect(() => readCase(written('float', HEAD + float))).toThrow(/float\/case\.yml/);
    const two = "steps: [{ drop: [{ file: A.csv, text: 'a', append: 'b' }] }]";
    expect(() => readCase(written('two', HEAD + two))).toThrow(/two\/case\.yml/);
  });

  test('what of ../shared is not there is named', () => {
    const copy = 'steps: [{ drop: [{ file: A.csv, copy: shared/nowhere/A.csv }] }]';
    expect(readCase(written('missing', HEAD + copy)).missing).toEqual(['shared/nowhere/A.csv']);
  });
});
