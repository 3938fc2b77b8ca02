/**
 * A copy of a message to be looked at: plain JSON, bounded in size, made while the message passes. What is left out is
 * listed, so that nobody takes a part for the whole. What looks like a secret by its name stays here.
 */
import type { MessageCut } from '../../api/activity.ts'

export interface MessageCopy {
  msg: unknown
  cuts: MessageCut[]
  /** Roughly, in characters. */
  size: number
}

/** How much of a message is copied. */
export interface CopyLimits {
  /** Characters of a text that are kept whole, and how many of a longer one. */
  wholeText: number
  partText: number
  /** Of a list. */
  items: number
  /** Of an object. */
  keys: number
  /** Of binary data. */
  bytes: number
  /** Of the whole copy, in characters. */
  size: number
}

const TO_LOOK_AT: CopyLimits = { wholeText: 2000, partText: 2000, items: 50, keys: 100, bytes: 64, size: 16_000 }
const DEPTH = 10
export const SECRET =
  /pass(word|wd|phrase|code)$|^pwd$|secrets?$|secret[-_]?key|authorization|^(set-)?cookies?$|api[-_]?key|private[-_]?key|(access|refresh|auth|bearer|id|session)[-_]?token$|^token$/i

/** Never throws and never changes the message, getters of it excepted. */
export function copyMessage(message: object, limits: CopyLimits = TO_LOOK_AT): MessageCopy {
  const cuts: MessageCut[] = []
  const path: (string | number)[] = []
  const above: object[] = []
  let size = 0

  const cut = (why: MessageCut['why'], length?: number) => {
    if (cuts.length < 100) cuts.push({ path: [...path], why, ...(length === undefined ? {} : { length }) })
  }

  function copy(value: unknown): unknown {
    switch (typeof value) {
      case 'string':
        if (value.length > limits.wholeText) {
          size += limits.partText
          cut('text', value.length)
          return value.slice(0, limits.partText)
        }
        size += value.length + 2
        return value
      case 'number':
        size += 4
        return Number.isFinite(value) ? value : String(value)
      case 'boolean':
        size += 4
        return value
      case 'bigint':
        size += 8
        return String(value)
      case 'undefined':
        return undefined
      case 'object':
        return value === null ? null : copyObject(value)
      default:
        cut('other')
        return `(${typeof value})`
    }
  }

  function copyObject(value: object): unknown {
    if (above.includes(value)) {
      cut('again')
      return '(…)'
    }
    if (above.length >= DEPTH) {
      cut('depth')
      return Array.isArray(value) ? [] : {}
    }
    if (value instanceof Date) {
      size += 24
      return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString()
    }
    if (value instanceof Error) return { name: value.name, message: copy(value.message) }
    if (ArrayBuffer.isView(value)) return copyBytes(value)
    if (value instanceof Map) return inside(value, () => copyEntries(value.entries(), value.size))
    if (value instanceof Set) return inside(value, () => copyList(value.values(), value.size))
    if (Array.isArray(value)) return inside(value, () => copyList(value.values(), value.length))
    if (!isPlain(value)) {
      // connections, responses, instances of classes: nothing to look at, and perhaps without end
      const name = value.constructor?.name ?? 'Object'
      if (/^(Socket|TLSSocket|Server|ServerResponse|IncomingMessage|EventEmitter|.*Stream|Timeout|Immediate)$/.test(name) || 'on' in value) {
        cut('other')
        return `(${name})`
      }
    }
    return inside(value, () => copyProperties(value as Record<string, unknown>))
  }

  function inside<T>(value: object, work: () => T): T {
    above.push(value)
    const copied = work()
    above.pop()
    return copied
  }

  function copyList(values: Iterable<unknown>, length: number): unknown[] {
    const list: unknown[] = []
    for (const value of values) {
      if (list.length >= limits.items || size > limits.size) {
        cut(list.length >= limits.items ? 'list' : 'size', length)
        break
      }
      path.push(list.length)
      // a hole or undefined in a list would be lost in JSON
      list.push(copy(value) ?? null)
      path.pop()
    }
    return list
  }

  function copyEntries(entries: Iterable<[unknown, unknown]>, length: number): Record<string, unknown> {
    const copied: Record<string, unknown> = {}
    let count = 0
    for (const [key, value] of entries) {
      if (count >= limits.keys || size > limits.size) {
        cut(count >= limits.keys ? 'object' : 'size', length)
        break
      }
      count += 1
      put(copied, String(key), () => value)
    }
    return copied
  }

  function copyProperties(value: Record<string, unknown>): Record<string, unknown> {
    const copied: Record<string, unknown> = {}
    let count = 0
    for (const key in value) {
      if (!Object.hasOwn(value, key)) continue
      if (count >= limits.keys || size > limits.size) {
        cut(count >= limits.keys ? 'object' : 'size', Object.keys(value).length)
        break
      }
      count += 1
      put(copied, key, () => value[key])
    }
    return copied
  }

  function put(into: Record<string, unknown>, key: string, read: () => unknown): void {
    const name = key.length > 200 ? key.slice(0, 200) : key
    size += name.length + 3
    path.push(name)
    if (SECRET.test(key)) {
      cut('secret')
      set(into, name, '••••')
    } else {
      try {
        const copied = copy(read())
        if (copied !== undefined) set(into, name, copied)
      } catch {
        // a getter of the message threw: that is the message's own business
        cut('other')
      }
    }
    path.pop()
  }

  function copyBytes(view: ArrayBufferView): unknown {
    const bytes = new Uint8Array(view.buffer, view.byteOffset, Math.min(view.byteLength, limits.bytes))
    size += bytes.length * 4
    if (view.byteLength > limits.bytes) cut('bytes', view.byteLength)
    return { type: view.constructor.name, data: [...bytes] }
  }

  const msg = copy(message)
  return { msg, cuts, size }
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value) as object | null
  // messages of function nodes come from another realm: their prototype is another Object
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

/** `__proto__` as a key of a message stays a plain property. */
function set(into: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') Object.defineProperty(into, key, { value, enumerable: true, configurable: true, writable: true })
  else into[key] = value
}
