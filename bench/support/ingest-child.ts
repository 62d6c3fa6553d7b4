import { ingestBars } from '../../src/db/bars.js';
import { connect } from '../../src/db/connect.js';
import { isSession } from '../../src/domain/calendar/calendar.js';
import { BULK_TO, readBulkFile } from './bulk-bars.js';
import { residentMb } from './memory.js';

/**
 * A process of its own that stores a bulk file, as often as asked, and prints its highest resident memory:
 * `ingest-child.ts <file> <times>`, with DATABASE_URL set.
 */
const [file = '', times = '1'] = process.argv.slice(2);
const db = connect(process.env['DATABASE_URL'] ?? '', 1);
for (let i = 0; i < Number(times); i++) {
  await db.transaction((trx) =>
    ingestBars(trx, readBulkFile(file), { source: `bench-${i}`, to: BULK_TO, isSession: (date) => isSession(date) }),
  );
}
await db.destroy();
process.stdout.write(`${JSON.stringify({ peakMb: residentMb(process.pid, 'VmHWM') })}\n`);
