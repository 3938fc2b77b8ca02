/**
 * The messages of debug nodes. Node-RED sends each as an object with the value already turned into text; `format` says
 * what it was (@node-red/util, util.encodeObject).
 */

export interface DebugMessage {
  key: number
  at: Date
  /** In the flow file; of a node in a subflow, the one in its definition. */
  nodeId: string | undefined
  /** Tab, then the instances of subflows it is in. */
  within: readonly string[]
  name: string
  topic: string
  /** `msg.payload` and the like; `msg` for a whole message. */
  property: string
  /** As Node-RED names it: `Object`, `array[3]`, `string[12]`. */
  format: string
  value: unknown
  level: DebugLevel
  /** So many messages were left out here: the flow sends faster than a person reads. */
  lost: number
}
type DebugLevel = 'debug' | 'warn' | 'error'

/** More are forgotten, oldest first. */
export const KEPT = 1000
/** Nobody reads faster. */
const TELL_EVERY_MS = 100
const MOST_SEARCHED = 20_000

export class DebugLog {
  #messages: DebugMessage[] = []
  #waiting: DebugMessage[] = []
  #pinned: DebugMessage[] = []
  readonly #open = new Map<string, ReadonlySet<string>>()
  #isPaused = false
  #key = 0
  #newestAt: Date | undefined
  #version = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  #toldAt = 0
  refusal: string | undefined
  readonly #listeners = new Set<() => void>()

  /** Newest first. */
  get messages(): readonly DebugMessage[] {
    return this.#messages
  }
  /** Kept above all others until they are let go, in the order they were pinned. */
  get pinned(): readonly DebugMessage[] {
    return this.#pinned
  }
  get isPaused(): boolean {
    return this.#isPaused
  }
  get waiting(): number {
    return this.#waiting.length
  }
  get version(): number {
    return this.#version
  }

  watch = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Oldest first, as they come. */
  add(raws: readonly unknown[]): void {
    const list = this.#isPaused ? this.#waiting : this.#messages
    const added = raws.map((raw) => {
      this.#key += 1
      return readDebug(raw, this.#key)
    })
    for (const { at } of added) if (this.#newestAt === undefined || at > this.#newestAt) this.#newestAt = at
    const next = [...added.reverse(), ...list].slice(0, KEPT)
    if (this.#isPaused) this.#waiting = next
    else this.#messages = next
    this.#tellSoon()
  }

  /** What the server remembers: those that are newer than what was heard here are added, also after a lost line. */
  addMissed(raws: readonly unknown[]): void {
    const newest = this.#newestAt
    this.add(raws.filter((raw) => newest === undefined || readDebug(raw, 0).at > newest))
  }

  pause(isPaused: boolean): void {
    this.#isPaused = isPaused
    if (!isPaused) {
      this.#messages = [...this.#waiting, ...this.#messages].slice(0, KEPT)
      this.#waiting = []
    }
    this.#tell()
  }

  /** Takes away all messages but the pinned ones, or those that `isMeant` says. */
  clear(isMeant: (message: DebugMessage) => boolean = () => true): void {
    this.#messages = this.#messages.filter((message) => !isMeant(message))
    this.#waiting = this.#waiting.filter((message) => !isMeant(message))
    this.#tell()
  }

  pin(message: DebugMessage, isPinned: boolean): void {
    this.#pinned = isPinned ? [...this.#pinned.filter(({ key }) => key !== message.key), message] : this.#pinned.filter(({ key }) => key !== message.key)
    this.#tell()
  }

  /** The parts (by path) that are opened in every message of a node. */
  openOf(nodeId: string | undefined): ReadonlySet<string> {
    return this.#open.get(nodeId ?? '') ?? NOTHING
  }

  keepOpen(nodeId: string | undefined, path: string, isKept: boolean): void {
    const next = new Set(this.openOf(nodeId))
    if (isKept) next.add(path)
    else next.delete(path)
    this.#open.set(nodeId ?? '', next)
    this.#tell()
  }

  #tellSoon(): void {
    this.#timer ??= setTimeout(() => this.#tell(), Math.max(0, TELL_EVERY_MS - (performance.now() - this.#toldAt)))
  }

  #tell(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#toldAt = performance.now()
    this.#version += 1
    for (const listener of [...this.#listeners]) listener()
  }
}

const NOTHING: ReadonlySet<string> = new Set()

/** Reads one debug message of Node-RED; what it does not know becomes the value as it is. */
export function readDebug(raw: unknown, key: number): DebugMessage {
  const outer = isObject(raw) ? raw : {}
  const data = isObject(outer.data) ? outer.data : outer
  const text = (property: string) => (typeof data[property] === 'string' ? (data[property] as string) : '')
  const timestamp = data.timestamp ?? data.at
  return {
    key,
    at: typeof timestamp === 'number' || typeof timestamp === 'string' ? new Date(timestamp) : new Date(),
    nodeId: text('_alias') || text('id') || text('nodeId') || undefined,
    within: text('path') ? text('path').split('/') : text('z') ? [text('z')] : [],
    name: text('name'),
    topic: text('topic'),
    property: text('property') ? `msg.${text('property')}` : '',
    format: text('format'),
    value: shownValue(data, raw),
    level: data.level === 20 || data.level === 'error' ? 'error' : data.level === 30 || data.level === 'warn' ? 'warn' : 'debug',
    lost: typeof data.lost === 'number' && !('msg' in data) ? data.lost : 0,
  }
}

const searchTexts = new WeakMap<DebugMessage, string>()
/** What a search looks through, in lower case; made when first asked for. */
export function searchText(message: DebugMessage): string {
  let text = searchTexts.get(message)
  if (text === undefined) {
    const value = typeof message.value === 'string' ? message.value : (JSON.stringify(message.value) ?? '')
    text = `${message.name} ${message.topic} ${message.property} ${value.slice(0, MOST_SEARCHED)}`.toLowerCase()
    searchTexts.set(message, text)
  }
  return text
}

function shownValue(data: Record<string, unknown>, raw: unknown): unknown {
  if (!('msg' in data)) return raw
  const { msg, format } = data
  if (typeof msg !== 'string') return msg
  const kind = typeof format === 'string' ? format : ''
  if (kind.startsWith('string')) return msg
  if (kind === 'undefined') return undefined
  if (kind === 'null') return null
  if (kind === 'number' || kind === 'boolean') return parsed(msg)
  // a buffer comes as hexadecimal digits, an array, map, set, error or object of any class as JSON
  if (kind.startsWith('buffer')) return { __enc__: true, type: 'buffer', data: msg, length: Number(/\[(\d+)\]/.exec(kind)?.[1]) || 0 }
  return /^[[{]/.test(msg) ? parsed(msg) : msg
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // too long a message is cut off by Node-RED: it stays text
    return text
  }
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
