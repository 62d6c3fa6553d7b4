import { usageError } from '../../../domain/errors.js';
import { composeDown, composeShow, composeUp } from '../../../host/compose-stack.js';
import type { Progress } from '../../../runtime/parts.js';
import { loadSettings, type Settings } from '../../../runtime/settings.js';
import { status } from '../../../runtime/stack.js';
import type { Answer } from '../../kit/output.js';
import { statusLines } from '../runtime/lines.js';

/** `up` by Docker Compose: the containers migrate by themselves. */
export async function upComposed(
  settings: Settings,
  progress: Progress,
  flags: { only?: string; worker?: boolean },
): Promise<Answer> {
  if (flags.only !== undefined || flags.worker === false) throw noParts();
  const { webUi } = await composeUp(settings, progress);
  // Read again: only now does the record name the containers' ports.
  const now = { ...(await status(loadSettings())), webUi };
  return {
    lines: statusLines(now),
    data: now,
    next: 'make run-0800, or make run-ops to see the gates without a ticket',
  };
}

/** `down` by Docker Compose; volumes and the data directory stay. */
export async function downComposed(settings: Settings, progress: Progress, only: string | undefined): Promise<Answer> {
  if (only !== undefined) throw noParts();
  await composeDown(settings, progress);
  return {
    lines: [`The containers of ${settings.dataDir} are gone; its volume and its files stay.`],
    data: { dataDir: settings.dataDir },
    next: 'make up',
  };
}

/** What Compose itself says, as it says it. */
export async function show(settings: Settings, ...args: string[]): Promise<null> {
  process.exitCode = await composeShow(settings, ...args);
  return null;
}

const noParts = () =>
  usageError('OPTIONS_CLASH', '--only and --no-worker are of the local runtime; Docker Compose starts and stops all', {
    remedy: 'leave them out',
  });
