// Writes the software bill of materials of what package-lock.json pins, by npm's own `npm sbom` (CycloneDX 1.5):
// every package with its version, licence and SHA-512, and what needs what.
//   node tools/sbom.mjs [file]
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const file = process.argv[2] ?? path.join('.build', 'sbom.json');
const text = execFileSync('npm', ['sbom', '--sbom-format=cyclonedx', '--package-lock-only', '--loglevel=error'], {
  encoding: 'utf8',
  maxBuffer: 64 * 1024 * 1024,
});
const sbom = JSON.parse(text);
// npm calls the whole by the name of its folder, which says nothing elsewhere.
sbom.metadata.component.name = JSON.parse(execFileSync('npm', ['pkg', 'get', 'name'], { encoding: 'utf8' }));
mkdirSync(path.dirname(file), { recursive: true });
writeFileSync(file, `${JSON.stringify(sbom, null, 2)}\n`);
console.log(`${file}: ${sbom.components.length} packages`);
