import type { Notice } from './sink.js';

/** One line: how much it matters, which code, whose. */
export function headline({ kind, severity, code, account }: Notice): string {
  const whose = account === null ? '' : ` (${account})`;
  return kind === 'RECOVERY' ? `Recovered: ${code}${whose}` : `${severity.toUpperCase()}: ${code}${whose}`;
}

/** The notice in plain lines, for a person with a telephone in the hand. */
export function bodyLines(notice: Notice): string[] {
  const { kind, message, remedy, raisedAt, tradingDay, recovered, alertId, auditHead, page } = notice;
  const told =
    kind === 'RECOVERY'
      ? [recovered?.note ?? 'The condition is over.', '', `It was: ${message}`]
      : [
          message,
          ...(recovered ? ['', `Since then: ${recovered.note} (${recovered.at})`] : []),
          '',
          `What to do: ${remedy}`,
        ];
  return [
    ...told,
    ...(page === null ? [] : [`At the desk: ${page}`]),
    '',
    `Raised ${raisedAt}${tradingDay === null ? '' : `, trading day ${tradingDay}`}, alert ${alertId}`,
    ...(auditHead === null ? [] : [`Audit record ${auditHead.seq}: ${auditHead.hash}`]),
  ];
}
