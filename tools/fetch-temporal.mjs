// Lets the Temporal SDK download the development server into a directory, and starts it once (the SDK has no other way
// to ask for it). Run by src/runtime/temporal/download.ts as a process of its own, so that it can be ended when it hangs.
//   node tools/fetch-temporal.mjs <version> <directory>
import { DefaultLogger, Runtime } from '@temporalio/worker';

const [version, downloadDir] = process.argv.slice(2);
Runtime.install({ logger: new DefaultLogger('ERROR') });
const server = await Runtime.instance().createEphemeralServer({
  type: 'dev-server',
  exe: {
    type: 'cached-download',
    downloadDir,
    version: `v${version}`,
    ttl: 0,
    sdkName: 'sdk-typescript',
    sdkVersion: '1.24.0',
  },
  namespace: 'default',
  ip: '127.0.0.1',
  port: null,
  uiPort: null,
  dbFilename: null,
  ui: false,
  log: { format: 'pretty', level: 'never' },
  extraArgs: [],
});
await Runtime.instance().shutdownEphemeralServer(server);
