import type { Asker } from '../../contract/asker.js';
import type { RunPlan } from '../../contract/runs.js';
import type { Gatehouse } from '../installation.js';
import { actOf, runOrder } from '../../domain/signing/act.js';
import { accountOf } from '../../domain/policy/policy.js';
import { accountsOfRun } from '../runs/ask.js';
import { beginRun } from '../runs/begin.js';
import { accountsOf, readConfiguration } from '../runs/configuration.js';

/**
 * Begins a run that no workflow leads: of all accounts that share the clock of the one asked under. @throws OpsError
 * as `beginRun`
 */
export async function beginRunApart(
  installation: Gatehouse,
  { operator, claimedAt, sign, signature: carried }: Asker,
  { account, runId, what }: { account: string; runId: string; what: string },
): Promise<RunPlan> {
  const configuration = await readConfiguration(installation.configDir);
  const accounts = accountsOfRun(accountOf(configuration.policy, account), accountsOf(configuration.policy), {
    asked: false,
    isInstantGiven: false,
  });
  const at = claimedAt ?? installation.now();
  const signature = sign ? await sign(operator, actOf(runOrder('ops', { at, accounts }))) : carried;
  const workflowId = `cli/${what}/${runId}`;
  return beginRun(installation, { runId, slot: 'ops', at, operator, accounts, workflowId, signature });
}
