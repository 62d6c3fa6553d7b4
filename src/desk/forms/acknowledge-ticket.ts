import { resultOrThrow } from '../../domain/errors.js';
import { previewAcknowledgement } from '../../operations/day/fills-form.js';
import { banner, bullets, link, paragraph, strong, type Block } from '../../reports/render/document.js';
import { renderBlocks } from '../../reports/render/html.js';
import {
  hasAnswer,
  keptInstead,
  keyFirst,
  maySignToo,
  rehearsal,
  saidBefore,
  severalSign,
  supersededBlocks,
} from './answer-views.js';
import { answerForm } from './confirm.js';
import type { Form } from './form.js';
import { sendAnswer, ticketPath } from './send-answer.js';
import type { AnswerForm } from '../../operations/day/answer-form.js';

/** Answers a NO_TRADE ticket: its reasons, "I placed no order", and the acknowledgement. */
export const acknowledgeTicketForm: Form = {
  path: '/:account/tickets/:ticketId/acknowledge',
  isOfAccount: true,
  isSigned: true,
  title: () => 'Acknowledge a ticket',
  here: ({ account }) => `/${encodeURIComponent(account.account)}/tickets`,
  command: ({ params }) => `trading-ops confirm --ticket ${params['ticketId']}`,
  checkButton: 'I placed no order',
  async instead(sitting) {
    const form = await answerForm(sitting);
    const { ticket, answer } = form;
    const superseded = supersededBlocks(sitting, form);
    if (superseded.length > 0) return superseded;
    const own = ticketPath(sitting, ticket.ticketId);
    if (ticket.kind === 'TRADE')
      return [banner('plain', 'TRADE', ['It has lines: ', link(`${own}/confirm`, 'report what became of them'), '.'])];
    const kept = await keptInstead(sitting, form);
    if (kept !== null || answer === null) return kept;
    const first = keyFirst(sitting, form);
    if (first === null && maySignToo(sitting, form)) return null;
    return [...(first ? [first] : []), hasAnswer(answer), paragraph([link(own, 'The ticket')])];
  },
  async body(sitting) {
    const form = await answerForm(sitting);
    return renderBlocks([
      ...rehearsal(form),
      ...supersededBlocks(sitting, form),
      ...saidBefore(form),
      ...severalSign(sitting, form),
      ...reasonsOf(form),
    ]);
  },
  async check(sitting, typed) {
    const form = await answerForm(sitting);
    resultOrThrow(await previewAcknowledgement(sitting.place, sitting.asker(typed['at']), form.ticket));
    const before = [...rehearsal(form), ...saidBefore(form), ...severalSign(sitting, form)];
    return { blocks: [...before, ...reasonsOf(form)], button: 'Acknowledge' };
  },
  commit: (sitting, typed) =>
    sendAnswer(sitting, typed, {
      account: sitting.account.account,
      ticketId: sitting.params['ticketId'] ?? '',
      kind: 'ACK',
      fills: null,
      amend: false,
    }),
};

const reasonsOf = ({ ticket }: AnswerForm): Block[] => [
  paragraph([strong('NO_TRADE'), `: place no order on ${ticket.tradingDay}. Why:`]),
  bullets(ticket.reasons.map(({ code, message }) => [strong(code), `: ${message}`])),
];
