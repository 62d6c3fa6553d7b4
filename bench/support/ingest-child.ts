import { ingestBars } from '../../src/db/bars.js';
import { connect } from '../../src/db/connect.js';
import { isSession } from '../../src/domain/calendar.js';
import { BULK_TO, readBulkFile } from './bulk-bars.js';
import { residentMb } from './memory.js';

/** A process of its own that stores one bulk file and prints its highest resident memory: `ingest-child.ts <file>`, DATABASE_URL set. */
const [file = ''] = process.argv.slice(2);
const db = connect(process.env['DATABASE_URL'] ?? '', 1);
const results = await db.transaction((trx) => ingestBars(trx, readBulkFile(file), { source: 'bench', to: BULK_TO, isSession: (date) => isSession(date) }));
await db.destroy();
process.stdout.write(`${JSON.stringify({ rows: results.reduce((sum, { rowsNew }) => sum + rowsNew, 0), peakMb: residentMb(process.pid, 'VmHWM') })}\n`);
