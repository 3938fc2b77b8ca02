/** What can be written behind `msg.`: the paths into a real message, with what stands there. No view. */

export interface MessagePath {
  /** As Node-RED reads it: `payload.orders[0].number`, `req.headers["x-key"]`. */
  path: string
  /** What stood there, short. */
  preview: string
}

const MOST = 400
const DEEPEST = 6
const ITEMS_SHOWN = 3
const NAME = /^[A-Za-z_$][\w$]*$/

/** Every path into a message, the nearest first; lists show their first items. */
export function pathsOf(message: unknown): MessagePath[] {
  const found: MessagePath[] = []
  let level: { path: string; value: unknown }[] = childrenOf('', message)
  for (let depth = 0; depth < DEEPEST && level.length > 0 && found.length < MOST; depth += 1) {
    found.push(...level.map(({ path, value }) => ({ path, preview: previewOf(value) })))
    level = level.flatMap(({ path, value }) => childrenOf(path, value))
  }
  return found.slice(0, MOST)
}

function childrenOf(path: string, value: unknown): { path: string; value: unknown }[] {
  if (typeof value !== 'object' || value === null) return []
  if (Array.isArray(value)) return value.slice(0, ITEMS_SHOWN).map((item, index) => ({ path: `${path}[${index}]`, value: item }))
  return Object.entries(value).map(([key, child]) => ({
    path: NAME.test(key) ? (path ? `${path}.${key}` : key) : `${path}[${JSON.stringify(key)}]`,
    value: child,
  }))
}

/** A value in a few words. */
function previewOf(value: unknown, longest = 40): string {
  if (Array.isArray(value)) return `[${value.length}]`
  if (typeof value === 'object' && value !== null) {
    const keys = Object.keys(value)
    return cut(`{ ${keys.slice(0, 4).join(', ')}${keys.length > 4 ? ', …' : ''} }`, longest)
  }
  return cut(typeof value === 'string' ? JSON.stringify(value) : String(value), longest)
}

const cut = (text: string, longest: number): string => (text.length > longest ? `${text.slice(0, longest - 1)}…` : text)

/** The same path as a JSONata expression writes it. */
export function asJsonata(path: string): string {
  return path.replace(/\["((?:[^"\\]|\\.)*)"\]/g, (_, key: string, at: number) => `${at === 0 ? '' : '.'}\`${key.replaceAll('\\"', '"')}\``)
}

/** The paths that go on from what is typed, those that begin with it first. */
export function matching(paths: readonly MessagePath[], typed: string): MessagePath[] {
  const wanted = typed.trim().toLowerCase()
  if (wanted === '') return paths.filter(({ path }) => !/[.[]/.test(path.slice(1)) || path.startsWith('payload'))
  const begins = paths.filter(({ path }) => path.toLowerCase().startsWith(wanted))
  const holds = paths.filter(({ path }) => !path.toLowerCase().startsWith(wanted) && path.toLowerCase().includes(wanted))
  return [...begins, ...holds]
}
