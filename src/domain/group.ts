/**
 * Members by a key, in the order in which they came; the groups in the order of their first. In time that grows with
 * the members: a list that is copied for each of them takes minutes where a journal has years.
 */
export function groupBy<Key, Member>(members: Iterable<Member>, keyOf: (member: Member) => Key): Map<Key, Member[]> {
  const groups = new Map<Key, Member[]>();
  for (const member of members) {
    const key = keyOf(member);
    const group = groups.get(key);
    if (group) group.push(member);
    else groups.set(key, [member]);
  }
  return groups;
}
