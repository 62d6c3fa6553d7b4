import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';

// Loaded into the worker by `--profile` (Node refuses --cpu-prof in NODE_OPTIONS): its CPU profile is written when it ends.
const session = new Session();
session.connect();
session.post('Profiler.enable');
session.post('Profiler.setSamplingInterval', { interval: 500 });
session.post('Profiler.start');
process.once('exit', () =>
  session.post('Profiler.stop', (error, result) => {
    if (!error)
      writeFileSync(
        `${process.env.BENCH_PROFILE_DIR}/worker-${process.pid}.cpuprofile`,
        JSON.stringify(result.profile),
      );
  }),
);
