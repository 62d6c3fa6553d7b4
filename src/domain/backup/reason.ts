import { z } from 'zod';

/** Why a backup was made. */
export type BackupReason = 'manual' | 'schedule' | 'close-out' | 'timer';

/** Made anew for each schema, as every shape is (domain/shapes.ts): workflows read it too. */
export const backupReasonShape = () => z.enum(['manual', 'schedule', 'close-out', 'timer']);
