import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { resultOrThrow } from '../domain/errors.js';
import { claimName, setRehearsalClock } from '../operations/entry/session.js';
import { fieldsSent, type Typed } from './forms/form.js';
import { lookOf } from './look.js';
import type { Place } from './place.js';
import { hasToken, letIn, type Let } from './sessions.js';

/** Told by the page of failures, as FORM_UNKNOWN. */
const NO_TOKEN = Object.assign(new Error('not a form of this session'), { statusCode: 403 });

/** What somebody says of themselves in the bar of every page: who they are, and what time a rehearsal has. */
export function routeSession(app: FastifyInstance, place: Place): void {
  const said = (path: string, take: (request: FastifyRequest, who: Let, typed: Typed) => Promise<string>) =>
    app.post(path, async (request, reply): Promise<FastifyReply> => {
      const who = await letIn(place, request);
      if (who === null) return reply.redirect('/', 303);
      if (!hasToken(who, request.body)) throw NO_TOKEN;
      const account = await take(request, who, fieldsSent(request.body));
      return reply.redirect(`/${encodeURIComponent(account)}/today`, 303);
    });

  said('/:account/name', async (request, who, { operator = '' }) => {
    const { policy, account } = await lookOf(place, request, who);
    resultOrThrow(await claimName(place, { id: who.id, policy, operator }));
    return account.account;
  });
  said('/:account/clock', async (request, who, { clock = '' }) => {
    const { account } = await lookOf(place, request, who);
    resultOrThrow(await setRehearsalClock(place, { id: who.id, account, typed: clock }));
    return account.account;
  });
}
