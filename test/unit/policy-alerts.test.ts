import { describe, expect, it } from 'vitest';
import { alertsOf, alertsSchema, remindAfterDays, secretNames } from '../../src/domain/policy/alerts.js';
import { parsePolicy } from '../../src/domain/policy/policy.js';

const head =
  'version: 1\naccounts: { main: { base_currency: GBP } }\noperators: [ana]\nmarket_data: { provider: csv }\n';
const parse = (section: string) => parsePolicy(`${head}${section}\n`, 'policy.yml').alerts;

function refusal(section: string): string {
  try {
    parse(section);
  } catch (error) {
    return (error as Error).message;
  }
  return 'accepted';
}
const sinks = (text: string) => `alerts:\n  sinks:\n    - ${text}`;
const EMAIL = 'kind: email, host: smtp.example.org, from: ops@example.org';

describe("the policy's alerts", () => {
  it('without the section, and in a policy stored before there was one: files only', () => {
    const none = alertsSchema.parse(undefined);
    expect(parse('')).toEqual(none);
    expect(none).toEqual({
      sinks: [],
      timeout_seconds: 15,
      retry_first_seconds: 15,
      retry_longest_seconds: 900,
      give_up_after_hours: 24,
      ping_url: null,
      ping_fail_url: null,
    });
    expect(alertsOf({})).toEqual(none);
    // A key that came later is no part of a policy that leaves it out, whose tickets are known by its content.
    expect([{}, { remind_after_days: 30 }, { remind_after_days: null }].map(remindAfterDays)).toEqual([7, 30, null]);
  });

  it('one sink of each kind, and the variables their secrets are in', () => {
    const found = parse(
      [
        'alerts:',
        '  ping_url: https://ping.example.org/{slot}',
        '  sinks:',
        `    - { ${EMAIL}, to: [ana@example.org], username: ops, password_env: SMTP_PASSWORD, min_severity: warning }`,
        '    - { kind: slack, url_env: SLACK_URL }',
        '    - { kind: ntfy, url: https://ntfy.example.org/topic, token_env: NTFY_TOKEN }',
        '    - { kind: webhook, url_env: HOOK_URL }',
        '    - { kind: webhook, name: second, url: "http://127.0.0.1:9000/x" }',
      ].join('\n'),
    ).sinks;
    expect(found.map(secretNames)).toEqual([['SMTP_PASSWORD'], ['SLACK_URL'], ['NTFY_TOKEN'], ['HOOK_URL'], []]);
    expect(found[0]).toMatchObject({ port: 587, security: 'starttls', min_severity: 'warning' });
  });

  it.each([
    ['{ kind: pager, url: x }', 'policy.yml:7: alerts.sinks.0.kind: "pager": must be email, slack, ntfy or webhook'],
    [
      '{ kind: slack, url_env: https://hooks.example.org/T0/B0 }',
      'policy.yml:7: alerts.sinks.0.url_env: "https://hooks.example.org/T0/B0": must be the name of an environment variable',
    ],
    ['{ kind: slack }', 'policy.yml:7: alerts.sinks.0.url_env: (missing): is required'],
    [
      '{ kind: slack, url: https://hooks.example.org/T0 }',
      'alerts.sinks.0.url: "https://hooks.example.org/T0": is not a key of the policy',
    ],
    [
      '{ kind: webhook, url: ftp://example.org/x }',
      'alerts.sinks.0.url: "ftp://example.org/x": must be an http:// or https:// address',
    ],
    ['{ kind: webhook, url: "example.org/x" }', 'must be an http:// or https:// address'],
    ['{ kind: webhook, url: "https://ana:pw@example.org/x" }', 'must not hold a password'],
    ['{ kind: webhook }', 'alerts.sinks.0.url: (missing): must be given, or url_env in its place'],
    ['{ kind: ntfy, url: https://n.example.org/t, url_env: X }', 'one of the two'],
    [`{ ${EMAIL}, to: [] }`, 'alerts.sinks.0.to'],
    [`{ ${EMAIL}, to: [ana at example] }`, 'must be a mail address'],
    [`{ ${EMAIL}, to: [ana@example.org], port: 70000 }`, 'alerts.sinks.0.port: 70000'],
    [
      `{ ${EMAIL}, to: [ana@example.org], username: ops }`,
      'alerts.sinks.0.password_env: (missing): must come together with username',
    ],
    [
      `{ ${EMAIL}, to: [ana@example.org], security: none }`,
      'alerts.sinks.0.security: "none": may be none only for a mail server on this machine',
    ],
    [`{ ${EMAIL}, to: [ana@example.org], password: secret }`, 'alerts.sinks.0.password'],
    ['{ kind: slack, url_env: X, min_severity: loud }', 'alerts.sinks.0.min_severity: "loud"'],
    ['{ kind: slack, url_env: X, name: file }', 'is taken'],
    ['{ kind: slack, url_env: X, name: Two Words }', 'must be lower-case letters'],
    [
      '{ kind: slack, url_env: X }\n    - { kind: slack, url_env: Y }',
      "policy.yml:8: alerts.sinks.1.name: (missing): must differ from the other sinks' names",
    ],
  ])('refuses a sink with line and rule: %s', (sink, expected) => {
    expect(refusal(sinks(sink))).toContain(expected);
  });

  it.each([
    ['ping_url: example.org', 'policy.yml:6: alerts.ping_url: "example.org": must be an http:// or https:// address'],
    ['ping_fail_url: https://example.org/fail', 'alerts.ping_fail_url: "https://example.org/fail": needs ping_url'],
    ['timeout_seconds: 0', 'alerts.timeout_seconds: 0'],
    ['give_up_after_hours: never', 'alerts.give_up_after_hours: "never"'],
    ['retries: 3', 'alerts.retries: 3: is not a key of the policy'],
  ])('refuses %s', (line, expected) => {
    expect(refusal(`alerts:\n  ${line}`)).toContain(expected);
  });
});
