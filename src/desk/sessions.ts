import type { FastifyReply, FastifyRequest } from 'fastify';
import { timingSafeEqual } from 'node:crypto';
import { sha256 } from '../domain/hash.js';
import { pulseOf, sessionOf, type Session } from '../operations/entry/session.js';
import { isLetInStill } from '../operations/setup/exposure.js';
import { hostOf } from './guard.js';
import type { Place } from './place.js';

/** Whoever looks, with what their browser showed. */
export interface Let {
  id: string;
  session: Session;
  /** The token that each form of this session carries: whoever has not the cookie cannot make it. */
  token: string;
}

/**
 * The cookie's name; cookies ignore ports, so the installation is in it. Where the desk is exposed, browsers hold its
 * beginning to what it says: `__Host-` to this host and its root alone.
 */
export function cookieName({ installation, exposure }: Pick<Place, 'installation' | 'exposure'>): string {
  const name = `trading-ops-${installation}`;
  if (exposure === null) return name;
  return `${exposure.base === '' ? '__Host-' : '__Secure-'}${name}`;
}

/** For this site's own pages alone. No `Secure` on loopback, which has no certificate: some would not send it. */
const cookieOf = ({ exposure }: Pick<Place, 'exposure'>) =>
  ({ path: exposure?.base || '/', httpOnly: true, sameSite: 'strict', secure: exposure !== null }) as const;

/** Where a session goes that lets in to make a passkey and to nothing else. */
export const ENROLS_AT = '/settings/passkey';

/** Whoever a request is of; null for nobody who was let in. */
export async function letIn(place: Place, request: FastifyRequest): Promise<Let | null> {
  const id = request.cookies[cookieName(place)];
  const session = id ? await sessionOf(place, id) : null;
  if (!id || session === null || !(await isHeld(place, session))) return null;
  return session.seesPages || OF_ENROLLING.has(request.url) ? { id, session, token: tokenOf(id) } : null;
}

/** What a page that is open asks by itself; null for nobody who sees pages. */
export async function pulseIn(place: Place, request: FastifyRequest): ReturnType<typeof pulseOf> {
  const id = request.cookies[cookieName(place)];
  const pulse = id ? await pulseOf(place, id) : null;
  return pulse?.session.seesPages && (await isHeld(place, pulse.session)) ? pulse : null;
}

/** Whether what let a session in still would; of one that a code let in its own end says so. */
async function isHeld(place: Place, { entry, operator }: Session): Promise<boolean> {
  if (place.exposure === null || entry !== 'passkey') return true;
  return isLetInStill(place, { operator, host: hostOf(place) });
}

const OF_ENROLLING: ReadonlySet<string> = new Set([ENROLS_AT, '/leave', '/enter']);

/** Gives the browser its session. */
export const setCookie = (place: Place, reply: FastifyReply, id: string): FastifyReply =>
  reply.setCookie(cookieName(place), id, cookieOf(place));

/** Takes it back. */
export const clearCookie = (place: Place, reply: FastifyReply): FastifyReply =>
  reply.clearCookie(cookieName(place), cookieOf(place));

/** The token of a session's forms. */
export const tokenOf = (id: string): string => sha256(`form of ${id}`);

/**
 * Whom a tab belongs to, by session and name: what is kept in it under this is nobody else's. A digest of its own, for
 * whoever finds it there must not have the token.
 */
export const readerOf = ({ id, session }: Pick<Let, 'id' | 'session'>): string =>
  sha256(`reader of ${id} ${session.operator ?? ''}`).slice(0, 16);

/** Said of a form that is of no session that lets in: mostly one that was opened before somebody entered anew. */
export const NOT_OF_SESSION = {
  code: 'FORM_UNKNOWN',
  message: 'the session in which this page was opened has ended: open the page again',
} as const;

/** Whether a form carries the token of its session. */
export function hasToken({ token }: Let, body: unknown): boolean {
  // As bytes: letters beyond ASCII have several, and what is of another length is not compared.
  const [sent, own] = [String((body as Record<string, unknown> | null)?.['token'] ?? ''), token].map((text) =>
    Buffer.from(text),
  ) as [Buffer, Buffer];
  return sent.length === own.length && timingSafeEqual(sent, own);
}
