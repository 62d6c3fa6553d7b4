import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { previewRows } from '../operations/day/snapshot-rows.js';
import { rowsTold } from '../reports/reconciliation/rows.js';
import { fieldsSent } from './forms/form.js';
import { reconcileForm } from './forms/reconcile.js';
import { formTypedOf } from './forms/reconcile-typed.js';
import type { Place } from './place.js';
import { cookieName, hasToken, letIn } from './sessions.js';
import { sittingOf } from './sitting.js';

/** A page asks when somebody pauses in typing: nobody types so fast for a minute. One limit a session. */
const limitOf = (place: Place) => ({
  max: 300,
  timeWindow: 60_000,
  keyGenerator: (request: FastifyRequest) => request.cookies[cookieName(place)] ?? 'nobody',
});

/**
 * How a form to reconcile stands while it is filled in, as data: by the function that the form's own check shows it by.
 * Nothing is written.
 */
export function routePreview(app: FastifyInstance, place: Place): void {
  const options = { config: { rateLimit: limitOf(place) } };
  app.post('/:account/reconcile/preview', options, async (request, reply): Promise<FastifyReply> => {
    const who = await letIn(place, request);
    if (who === null) return reply.code(401).send({ session: 'over' });
    if (!hasToken(who, request.body)) return reply.code(403).send({ session: 'other' });
    const typed = fieldsSent(request.body);
    const sitting = await sittingOf(place, request, who);
    const asked = formTypedOf(sitting.account.account, typed);
    const standing = await previewRows(place, sitting.asker(typed['at']), asked);
    if (!standing.ok) return reply.code(409).send(standing.refusal);
    return reply.send({ ...rowsTold(standing.result), command: reconcileForm.command(sitting, typed) });
  });
}
