import { z } from 'zod';
import { dateShape, nameShape } from '../domain/shapes.js';
import { DEFAULTS } from './defaults.js';

const COUNT_MAX = 100_000;
const isCount = (text: string): boolean => /^[1-9]\d{0,5}$/.test(text) && Number(text) <= COUNT_MAX;

/** How many of something are asked for, as it is typed: the one rule of every list. */
export const countShape = (usual: number) =>
  z.string().default(String(usual)).refine(isCount, `must be a whole number from 1 to ${COUNT_MAX}`).transform(Number);

/** Looks at the newest runs. */
export const listRunsSchema = z.strictObject({ limit: countShape(DEFAULTS.runs) });
export type ListRuns = z.input<typeof listRunsSchema>;

/** Days on a page of runs or tickets. */
export const DAYS_OF_PAGE = 50;
/** A page of days: the newest, or those before a date. */
const beforeDay = dateShape().nullable().default(null);

/** Looks at a page of the runs, by their trading days. */
export const pageRunsSchema = z.strictObject({ before: beforeDay });
export type PageRuns = z.input<typeof pageRunsSchema>;

/** Sessions of the desk on a page. */
export const SESSIONS_OF_PAGE = 50;
const PLACE_RULE = 'must be the place of a session in the list, as a page before it names it';
/** Looks at a page of who is let in at the desk: the newest, or those before the place of one. */
export const pageSessionsSchema = z.strictObject({
  before: z
    .string({ error: PLACE_RULE })
    .regex(/^[-\dT:.Z]{20,30}_[\da-f]{64}$/, PLACE_RULE)
    .nullable()
    .default(null),
});
export type PageSessions = z.input<typeof pageSessionsSchema>;

/** Looks at a page of an account's tickets, by their trading days. */
export const pageTicketsSchema = z.strictObject({ account: nameShape(), before: beforeDay });
export type PageTickets = z.input<typeof pageTicketsSchema>;

/** Looks at the newest tickets of an account. */
export const listTicketsSchema = z.strictObject({ account: nameShape(), limit: countShape(DEFAULTS.tickets) });
export type ListTickets = z.input<typeof listTicketsSchema>;

/** Looks at the newest alerts of an account and of the installation. */
export const lastAlertsSchema = z.strictObject({ account: nameShape(), limit: countShape(DEFAULTS.alertsOfAccount) });
export type LastAlerts = z.input<typeof lastAlertsSchema>;

/** Looks at the alerts of every account. */
export const listAlertsSchema = z.strictObject({
  /** Only those that neither recovered nor were acknowledged. */
  open: z.boolean().default(false),
  limit: countShape(DEFAULTS.alertsOfAll),
});
export type ListAlerts = z.input<typeof listAlertsSchema>;

/** Looks at the end of each log. */
export const readLogsSchema = z.strictObject({ lines: countShape(DEFAULTS.logLines) });
export type ReadLogs = z.input<typeof readLogsSchema>;
