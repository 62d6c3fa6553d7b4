/** What a form may weigh, in bytes. */
export const BODY_BYTES_MAX = 256 * 1024;
/** How many fields it may have. */
export const FIELDS_MAX = 1_000;
