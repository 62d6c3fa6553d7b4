import { z } from 'zod';
import type { AlertCode } from '../domain/alerts/codes.js';
import { uuidShape } from '../domain/shapes.js';
import type { Instant, IsoDate } from '../domain/types.js';
import { read, type Reading } from './reading.js';

/** A condition that people shall hear of. */
export interface Alert {
  /** Null for what concerns the whole installation. */
  account: string | null;
  tradingDay: IsoDate | null;
  code: AlertCode;
  /** What it is about (a slot, a ticket, a file): the same code, account and subject is one condition. */
  subject: string;
  /** One sentence for a human, without secrets. */
  message: string;
  at: Instant;
  /** Figures it was raised on. */
  evidence?: object;
}

const deliverAlertInputSchema = z.object({ alertId: uuidShape(), notice: z.enum(['ALERT', 'RECOVERY']) });
/** Starts `deliverAlert`. */
export type DeliverAlertInput = z.infer<typeof deliverAlertInputSchema>;

/** Reads what a delivery was started with; never throws. */
export const readDeliverAlertInput = (sent: unknown): Reading<DeliverAlertInput> => read(deliverAlertInputSchema, sent);

/** One delivery is under way for each notice. */
export const alertWorkflowId = ({ alertId, notice }: DeliverAlertInput): string =>
  `alert/${alertId}${notice === 'RECOVERY' ? '/recovered' : ''}`;

export interface DeliverAlertReply {
  sinks: { name: string; ok: boolean; answer: string }[];
}

/** What a delivery does, and how patient it is; small enough for a workflow's history. */
export interface DeliveryPlan {
  code: string;
  sinks: string[];
  timeoutMs: number;
  retryFirstMs: number;
  retryLongestMs: number;
}
