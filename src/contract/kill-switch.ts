import { z } from 'zod';
import { name, reason } from './input.js';

/** Engages or resets the latch that stops all trading of an account. */
export const turnKillSwitchSchema = z.strictObject({ account: name, reason });
export type TurnKillSwitch = z.input<typeof turnKillSwitchSchema>;
