/** What is expected of a message or a call, field by field: which fields count, and how what was found differs. No view. */
type Json = unknown
type Path = readonly (string | number)[]

export interface Leaf {
  /** `payload.rows[0].part` */
  name: string
  path: Path
  value: Json
}

const isObject = (value: Json): value is Record<string, Json> => typeof value === 'object' && value !== null && !Array.isArray(value)
/** A list of objects is looked into; any other list is compared as a whole. */
const isTable = (value: Json): value is Json[] => Array.isArray(value) && value.length > 0 && value.every(isObject)

/** Every field that is compared by itself. */
export function leavesOf(value: Json, path: Path = []): Leaf[] {
  const entries: [string | number, Json][] | undefined = isObject(value) ? Object.entries(value) : isTable(value) ? [...value.entries()] : undefined
  if (!entries || entries.length === 0) return [{ name: nameOf(path), path, value }]
  return entries.flatMap(([key, each]) => leavesOf(each, [...path, key]))
}

const nameOf = (path: Path): string =>
  path.reduce<string>((name, key) => (typeof key === 'number' ? `${name}[${key}]` : name === '' ? key : `${name}.${key}`), '')

export function at(value: Json, path: Path): Json {
  let found = value
  for (const key of path) {
    if (typeof found !== 'object' || found === null) return undefined
    found = (found as Record<string | number, Json>)[key]
  }
  return found
}

/** The same without the fields that do not count; undefined when none does. */
export function without(value: Json, left: ReadonlySet<string>, path: Path = []): Json {
  if (isObject(value)) {
    const entries = Object.entries(value).flatMap(([key, each]) => {
      const kept = without(each, left, [...path, key])
      return kept === undefined ? [] : [[key, kept] as const]
    })
    return entries.length === 0 && Object.keys(value).length > 0 ? undefined : Object.fromEntries(entries)
  }
  // a list stays as long as it is
  if (isTable(value)) return value.map((each, index) => without(each, left, [...path, index]) ?? {})
  return left.has(nameOf(path)) ? undefined : value
}

/** With another value in one place. */
export function put(value: Json, path: Path, next: Json): Json {
  const [key, ...rest] = path
  if (key === undefined) return next
  if (Array.isArray(value)) return value.map((each, index) => (index === key ? put(each, rest, next) : each))
  return { ...(isObject(value) ? value : {}), [key]: put(isObject(value) ? value[key] : undefined, rest, next) }
}

/** Times and ids of ours differ from one rehearsal to the next. */
export const isFleeting = (value: Json): boolean =>
  typeof value === 'string' &&
  (/^\d{4}-\d\d-\d\dT\d\d:\d\d|^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4}/.test(value) ||
    /^[a-z]{2,4}_[0-9a-z]{16,}$/.test(value) ||
    /^[0-9a-f]{8}-[0-9a-f]{4}-/.test(value))

export interface Difference {
  name: string
  expected: Json
  found: Json
  /** There is nothing in that place. */
  isMissing: boolean
  isMet: boolean
}

/** Field by field, what differs first. */
export function differences(expected: Json, found: Json): Difference[] {
  return leavesOf(expected)
    .map(({ name, path, value }): Difference => {
      const there = at(found, path)
      return { name, expected: value, found: there, isMissing: there === undefined, isMet: JSON.stringify(there) === JSON.stringify(value) }
    })
    .sort((a, b) => Number(a.isMet) - Number(b.isMet))
}
