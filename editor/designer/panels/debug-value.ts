/**
 * A value as Node-RED sends it to be looked at, made readable: what JSON cannot say comes as `{__enc__, type, data}`
 * (@node-red/util, util.encodeObject).
 */

export type ShownValue =
  | { is: 'text'; text: string /** In whole, where only the first part came. */; length?: number }
  /** A number, a truth value, nothing, or what can only be named. */
  | { is: 'word'; word: string; type: string }
  | { is: 'bytes'; hex: string; bytes: number[]; length: number }
  | { is: 'list'; items: readonly unknown[]; length: number; name: string }
  | { is: 'object'; keys: readonly string[]; get: (key: string) => unknown; length: number; name: string }

export function shown(value: unknown): ShownValue {
  if (typeof value === 'string') return { is: 'text', text: value }
  if (value === null || typeof value !== 'object') return { is: 'word', word: String(value), type: value === null ? 'null' : typeof value }
  if (Array.isArray(value)) return { is: 'list', items: value, length: value.length, name: '' }
  const object = value as Record<string, unknown>
  if (object.__enc__ === true && typeof object.type === 'string') return encoded(object, object.type)
  if (object.type === 'Buffer' && Array.isArray(object.data)) return bytes(object.data as number[], Number(object.length) || object.data.length)
  const keys = Object.keys(object)
  return { is: 'object', keys, get: (key) => object[key], length: keys.length, name: '' }
}

function encoded({ data, length }: Record<string, unknown>, type: string): ShownValue {
  const count = typeof length === 'number' ? length : undefined
  switch (type) {
    case 'number':
    case 'bigint':
    case 'regexp':
      return { is: 'word', word: String(data), type: type === 'regexp' ? 'regexp' : 'number' }
    case 'undefined':
      return { is: 'word', word: 'undefined', type: 'undefined' }
    case 'function':
    case 'internal':
      return { is: 'word', word: `(${type})`, type: 'other' }
    case 'buffer':
    case 'Buffer':
      return typeof data === 'string' ? bytes(fromHex(data), count ?? data.length / 2) : bytes(Array.isArray(data) ? (data as number[]) : [], count ?? 0)
    case 'map':
    case 'error': {
      const object = (typeof data === 'object' && data !== null ? data : {}) as Record<string, unknown>
      const keys = Object.keys(object)
      return { is: 'object', keys, get: (key) => object[key], length: count ?? keys.length, name: type === 'map' ? 'Map' : String(object.name ?? 'Error') }
    }
    default: {
      const items = Array.isArray(data) ? (data as unknown[]) : typeof data === 'object' && data !== null ? Object.values(data) : []
      return { is: 'list', items, length: count ?? items.length, name: type === 'array' ? '' : type === 'set' ? 'Set' : type }
    }
  }
}

const fromHex = (text: string) => Array.from({ length: Math.floor(text.length / 2) }, (_, at) => Number.parseInt(text.slice(at * 2, at * 2 + 2), 16))

function bytes(values: readonly number[], length: number): ShownValue {
  return { is: 'bytes', hex: values.map((value) => value.toString(16).padStart(2, '0')).join(' '), bytes: [...values], length }
}

/** The value without Node-RED's marks, as JSON that can be pasted anywhere. */
export function plain(value: unknown): unknown {
  const look = shown(value)
  switch (look.is) {
    case 'text':
      return look.text
    case 'word':
      return look.type === 'number' || look.type === 'boolean' || look.type === 'null'
        ? typeof value === 'object' && value !== null
          ? look.word
          : value
        : look.word
    case 'bytes':
      return look.bytes
    case 'list':
      return look.items.map(plain)
    case 'object':
      return Object.fromEntries(look.keys.map((key) => [key, plain(look.get(key))]))
    default:
      return look satisfies never
  }
}

/** For the clipboard: text as it is, everything else as JSON. */
export function copyText(value: unknown): string {
  const made = plain(value)
  return typeof made === 'string' ? made : (JSON.stringify(made, null, 2) ?? 'undefined')
}

/** `msg.payload.parts[0]["bore diameter"]`: what can be written in a function or a property field. */
export function pathWith(path: string, key: string | number): string {
  if (typeof key === 'number') return `${path}[${key}]`
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`
}

const PREVIEW = 4
/** A line that says what is in it. */
export function preview(value: ShownValue): string {
  const short = (inner: unknown): string => {
    const look = shown(inner)
    if (look.is === 'text') return JSON.stringify(look.text.length > 24 ? `${look.text.slice(0, 24)}…` : look.text)
    if (look.is === 'word') return look.word
    return look.is === 'object' ? '{…}' : '[…]'
  }
  if (value.is === 'list') return value.items.slice(0, PREVIEW).map(short).join(', ') + (value.length > PREVIEW ? ', …' : '')
  // of an error its message is what matters
  if (value.is === 'object' && value.keys.includes('stack') && value.keys.includes('message')) return String(value.get('message'))
  if (value.is === 'object')
    return (
      // what only Node-RED and the run history need comes last
      [...value.keys.filter((key) => !key.startsWith('_')), ...value.keys.filter((key) => key.startsWith('_'))]
        .slice(0, PREVIEW)
        .map((key) => `${key}: ${short(value.get(key))}`)
        .join(', ') + (value.length > PREVIEW ? ', …' : '')
    )
  return ''
}
