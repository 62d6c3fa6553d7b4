// Tests of the desk drive Debian's chromium. Installs it where that needs no password; where it may not, or no package
// mirror answers, says so: those tests are then skipped with their reason.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const PLACES = [process.env.TRADING_OPS_CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser'];
/** Longer than a mirror that answers takes; one that does not must not hold up the tests. */
const MIRROR_MS = 60_000;
const INSTALL_MS = 300_000;
const QUICK = ['-qq', '-o', 'Acquire::Retries=0', '-o', 'Acquire::http::Timeout=15'];

function apt(args, timeout) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  execFileSync('apt-get', [...QUICK, ...args], { stdio: 'ignore', timeout, env });
}

if (!PLACES.some((place) => place && existsSync(place))) {
  try {
    if (process.getuid?.() !== 0) throw new Error('sudo apt-get install chromium');
    console.error('Installing chromium, which tests drive (once) ...');
    apt(['update'], MIRROR_MS);
    apt(['install', '-y', '--no-install-recommends', 'chromium'], INSTALL_MS);
  } catch (error) {
    const why = String(error instanceof Error ? error.message : error).split('\n', 1)[0];
    console.error(`No chromium here (${why}): tests in a real browser are skipped`);
  }
}
