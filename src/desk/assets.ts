import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { faultError } from '../domain/errors.js';
import { sha256 } from '../domain/hash.js';
import { STYLE } from '../reports/render/style.js';
import { repositoryRoot } from '../runtime/paths.js';
import { DESK_STYLE } from './view/style.js';

/**
 * A file that pages name; its address has the hash of them all, so that a browser may keep it for ever, and modules
 * name one another by their plain names.
 */
export interface Asset {
  type: string;
  body: string;
}

/** All of them, by path; and the path of each by its plain name. */
export interface Assets {
  files: ReadonlyMap<string, Asset>;
  pathOf(name: string): string;
}

/** Scripts of every page, each of which looks for what it serves: they come as one file, for each file is a request. */
export const EVERYWHERE: readonly string[] = ['pulse', 'keys', 'timer', 'draft', 'leave'];

const BROWSER = path.join(repositoryRoot, 'dist', 'desk', 'browser');

/** Reads them once, to be served from memory: no route takes a path. @throws OpsError NOT_BUILT */
export function loadAssets(directory = BROWSER): Assets {
  const read = (name: string) => readFileSync(path.join(directory, name), 'utf8');
  const own = scriptsIn(directory).filter((name) => !EVERYWHERE.includes(path.basename(name, '.js')));
  const scripts = [
    { name: 'desk.js', body: inOne(EVERYWHERE.map((name) => read(`${name}.js`))) },
    ...own.map((name) => ({ name, body: read(name) })),
  ].map((script) => ({ ...script, type: 'text/javascript; charset=utf-8' }));
  const all = [...scripts, { name: 'desk.css', type: 'text/css; charset=utf-8', body: STYLE + DESK_STYLE }];
  const edition = sha256(all.map(({ name, body }) => `${name}\n${body}`).join('\n')).slice(0, 12);
  const paths = new Map(all.map(({ name }) => [name, `/assets/${edition}/${name}`]));
  return {
    files: new Map(all.map(({ name, type, body }) => [paths.get(name) as string, { type, body }])),
    pathOf: (name) => paths.get(name) ?? missing(path.join(directory, name)),
  };
}

/** Modules that name no other, one after another, each in a scope of its own. */
const inOne = (modules: readonly string[]): string =>
  modules.map((body) => `{\n${body.replace(/^export \{\};$/m, '')}}\n`).join('');

function scriptsIn(directory: string): string[] {
  try {
    return readdirSync(directory).filter((name) => name.endsWith('.js'));
  } catch {
    return missing(directory);
  }
}

function missing(what: string): never {
  throw faultError('NOT_BUILT', `${what} is missing`, { remedy: 'make build' });
}
