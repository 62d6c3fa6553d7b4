import type { Severity } from '../domain/alerts/codes.js';
import { objectIn, postAndJudge } from './http.js';
import { refusedForGood, type Notice, type SinkAnswer } from './sink.js';
import { bodyLines, headline } from './text.js';

/** ntfy's scale: 5 rings, 2 makes no sound. */
const PRIORITY: Record<Severity, number> = { critical: 5, warning: 4, info: 3 };
const PRIORITY_QUIET = 2;

/**
 * Publishes to a topic, as JSON to the server's root, so that any text may stand in the title. The answer must be the
 * message with its id.
 */
export async function sendToNtfy(
  notice: Notice,
  { url, token, timeoutMs }: { url: string; token: string | null; timeoutMs: number },
): Promise<SinkAnswer> {
  const address = new URL(url);
  const [topic = '', ...above] = address.pathname
    .split('/')
    .filter((part) => part !== '')
    .toReversed();
  if (topic === '')
    return refusedForGood('the address has no topic: it must end with one, such as https://ntfy.example.org/our-topic');
  const message = {
    topic: decodeURIComponent(topic),
    title: headline(notice),
    message: bodyLines(notice).join('\n'),
    priority: notice.kind === 'RECOVERY' ? PRIORITY_QUIET : PRIORITY[notice.severity],
    tags: [notice.code],
    // A tap on the message opens it.
    ...(notice.page !== null && { click: notice.page }),
  };
  return postAndJudge(
    {
      url: `${address.origin}/${above.toReversed().join('/')}`,
      timeoutMs,
      body: JSON.stringify(message),
      headers: { 'content-type': 'application/json', ...(token !== null && { authorization: `Bearer ${token}` }) },
    },
    (body) => {
      const answer = objectIn(body);
      return answer !== null && typeof answer['id'] === 'string' && answer['error'] === undefined
        ? null
        : String(answer?.['error'] ?? (body || 'an empty answer'));
    },
  );
}
