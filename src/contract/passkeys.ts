import { z } from 'zod';
import { isPlainText } from '../domain/text.js';
import { read, type Reading } from './reading.js';

/** Letters of what a browser answers: it has some 500. */
const ANSWER_MAX = 4_096;
const LABEL_MAX = 200;

const offerSchema = z.object({
  label: z
    .string()
    .trim()
    .max(LABEL_MAX, `must be at most ${LABEL_MAX} characters`)
    .refine((text) => isPlainText(text, { lines: false }), 'must be plain text on one line'),
  /** What was asked, which the page carries along. */
  challenge: z.string().regex(/^[\da-f]{64}$/, 'must be 32 bytes in lower-case hex'),
  registration: z
    .string()
    .max(ANSWER_MAX, `must be at most ${ANSWER_MAX} characters`)
    .regex(/^[\w-]+\.[\w-]+$/, 'must be authenticatorData.clientDataJSON, each in base64url'),
});
/** A new passkey, as a browser offers it. */
export type PasskeyOffer = z.infer<typeof offerSchema>;

/** Reads the passkey that is offered; never throws. */
export const readPasskeyOffer = (sent: unknown): Reading<PasskeyOffer> =>
  read(offerSchema, sent, { whole: 'passkey', code: 'PASSKEY_INVALID', remedy: 'nothing was kept: make it again' });
