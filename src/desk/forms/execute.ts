import { resultOrThrow } from '../../domain/errors.js';
import type { Instant } from '../../domain/types.js';
import type { AnswerForm } from '../../operations/day/answer-form.js';
import { claimTicket, releaseTicket } from '../../operations/day/claim-ticket.js';
import { lineStands, ownedLine } from '../../operations/day/typed-fills.js';
import { banner, link, paragraph, type Block } from '../../reports/render/document.js';
import { ukClock } from '../../reports/render/format.js';
import { renderBlocks } from '../../reports/render/html.js';
import { holderText } from '../claim-words.js';
import type { Sitting } from '../sitting.js';
import { template, type Template } from '../view/frame.js';
import { contentsOf, linesSent, typedOf } from './answer-lines.js';
import { differs } from '../../reports/ticket/page.js';
import { beforeOrders, hasAnswer, keptInstead, rehearsal, supersededBlocks, unprovedBlocks } from './answer-views.js';
import { answerForm, forgetAnswerForm, saveOrThrow } from './confirm.js';
import { lineScreen } from './execute-view.js';
import { fieldsBody } from './fields.js';
import type { Form, Trouble, Typed } from './form.js';
import { ticketPath } from './send-answer.js';

/** Causes that a line may have at most (domain/decision/instructions.ts); each has a button. */
const CAUSES_MAX = 7;

/** Whoever looks, as far as it is known who that is. */
const me = ({ who, policy }: Sitting): string | null =>
  who.session.operator ?? (policy.operators.length === 1 ? (policy.operators[0] ?? null) : null);

const isMine = (sitting: Sitting, { holder }: AnswerForm): boolean =>
  holder !== null && holder.operator === me(sitting);

/** The line that is shown: the one that was asked for, else the first that could not be booked so. @param at now */
function indexOf(form: AnswerForm, typed: Typed, at: Instant): number {
  const asked = form.lines.findIndex(({ line }) => String(line.sequence) === typed['line']);
  if (asked >= 0) return asked;
  const open = contentsOf(form, {}).findIndex((content, index) => lineStands(form, index, content, at) !== 'good');
  return Math.max(open, 0);
}

/** A line that cannot be booked is saved all the same, so that nothing is typed twice. */
const LINE_SAVED = 'What you typed is saved. It is no answer yet: nothing was booked.';

/** Leads line by line through a TRADE ticket while it is executed by hand; books nothing. */
export const executeForm: Form = {
  path: '/:account/tickets/:ticketId/execute',
  isOfAccount: true,
  isDirect: true,
  enter: 'look',
  scripts: ['execute.js'],
  keeps: { FILLS_INVALID: LINE_SAVED, FILLS_DEVIATE: LINE_SAVED },
  title: () => 'Execute a ticket',
  here: ({ account }) => `/${encodeURIComponent(account.account)}/tickets`,
  command: ({ params }) => `trading-ops ticket show ${params['ticketId']}`,
  checkButton: async (sitting) => {
    const form = await answerForm(sitting);
    const rehearsed = form.ticket.dryRun ? ' (DRY RUN)' : '';
    if (isMine(sitting, form)) return `Save the line and go on${rehearsed}`;
    return form.holder === null ? `I execute this ticket${rehearsed}` : 'Take it over';
  },
  instead: async (sitting) => {
    const form = await answerForm(sitting);
    return (await keptInstead(sitting, form)) ?? insteadOf(sitting, form);
  },
  async body(sitting, typed, trouble) {
    const form = await answerForm(sitting);
    return isMine(sitting, form) ? screenOf(sitting, form, typed, trouble) : claimBody(form, typed, trouble);
  },
  lastStep: 'now',
  steps: {
    look: saved,
    now: (sitting, typed) => changed(sitting, typed, () => ({ filled_at: ukClock(sitting.at) })),
    release: async (sitting, typed) => {
      const released = await releaseTicket(sitting.place, sitting.asker(typed['at']), namedBy(sitting));
      forgetAnswerForm(sitting);
      resultOrThrow(released);
      return {};
    },
    ...Object.fromEntries(
      Array.from({ length: CAUSES_MAX }, (_, cause) => [
        `cause-${cause}`,
        (sitting: Sitting, typed: Typed) =>
          changed(sitting, typed, ({ lines }, index) => {
            const { status = '', note = null } = lines[index]?.causes[cause] ?? {};
            const kept: Record<string, string> =
              status === 'PARTIAL' ? {} : { units: '', fill_price: '', executed_value_base: '', filled_at: '' };
            return { ...kept, executed_status: status, notes: note ?? '' };
          }),
      ]),
    ),
  },
  async check(sitting, typed) {
    return { blocks: rehearsal(await answerForm(sitting)), button: await buttonText(sitting, typed) };
  },
  async commit(sitting, typed) {
    const own = ticketPath(sitting, sitting.params['ticketId'] ?? '');
    if (typed['do'] === 'claim') {
      const reason = typed['reason'] ?? null;
      const claimed = await claimTicket(sitting.place, sitting.asker(typed['at']), { ...namedBy(sitting), reason });
      forgetAnswerForm(sitting);
      resultOrThrow(claimed);
      return `${own}/execute`;
    }
    await saved(sitting, typed);
    const form = await answerForm(sitting);
    const index = indexOf(form, typed, sitting.at);
    ownedLine(form, index, contentsOf(form, typed)[index] ?? {}, sitting.at);
    const next = form.lines[index + 1];
    return next ? `${own}/execute?line=${next.line.sequence}` : `${own}/confirm`;
  },
};

const buttonText = async (sitting: Sitting, typed: Typed): Promise<string> =>
  typeof executeForm.checkButton === 'function' ? executeForm.checkButton(sitting, typed) : '';

const namedBy = ({ account, params }: Sitting) => ({
  account: account.account,
  ticketId: params['ticketId'] ?? '',
});

/** Saves the line as it stands. @throws OpsError DRAFT_STALE, EXECUTION_CLAIMED */
async function saved(sitting: Sitting, typed: Typed): Promise<Typed> {
  await saveOrThrow(sitting, await answerForm(sitting), typed);
  return typed;
}

/** Puts something into the fields of the line, and saves it. */
async function changed(
  sitting: Sitting,
  typed: Typed,
  make: (form: AnswerForm, index: number) => Record<string, string>,
): Promise<Typed> {
  const form = await answerForm(sitting);
  const index = indexOf(form, typed, sitting.at);
  const [line] = linesSent(form, typed);
  if (line === undefined) return typed;
  return saved(sitting, { ...typed, ...typedOf(form, index, { ...line.content, ...make(form, index) }) });
}

/** Where there is nothing to execute. */
function insteadOf(sitting: Sitting, form: AnswerForm): Block[] | null {
  const { ticket, answer } = form;
  const own = ticketPath(sitting, ticket.ticketId);
  const superseded = supersededBlocks(sitting, form);
  if (superseded.length > 0) return superseded;
  if (ticket.kind === 'NO_TRADE')
    return [banner('plain', 'NO_TRADE', ['Place no order: ', link(`${own}/acknowledge`, 'acknowledge it'), '.'])];
  // Nobody begins with it; who has begun reports on the lines what was placed.
  if (answer === null && ['groundless', 'over'].includes(form.stands) && !isMine(sitting, form))
    return [
      form.stands === 'over' ? windowOver() : differs(ticket.ticketId),
      paragraph([link(`${own}/confirm`, 'Report what was placed')]),
    ];
  if (answer === null) return null;
  if (answer.unproved !== null) return [...unprovedBlocks(form), paragraph([link(own, 'The ticket')])];
  return [hasAnswer(answer), paragraph([link(own, 'The ticket')])];
}

const windowOver = (): Block => banner('warn', 'The window is over: place nothing more');

const CLAIM: Template<{ above: string; ticketId: string; text: string; fields: string }> = template(
  `<%~ it.above -%>
<p class="claim" data-claim="<%= it.ticketId %>"><%= it.text %></p>
<p>Whoever places the orders says so first, so that nobody else places them too.</p>
<input type="hidden" name="do" value="claim">
<%~ it.fields -%>
`,
);

function claimBody(form: AnswerForm, typed: Typed, trouble: Trouble | null): string {
  const reason = { kind: 'text', name: 'reason', label: 'Why you take it over' } as const;
  return CLAIM({
    above: renderBlocks([...rehearsal(form), ...beforeOrders(form)]),
    ticketId: form.ticket.ticketId,
    text: holderText(form.holder),
    fields: form.holder === null ? '' : fieldsBody([reason], typed, trouble),
  });
}

const screenOf = (sitting: Sitting, form: AnswerForm, typed: Typed, trouble: Trouble | null): string =>
  lineScreen({
    form,
    index: indexOf(form, typed, sitting.at),
    typed,
    trouble,
    at: sitting.at,
    draft: `${ticketPath(sitting, form.ticket.ticketId)}/draft`,
    hasSeen: true,
    own: ticketPath(sitting, form.ticket.ticketId),
    above: renderBlocks([...rehearsal(form), ...beforeOrders(form)]),
  });
