import type { FastifyRequest } from 'fastify';
import type { Asker } from '../contract/asker.js';
import { claimMeant, operatorMeant } from '../operations/accounts/meant.js';
import { lookOf, type Look } from './look.js';
import type { Place } from './place.js';
import type { Let } from './sessions.js';
import { signerFor } from './signing.js';

/** Somebody who was let in looks at a page, and may ask for something. */
export interface Sitting extends Look {
  who: Let;
  /**
   * Who asks, as operations want it.
   * @param at what the form says of the time, on a simulated account
   * @param once what its review is known by: sent twice it is one statement, with one answer
   * @throws OpsError OPERATOR_MISSING, OPERATOR_UNKNOWN, AT_INVALID
   */
  asker(at?: string, once?: string): Asker;
}

/** Somebody sits down before a page. */
export async function sittingOf(place: Place, request: FastifyRequest, who: Let): Promise<Sitting> {
  const look = await lookOf(place, request, who);
  return {
    ...look,
    who,
    asker: (at, once) => ({
      operator: operatorMeant(look.policy, who.session.operator ?? undefined),
      door: 'desk',
      claimedAt: claimMeant(look.account, at ?? look.at),
      sign: signerFor(place, who, { body: request.body, once }),
    }),
  };
}
