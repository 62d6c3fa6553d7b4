import type { FastifyInstance } from 'fastify';
import { saveDraft } from '../operations/day/draft-save.js';
import { figuresTold } from '../operations/day/figures-told.js';
import { ukClock, withUkTimes } from '../reports/render/format.js';
import { linesSent, toldText } from './forms/answer-lines.js';
import { answerForm, draftOf } from './forms/confirm.js';
import { fieldsSent } from './forms/form.js';
import type { Place } from './place.js';
import { hasToken, letIn } from './sessions.js';
import { sittingOf } from './sitting.js';

/** What can be done where nothing is saved any more: a page that is sent keeps what stands in it. */
const SENT_ALONG = 'Send it by the button below: what you typed goes along. A reload loses it.';

/** A line is saved as it is typed: what a form's module sends, and what it is told. */
export function routeDrafts(app: FastifyInstance, place: Place): void {
  app.post('/:account/tickets/:ticketId/draft', async (request, reply) => {
    const sent = fieldsSent(request.body);
    const who = await letIn(place, request);
    if (who === null) return reply.code(401).send({ text: `Not saved: you are let in no longer. ${SENT_ALONG}` });
    if (!hasToken(who, sent))
      return reply.code(403).send({ text: `Not saved: the session of this page has ended. ${SENT_ALONG}` });
    if (who.session.readOnly) return reply.code(403).send({ text: 'Not saved: this session may only read.' });
    const sitting = await sittingOf(place, request, who);
    const form = await answerForm(sitting);
    const saved = await saveDraft(place, sitting.asker(sent['at']), draftOf(sitting, form, sent));
    if (!saved.ok) {
      const { code, message } = saved.refusal;
      return reply
        .code(saved.refusal.kind === 'usage' ? 400 : 409)
        .send({ code, text: `Not saved: ${withUkTimes(message)}` });
    }
    const [own] = linesSent(form, sent);
    const line = saved.result.find(({ sequence }) => sequence === own?.sequence);
    const index = form.lines.findIndex((each) => each.line.sequence === own?.sequence);
    const told = own === undefined || index < 0 ? null : figuresTold(form, index, own.content, sitting.at);
    return {
      text: `Saved ${ukClock(line?.savedAt ?? sitting.at)} UK.`,
      version: line?.version ?? 0,
      told: toldText(told),
    };
  });
}
