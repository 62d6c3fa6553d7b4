import { z } from 'zod';
import { SEVERITIES } from '../alerts/codes.js';

const environmentName = z
  .string()
  .regex(
    /^[A-Z][A-Z0-9_]*$/,
    'must be the name of an environment variable, in capitals: the secret itself is never written here',
  );
const isHere = (host: string): boolean => ['localhost', '127.0.0.1', '[::1]', '::1'].includes(host);

/** A web address that may be written down: with a password in it, it belongs into the environment. */
const webAddress = z.string().superRefine((text, context) => {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !['http:', 'https:'].includes(url.protocol)) context.addIssue('must be an http:// or https:// address');
  else if (url.username !== '' || url.password !== '')
    context.addIssue(
      'must not hold a password: put the whole address into an environment variable and name that with url_env',
    );
});

const mailbox = z.string().regex(/^[^\s@<>",;]+@[^\s@<>",;]+$/, 'must be a mail address, such as ana@example.org');

const common = {
  /** How it is called in answers and receipts; its kind unless there are several of a kind. */
  name: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,30}$/, 'must be lower-case letters, digits and dashes, starting with a letter')
    .optional(),
  min_severity: z.enum(SEVERITIES).default('info'),
};

const emailSink = z
  .strictObject({
    kind: z.literal('email'),
    ...common,
    host: z.string().min(1),
    port: z.number().int().min(1).max(65_535).default(587),
    security: z.enum(['starttls', 'tls', 'none']).default('starttls'),
    username: z.string().min(1).nullable().default(null),
    password_env: environmentName.nullable().default(null),
    from: mailbox,
    to: z.array(mailbox).min(1),
  })
  .superRefine((sink, context) => {
    if ((sink.username === null) !== (sink.password_env === null))
      context.addIssue({ code: 'custom', path: ['password_env'], message: 'must come together with username' });
    if (sink.security === 'none' && !isHere(sink.host))
      context.addIssue({
        code: 'custom',
        path: ['security'],
        message: 'may be none only for a mail server on this machine: nothing goes over a network in the clear',
      });
  });
const slackSink = z.strictObject({ kind: z.literal('slack'), ...common, url_env: environmentName });
const addressed = {
  url: webAddress.nullable().default(null),
  url_env: environmentName.nullable().default(null),
  token_env: environmentName.nullable().default(null),
};
const oneAddress = (sink: { url: string | null; url_env: string | null }): boolean =>
  (sink.url === null) !== (sink.url_env === null);
const ONE_ADDRESS = { path: ['url'], message: 'must be given, or url_env in its place: one of the two' };
const ntfySink = z.strictObject({ kind: z.literal('ntfy'), ...common, ...addressed }).refine(oneAddress, ONE_ADDRESS);
const webhookSink = z
  .strictObject({ kind: z.literal('webhook'), ...common, ...addressed })
  .refine(oneAddress, ONE_ADDRESS);

const sinkSchema = z.discriminatedUnion('kind', [emailSink, slackSink, ntfySink, webhookSink], {
  error: 'must be email, slack, ntfy or webhook',
});

/** The section `alerts` of policy.yml: who is told, besides the files, which are always written. */
export const alertsSchema = z
  .strictObject({
    sinks: z.array(sinkSchema).default([]),
    /** Seconds for one attempt. */
    timeout_seconds: z.number().positive().max(120).default(15),
    /** Wait before the second attempt, doubled each time up to the longest. */
    retry_first_seconds: z.number().positive().max(3_600).default(15),
    retry_longest_seconds: z.number().positive().max(86_400).default(900),
    /**
     * Days after which an alert of prices that still fail is told again; null for never. Without a default, so that
     * policies of before keep their hash, which every ticket names: `remindAfterDays` says what counts.
     */
    remind_after_days: z.number().int().min(1).max(366).nullable().optional(),
    give_up_after_hours: z.number().positive().max(720).default(24),
    /** Told after each slot; a monitor of missing pings then notices what this machine cannot tell any more. */
    ping_url: webAddress.nullable().default(null),
    /** Told in its place when the slot ended with FAIL. */
    ping_fail_url: webAddress.nullable().default(null),
  })
  .superRefine((alerts, context) => {
    const names = alerts.sinks.map(sinkName);
    names.forEach((name, index) => {
      const path = ['sinks', index, 'name'];
      if (name === 'file')
        context.addIssue({ code: 'custom', path, message: 'is taken: the files are always written' });
      if (names.indexOf(name) < index)
        context.addIssue({
          code: 'custom',
          path,
          message: `must differ from the other sinks' names: "${name}" stands twice`,
        });
    });
    if (alerts.ping_fail_url !== null && alerts.ping_url === null)
      context.addIssue({ code: 'custom', path: ['ping_fail_url'], message: 'needs ping_url' });
  })
  .prefault({});

export type AlertsPolicy = z.infer<typeof alertsSchema>;
export type SinkPolicy = AlertsPolicy['sinks'][number];

export const sinkName = (sink: { kind: string; name?: string | undefined }): string => sink.name ?? sink.kind;

/** One who is told, under a name of their own: a reader of a mail with several, else the sink itself. */
export interface Mailbox {
  name: string;
  sink: SinkPolicy;
}

/**
 * Who is told by a sink. Each reader of a mail has their own fate: one whose server says "later" is tried again, one who is
 * refused is given up and told to the others, and nobody gets the mail twice for another's sake.
 */
export const mailboxesOf = (sink: SinkPolicy): Mailbox[] =>
  sink.kind === 'email' && sink.to.length > 1
    ? [...new Set(sink.to)].map((reader) => ({ name: `${sinkName(sink)}:${reader}`, sink: { ...sink, to: [reader] } }))
    : [{ name: sinkName(sink), sink }];

/** The section of a policy; one that was stored before there was such a section has its defaults. */
export const alertsOf = (policy: { alerts?: AlertsPolicy | undefined }): AlertsPolicy =>
  policy.alerts ?? alertsSchema.parse(undefined);

/** Names of the environment variables that hold a sink's secrets. */
export function secretNames(sink: SinkPolicy): string[] {
  const names =
    sink.kind === 'email'
      ? [sink.password_env]
      : sink.kind === 'slack'
        ? [sink.url_env]
        : [sink.url_env, sink.token_env];
  return names.filter((name) => name !== null);
}

/** Days after which an alert that lasts is told again where the policy does not say. */
const REMIND_AFTER_DAYS = 7;

/** Days after which an alert of prices that still fail is told again; null for never. */
export const remindAfterDays = ({ remind_after_days: days }: Pick<AlertsPolicy, 'remind_after_days'>): number | null =>
  days === undefined ? REMIND_AFTER_DAYS : days;
