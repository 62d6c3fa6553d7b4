import { execa } from 'execa';
import { chmodSync, copyFileSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { faultError } from '../../domain/errors.js';
import { freeBytes } from '../directories.js';
import type { Progress } from '../parts.js';
import { repositoryRoot } from '../paths.js';
import { identify } from '../processes/processes.js';
import { compareVersions } from '../versions.js';

const FREE_MIN_BYTES = 6 * 1024 ** 3;
const TELL_EVERY_MS = 5_000;
const WORK_PREFIX = 'trading-ops-go-';
/** The newest release that `go install` takes directly, for a Go older than tools/go.mod asks for. */
const SPARE = 'github.com/temporalio/cli/cmd/temporal@v1.5.1';

/** Where each program of tools/ belongs, by the name that Go gives it. */
export interface BuildTargets {
  /** The command with the development server in it. */
  temporal: string;
  /** The server of production, and the tool that makes its schema; they share all but 10 seconds of the build. */
  server: string;
  sql: string;
}

/**
 * Builds Temporal's programs from the pinned module in tools/: about five minutes, once.
 * Go's caches are throw-away, for they grow by gigabytes; only the programs are kept, put in place by a rename.
 * Throws a fault with the remedy: no Go, Go too old, no room, or the end of Go's own words.
 */
export async function buildTemporal(version: string, targets: BuildTargets, progress: Progress): Promise<void> {
  const toolchain = await chooseToolchain();
  assertRoom();
  sweepOldBuilds();
  const work = mkdtempSync(join(tmpdir(), `${WORK_PREFIX}${process.pid}-`));
  const clean = () => rmSync(work, { recursive: true, force: true });
  const interrupted = (signal: NodeJS.Signals) => {
    clean();
    process.exit(signal === 'SIGINT' ? 130 : 143);
  };
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
  try {
    await install(work, version, toolchain, progress);
    for (const [name, target] of Object.entries(targets)) place(join(work, 'bin', name), target);
  } finally {
    process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
    progress('Removing the build files');
    clean();
  }
}

function place(program: string, target: string): void {
  copyFileSync(program, `${target}.new`);
  chmodSync(`${target}.new`, 0o755);
  renameSync(`${target}.new`, target);
}

/** Removes the gigabytes of builds that were killed; their directories carry the builder's pid. */
function sweepOldBuilds(): void {
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(WORK_PREFIX))) {
    if (identify(Number.parseInt(name.slice(WORK_PREFIX.length), 10)) === null)
      rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
}

async function install(work: string, version: string, toolchain: string, progress: Progress): Promise<void> {
  const ldflags = `-s -w -X github.com/temporalio/cli/internal/temporalcli.Version=${version}`;
  const child = execa('go', ['install', '-v', '-ldflags', ldflags, 'tool'], {
    cwd: join(repositoryRoot, 'tools'),
    env: {
      GOBIN: join(work, 'bin'),
      GOCACHE: join(work, 'cache'),
      GOMODCACHE: join(work, 'mod'),
      GOTMPDIR: work,
      // The operator's own flags (-mod=vendor, say) must not reach this build; without -modcacherw the cache cannot be deleted.
      GOFLAGS: '-modcacherw -buildvcs=false',
      GOWORK: 'off',
      GOTOOLCHAIN: toolchain,
      CGO_ENABLED: '0',
    },
    reject: false,
    stdin: 'ignore',
  });
  const last = await follow(child.stderr, progress);
  const result = await child;
  if (result.exitCode !== 0) throw buildFailed(last);
}

/** Tells every few seconds how far the build is; returns Go's last lines. */
async function follow(output: NodeJS.ReadableStream, progress: Progress): Promise<string[]> {
  const since = Date.now();
  const count = { downloaded: 0, compiled: 0 };
  const last: string[] = [];
  const tell = () => {
    const doing = count.compiled > 0 ? `compiled ${count.compiled} packages` : `downloaded ${count.downloaded} modules`;
    progress(
      `Building the Temporal server from tools/ (once, about 5 minutes): ${doing}, ${Math.round((Date.now() - since) / 1000)} s`,
    );
  };
  tell();
  const timer = setInterval(tell, TELL_EVERY_MS);
  for await (const line of createInterface({ input: output })) {
    if (line.startsWith('go: downloading')) count.downloaded += 1;
    else if (/^[\w.-]+(\/[\w.~-]+)*$/.test(line)) count.compiled += 1;
    else last.push(line);
    if (last.length > 12) last.shift();
  }
  clearInterval(timer);
  return last;
}

/** "local" when the installed Go is new enough, "auto" when it can fetch a newer one by itself. */
async function chooseToolchain(): Promise<string> {
  const wanted =
    /^go (\d+\.\d+(?:\.\d+)?)/m.exec(readFileSync(join(repositoryRoot, 'tools', 'go.mod'), 'utf8'))?.[1] ?? '1.26.4';
  const answer = await execa('go', ['env', 'GOVERSION'], {
    reject: false,
    env: { GOTOOLCHAIN: 'local' },
    cwd: tmpdir(),
  });
  if (answer.exitCode !== 0) throw noGo(wanted);
  const have = answer.stdout.trim().replace(/^go/, '');
  if (compareVersions(have, wanted) >= 0) return 'local';
  if (compareVersions(have, '1.21') >= 0) return 'auto';
  throw goTooOld(have, wanted);
}

function assertRoom(): void {
  const free = freeBytes(tmpdir());
  if (free === null || free >= FREE_MIN_BYTES) return;
  throw faultError(
    'NO_ROOM_TO_BUILD',
    `Building the Temporal server needs about 6 GB for a while; ${tmpdir()} has ${(free / 1024 ** 3).toFixed(1)} GB.`,
    {
      remedy: 'Set TMPDIR to a directory with more room, or put a `temporal` program (1.5 or newer) on PATH.',
    },
  );
}

function noGo(wanted: string) {
  return faultError(
    'TEMPORAL_MISSING',
    'There is no `temporal` program here, it could not be downloaded, and there is no Go to build it with.',
    {
      remedy: `Put the \`temporal\` program (1.5 or newer) on PATH, or install Go ${wanted} or newer, then type \`make up\` again.`,
    },
  );
}

function goTooOld(have: string, wanted: string) {
  return faultError('GO_TOO_OLD', `Building the Temporal server needs Go ${wanted}; this is Go ${have}.`, {
    remedy: `Install Go ${wanted} or newer, or build an older server: \`GOBIN=~/bin go install ${SPARE}\` and put ~/bin on PATH.`,
  });
}

function buildFailed(last: string[]) {
  return faultError('TEMPORAL_BUILD_FAILED', `The Temporal server could not be built:\n${last.join('\n')}`, {
    remedy:
      'Check that Go can reach its module proxy (`go env GOPROXY`), or put a `temporal` program (1.5 or newer) on PATH.',
  });
}
