import type { Command } from 'commander';
import { loadSettings } from '../../../runtime/settings.js';
import { answer, type CommonFlags } from '../../kit/context.js';
import { deskLink, linkLines } from '../../kit/desk-link.js';

/** Prints a one-time link to the desk. */
export async function openDesk(command: Command): Promise<void> {
  const { json, operator, readOnly } = command.optsWithGlobals<CommonFlags & { readOnly?: boolean }>();
  await answer(json ?? false, async () => {
    const made = await deskLink(loadSettings(), { operator, readOnly: readOnly ?? false });
    return { lines: linkLines(made), data: made, next: 'open the link in a browser of this machine' };
  });
}
