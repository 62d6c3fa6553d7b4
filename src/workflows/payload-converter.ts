import { defaultPayloadConverter, type Payload, type PayloadConverter } from '@temporalio/common';

/**
 * What a payload is read as that nobody can decode (an encoding that is not known, JSON that breaks off, none at all).
 * It has the shape of no message, so a day refuses it as it refuses any other that is malformed. Without it, a signal
 * like that fails the day's step before our code is asked, and the server tries the step again without end.
 */
export const UNREADABLE = 'a payload that cannot be decoded';

/** How workflows read what they are sent: as ever, but never with an error. */
export const payloadConverter: PayloadConverter = {
  toPayload: (value, context, hint) => defaultPayloadConverter.toPayload(value, context, hint),
  fromPayload: (payload) => readable(payload) as never,
};

function readable(payload: Payload): unknown {
  try {
    return defaultPayloadConverter.fromPayload(payload);
  } catch {
    return UNREADABLE;
  }
}
