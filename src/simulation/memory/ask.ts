import { wellFormed } from '../../contract/reading.js';
import { readWalk, type WalkAsked } from '../../contract/walk.js';
import { accountOf, effectiveMode } from '../../domain/policy/policy.js';
import { NO_COSTS, PESSIMISTIC, type BrokerCosts } from '../../domain/walk/costs.js';
import type { WalkReport } from '../../domain/walk/report.js';
import { operatorMeant, placeMeant } from '../../operations/accounts/meant.js';
import { readConfiguration } from '../../operations/runs/configuration.js';
import type { SimulatedDay } from '../run.js';
import { sessionsAsked } from '../market.js';
import { readEventsFile, readRulingsFile } from '../planned-files.js';
import type { Rules } from './desk.js';
import { prepareFolder, readPolicyOf, variantsIn, type PolicyRead } from './files.js';
import { walkReport } from './report.js';

/** Where a walk finds its configuration and its prices; nothing of it is changed. */
export interface WalkPlace {
  configDir: string;
  dataDir: string;
  env: NodeJS.ProcessEnv;
  /** Whether what would trade is issued as a dry run: then nothing is ever booked. */
  dryRun: boolean;
}

/** What is asked for on a command line. */
export interface WalkRequest extends WalkAsked {
  account: string | undefined;
  operator: string | undefined;
  policyFile: string | undefined;
  againstFile: string | undefined;
  rulingsFile: string | undefined;
  eventsFile: string | undefined;
  out: string | undefined;
}

/**
 * Walks what is asked for. It reads configuration and prices, and writes nothing.
 * @throws OpsError SIMULATION_INVALID, CONFIG_UNREADABLE, RULINGS_…, EVENTS_…, FLAGS_INVALID, ACCOUNT_UNKNOWN,
 * OPERATOR_MISSING, BROKER_HAS_NO_PRICES, INVARIANT_BROKEN
 */
export async function askWalk(
  place: WalkPlace,
  request: WalkRequest,
  onDay?: (day: SimulatedDay) => void,
): Promise<WalkReport> {
  const { account, operator, policyFile, againstFile, rulingsFile, eventsFile, out, ...asked } = request;
  const time = wellFormed(readWalk(asked));
  const own = await readPolicyOf(place.configDir, policyFile);
  const other = againstFile === undefined ? null : await readPolicyOf(place.configDir, againstFile);
  const rulings = rulingsFile === undefined ? [] : await readRulingsFile(rulingsFile);
  const events = eventsFile === undefined ? [] : await readEventsFile(eventsFile);
  const rulesOf = (read: PolicyRead) => rulesBy(place, read, { account, operator });
  const lying = out === undefined ? { keys: new Set<string>(), unnamed: 0 } : await variantsIn(out);
  const before = { ...lying, unnamed: lying.unnamed + time.tried };
  const [rules, against] = [await rulesOf(own), other && { rules: await rulesOf(other), by: other.by }];
  sessionsAsked(time, rules.policy.calendar);
  if (out !== undefined) await prepareFolder(out);
  return walkReport({
    rules,
    by: own.by,
    against,
    dataDir: place.dataDir,
    env: place.env,
    from: time.from,
    to: time.to,
    cash: time.cash,
    costs: costsOf(time),
    resetAfter: time.resetAfter,
    sensitivity: time.sensitivity,
    rulings,
    events,
    before,
    ...(onDay && { onDay }),
  });
}

const costsOf = ({
  broker,
  slippageBps,
  fxSpreadBps,
}: {
  broker: 'pessimistic' | 'open';
  slippageBps: number;
  fxSpreadBps: number;
}): BrokerCosts => (broker === 'open' ? NO_COSTS : { ...PESSIMISTIC, slippageBps, fxSpreadBps });

async function rulesBy(
  { configDir, dryRun }: WalkPlace,
  { policy, by }: PolicyRead,
  asked: { account: string | undefined; operator: string | undefined },
): Promise<Rules> {
  const { universe, universeHash } = await readConfiguration(configDir);
  const { account } = placeMeant(policy, { account: asked.account, at: undefined }, '1970-01-01T00:00:00.000Z');
  return {
    account: accountOf(policy, account.account),
    policy,
    policyHash: by.policyHash,
    universe,
    universeHash,
    mode: effectiveMode(policy, dryRun),
    operator: operatorMeant(policy, asked.operator),
  };
}
