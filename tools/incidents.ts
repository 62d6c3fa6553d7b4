import { readFileSync, writeFileSync } from 'node:fs';
import { incidentsPage } from '../src/reports/catalogue/incidents.js';

/** Writes the codes of the catalogue into docs/INCIDENTS.md: `make incidents`. */
const file = new URL('../docs/INCIDENTS.md', import.meta.url);
writeFileSync(file, incidentsPage(readFileSync(file, 'utf8')));
