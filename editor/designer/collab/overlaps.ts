/** Who else has changed what is changed here. */
import type { Present } from '../../../server/api/together.ts'

/** By person, not by window: somebody with two windows is one. */
export function overlaps(people: readonly Present[], changed: ReadonlySet<string>): { name: string; userId: string; ids: string[] }[] {
  const found = new Map<string, { name: string; userId: string; ids: string[] }>()
  for (const { name, userId, changed: theirs } of people) {
    const ids = theirs.filter((id) => changed.has(id))
    if (ids.length === 0) continue
    const known = found.get(userId)
    found.set(userId, { name, userId, ids: known ? [...new Set([...known.ids, ...ids])] : ids })
  }
  return [...found.values()]
}
