import type { Command } from 'commander';
import { explain } from '../../../reports/catalogue/catalogue.js';
import { anchorOf } from '../../../reports/catalogue/incidents.js';
import { answer, type CommonFlags } from '../../kit/context.js';

/** What the catalogue says of a code; needs neither services nor configuration, for it is asked when something is down. */
export async function explainCode(typed: string, command: Command): Promise<void> {
  await answer(command.optsWithGlobals<CommonFlags>().json ?? false, () => {
    const { code, subject, severity, happened, check, remedy, more, next } = explain(typed);
    const page = `docs/INCIDENTS.md#${anchorOf(code, subject)}`;
    const what = `${code}: said by ${subject.saidBy}${severity === null ? '' : `; as an alert: ${severity}`}`;
    return Promise.resolve({
      data: {
        code,
        said_by: subject.saidBy,
        severity,
        happened,
        check: check ?? null,
        remedy,
        more: more ?? null,
        next: next ?? null,
        page,
      },
      lines: [
        what,
        '',
        plain(happened),
        ...(check ? ['', `To check: ${plain(check)}`] : []),
        '',
        `To do: ${plain([remedy, ...(more ? [more] : [])].join(' '))}`,
        '',
        `See ${page}`,
      ],
      ...(next !== undefined && { next }),
    });
  });
}

/** The text as a terminal shows it: links by their words and their page, no marks of emphasis. */
const plain = (markdown: string): string =>
  markdown.replaceAll(/\[([^\]]*)\]\(([^)]*)\)/g, '$1 (docs/$2)').replaceAll('**', '');
