/** What a form may weigh, in bytes. */
export const BODY_BYTES_MAX = 256 * 1024;
/** How many fields it may have. */
export const FIELDS_MAX = 1_000;
/** Within so many milliseconds it has come whole, a file too: a slow line sends a megabyte in a quarter of that. */
export const RECEIVED_WITHIN_MS = 60_000;
