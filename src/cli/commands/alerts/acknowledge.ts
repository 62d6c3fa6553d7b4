import type { Command } from 'commander';
import { resultOrThrow } from '../../../domain/errors.js';
import { acknowledgeAlert } from '../../../operations/alerts/acknowledge.js';
import { askerOf, installationOf } from '../../kit/asker.js';
import { withContext } from '../../kit/context.js';

/** Records who has seen an alert. */
export async function acknowledge(asked: string, command: Command): Promise<void> {
  await withContext(command, async (context) => {
    const { reason = '' } = command.opts<{ reason?: string }>();
    const input = { account: context.account.account, alertId: asked, reason };
    const { alert, recorded, open } = resultOrThrow(
      await acknowledgeAlert(installationOf(context), askerOf(context), input),
    );
    const { alertId, code, message, state } = alert;
    return {
      data: { alertId, code, recorded, open },
      lines: [
        recorded
          ? `ALERT_ACKNOWLEDGED: ${code}: ${message}`
          : `Nothing changed: ${code} ${state === 'RECOVERED' ? 'recovered already' : 'was acknowledged already'}.`,
      ],
      next: open > 0 ? `trading-ops alerts list --open (${open} more)` : 'trading-ops day',
    };
  });
}
