import { OpsError } from '../../domain/errors.js';
import { banner, type Block } from '../../reports/render/document.js';
import type { Sitting } from '../sitting.js';

/** Who is nobody says first who they are. @param why in whose name it is @returns null where somebody sits there */
export function nobodyBlocks(sitting: Sitting, why: string): Block[] | null {
  try {
    sitting.asker();
    return null;
  } catch (error) {
    if (!(error instanceof OpsError)) throw error;
    return [banner('warn', 'Who are you?', `Choose your name in the bar at the top: ${why}.`)];
  }
}
