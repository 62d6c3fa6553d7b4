import { crc32, deflateRawSync } from 'node:zlib';

/*
 * A writer of workbooks for tests, as the broker writes them: a number is a number cell, a text a shared one. Written
 * byte by byte, for a library would not write what is damaged or a lie.
 */

export type CellValue = string | number | null;
/** Sheets by name, row by row; null leaves a cell out. */
export type Sheets = Record<string, CellValue[][]>;

/** A part of an archive; what is said of it may be a lie. */
export interface PartWritten {
  name: string;
  body: Buffer;
  /** Size that the directory says. */
  says?: number;
  flags?: number;
  method?: number;
}

/** Parts as a ZIP archive (PKWARE APPNOTE 4.3). */
export function zipOf(parts: readonly PartWritten[]): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, body, says = body.length, flags = 0, method = 8 } of parts) {
    const packed = method === 8 ? deflateRawSync(body) : body;
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(flags, 2);
    common.writeUInt16LE(method, 4);
    common.writeUInt32LE(crc32(body), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(says, 18);
    common.writeUInt16LE(Buffer.byteLength(name), 22);
    const local = Buffer.concat([Buffer.from('504b0304', 'hex'), common, Buffer.from(name), packed]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    directory.push(
      Buffer.concat([Buffer.from('504b0102', 'hex'), Buffer.from([20, 0]), common, rest, Buffer.from(name)]),
    );
    locals.push(local);
    offset += local.length;
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(parts.length, 8);
  end.writeUInt16LE(parts.length, 10);
  end.writeUInt32LE(listed.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, listed, end]);
}

const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';
const TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml';

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

const columnOf = (index: number): string =>
  (index >= 26 ? columnOf(Math.floor(index / 26) - 1) : '') + String.fromCharCode(65 + (index % 26));

/** The parts of a workbook, by name; `prefix` is what the broker has before each element: `x:`. */
export function partsOf(sheets: Sheets, prefix = 'x:'): PartWritten[] {
  const texts = new Map<string, number>();
  const named = Object.entries(sheets);
  const p = prefix;
  const xmlns = `xmlns${p === '' ? '' : `:${p.slice(0, -1)}`}="${MAIN}"`;
  const cell = (value: CellValue, row: number, column: number): string => {
    if (value === null) return '';
    const reference = `${columnOf(column)}${row}`;
    if (typeof value === 'number') return `<${p}c r="${reference}"><${p}v>${value}</${p}v></${p}c>`;
    if (!texts.has(value)) texts.set(value, texts.size);
    return `<${p}c r="${reference}" t="s"><${p}v>${texts.get(value)}</${p}v></${p}c>`;
  };
  const worksheets = named.map(([, rows]) => {
    const written = rows.map((cells, index) => {
      const inner = cells.map((value, column) => cell(value, index + 1, column)).join('');
      return `<${p}row r="${index + 1}">${inner}</${p}row>`;
    });
    return `<${p}worksheet ${xmlns}><${p}sheetData>${written.join('')}</${p}sheetData></${p}worksheet>`;
  });
  const items = [...texts.keys()].map(
    (text) => `<${p}si><${p}t xml:space="preserve">${escaped(text)}</${p}t></${p}si>`,
  );
  const listed = named.map(
    ([name], index) => `<${p}sheet name="${escaped(name)}" sheetId="${index + 1}" r:id="rId${index + 2}"/>`,
  );
  const leads = named.map(
    (_, index) =>
      `<Relationship Id="rId${index + 2}" Type="${OFFICE}/worksheet" Target="/xl/worksheets/sheet${index + 1}.xml"/>`,
  );
  const types = named.map(
    (_, index) => `<Override PartName="/xl/worksheets/sheet${index + 1}.xml" ContentType="${TYPE}.worksheet+xml"/>`,
  );
  const part = (name: string, text: string): PartWritten => ({
    name,
    body: Buffer.from(`<?xml version="1.0" encoding="utf-8"?>${text}`),
  });
  return [
    part(
      '[Content_Types].xml',
      `<Types xmlns="${PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${TYPE}.sheet.main+xml"/>${types.join('')}</Types>`,
    ),
    part(
      '_rels/.rels',
      `<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="rId1" Type="${OFFICE}/officeDocument" Target="/xl/workbook.xml"/></Relationships>`,
    ),
    part(
      'xl/workbook.xml',
      `<${p}workbook ${xmlns} xmlns:r="${OFFICE}"><${p}sheets>${listed.join('')}</${p}sheets></${p}workbook>`,
    ),
    part(
      'xl/_rels/workbook.xml.rels',
      `<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="rId1" Type="${OFFICE}/sharedStrings" Target="/xl/sharedStrings.xml"/>${leads.join('')}</Relationships>`,
    ),
    part('xl/sharedStrings.xml', `<${p}sst ${xmlns}>${items.join('')}</${p}sst>`),
    ...worksheets.map((text, index) => part(`xl/worksheets/sheet${index + 1}.xml`, text)),
  ];
}

/** A workbook's bytes. */
export const workbookOf = (sheets: Sheets, prefix = 'x:'): Buffer => zipOf(partsOf(sheets, prefix));

/** The parts with one of them changed as text. */
export const withPart = (
  parts: readonly PartWritten[],
  name: string,
  change: (text: string) => string,
): PartWritten[] =>
  parts.map((each) => (each.name === name ? { ...each, body: Buffer.from(change(each.body.toString())) } : each));
