import { parse } from 'node:querystring';
import { fieldsSent, type Typed } from './forms/form.js';
import { BODY_BYTES_MAX, FIELDS_MAX } from './limits.js';
import { fieldsOfMultipart } from './multipart.js';

/**
 * The fields that came whole at the beginning of a form that is larger than the desk takes, so that what was typed is
 * not lost with what is too large; none where nothing can be told of it.
 * @param begun the first bytes of its body
 */
export async function fieldsBegun(begun: Buffer, contentType: string): Promise<Typed> {
  if (!contentType.startsWith('multipart/form-data')) {
    const text = begun.toString('latin1');
    return fieldsSent(parse(text.slice(0, Math.max(0, text.lastIndexOf('&')))));
  }
  const [edge = ''] = begun.toString('latin1', 0, 200).split('\r\n', 1);
  const whole = begun.subarray(0, Math.max(0, begun.lastIndexOf(`\r\n${edge}\r\n`, undefined, 'latin1')));
  const ended = Buffer.concat([whole, Buffer.from(`\r\n${edge}--\r\n`, 'latin1')]);
  return fieldsOfMultipart(ended, contentType, { fields: FIELDS_MAX, text: BODY_BYTES_MAX }).then(
    fieldsSent,
    () => ({}),
  );
}
