import { refusedStatement } from '../../domain/statement/refusals.js';
import type { Sheet, Workbook } from '../../domain/statement/sheet.js';
import { openArchive, type Part } from './archive.js';
import { readMarkup, type Element } from './markup.js';
import { partNamed, refuseContentTypes, relationshipsOf } from './package.js';
import { isSpreadsheet, readSheet, readStrings } from './worksheet.js';

const OFFICE_RELATIONSHIPS = [
  'http://schemas.openxmlformats.org/officeDocument/2006/relationships',
  'http://purl.oclc.org/ooxml/officeDocument/relationships',
];
const SHEETS_MAX = 50;

/**
 * Reads the few parts of an XLSX workbook (ECMA-376) that a statement needs: sheets, their cells, the shared strings.
 * What could run, fetch, declare or fill a memory is refused before anything is made of it, in whichever part it
 * stands.
 * @throws OpsError STATEMENT_TOO_LARGE, STATEMENT_HOSTILE, STATEMENT_NOT_A_WORKBOOK, STATEMENT_VALUE
 */
export async function readWorkbook(body: Buffer): Promise<Workbook> {
  const parts = await openArchive(body);
  await refuseContentTypes(parts);
  const main = await mainPart(parts);
  const [outline, leads] = [await outlineOf(partNamed(parts, main)), await relationshipsOf(parts, main)];
  const strings = [...leads.values()].find(({ kind }) => kind === 'sharedStrings');
  const read = new Set([main, ...(strings ? [strings.target] : [])]);
  const shared = strings ? await readStrings(partNamed(parts, strings.target)) : [];
  const sheets: Sheet[] = [];
  for (const { name, id } of outline.sheets) {
    const lead = leads.get(id);
    if (lead?.kind !== 'worksheet' || read.has(lead.target))
      throw refusedStatement('STATEMENT_NOT_A_WORKBOOK', 'sheet', name, 'has no cells of its own');
    read.add(lead.target);
    sheets.push({ name, rows: await readSheet(partNamed(parts, lead.target), name, shared) });
  }
  await lookThrough(parts, read);
  return { from1904: outline.from1904, sheets };
}

async function mainPart(parts: ReadonlyMap<string, Part>): Promise<string> {
  const main = [...(await relationshipsOf(parts, '')).values()].filter(({ kind }) => kind === 'officeDocument');
  if (main.length === 1 && main[0]) return main[0].target;
  throw refusedStatement('STATEMENT_NOT_A_WORKBOOK', '_rels/.rels', null, 'must lead to one workbook');
}

interface Outline {
  from1904: boolean;
  sheets: { name: string; id: string }[];
}

async function outlineOf(part: Part): Promise<Outline> {
  const outline: Outline = { from1904: false, sheets: [] };
  await readMarkup(part, {
    open: (element) => {
      if (!isSpreadsheet(element.namespace)) return;
      if (element.name === 'workbookPr') outline.from1904 = /^(1|true)$/.test(element.attribute('date1904') ?? '');
      if (element.name === 'sheet') outline.sheets.push({ name: element.attribute('name') ?? '', id: idOf(element) });
    },
  });
  if (outline.sheets.length <= SHEETS_MAX) return outline;
  throw refusedStatement(
    'STATEMENT_TOO_LARGE',
    'sheets',
    String(outline.sheets.length),
    `must be at most ${SHEETS_MAX}`,
  );
}

const idOf = (element: Element): string =>
  OFFICE_RELATIONSHIPS.map((namespace) => element.attributeOf(namespace, 'id')).find((id) => id !== null) ?? '';

/** Whatever else the workbook has may declare and fetch nothing either. */
async function lookThrough(parts: ReadonlyMap<string, Part>, read: ReadonlySet<string>): Promise<void> {
  for (const part of parts.values()) {
    if (/\.rels$/i.test(part.name)) await relationshipsOf(parts, ownerOf(part.name));
    else if (!read.has(part.name) && /\.(xml|vml)$/i.test(part.name)) await readMarkup(part, { open: () => undefined });
  }
}

/** Whose relationships a list holds: that of `xl/_rels/workbook.xml.rels` is `xl/workbook.xml`. */
const ownerOf = (name: string): string => name.replace(/(^|\/)_rels\/([^/]*)\.rels$/, '$1$2');
