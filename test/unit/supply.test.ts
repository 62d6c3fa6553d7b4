import { execa } from 'execa';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { repositoryRoot } from '../../src/runtime/paths.js';

/** What others made and we run: packages, their install scripts, images. */
const root = mkdtempSync(join(tmpdir(), 'trading-ops-supply-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

interface Locked {
  version: string;
  integrity?: string;
  hasInstallScript?: boolean;
}
const json = (...parts: string[]): unknown => JSON.parse(readFileSync(join(...parts), 'utf8'));
const lock = (json(repositoryRoot, 'package-lock.json') as { packages: Record<string, Locked> }).packages;
const packages = Object.entries(lock).filter(([place]) => place !== '');
const nameOf = (place: string): string => place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length);
const tool = (name: string) => join(repositoryRoot, 'tools', `${name}.mjs`);
const run = (name: string, args: string[], env: NodeJS.ProcessEnv = {}) =>
  execa(process.execPath, [tool(name), ...args], { cwd: repositoryRoot, reject: false, all: true, env });

describe('packages', () => {
  it('are pinned by what they contain', () => {
    expect(packages.length).toBeGreaterThan(300);
    expect(packages.filter(([, { integrity }]) => !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity ?? ''))).toEqual([]);
  });

  it('run nothing when installed but what the list allows, which names every script there is', async () => {
    const { allowScripts } = json(repositoryRoot, 'package.json') as {
      allowScripts: Record<string, boolean>;
    };
    const withScript = packages.filter(([, { hasInstallScript }]) => hasInstallScript).map(([place]) => nameOf(place));
    expect(Object.keys(allowScripts).toSorted()).toEqual([...new Set(withScript)].toSorted());
    const { stdout } = await execa('npm', ['config', 'get', 'ignore-scripts'], { cwd: repositoryRoot });
    expect(stdout).toBe('true');
  });

  it('that gain an install script are refused by name; an allowed one runs, one that is not does not', async () => {
    const project = mkdtempSync(join(root, 'project-'));
    const gains = join(project, 'gains');
    const write = (directory: string, content: object) =>
      writeFileSync(join(directory, 'package.json'), JSON.stringify(content));
    mkdirSync(gains);
    const ran = join(project, 'ran');
    const script = `node -e "require('fs').writeFileSync(process.env.RAN, '')"`;
    write(gains, { name: 'gains', version: '1.2.3', scripts: { postinstall: script } });
    const at = { cwd: project, env: { RAN: ran } };
    await execa('npm', ['pack', '--ignore-scripts', './gains'], at);
    cpSync(join(repositoryRoot, '.npmrc'), join(project, '.npmrc'));
    const needs = { name: 'needs', version: '1.0.0', dependencies: { gains: 'file:gains-1.2.3.tgz' } };
    write(project, needs);
    await execa('npm', ['install', '--offline', '--no-audit', '--no-fund'], at);
    expect(existsSync(join(project, 'node_modules', 'gains'))).toBe(true);
    expect(existsSync(ran)).toBe(false);

    const unread = await run('install-scripts', [project], at.env);
    expect(unread.all).toContain(
      `INSTALL_SCRIPT_UNREAD: gains@1.2.3 (node_modules/gains) would run, at its installation, postinstall: ${script}`,
    );
    expect([unread.exitCode, existsSync(ran)]).toEqual([2, false]);
    write(project, { ...needs, allowScripts: { gains: false } });
    expect((await run('install-scripts', [project], at.env)).exitCode).toBe(0);
    expect(existsSync(ran)).toBe(false);
    write(project, { ...needs, allowScripts: { gains: true } });
    expect((await run('install-scripts', [project], at.env)).exitCode).toBe(0);
    expect(existsSync(ran)).toBe(true);
  }, 180_000);

  it('are all in the bill of materials, each with its hash and what it needs', async () => {
    const file = join(root, 'sbom.json');
    const { exitCode, all } = await run('sbom', [file]);
    expect(exitCode, all).toBe(0);
    const sbom = json(file) as Sbom;
    expect(sbom).toMatchObject({ bomFormat: 'CycloneDX', specVersion: '1.5', version: 1 });
    expect(sbom.serialNumber).toMatch(/^urn:uuid:[0-9a-f-]{36}$/);
    expect(sbom.metadata.component).toMatchObject({ name: 'trading-ops', purl: expect.stringMatching(/^pkg:npm\//) });
    const hex = (integrity = '') => Buffer.from(integrity.replace(/^sha512-/, ''), 'base64').toString('hex');
    const listed = (entries: string[]) => [...new Set(entries)].toSorted();
    expect(
      listed(sbom.components.map(({ name, version, hashes }) => `${name}@${version} ${hashes?.[0]?.content}`)),
    ).toEqual(
      listed(packages.map(([place, { version, integrity }]) => `${nameOf(place)}@${version} ${hex(integrity)}`)),
    );
    expect(sbom.components.filter(({ purl }) => !/^pkg:npm\/\S+@\S+$/.test(purl))).toEqual([]);
    const known = new Set([sbom.metadata.component['bom-ref'], ...sbom.components.map((one) => one['bom-ref'])]);
    expect(known.size).toBe(sbom.components.length + 1);
    const named = sbom.dependencies.flatMap(({ ref, dependsOn = [] }) => [ref, ...dependsOn]);
    expect(named.filter((ref) => !known.has(ref))).toEqual([]);
  }, 180_000);

  it('are no approval where the registry does not answer', async () => {
    const bin = mkdtempSync(join(root, 'bin-'));
    const npm = (answer: string) => {
      writeFileSync(join(bin, 'npm'), `#!/bin/sh\n${answer}\n`);
      chmodSync(join(bin, 'npm'), 0o755);
      return run('audit-packages', [], { PATH: `${bin}:/usr/bin:/bin` });
    };
    const away = await npm('echo "npm error code ENOTFOUND" >&2; exit 1');
    expect([away.exitCode, away.all]).toEqual([69, expect.stringMatching(/signatures: NOT CHECKED: .*ENOTFOUND/)]);
    const bad = await npm(
      '[ "$2" = signatures ] || exit 0; echo "1 package has an invalid registry signature"; exit 1',
    );
    expect([bad.exitCode, bad.all]).toEqual([2, expect.stringContaining('signatures: FAILED')]);
    const good = await npm('echo "366 packages have verified registry signatures"');
    expect(good.exitCode).toBe(0);
  });
});

interface Component {
  'bom-ref': string;
  name: string;
  version: string;
  purl: string;
  hashes?: { alg: string; content: string }[];
}
interface Sbom {
  bomFormat: string;
  specVersion: string;
  serialNumber: string;
  metadata: { component: Component };
  components: Component[];
  dependencies: { ref: string; dependsOn?: string[] }[];
}

describe('images', () => {
  const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
  function checkout(): { directory: string; pin: (answer: string, ...args: string[]) => ReturnType<typeof run> } {
    const directory = mkdtempSync(join(root, 'images-'));
    mkdirSync(join(directory, 'ops', 'docker'), { recursive: true });
    for (const file of ['docker-compose.yml', 'ops/docker/Dockerfile'])
      writeFileSync(
        join(directory, file),
        readFileSync(join(repositoryRoot, file), 'utf8').replaceAll(/@sha256:[0-9a-f]{64}/g, ''),
      );
    const bin = mkdtempSync(join(root, 'bin-'));
    const pin = (answer: string, ...args: string[]) => {
      writeFileSync(join(bin, 'docker'), `#!/bin/sh\n${answer}\n`);
      chmodSync(join(bin, 'docker'), 0o755);
      return run('pin-images', [...args, directory], { PATH: `${bin}:/usr/bin:/bin` });
    };
    return { directory, pin };
  }
  const imagesIn = (directory: string): string[] => [
    ...[...readFileSync(join(directory, 'docker-compose.yml'), 'utf8').matchAll(/^\s*image: (\S+)/gm)].flatMap(
      ([, image = '']) => (image.startsWith('trading-ops:') ? [] : [image]),
    ),
    ...[...readFileSync(join(directory, 'ops/docker/Dockerfile'), 'utf8').matchAll(/^FROM (\S+)/gm)].map(
      ([, image = '']) => image,
    ),
  ];

  it('are pinned to the digest that the registry tells, beside their tag; a moved tag is found', async () => {
    const { directory, pin } = checkout();
    const tags = imagesIn(directory);
    expect(tags.length).toBe(8);
    const ofTag = 'case "$6" in node:*) echo ' + digest('a') + ';; *) echo ' + digest('b') + ';; esac';
    expect((await pin(ofTag, '--check')).exitCode).toBe(2);
    expect(imagesIn(directory)).toEqual(tags);
    expect((await pin(ofTag)).exitCode).toBe(0);
    expect(imagesIn(directory)).toEqual(tags.map((tag) => `${tag}@${digest(tag.startsWith('node:') ? 'a' : 'b')}`));
    expect((await pin(ofTag, '--check')).exitCode).toBe(0);
    const moved = await pin(`echo ${digest('b')}`, '--check');
    expect([moved.exitCode, moved.all]).toEqual([
      2,
      expect.stringMatching(/IMAGE_NOT_PINNED: ops\/docker\/Dockerfile: node:/),
    ]);
  });

  it('get no digest that nobody told, and nothing is changed', async () => {
    const { directory, pin } = checkout();
    const tags = imagesIn(directory);
    for (const answer of ['exit 1', 'echo latest', `echo ${digest('A')}`]) {
      const refused = await pin(answer);
      expect([refused.exitCode, refused.all]).toEqual([69, expect.stringContaining('IMAGE_DIGEST_UNKNOWN')]);
    }
    expect(imagesIn(directory)).toEqual(tags);
  });

  it('here have either all a digest or none: which stands in docs/HOSTING.md', () => {
    const pinned = imagesIn(repositoryRoot).filter((image) => /@sha256:[0-9a-f]{64}$/.test(image));
    const said = readFileSync(join(repositoryRoot, 'docs', 'HOSTING.md'), 'utf8').includes('by tag alone');
    expect(pinned.length).toBe(said ? 0 : imagesIn(repositoryRoot).length);
  });
});
