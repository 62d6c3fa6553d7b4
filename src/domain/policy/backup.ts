import { z } from 'zod';
import { isAgePublicKey } from '../backup/age-key.js';

const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day HH:MM, UK time');
const BUCKET = /^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](\/[\w.=-]+)*\/?$/;
const place = z
  .string()
  .refine(
    (text) => BUCKET.test(text) || (text.startsWith('/') && text.length > 1 && !text.includes('\0')),
    'must be null, an absolute directory such as /mnt/backups, or s3://bucket/prefix',
  );
const endpoint = z
  .string()
  .refine(
    (text) => /^https?:\/\/[^\s/]+/.test(text) && URL.canParse(text),
    'must be null or an http(s) URL such as https://s3.example.org',
  );
const publicKey = z
  .string()
  .refine(isAgePublicKey, 'must be a public key of age (age1…), whole and without a typing error');

/** Section `backup` of policy.yml. */
export const backupPolicySchema = z
  .strictObject({
    /** The newest backup of each of so many days is kept, and of each of so many months. */
    keep_daily: z.number().int().min(1).max(3_660).default(30),
    keep_monthly: z.number().int().min(0).max(1_200).default(12),
    /** So many of the newest whole backups are never deleted, whatever their age. */
    keep_verified_min: z.number().int().min(1).max(1_000).default(3),
    /** A newest backup older than this is an alert. */
    max_age_hours: z
      .number()
      .positive()
      .max(24 * 31)
      .default(26),
    /** One at each day's close-out. */
    at_close: z.boolean().default(true),
    /** And one a day at this UK time. */
    daily_at: timeOfDay.default('22:30'),
    /** The second place: a directory or mount, or a bucket of S3. */
    copy_to: place.nullable().default(null),
    s3_endpoint: endpoint.nullable().default(null),
    s3_region: z
      .string()
      .regex(/^[a-z0-9-]+$/, 'must be the name of a region, such as eu-west-2')
      .default('eu-west-2'),
    /** Public keys of age that the copy is encrypted to. */
    encrypt_to: z.array(publicKey).min(1, 'must be null or name at least one key').nullable().default(null),
  })
  .superRefine((backup, context) => {
    if (backup.keep_verified_min > backup.keep_daily) {
      context.addIssue({
        code: 'custom',
        path: ['keep_verified_min'],
        message: `must be at most keep_daily, ${backup.keep_daily}`,
      });
    }
    if (backup.s3_endpoint !== null && !backup.copy_to?.startsWith('s3://')) {
      context.addIssue({
        code: 'custom',
        path: ['s3_endpoint'],
        message: 'is of use only when copy_to is s3://bucket/prefix',
      });
    }
  });

export type BackupPolicy = z.infer<typeof backupPolicySchema>;

/** The backup section of a policy; the defaults for one that was stored before the section was. */
export const backupPolicyOf = (policy: { backup?: BackupPolicy }): BackupPolicy =>
  policy.backup ?? backupPolicySchema.parse({});
