// Pins the images of docker-compose.yml and ops/docker/Dockerfile to what they are: asks their registry, through the
// container engine, for the digest behind each tag and writes it beside the tag, which stays for people. A tag can be
// moved to another image, a digest cannot.
//   node tools/pin-images.mjs [--check] [directory]
// --check changes nothing, and ends with 2 when an image has no digest or its tag is of another image now.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const words = process.argv.slice(2);
const check = words.includes('--check');
const root = path.resolve(words.find((word) => word !== '--check') ?? '.');
const LINES = [
  ['docker-compose.yml', /^(\s*image: )(?!trading-ops:)(\S+)/gm],
  ['ops/docker/Dockerfile', /^(FROM )(\S+)/gm],
];
const known = new Map();

/**
 * @returns the digest of the whole image, of every platform. Ends the program where it cannot be had: none is ever
 * made up.
 */
function digestOf(tag) {
  if (known.has(tag)) return known.get(tag);
  const asked = ['buildx', 'imagetools', 'inspect', '--format', '{{.Manifest.Digest}}', tag];
  const { status, stdout, stderr, error } = spawnSync('docker', asked, { encoding: 'utf8' });
  const digest = stdout?.trim() ?? '';
  if (status !== 0 || !/^sha256:[0-9a-f]{64}$/.test(digest)) {
    const said = (error?.message ?? (stderr || stdout)).trim().split('\n')[0];
    console.error(`IMAGE_DIGEST_UNKNOWN: ${tag}: docker ${asked.join(' ')}: ${said}\nNothing was changed.`);
    process.exit(69);
  }
  known.set(tag, digest);
  return digest;
}

const wrong = [];
const texts = LINES.map(([file, pattern]) => {
  const before = readFileSync(path.join(root, file), 'utf8');
  const after = before.replace(pattern, (line, start, image) => {
    const [tag, pinned] = image.split('@');
    const digest = digestOf(tag);
    if (pinned !== digest)
      wrong.push(`${file}: ${tag} is ${digest}, ${pinned ? `not ${pinned}` : 'and has no digest'}`);
    return `${start}${tag}@${digest}`;
  });
  return { file, before, after };
});
if (check) {
  for (const line of wrong) console.error(`IMAGE_NOT_PINNED: ${line}`);
  process.exitCode = wrong.length > 0 ? 2 : 0;
} else
  for (const { file, before, after } of texts.filter((text) => text.before !== text.after)) {
    writeFileSync(path.join(root, file), after);
    console.log(
      `${file}: ${[...new Set(after.match(/\S+@sha256:[0-9a-f]+/g))].filter((image) => !before.includes(image)).join(' ')}`,
    );
  }
