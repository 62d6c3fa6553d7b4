import { Runtime } from '@temporalio/worker';
import { externalParts } from '../runtime/addresses.js';
import { readRecord } from '../runtime/record.js';
import type { Settings } from '../runtime/settings.js';
import { openWebUi } from '../runtime/temporal/web-ui.js';

/** Opens the Web UI of the local Temporal server, where this installation has one. @returns closes it */
export function openUiOf(settings: Settings): () => void {
  const record = externalParts(settings).temporal ? null : readRecord(settings.dataDir);
  const ui = record?.temporal.uiServer;
  if (!record || !ui) return () => undefined;
  return openWebUi(record.temporal.uiPort, ui, (problem) => Runtime.instance().logger.warn(problem));
}
