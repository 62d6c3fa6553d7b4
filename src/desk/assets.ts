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

const BROWSER = path.join(repositoryRoot, 'dist', 'desk', 'browser');

/** Reads them once, to be served from memory: no route takes a path. @throws OpsError NOT_BUILT */
export function loadAssets(directory = BROWSER): Assets {
  const scripts = scriptsIn(directory).map((name) => ({
    name,
    type: 'text/javascript; charset=utf-8',
    body: readFileSync(path.join(directory, name), 'utf8'),
  }));
  const all = [...scripts, { name: 'desk.css', type: 'text/css; charset=utf-8', body: STYLE + DESK_STYLE }];
  const edition = sha256(all.map(({ name, body }) => `${name}\n${body}`).join('\n')).slice(0, 12);
  const paths = new Map(all.map(({ name }) => [name, `/assets/${edition}/${name}`]));
  return {
    files: new Map(all.map(({ name, type, body }) => [paths.get(name) as string, { type, body }])),
    pathOf: (name) => paths.get(name) ?? missing(path.join(directory, name)),
  };
}

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
