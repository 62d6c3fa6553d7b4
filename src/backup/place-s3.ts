import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import type { Readable } from 'node:stream';
import { copyFailed, type PlaceOptions, type SecondPlace } from './second-place.js';

const CONNECT_MAX_MS = 10_000;
/** Without a byte for so long the connection is given up. */
const SILENCE_MAX_MS = 60_000;
/** The most that one PUT may carry. */
const OBJECT_MAX_BYTES = 5 * 1024 ** 3;

/** A bucket of S3, or of a service that speaks it; the keys come from the environment and are never told. */
export function openBucket(copyTo: string, { policy, env }: PlaceOptions): SecondPlace {
  const [bucket = '', ...folders] = copyTo.slice('s3://'.length).split('/').filter(Boolean);
  const prefix = folders.map((folder) => `${folder}/`).join('');
  const client = new S3Client({
    region: policy.s3_region,
    credentials: keysOf(copyTo, env),
    maxAttempts: 3,
    requestHandler: { connectionTimeout: CONNECT_MAX_MS, requestTimeout: SILENCE_MAX_MS },
    // Services that are not Amazon's know neither names of buckets in the host nor checksums in a trailer.
    ...(policy.s3_endpoint !== null && { endpoint: policy.s3_endpoint, forcePathStyle: true }),
    // What fails is thrown and told once, in the operator's words.
    logger: { trace: quiet, debug: quiet, info: quiet, warn: quiet, error: quiet },
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
  const said = <T>(work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => {
      throw (error as Error).name === 'AbortError' ? error : copyFailed(copyTo, whyOf(error), error);
    });
  const at = (name: string) => ({ Bucket: bucket, Key: `${prefix}${name}` });
  return {
    name: copyTo,
    put: async (name, content, bytes, signal) => {
      if (bytes > OBJECT_MAX_BYTES)
        throw copyFailed(
          copyTo,
          `${name} has ${bytes} bytes, and one object takes at most ${OBJECT_MAX_BYTES}; copy it to a directory`,
        );
      await said(
        client.send(new PutObjectCommand({ ...at(name), Body: content, ContentLength: bytes }), {
          abortSignal: signal,
        }),
      );
    },
    get: async (name, signal) =>
      (await said(client.send(new GetObjectCommand(at(name)), { abortSignal: signal }))).Body as Readable,
    list: async () => {
      const names: string[] = [];
      for (let token: string | undefined, more = true; more;) {
        const page = await said(
          client.send(
            new ListObjectsV2Command({
              Bucket: bucket,
              Prefix: prefix,
              ...(token !== undefined && { ContinuationToken: token }),
            }),
          ),
        );
        names.push(...(page.Contents ?? []).map(({ Key }) => (Key ?? '').slice(prefix.length)));
        token = page.NextContinuationToken;
        more = page.IsTruncated === true && token !== undefined;
      }
      return names;
    },
    remove: async (name) => void (await said(client.send(new DeleteObjectCommand(at(name))))),
    close: () => client.destroy(),
  };
}

const quiet = (): void => undefined;

function keysOf(copyTo: string, env: NodeJS.ProcessEnv) {
  const {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
  } = env;
  if (!accessKeyId || !secretAccessKey)
    throw copyFailed(copyTo, 'AWS_ACCESS_KEY_ID or AWS_SECRET_ACCESS_KEY is not set in the environment of the worker');
  return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
}

function whyOf(error: unknown): string {
  const { name, message, code, $metadata } = error as Error & {
    code?: string;
    $metadata?: { httpStatusCode?: number };
  };
  const status = $metadata?.httpStatusCode === undefined ? '' : `, status ${$metadata.httpStatusCode}`;
  return `${code ?? name}${status}: ${message.split('\n')[0]?.slice(0, 200) || 'no words'}`;
}
