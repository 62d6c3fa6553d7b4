import { resultOrThrow } from '../../domain/errors.js';
import {
  cashOfAnswer,
  readAnswerForm,
  refuseStaleLines,
  type AnswerCash,
  type AnswerForm,
} from '../../operations/day/answer-form.js';
import { saveDraft } from '../../operations/day/draft-save.js';
import { previewFills } from '../../operations/day/fills-form.js';
import { fillsTyped } from '../../operations/day/typed-fills.js';
import { banner, link, paragraph, strong, type Block } from '../../reports/render/document.js';
import { renderBlocks } from '../../reports/render/html.js';
import { holderText } from '../claim-words.js';
import type { Sitting } from '../sitting.js';
import { template, type Template } from '../view/frame.js';
import { contentsOf, lineFields, linesSent } from './answer-lines.js';
import {
  answerSentences,
  beforeOrders,
  bothAnswers,
  hasAnswer,
  keptInstead,
  keyFirst,
  maySignToo,
  saidBefore,
  severalSign,
  rehearsal,
  reviewBlocks,
  supersededBlocks,
  takenBack,
  unprovedBlocks,
} from './answer-views.js';
import { fieldsBody } from './fields.js';
import type { Form, Trouble, Typed } from './form.js';
import { sendAnswer, ticketPath } from './send-answer.js';

const idOf = ({ params }: Sitting): string => params['ticketId'] ?? '';
const isAmendment = (typed: Typed): boolean => typed['amend'] === '1';

/** What a page has read of its ticket, for the parts that are made of it one after another. */
const read = new WeakMap<Sitting, Promise<AnswerForm>>();

/** A ticket as it is to be answered here and now. */
export function answerForm(sitting: Sitting): Promise<AnswerForm> {
  const known = read.get(sitting) ?? readAnew(sitting);
  read.set(sitting, known);
  return known;
}

/** The same after something was stored: what was read before says no longer how it stands. */
export const forgetAnswerForm = (sitting: Sitting): boolean => read.delete(sitting);

const readAnew = async ({ place, account: { account }, at, policy, params }: Sitting): Promise<AnswerForm> =>
  resultOrThrow(await readAnswerForm(place, { account, ticketId: params['ticketId'] ?? '', at, policy }));

/** Reports the fills of a TRADE ticket, or amends what was reported: lines, review, booking. */
export const confirmForm: Form = {
  path: '/:account/tickets/:ticketId/confirm',
  isOfAccount: true,
  isSigned: true,
  upload: { name: 'pasted', code: 'FILLS_INVALID' },
  title: () => 'Confirm a ticket',
  here: (sitting) => `/${encodeURIComponent(sitting.account.account)}/tickets`,
  command: (sitting, typed) =>
    `trading-ops confirm-fills --ticket ${idOf(sitting)} --file fills.json` +
    (isAmendment(typed) ? ' --amend --reason "…"' : ''),
  instead: async (sitting, typed) => {
    const form = await answerForm(sitting);
    return (await keptInstead(sitting, form)) ?? insteadOf(sitting, form, typed);
  },
  async body(sitting, typed, trouble) {
    const form = await answerForm(sitting);
    const cash = isAmendment(typed) ? await cashOfAnswer(sitting.place.db, form) : null;
    return bodyOf(sitting, { ...form, cash }, typed, trouble);
  },
  steps: {
    save: async (sitting, typed) => {
      const form = await answerForm(sitting);
      await saveOrThrow(sitting, form, typed);
      return typed;
    },
  },
  async check(sitting, typed) {
    const form = await answerForm(sitting);
    refuseStaleLines(form, linesSent(form, typed));
    const [asker, amend] = [sitting.asker(typed['at']), isAmendment(typed)];
    const given = fillsTyped(form, { pasted: typed['pasted'] ?? '', lines: contentsOf(form, typed) });
    const preview = resultOrThrow(
      await previewFills(sitting.place, asker, { ticket: form.ticket, amend, ...given, ...amendment(form, typed) }),
    );
    const cash = await cashOfAnswer(sitting.place.db, form);
    const blocks = [
      ...rehearsal(form),
      ...(amend ? [...takenBack(form, cash), whyAmended(typed)] : secondLook(sitting, form)),
      ...severalSign(sitting, form),
      ...reviewBlocks(form, preview, { amend, cash }),
    ];
    const { amends } = amendment(form, typed);
    const adds = amends === undefined ? {} : { adds: { amends } };
    return { blocks, button: form.ticket.dryRun ? 'Sign and book (DRY RUN)' : 'Sign and book', ...adds };
  },
  async commit(sitting, typed) {
    const form = await answerForm(sitting);
    const lines = linesSent(form, typed);
    refuseStaleLines(form, lines);
    const { fills, acceptDeviation } = fillsTyped(form, {
      pasted: typed['pasted'] ?? '',
      lines: contentsOf(form, typed),
    });
    const amend = isAmendment(typed);
    const answer = {
      account: sitting.account.account,
      ticketId: form.ticket.ticketId,
      kind: 'FILLS' as const,
      fills: JSON.stringify(fills),
      amend,
      ...(acceptDeviation.length > 0 && { acceptDeviation }),
      ...amendment(form, typed),
    };
    // Whatever refuses it is told beside what stands then.
    forgetAnswerForm(sitting);
    return sendAnswer(sitting, typed, answer, async () => {
      // While Temporal is away nothing is sent, and this is all that is left; whoever may not save may still report.
      if (!amend) await saveDraft(sitting.place, sitting.asker(typed['at']), draftOf(sitting, form, typed));
    });
  },
};

/** What an amendment says beside the lines: why, and which answer whoever amends has seen. */
function amendment({ answer }: AnswerForm, typed: Typed): { reason?: string; amends?: string } {
  if (!isAmendment(typed)) return {};
  const amends = typed['amends'] ?? answer?.confirmationId;
  return { reason: typed['reason'] ?? '', ...(amends !== undefined && { amends }) };
}

/**
 * Saves the lines as they stand in the form; whatever came of it, they are read anew.
 * @throws OpsError DRAFT_STALE, EXECUTION_CLAIMED, EXECUTION_OVER
 */
export async function saveOrThrow(sitting: Sitting, form: AnswerForm, typed: Typed): Promise<void> {
  const outcome = await saveDraft(sitting.place, sitting.asker(typed['at']), draftOf(sitting, form, typed));
  forgetAnswerForm(sitting);
  resultOrThrow(outcome);
}

/** The lines of a form as they are saved. */
export const draftOf = ({ account }: Sitting, form: AnswerForm, typed: Typed) => ({
  account: account.account,
  ticketId: form.ticket.ticketId,
  lines: linesSent(form, typed),
});

/** Where there is nothing to be filled in: no lines, another ticket, or an answer that this is not to amend. */
function insteadOf(sitting: Sitting, form: AnswerForm, typed: Typed): Block[] | null {
  const { ticket, answer } = form;
  const own = ticketPath(sitting, ticket.ticketId);
  const superseded = supersededBlocks(sitting, form);
  if (superseded.length > 0) return superseded;
  if (ticket.kind === 'NO_TRADE')
    return [
      banner('plain', 'NO_TRADE', ['It has no lines to fill: ', link(`${own}/acknowledge`, 'acknowledge it'), '.']),
    ];
  if (answer === null || isAmendment(typed)) return null;
  const first = keyFirst(sitting, form);
  if (first === null && mayCountersign(sitting, form)) return null;
  return [
    ...(first ? [first] : []),
    hasAnswer(answer),
    ...answerSentences(form).map((sentence) => paragraph(sentence)),
    paragraph([link(own, 'The ticket'), ' · ', link(`${own}/confirm?amend=1`, 'Amend what was reported')]),
  ];
}

/**
 * Whether the same may be said once more: where somebody else has signed and this person has not, of two that the
 * policy wants, and where nobody signed what stands there.
 */
const mayCountersign = (sitting: Sitting, form: AnswerForm): boolean =>
  Boolean(form.answer?.unproved) || maySignToo(sitting, form);

/** That the same was said before: sent again it is the same answer, and the second signature where two are wanted. */
const secondLook = (sitting: Sitting, form: AnswerForm): Block[] => {
  const { answer, ticket } = form;
  if (answer === null) return [];
  if (answer.unproved !== null)
    return [
      ...unprovedBlocks(form),
      paragraph([
        answer.fills.length === 0
          ? 'Nothing can be said again of it: '
          : `Where it says what happened, ${answer.operator} sends the same from here, which signs it. Else `,
        link(`${ticketPath(sitting, ticket.ticketId)}/confirm?amend=1`, 'amend it'),
        '.',
      ]),
    ];
  return saidBefore(form);
};

const whyAmended = ({ reason = '' }: Typed): Block => paragraph(['Why: ', strong(reason)]);

/** What somebody else reported, and the one way on: who amends already sends it again, having seen it. */
const otherAnswer = (sitting: Sitting, form: AnswerForm, typed: Typed): Block[] => [
  ...(form.answer?.unproved ? unprovedBlocks(form) : []),
  ...bothAnswers(form, contentsOf(form, typed)),
  paragraph(
    isAmendment(typed)
      ? 'Where yours is right, review it again: it takes the place of what ' +
          `${form.answer?.operator ?? 'nobody'} reported.`
      : [
          'Where yours is right: ',
          link(`${ticketPath(sitting, form.ticket.ticketId)}/confirm?amend=1`, 'amend what was reported'),
          '.',
        ],
  ),
];

const BODY: Template<{
  above: string;
  claim: { ticketId: string; text: string } | null;
  lines: string;
  below: string;
}> = template(
  `<%~ it.above -%>
<% if (it.claim !== null) { -%>
<p class="claim" data-claim="<%= it.claim.ticketId %>"><%= it.claim.text %></p>
<% } -%>
<%~ it.lines -%>
<%~ it.below -%>
<p><button name="step" value="save" class="quiet">Save</button></p>
`,
);

/** A ticket to be answered, with the cash that an amendment moves. */
type Shown = AnswerForm & { cash: AnswerCash | null };

function bodyOf(sitting: Sitting, form: Shown, typed: Typed, trouble: Trouble | null): string {
  const { ticket, answer, lines, holder } = form;
  const amend = isAmendment(typed);
  const isOther = trouble?.code === 'ALREADY_CONFIRMED_DIFFERENTLY';
  const draft = answer === null ? `${ticketPath(sitting, ticket.ticketId)}/draft` : null;
  return BODY({
    above: renderBlocks([
      ...rehearsal(form),
      ...beforeOrders(form),
      ...supersededBlocks(sitting, form),
      ...(isOther ? otherAnswer(sitting, form, typed) : amend ? takenBack(form, form.cash) : secondLook(sitting, form)),
    ]),
    claim: answer === null ? { ticketId: ticket.ticketId, text: holderText(holder) } : null,
    lines: lines.map((_, index) => lineFields({ form, index, typed, trouble, at: sitting.at, draft })).join(''),
    below: TO_COMPLETE({ path: ticketPath(sitting, ticket.ticketId) }).concat(
      fieldsBody(
        [
          {
            kind: 'lines',
            name: 'pasted',
            label: 'Or paste the fills file, JSON or CSV',
            hint: 'Where something stands here it counts, and the lines above do not.',
          },
          {
            kind: 'file',
            name: 'pasted',
            label: 'Or choose the file',
            hint: 'It counts before what is pasted. Nothing is booked before the review is sent.',
          },
          ...(amend ? [{ kind: 'text' as const, name: 'reason', label: 'Why it is amended' }] : []),
        ],
        typed,
        trouble,
      ),
      amend ? AMEND({ amends: (isOther ? undefined : typed['amends']) ?? answer?.confirmationId ?? '' }) : '',
    ),
  });
}

const TO_COMPLETE: Template<{ path: string }> = template(
  `<p>The fills file of this ticket, to be completed: <a href="<%= it.path %>/fills.csv" download>CSV</a>,
<a href="<%= it.path %>/fills.json" download>JSON</a>.</p>
`,
);

/** What is amended goes along: where somebody else amends it meanwhile, that is told before anything is booked. */
const AMEND: Template<{ amends: string }> = template(
  `<input type="hidden" name="amend" value="1">
<input type="hidden" name="amends" value="<%= it.amends %>">
`,
);
