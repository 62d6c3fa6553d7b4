import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { tail } from '../parts.js';
import { installationPaths } from '../paths.js';
import type { Settings } from '../settings.js';

/** Where each part writes. */
export function logPaths(settings: Settings): Record<'postgres' | 'temporal' | 'worker' | 'desk', string> {
  const { log } = installationPaths(settings.dataDir);
  return { postgres: log('postgres'), temporal: log('temporal'), worker: log('worker'), desk: log('desk') };
}

/** The end of every log that exists, as one text with a heading for each. */
export function logTails(settings: Settings, lines: number): { name: string; path: string; text: string }[] {
  return Object.entries(logPaths(settings))
    .filter(([, path]) => existsSync(path))
    .map(([name, path]) => ({ name, path, text: tail(path, lines) }));
}

/** Hands on every line added to any log, with the part's name, until the signal aborts. */
export async function followLogs(
  settings: Settings,
  write: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const files = Object.values(logPaths(settings));
  const at = new Map(files.map((file) => [file, sizeOf(file)]));
  while (!signal.aborted) {
    for (const file of files) {
      const from = at.get(file) ?? 0;
      const size = sizeOf(file);
      // A file that shrank was rotated: begin again at its start.
      const added = readLines(file, size < from ? 0 : from, size);
      at.set(file, (size < from ? 0 : from) + Buffer.byteLength(added));
      for (const line of added.split('\n').filter(Boolean)) write(`${basename(file, '.log')} | ${line}`);
    }
    await delay(250, undefined, { signal }).catch(() => undefined);
  }
}

/** Whole lines only: what follows the last line break is left for the next time. */
function readLines(file: string, from: number, to: number): string {
  if (to <= from) return '';
  const descriptor = openSync(file, 'r');
  try {
    const buffer = Buffer.alloc(to - from);
    const got = buffer.subarray(0, readSync(descriptor, buffer, 0, buffer.length, from));
    return got.subarray(0, got.lastIndexOf(10) + 1).toString('utf8');
  } finally {
    closeSync(descriptor);
  }
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
