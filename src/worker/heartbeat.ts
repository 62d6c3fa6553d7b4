import type { Context } from '@temporalio/activity';
import type { ActivityInboundCallsInterceptor } from '@temporalio/worker';

const BEAT_MS = 2_000;
const told = new WeakMap<Context, unknown>();

/** Says how far an activity is: shown with every beat from now on. */
export function tellProgress(context: Context, progress: unknown): void {
  told.set(context, progress);
  context.heartbeat(progress);
}

/** Tells the server every two seconds that the activity's worker lives, so that a dead one is replaced in seconds. */
export function heartbeatInterceptor(context: Context): ActivityInboundCallsInterceptor {
  return {
    async execute(input, next) {
      const timer = setInterval(() => context.heartbeat(told.get(context)), BEAT_MS);
      try {
        return await next(input);
      } finally {
        clearInterval(timer);
      }
    },
  };
}
