import { createTransport } from 'nodemailer';
import type { SinkPolicy } from '../domain/policy/alerts.js';
import { failedForNow, refusedForGood, shortened, type Notice, type SinkAnswer } from './sink.js';
import { bodyLines, headline } from './text.js';

type EmailSink = Extract<SinkPolicy, { kind: 'email' }>;

const messageId = (id: string): string => `<${id.replaceAll('/', '.')}@trading-ops>`;

/**
 * Sends one mail to all its readers. Its Message-ID is the notice's, so that a repeat after a crash is the same mail to a
 * mail program, and a recovery stands beneath its alert. A reader whom the server refuses makes it a failure for good:
 * sending again would only reach the others twice.
 */
export async function sendByEmail(
  notice: Notice,
  sink: EmailSink,
  { password, timeoutMs }: { password: string | null; timeoutMs: number },
): Promise<SinkAnswer> {
  const transport = createTransport({
    host: sink.host,
    port: sink.port,
    secure: sink.security === 'tls',
    requireTLS: sink.security === 'starttls',
    ignoreTLS: sink.security === 'none',
    ...(sink.username !== null && { auth: { user: sink.username, pass: password ?? '' } }),
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    dnsTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  try {
    const sent = await withinTime(
      transport.sendMail({
        from: sink.from,
        to: sink.to,
        subject: `[trading-ops] ${headline(notice)}`,
        text: bodyLines(notice).join('\n'),
        messageId: messageId(notice.id),
        ...(notice.kind === 'RECOVERY' && {
          references: messageId(notice.alertId),
          inReplyTo: messageId(notice.alertId),
        }),
        priority: notice.kind === 'RECOVERY' ? 'low' : notice.severity === 'critical' ? 'high' : 'normal',
        headers: { 'Auto-Submitted': 'auto-generated', 'X-Trading-Ops-Code': notice.code },
      }),
      timeoutMs,
    );
    return sent.rejected.length > 0
      ? refusedForGood(`taken for the others, refused for ${sent.rejected.join(', ')}: ${sent.response}`)
      : { ok: true, answer: shortened(sent.response) };
  } catch (error) {
    return judged(error as NodeJS.ErrnoException & { responseCode?: number }, timeoutMs);
  } finally {
    transport.close();
  }
}

/** A server that says a little now and then would keep each of its own time limits and never end. */
async function withinTime<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  try {
    return await Promise.race([
      work,
      new Promise<never>((_resolve, reject) => {
        timer = setTimeout(() => reject(Object.assign(new Error('too slow'), { code: 'ETIMEDOUT' })), timeoutMs);
      }),
    ]);
  } finally {
    clearTimeout(timer);
  }
}

/** 4xx of SMTP means later (greylisting), 5xx never; without a code the line broke, which is worth another try. */
function judged(
  { message, code, responseCode }: NodeJS.ErrnoException & { responseCode?: number },
  timeoutMs: number,
): SinkAnswer {
  if (code === 'ETIMEDOUT') return failedForNow(`no answer within ${timeoutMs / 1_000} s`);
  return responseCode !== undefined && responseCode >= 500 ? refusedForGood(message) : failedForNow(message);
}
