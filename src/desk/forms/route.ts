import type { Logger } from 'pino';
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteShorthandOptions } from 'fastify';
import type { Asker } from '../../contract/asker.js';
import { OpsError } from '../../domain/errors.js';
import { bounded } from '../../domain/text.js';
import type { Assets } from '../assets.js';
import { enterPage } from '../entry.js';
import { pageOf } from '../look.js';
import { fileSent, UNREADABLE, type SentFile } from '../multipart.js';
import { enterPath, type IsPage } from '../next.js';
import type { Place } from '../place.js';
import { hasToken, letIn, NOT_OF_SESSION, type Let } from '../sessions.js';
import { askedBefore, BY_SENDING, newOnce, toSign, withoutSigning } from '../signing.js';
import { sittingOf, type Sitting } from '../sitting.js';
import { passOver, receivesFile, Uploads } from '../uploads.js';
import { listMain } from '../view/document.js';
import { fieldsNamed } from './fields.js';
import { fieldsSent, type Form, type Review, type Trouble, type Typed } from './form.js';
import { formMain, reviewMain } from './view.js';

const HTML = 'text/html; charset=utf-8';

/** Each form by its address: to look at, and to send. What nobody foresaw is told to the log too. */
export function routeForms(
  app: FastifyInstance,
  place: Place,
  assets: Assets,
  { forms, isPage, logger }: { forms: readonly Form[]; isPage: IsPage; logger: Logger | undefined },
): void {
  const underWay: UnderWay = new Map();
  const uploads = new Uploads();
  for (const form of forms) {
    app.get(form.path, async (request, reply) => {
      const who = await letIn(place, request);
      if (who === null) return reply.redirect(enterPath(isPage, request.url), 303);
      const sitting = await sittingOf(place, request, who);
      const asked = sitting.query as Typed;
      const typed = form.begin ? await form.begin(sitting, asked) : asked;
      return showForm({ form, sitting, assets, reply, underWay, logger, file: null }, typed, null);
    });
    app.post(form.path, optionsOf(form, { place, assets, uploads }), async (request, reply) => {
      const sent = fieldsSent(request.body);
      const who = await letIn(place, request);
      if (who === null) return askWho(place, request, reply, assets, sent);
      const sitting = await sittingOf(place, request, who);
      return take({ form, sitting, assets, reply, underWay, logger, file: fileSent(request.body) }, who, sent);
    });
  }
}

/** How a form is received: one with a file may weigh more, and of nobody who is not let in is that read. */
function optionsOf(
  { file }: Form,
  { place, assets, uploads }: { place: Place; assets: Assets; uploads: Uploads },
): RouteShorthandOptions {
  if (file === undefined) return {};
  return {
    ...receivesFile(file),
    onRequest: async (request, reply) => {
      if ((await letIn(place, request)) !== null) return uploads.take(reply);
      await passOver(request);
      return askWho(place, request, reply, assets, {});
    },
  };
}

/** A form in the hands of somebody. */
interface Handed {
  form: Form;
  sitting: Sitting;
  assets: Assets;
  reply: FastifyReply;
  /** What is being asked for now, by the reviews that ask. */
  underWay: UnderWay;
  logger: Logger | undefined;
  /** What came along in the form that was sent. */
  file: SentFile | null;
}

type UnderWay = Map<string, Promise<string>>;

/** Nobody is let in by a form; what was typed into it goes along, back to the form and never to what it asks for. */
async function askWho(place: Place, request: FastifyRequest, reply: FastifyReply, assets: Assets, sent: Typed) {
  const carried = { action: request.url.split('?', 1)[0] ?? '', by: sent['typist'] || null, sent };
  return reply
    .code(401)
    .type(HTML)
    .send(enterPage(place, assets, { problem: sessionOver(place), carried }));
}

/** What lets in from this very page, so that what was typed goes along. */
const sessionOver = ({ exposure }: Place) => ({
  code: 'SESSION_OVER',
  message:
    'You are let in no longer. What you typed goes along from this page, and stands in its form again once you are let ' +
    `in from it: ${exposure === null ? 'type what follows the # of a new link below' : 'by your passkey, below'}. ` +
    'A link that is opened in its place leaves it behind.',
});

async function take(handed: Handed, who: Let, sent: Typed): Promise<FastifyReply> {
  const { form, sitting } = handed;
  const { token: _, typist: __, step = 'check', ...all } = withoutSigning(sent);
  const { typed, unreadable } = uploadOf(form, all);
  if (!hasToken(who, sent)) return showForm(handed, typed, ofEnded(who, sent), { status: 403 });
  if (who.session.readOnly)
    return showForm(handed, typed, { ...READS_ONLY, remedy: 'trading-ops desk open' }, { status: 403 });
  if (unreadable !== null) return showForm(handed, typed, unreadable, { status: 400 });
  const otherwise = form.steps && Object.hasOwn(form.steps, step) ? form.steps[step] : undefined;
  try {
    if (otherwise !== undefined) {
      const then = await otherwise(sitting, typed);
      return await showForm(handed, then, null, { isAtButton: step === form.lastStep });
    }
    if (step === 'form') return await showForm(handed, typed, null);
    if (step === 'commit') return await askFor(handed, typed, sent);
    return await showReview(handed, typed, await form.check(unsigned(sitting), typed));
  } catch (error) {
    // What is away, or broken, is told by the page of failures, with what was typed.
    if (!(error instanceof OpsError) || (error.kind !== 'usage' && error.kind !== 'refused')) throw error;
    const { code, message, remedy = null, kind, trace } = error;
    if (trace !== undefined) handed.logger?.error({ code, form: form.path, trace }, 'came upon what nobody foresaw');
    const kept = form.keeps && Object.hasOwn(form.keeps, code) ? { kept: form.keeps[code] as string } : {};
    const trouble: Trouble = { code, message, remedy, ...kept };
    const status = kind === 'usage' ? 400 : 409;
    const review = step === 'commit' ? await reviewWithFieldOf(handed, typed, trouble) : null;
    if (review !== null) return showReview(handed, typed, review, { trouble, status });
    return showForm(handed, typed, trouble, { status });
  }
}

/** The review, where what is wrong stands in a field of its own; null where the form has it, or nothing to review. */
async function reviewWithFieldOf({ form, sitting }: Handed, typed: Typed, trouble: Trouble): Promise<Review | null> {
  const named = fieldsNamed(trouble);
  if (named.length === 0) return null;
  const review = await form.check(unsigned(sitting), typed).catch(() => null);
  return review?.fields?.some(({ name }) => named.includes(name)) ? review : null;
}

/** What was typed, and what is wrong with a file that came with it: null where nothing is. */
function uploadOf({ upload }: Form, all: Typed): { typed: Typed; unreadable: Trouble | null } {
  if (upload === undefined) return { typed: all, unreadable: null };
  const { [upload.name + UNREADABLE]: file, ...typed } = all;
  const message = `${upload.name}: ${bounded(file ?? '')}: must be text in UTF-8, and some: save it as such`;
  return { typed, unreadable: file === undefined ? null : { code: upload.code, message, remedy: null } };
}

/** Another tab has entered anew: what was typed stands in the form, whosever it was. */
function ofEnded({ session: { operator } }: Let, { typist = '' }: Typed): Trouble {
  const isOther = typist !== '' && typist !== operator;
  return {
    code: NOT_OF_SESSION.code,
    message:
      'the session in which this form was opened has ended' +
      (isOther ? `, and ${bounded(typist)} typed it: what is sent from here is said in your name` : ''),
    remedy: 'what was typed stands in the form below: look at it once more, and send it from here',
  };
}
const READS_ONLY = { code: 'READS_ONLY', message: 'this session may only read: nothing can be asked for in it' };

async function showForm(
  handed: Handed,
  typed: Typed,
  trouble: Trouble | null,
  { status = 200, isAtButton = false } = {},
): Promise<FastifyReply> {
  const { form, sitting } = handed;
  const title = form.title(sitting);
  const instead = trouble === null ? await form.instead?.(sitting, typed) : null;
  const main = instead
    ? listMain(title, '', instead)
    : formMain({
        title,
        action: actionOf(handed),
        base: baseOf(sitting),
        trouble,
        typed,
        body: await form.body(sitting, typed, trouble),
        button: await buttonOf(form, sitting, typed),
        step: form.isDirect ? 'commit' : 'check',
        hasSteps: form.steps !== undefined,
        isAtButton,
        enter: form.enter ?? (form.isDirect ? 'commit' : 'check'),
        hidden: hiddenOf(handed, {}),
        sendsFiles: (form.upload ?? form.file) !== undefined,
      });
  return page(handed, typed, { main, isBeside: instead === null || instead === undefined }, status);
}

const buttonOf = async ({ checkButton: button = 'Review' }: Form, sitting: Sitting, typed: Typed): Promise<string> =>
  typeof button === 'string' ? button : button(sitting, typed);

/** Asks for what was read; where it would be another thing by now, that is to be read first. */
async function askFor(handed: Handed, typed: Typed, sent: Typed): Promise<FastifyReply> {
  const { form, sitting, reply, underWay, file } = handed;
  const { basis, once } = typed;
  // A review is one session's, and of one form: whoever else says its number asks for something of their own.
  const key = `${sitting.who.id} ${form.path} ${once}`;
  const isNew = !underWay.has(key) && (await askedBefore(sitting.place, sent)) === null;
  const renamed = isNew ? inAnotherName(sitting.who, sent) : null;
  if (renamed !== null && form.isDirect) return showForm(handed, typed, renamed, { status: 409 });
  if (isNew && (basis !== undefined || renamed !== null)) {
    const review = await form.check(unsigned(sitting), typed);
    if (renamed !== null) return showReview(handed, typed, review, { trouble: renamed, status: 409 });
    if (review.basis !== basis) return showReview(handed, typed, review, { trouble: REVIEW_STALE, status: 409 });
  }
  // Sent twice at the same moment it is asked for once.
  const asking = (once === undefined ? undefined : underWay.get(key)) ?? form.commit(sitting, typed, file);
  if (once !== undefined) underWay.set(key, asking);
  try {
    return await reply.redirect(await asking, 303);
  } finally {
    underWay.delete(key);
  }
}

/** Another tab has said another name: what was read under the one is not said under the other. */
function inAnotherName({ session: { operator } }: Let, { typist = '' }: Typed): Trouble | null {
  if (typist === '' || typist === operator) return null;
  return {
    code: 'NAME_CHANGED',
    message: `you read this as ${bounded(typist)}, and this browser says ${operator ?? 'nobody'} since: nothing was recorded`,
    remedy: `read it once more below, in the name that it is said in; or choose ${bounded(typist)} in the bar first`,
  };
}

const REVIEW_STALE = {
  code: 'REVIEW_STALE',
  message: 'something has changed since you read this: it would be another thing now',
  remedy: 'read it once more below',
};

async function showReview(
  handed: Handed,
  typed: Typed,
  review: Review,
  { trouble, status }: { trouble: Trouble | null; status: number } = { trouble: null, status: 200 },
): Promise<FastifyReply> {
  const { form, sitting } = handed;
  const asker = sitting.asker(typed['at']);
  const { basis: _, once: __, ...others } = { ...typed, ...review.adds };
  const asking = {
    asker,
    work: (reviewing: Asker) => form.commit({ ...sitting, asker: () => reviewing }, others, handed.file),
    command: form.command(sitting, typed),
  };
  const signing = form.isSigned === true ? await toSign(sitting.place, sitting.who, asking) : BY_SENDING;
  const shown = {
    title: form.title(sitting),
    action: actionOf(handed),
    base: baseOf(sitting),
    operator: asker.operator,
    trouble,
    toSign: signing,
    sendsFiles: (form.upload ?? form.file) !== undefined,
    hidden: hiddenOf(handed, { ...others, once: newOnce(), ...basisOf(review) }),
  };
  const main = reviewMain(review, shown);
  return page(handed, typed, { main, isBeside: false }, status, signing.scripts);
}

/** While something is checked nothing of it is signed. */
function unsigned(sitting: Sitting): Sitting {
  return {
    ...sitting,
    asker(at) {
      const { sign: _, ...asker } = sitting.asker(at);
      return asker;
    },
  };
}

const basisOf = ({ basis }: Review): Typed => (basis === undefined ? {} : { basis });

const baseOf = ({ account }: Sitting): string => `/${encodeURIComponent(account.account)}`;

/** The address of the form without what it was prefilled with. */
const actionOf = ({ reply }: Handed): string => reply.request.url.split('?', 1)[0] ?? '/';

/** What goes along unseen: the session's token and name, the rehearsal clock, and of a review all that was typed. */
function hiddenOf({ form, sitting }: Handed, typed: Typed): [string, string][] {
  const isRehearsed = form.isOfAccount === true && sitting.account.clock === 'simulated';
  const own = {
    token: sitting.who.token,
    typist: sitting.who.session.operator ?? '',
    ...(isRehearsed && { at: typed['at'] ?? sitting.at }),
  };
  return Object.entries({ ...typed, ...own });
}

/** @param shown isBeside: whether the fields stand on the page, and may be changed after the command was made */
async function page(
  { form, sitting, assets, reply }: Handed,
  typed: Typed,
  { main, isBeside }: { main: string; isBeside: boolean },
  status: number,
  scripts: readonly string[] = [],
) {
  const said = { title: form.title(sitting), here: form.here(sitting), command: form.command(sitting, typed) };
  const isCommandChecked = isBeside && form.isCommandTyped === true;
  const content = { ...said, main, isCommandChecked, scripts: [...(form.scripts ?? []), ...scripts] };
  return reply
    .code(status)
    .type(HTML)
    .send(await pageOf(sitting, sitting.who, content, assets));
}
