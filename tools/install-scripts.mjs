// Install scripts of packages run by list only (allowScripts of package.json, the field that npm itself keeps since
// 11.16: true may run, false may not): npm is told to run none (.npmrc), and this runs the allowed ones afterwards. A
// package with a script that the list does not name is refused: somebody reads the script first.
//   node tools/install-scripts.mjs [directory]
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

const HOOKS = ['preinstall', 'install', 'postinstall'];
const root = path.resolve(process.argv[2] ?? '.');
const read = (...parts) => JSON.parse(readFileSync(path.join(root, ...parts), 'utf8'));

/** What a package would run when it is installed, a line each; npm builds whatever has a binding.gyp, too. */
function scriptsOf(place) {
  const directory = path.join(root, place);
  if (!existsSync(path.join(directory, 'package.json'))) return [];
  const { scripts = {} } = read(place, 'package.json');
  const said = HOOKS.filter((hook) => scripts[hook]).map((hook) => `${hook}: ${scripts[hook]}`);
  return said.length === 0 && existsSync(path.join(directory, 'binding.gyp')) ? ['install: node-gyp rebuild'] : said;
}

const allowed = read('package.json').allowScripts ?? {};
const { packages } = read('node_modules', '.package-lock.json');
const withScripts = Object.entries(packages)
  .filter(([place]) => place !== '')
  .map(([place, { version, hasInstallScript }]) => {
    const said = scriptsOf(place);
    return {
      place,
      name: place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length),
      version,
      said: said.length === 0 && hasInstallScript ? ['an install script'] : said,
    };
  })
  .filter(({ said }) => said.length > 0);

const unread = withScripts.filter(({ name }) => typeof allowed[name] !== 'boolean');
if (unread.length > 0) {
  for (const { name, version, place, said } of unread)
    console.error(
      `INSTALL_SCRIPT_UNREAD: ${name}@${version} (${place}) would run, at its installation, ${said.join('; ')}`,
    );
  console.error(
    'Next: read that script, then name the package in allowScripts of package.json: false (it works without), or true',
  );
  process.exit(2);
}
const run = [...new Set(withScripts.filter(({ name }) => allowed[name]).map(({ name }) => name))];
if (run.length > 0) {
  const { status } = spawnSync('npm', ['rebuild', '--ignore-scripts=false', '--foreground-scripts', ...run], {
    cwd: root,
    stdio: 'inherit',
  });
  process.exitCode = status ?? 1;
}
