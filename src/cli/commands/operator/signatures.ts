import type { Command } from 'commander';
import { readKeyring } from '../../../operations/signing/keyring.js';
import { verifySignatures } from '../../../operations/signing/verify-signatures.js';
import { nextOf } from '../../../reports/catalogue/catalogue.js';
import { withContext } from '../../kit/context.js';
import { EXIT } from '../../kit/exit.js';

/** Proves every signature that is stored. */
export async function verify(command: Command): Promise<void> {
  await withContext(command, async ({ db, settings }) => {
    const { signatures, problems } = await verifySignatures(db, await readKeyring(settings));
    const whole = problems.length === 0;
    return {
      exitCode: whole ? EXIT.done : EXIT.refused,
      data: { whole, signatures, problems },
      lines: whole
        ? [`SIGNATURES_WHOLE: ${signatures} signatures count, and no fact lacks one`]
        : ['SIGNATURES_BROKEN', ...problems.map(({ fact, ids, problem }) => `${fact} ${ids.join(', ')}: ${problem}`)],
      next: whole ? 'trading-ops status' : nextOf('SIGNATURES_BROKEN'),
    };
  });
}
