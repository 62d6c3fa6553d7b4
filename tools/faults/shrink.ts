/**
 * Fewer faults that fail alike: those before the failing day are left out first, halves of what is left, then one at a
 * time, for as long as the same cause comes out.
 * @param ids of all faults that struck, in order. @param today those of the failing day
 * @param fails plays them again. @param tries how often at most
 */
export async function shrink(
  ids: readonly string[],
  today: readonly string[],
  fails: (ids: readonly string[]) => Promise<boolean>,
  tries = 24,
): Promise<{ ids: string[]; isSure: boolean }> {
  let left = tries;
  const still = async (some: readonly string[]): Promise<boolean> => left-- > 0 && (await fails(some));
  let kept = [...ids];
  for (const some of [[], today]) if (some.length < kept.length && (await still(some))) kept = [...some];
  for (let size = Math.ceil(kept.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2))
    for (let at = 0; at < kept.length;) {
      const fewer = kept.filter((_, index) => index < at || index >= at + size);
      if (fewer.length < kept.length && (await still(fewer))) kept = fewer;
      else at += size;
    }
  return { ids: kept, isSure: left >= 0 };
}
