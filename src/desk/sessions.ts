import type { FastifyReply, FastifyRequest } from 'fastify';
import { timingSafeEqual } from 'node:crypto';
import { sha256 } from '../domain/hash.js';
import { sessionOf, type Session } from '../operations/entry/session.js';
import type { Place } from './place.js';

/** Whoever looks, with what their browser showed. */
export interface Let {
  id: string;
  session: Session;
  /** The token that each form of this session carries: whoever has not the cookie cannot make it. */
  token: string;
}

/** The cookie's name; cookies ignore ports, so the installation is in it. */
export const cookieName = ({ installation }: Pick<Place, 'installation'>): string => `trading-ops-${installation}`;

/** For this site's own pages alone. No `Secure`: loopback has no certificate, and some browsers would not send it. */
const COOKIE = { path: '/', httpOnly: true, sameSite: 'strict' } as const;

/** Whoever a request is of; null for nobody who was let in. @param isLook false for what a page asks by itself */
export async function letIn(place: Place, request: FastifyRequest, isLook = true): Promise<Let | null> {
  const id = request.cookies[cookieName(place)];
  const session = id === undefined || id === '' ? null : await sessionOf(place, id, isLook);
  return id === undefined || session === null ? null : { id, session, token: tokenOf(id) };
}

/** Gives the browser its session. */
export const setCookie = (place: Place, reply: FastifyReply, id: string): FastifyReply =>
  reply.setCookie(cookieName(place), id, COOKIE);

/** Takes it back. */
export const clearCookie = (place: Place, reply: FastifyReply): FastifyReply =>
  reply.clearCookie(cookieName(place), COOKIE);

/** The token of a session's forms. */
export const tokenOf = (id: string): string => sha256(`form of ${id}`);

/** Whether a form carries the token of its session. */
export function hasToken({ token }: Let, body: unknown): boolean {
  const sent = String((body as Record<string, unknown> | null)?.['token'] ?? '');
  return sent.length === token.length && timingSafeEqual(Buffer.from(sent), Buffer.from(token));
}
