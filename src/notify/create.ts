import { secretNames, sinkName, type SinkPolicy } from '../domain/policy/alerts.js';
import { redact } from '../domain/redact.js';
import { sendByEmail } from './email.js';
import { sendToNtfy } from './ntfy.js';
import { failedForNow, refusedForGood, type Notice, type Sink, type SinkAnswer } from './sink.js';
import { sendToSlack } from './slack.js';
import { sendToWebhook } from './webhook.js';

/** The sink that the policy describes; its secrets come from `env` and are in no answer. */
export function createSink(policy: SinkPolicy, env: NodeJS.ProcessEnv, timeoutMs: number): Sink {
  const names = secretNames(policy);
  const secrets = names.map((name) => env[name] ?? '').flatMap((secret) => [secret, ...pathOf(secret)]);
  return {
    name: sinkName(policy),
    kind: policy.kind,
    async send(notice) {
      const missing = names.find((name) => !env[name]);
      if (missing !== undefined)
        return refusedForGood(`the environment variable ${missing} is not set where the worker runs`);
      const answer = await sendBy(policy, env, notice, timeoutMs).catch((error: unknown) =>
        failedForNow((error as Error).message),
      );
      return { ...answer, answer: redact(answer.answer, secrets) };
    },
  };
}

async function sendBy(
  policy: SinkPolicy,
  env: NodeJS.ProcessEnv,
  notice: Notice,
  timeoutMs: number,
): Promise<SinkAnswer> {
  const secret = (name: string | null): string | null => (name === null ? null : (env[name] ?? ''));
  if (policy.kind === 'email') return sendByEmail(notice, policy, { password: secret(policy.password_env), timeoutMs });
  const url = secret(policy.url_env) ?? (policy.kind === 'slack' ? '' : (policy.url ?? ''));
  if (!URL.canParse(url) || !/^https?:/.test(url))
    return refusedForGood(`the environment variable ${policy.url_env} does not hold an http:// or https:// address`);
  const { token } = policy.kind === 'slack' ? { token: null } : { token: secret(policy.token_env) };
  switch (policy.kind) {
    case 'slack':
      return sendToSlack(notice, { url, timeoutMs });
    case 'ntfy':
      return sendToNtfy(notice, { url, token, timeoutMs });
    case 'webhook':
      return sendToWebhook(notice, { url, token, timeoutMs });
  }
}

/** A service may echo only the path of a secret address. */
const pathOf = (secret: string): string[] =>
  URL.canParse(secret) && new URL(secret).pathname.length > 8 ? [new URL(secret).pathname] : [];
