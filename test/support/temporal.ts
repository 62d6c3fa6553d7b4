import { Connection } from '@temporalio/client';
import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import { SEARCH_ATTRIBUTES } from '../../src/runtime/temporal/server.js';

const KEYWORD = 2;
const RETENTION_S = 86_400;

/** The shared Temporal server and its default namespace. Workflow ids there are seen by every test file at once. */
export function testTemporal(): { address: string; namespace: string } {
  return { address: inject('servers').temporalAddress, namespace: 'default' };
}

/** A namespace of its own (about 40 ms), with the search attributes: two test files may then use the same workflow ids. */
export async function createTestNamespace(
  address = inject('servers').temporalAddress,
): Promise<{ address: string; namespace: string }> {
  const namespace = `test-${randomBytes(6).toString('hex')}`;
  const connection = await Connection.connect({ address });
  try {
    await connection.workflowService.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: { seconds: RETENTION_S as never },
    });
    const searchAttributes = Object.fromEntries(Object.keys(SEARCH_ATTRIBUTES).map((name) => [name, KEYWORD]));
    await connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
  } finally {
    await connection.close();
  }
  return { address, namespace };
}
