import { z } from 'zod';
import { nameShape, reasonShape } from '../domain/shapes.js';

/** Engages or resets the latch that stops all trading of an account. */
export const turnKillSwitchSchema = z.strictObject({ account: nameShape(), reason: reasonShape() });
export type TurnKillSwitch = z.input<typeof turnKillSwitchSchema>;
