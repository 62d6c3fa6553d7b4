import { asyncLocalStorage, type Context } from '@temporalio/activity';
import type { ActivityInboundCallsInterceptor } from '@temporalio/worker';

const BEAT_MS = 2_000;
/**
 * An activity of the day that has asked nothing and heard nothing for so long hangs, and is tried again as that of a
 * dead worker is. A request with the policy's usual limits ends in 240 s, with all its tries and waits; whoever allows
 * for more has a silent provider asked again meanwhile, which stores nothing twice.
 */
export const STILL_MAX_MS = 300_000;

const told = new WeakMap<Context, unknown>();
const movedAt = new WeakMap<Context, number>();

/** Says how far an activity is: shown with every beat from now on. */
export function tellProgress(context: Context, progress: unknown): void {
  told.set(context, progress);
  movedAt.set(context, performance.now());
  context.heartbeat(progress);
}

/** Says that the activity which calls this is under way: a statement was answered, a provider was heard. */
export function noteProgress(): void {
  const context = asyncLocalStorage.getStore();
  if (context) movedAt.set(context, performance.now());
}

/**
 * Tells the server every two seconds that the activity's worker lives, so that a dead one is replaced in seconds; and
 * no longer once the activity stands still.
 * @param stillMaxMs how long it may stand still; left out where it waits for others, or other programs work.
 */
export function heartbeatInterceptor(
  context: Context,
  stillMaxMs = Number.POSITIVE_INFINITY,
): ActivityInboundCallsInterceptor {
  return {
    async execute(input, next) {
      movedAt.set(context, performance.now());
      const isStill = () => performance.now() - (movedAt.get(context) ?? 0) > stillMaxMs;
      const timer = setInterval(() => isStill() || context.heartbeat(told.get(context)), BEAT_MS);
      try {
        return await next(input);
      } finally {
        clearInterval(timer);
      }
    },
  };
}
