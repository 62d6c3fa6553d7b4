import type { Command } from 'commander';
import type { Progress } from '../../../runtime/parts.js';
import { loadSettings } from '../../../runtime/settings.js';
import type { Answer } from '../../kit/output.js';
import { showSteps } from '../../kit/steps.js';
import { answered, composed } from './answered.js';

/** Stops what is up. */
export function downAction(command: Command): Promise<void> {
  return answered(command, (flags) => showSteps((progress) => stopParts(progress, flags.only)));
}

async function stopParts(progress: Progress, only: string | undefined): Promise<Answer> {
  const settings = loadSettings();
  if (settings.runtime === 'compose') return (await composed()).downComposed(settings, progress, only);
  const { down, partsMeant } = await import('../../../runtime/stack.js');
  const parts = partsMeant(only);
  const status = await down(settings, progress, parts);
  if (parts)
    return { lines: [`The ${parts.join()} of ${status.dataDir} does not run.`], data: status, next: 'make up' };
  const left = status.parts.filter((part) => part.external && part.state === 'running').map((part) => part.name);
  const lines = [
    `Nothing of ${status.dataDir} is running.`,
    ...left.map((name) => `${name} was left alone: the environment names it.`),
  ];
  return { lines, data: status, next: 'make up' };
}
