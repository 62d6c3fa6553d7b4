import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

/** Where Debian's browser lies; `TRADING_OPS_CHROMIUM` names another. */
const PLACES = [process.env['TRADING_OPS_CHROMIUM'], '/usr/bin/chromium', '/usr/bin/chromium-browser'];

/** The program of the browser; null where the machine has none. */
export const chromiumHere = (): string | null => PLACES.find((place) => place && existsSync(place)) ?? null;

/**
 * Starts the browser without a window.
 * @param choices names: host names that lead to this machine, as a name server of somebody else's would have them.
 */
export async function startChromium({ names = [] }: { names?: readonly string[] } = {}): Promise<Browser> {
  const executablePath = chromiumHere();
  if (executablePath === null) throw new Error('there is no chromium on this machine');
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox', // root has none
      '--disable-dev-shm-usage',
      '--no-proxy-server',
      // Later versions ask before a page reaches this machine; an operator's may be older, or the question be answered.
      '--disable-features=LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests',
      `--host-resolver-rules=${names.map((name) => `MAP ${name} 127.0.0.1`).join(',')}`,
    ],
  });
}
