import { objectIn, postAndJudge } from './http.js';
import type { Notice, SinkAnswer } from './sink.js';
import { bodyLines, headline } from './text.js';

/** Slack's three characters of control; everything else is text. */
const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Sends to an incoming webhook. Slack says `ok`, or `{"ok":true}`; any other body is a failure, whatever the status. */
export function sendToSlack(
  notice: Notice,
  { url, timeoutMs }: { url: string; timeoutMs: number },
): Promise<SinkAnswer> {
  const text = `*${escaped(headline(notice))}*\n${escaped(bodyLines(notice).join('\n'))}`;
  return postAndJudge(
    { url, timeoutMs, headers: { 'content-type': 'application/json; charset=utf-8' }, body: JSON.stringify({ text }) },
    (body) => (body.trim() === 'ok' || objectIn(body)?.['ok'] === true ? null : body || 'an empty answer'),
  );
}
