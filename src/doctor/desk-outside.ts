import http from 'node:http';
import https from 'node:https';
import { text } from 'node:stream/consumers';
import { readExposure, withoutPasskey } from '../operations/setup/exposure.js';
import { fail, ok, warn, type Check } from './finding.js';

/** The desk by the address that other machines have of it. */
export const outside: Check = {
  name: 'desk from outside',
  expected: 'its public address leads to it, and each operator has a passkey of that address',
  async examine({ settings, policy, now }) {
    const address = (await policy()).desk?.public_url ?? null;
    const { exposure } = await readExposure(settings.configDir);
    if (address === null || exposure === null) return ok('not reached by other machines (desk.public_url)');
    const trouble = await troubleAt(`${exposure.origin}${exposure.base}/enter`);
    if (trouble !== null)
      return fail(trouble, 'docs/HOSTING.md, The desk from other machines; then: make down, make up');
    const place = { ...settings, now: () => now().toISOString() };
    const without = await withoutPasskey(place, exposure.host);
    if (without.length === 0) return ok(address);
    return warn(
      `${without.join(', ')}: no passkey of ${exposure.host}, and so not let in there`,
      `trading-ops desk open --operator ${without[0]}`,
    );
  },
};

/** What the page to enter by says in every version, where a proxy leads to the desk at its address. */
const ENTER = /<title>Enter · trading-ops<\/title>/;

/** Why an address does not lead to a desk; null where it does. */
export function troubleAt(address: string): Promise<string | null> {
  return new Promise((resolve) => {
    const ask = address.startsWith('https:') ? https.get : http.get;
    const asked = ask(address, { timeout: ANSWER_MS }, (answer) => {
      text(answer).then(
        (body) => resolve(answer.statusCode === 200 && ENTER.test(body) ? null : otherwise(address, answer.statusCode)),
        (error: Error) => resolve(`${address}: ${error.message}`),
      );
    });
    asked.on('timeout', () => asked.destroy(new Error('does not answer')));
    asked.on('error', ({ message }) => resolve(`${address}: ${message}`));
  });
}

const otherwise = (address: string, status = 0): string => `${address} answers ${status}: not as the desk does`;

const ANSWER_MS = 3_000;
