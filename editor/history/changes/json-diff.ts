/** Two JSON values beside each other: every place at which they differ. */
export interface JsonChange {
  /** Keys on the way, e.g. `limits.maxRuns` or `tiles[2].title`; empty for the whole. */
  path: string
  before: unknown
  after: unknown
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)
/** Things in a list are told apart by their id, where they have one: one that was put in between moves nothing. */
const keyOf = (value: unknown): string | undefined => {
  if (!isObject(value)) return undefined
  const { id } = value
  return typeof id === 'string' || typeof id === 'number' ? String(id) : undefined
}
const isKeyed = (list: readonly unknown[]) => list.length > 0 && list.every((one) => keyOf(one) !== undefined) && new Set(list.map(keyOf)).size === list.length

export function jsonDiff(before: unknown, after: unknown, path = ''): JsonChange[] {
  if (Object.is(before, after)) return []
  if (isObject(before) && isObject(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])]
    return keys.flatMap((key) => jsonDiff(before[key], after[key], path === '' ? key : `${path}.${key}`))
  }
  if (Array.isArray(before) && Array.isArray(after)) {
    if (isKeyed([...before]) && isKeyed([...after])) {
      const was = new Map(before.map((one) => [keyOf(one), one]))
      const is = new Map(after.map((one) => [keyOf(one), one]))
      return [...new Set([...was.keys(), ...is.keys()])].flatMap((key) => jsonDiff(was.get(key), is.get(key), `${path}[${key}]`))
    }
    return Array.from({ length: Math.max(before.length, after.length) }, (_, n) => n).flatMap((n) => jsonDiff(before[n], after[n], `${path}[${n}]`))
  }
  return [{ path, before, after }]
}
