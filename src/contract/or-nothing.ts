import { z } from 'zod';

/**
 * A field of a form that was left empty, or an option that was not given: nothing is asked by it, and it is null. What
 * is given has the shape, and is refused by the shape's own rule.
 */
export const orNothing = <Shape extends z.ZodType<string, string>>(shape: Shape) =>
  z
    .string({ error: 'must be text' })
    .transform((text) => (text === '' ? null : text))
    .pipe(shape.nullable())
    .nullable()
    .default(null);
