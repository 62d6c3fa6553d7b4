import type { PlaceOptions, SecondPlace } from './second-place.js';

/** Opens the second place of a policy; the code of S3 is loaded only for a bucket. */
export async function openPlace(copyTo: string, options: PlaceOptions): Promise<SecondPlace> {
  if (copyTo.startsWith('s3://')) return (await import('./place-s3.js')).openBucket(copyTo, options);
  return (await import('./place-directory.js')).openDirectory(copyTo, options.directory);
}
