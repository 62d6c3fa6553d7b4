import path from 'node:path';
import { refusedStatement } from '../../domain/statement/refusals.js';
import type { Part } from './archive.js';
import { readMarkup } from './markup.js';

/*
 * How the parts of a workbook lead to each other (Open Packaging Conventions, ECMA-376 part 2): content types say
 * what a part is, relationships where the next one lies. Nothing is taken for granted of the names of folders.
 */

const RELATIONSHIPS = 'http://schemas.openxmlformats.org/package/2006/relationships';
const CONTENT_TYPES = '[Content_Types].xml';
const WORKBOOK_TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml';

/** Where a relationship leads; `kind` is the end of its type, such as `worksheet`. */
export interface Relationship {
  kind: string;
  target: string;
}

/** A part that must be there. @throws OpsError STATEMENT_NOT_A_WORKBOOK */
export function partNamed(parts: ReadonlyMap<string, Part>, name: string): Part {
  const part = parts.get(name);
  if (part) return part;
  throw refusedStatement('STATEMENT_NOT_A_WORKBOOK', 'part', name, 'is missing in the workbook');
}

/**
 * Looks whether the package says that it is a workbook without macros.
 * @throws OpsError STATEMENT_HOSTILE, STATEMENT_NOT_A_WORKBOOK
 */
export async function refuseContentTypes(parts: ReadonlyMap<string, Part>): Promise<void> {
  const types: string[] = [];
  await readMarkup(partNamed(parts, CONTENT_TYPES), {
    open: (element) => void types.push(element.attribute('ContentType') ?? ''),
  });
  const macros = types.find((type) => /macro|vba|activex|oleobject/i.test(type));
  if (macros !== undefined)
    throw refusedStatement('STATEMENT_HOSTILE', CONTENT_TYPES, macros, 'macros may not be in a statement');
  if (types.includes(WORKBOOK_TYPE)) return;
  throw refusedStatement(
    'STATEMENT_NOT_A_WORKBOOK',
    CONTENT_TYPES,
    null,
    'says of no part that it is an XLSX workbook',
  );
}

/** Where a part leads, by id; nowhere where it has no list of its own. @throws OpsError STATEMENT_HOSTILE */
export async function relationshipsOf(
  parts: ReadonlyMap<string, Part>,
  owner: string,
): Promise<Map<string, Relationship>> {
  const folder = path.posix.dirname(owner);
  const name = path.posix.join(folder, '_rels', `${path.posix.basename(owner)}.rels`);
  const part = parts.get(name);
  const found = new Map<string, Relationship>();
  if (!part) return found;
  await readMarkup(part, {
    open: (element) => {
      if (element.name !== 'Relationship' || element.namespace !== RELATIONSHIPS) return;
      const target = element.attribute('Target') ?? '';
      if ((element.attribute('TargetMode') ?? 'Internal') !== 'Internal')
        throw refusedStatement('STATEMENT_HOSTILE', name, target, 'leads out of the workbook: links may not be in it');
      const id = element.attribute('Id') ?? '';
      if (found.has(id)) throw refusedStatement('STATEMENT_HOSTILE', name, id, 'is there twice');
      const kind = (element.attribute('Type') ?? '').split('/').at(-1) ?? '';
      found.set(id, { kind, target: path.posix.join('/', target.startsWith('/') ? '' : folder, target).slice(1) });
    },
  });
  return found;
}
