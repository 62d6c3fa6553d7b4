import type { Command } from 'commander';
import { resultOrThrow } from '../../../domain/errors.js';
import { fillsFile } from '../../../operations/day/fills-file.js';
import { fillsOfTicket } from '../../../reports/commands.js';
import { withContext } from '../../kit/context.js';
import { writeOutputFile } from '../../kit/write-output.js';

interface FillsFlags {
  csv?: boolean;
  out?: string;
  force?: boolean;
  at?: string;
}

/** Writes the fills file of a ticket, to be completed or corrected, to standard output or to a file. */
export async function writeFills(ticketId: string | undefined, command: Command): Promise<void> {
  await withContext(command, async ({ db, account: { account }, accounts, settings, at }) => {
    const { csv = false, out, force = false, at: said = settings.at } = command.opts<FillsFlags>();
    const format = csv ? 'csv' : 'json';
    const { ticket, fills, isConfirmed, text } = resultOrThrow(await fillsFile(db, { account, ticketId, format }));
    const data = { ticketId: ticket.ticketId, isConfirmed, fills };
    const of = { ticketId: ticket.ticketId, amends: isConfirmed };
    const clock = accounts.find((each) => each.account === ticket.account)?.clock ?? 'real';
    // To standard output nothing but the file: it is led into one.
    if (out === undefined) return { data, lines: [text.trimEnd()] };
    await writeOutputFile(out, text, { force });
    return {
      data: { ...data, file: out },
      lines: [`Wrote ${fills.length} line${fills.length === 1 ? '' : 's'} of ticket ${ticket.ticketId} to ${out}`],
      next:
        `${isConfirmed ? 'correct what was reported' : 'complete it'}; then: trading-ops confirm-fills --file ${out} ` +
        fillsOfTicket(of, { account: ticket.account, clock }, said === undefined ? null : at),
    };
  });
}
