import type { Command } from 'commander';
import { z } from 'zod';
import { parseInput } from '../../../contract/reading.js';
import type { Book } from '../../../domain/ledger/entries.js';

const bookSchema = z.object({ book: z.enum(['ledger', 'paper'], { error: 'must be ledger or paper' }) });

/** The book that `--book` names. @throws OpsError ARGUMENT_INVALID */
export const bookOf = (command: Command): Book => parseInput(bookSchema, command.opts()).book;
