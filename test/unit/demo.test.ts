import { describe, expect, it } from 'vitest';
import { stoppedRemedy } from '../../src/cli/commands/demo/demo.js';

describe('a demonstration that stopped', () => {
  it('says how to begin anew where its folder is of an earlier one', () => {
    expect(stoppedRemedy('/tmp/x', false)).toBe('TRADING_OPS_DATA=/tmp/x make logs');
    expect(stoppedRemedy('/tmp/x', true)).toContain('is of an earlier demonstration');
    expect(stoppedRemedy('/tmp/x', true)).toContain('TRADING_OPS_DATA=/tmp/x-new make demo');
  });
});
