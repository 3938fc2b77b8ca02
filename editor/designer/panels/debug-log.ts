/**
 * The messages of debug nodes. Node-RED sends each as an object with the value already turned into text; `format` says
 * what it was (@node-red/util, util.encodeObject).
 */

export interface DebugMessage {
  key: number
  at: Date
  nodeId: string | undefined
  name: string
  topic: string
  /** `msg.payload` and the like. */
  property: string
  value: unknown
  level: 'debug' | 'warn' | 'error'
  /** So many messages were left out here: the flow sends faster than a person reads. */
  lost: number
  /** What the filter looks through. */
  search: string
}

/** More are forgotten, oldest first. */
export const KEPT = 500

export class DebugLog {
  #messages: DebugMessage[] = []
  #waiting: DebugMessage[] = []
  #isPaused = false
  #key = 0
  #version = 0
  #frame: number | undefined
  refusal: string | undefined
  readonly #listeners = new Set<() => void>()

  /** Newest first. */
  get messages(): readonly DebugMessage[] {
    return this.#messages
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

  add(raw: unknown): void {
    const message = readDebug(raw, this.#key)
    this.#key += 1
    const list = this.#isPaused ? this.#waiting : this.#messages
    list.unshift(message)
    if (list.length > KEPT) list.length = KEPT
    this.#tell()
  }

  pause(isPaused: boolean): void {
    this.#isPaused = isPaused
    if (!isPaused) {
      this.#messages = [...this.#waiting, ...this.#messages].slice(0, KEPT)
      this.#waiting = []
    }
    this.#tell()
  }

  clear(): void {
    this.#messages = []
    this.#waiting = []
    this.#tell()
  }

  /** A busy flow sends hundreds of messages a second: the page hears of them once a frame. */
  #tell(): void {
    if (this.#frame !== undefined) return
    const tell = () => {
      this.#frame = undefined
      this.#version += 1
      for (const listener of [...this.#listeners]) listener()
    }
    this.#frame = requestAnimationFrame(tell)
  }
}

/** Reads one debug message of Node-RED; what it does not know becomes the value as it is. */
export function readDebug(raw: unknown, key: number): DebugMessage {
  const outer = isObject(raw) ? raw : {}
  const data = isObject(outer.data) ? outer.data : outer
  const text = (property: string) => (typeof data[property] === 'string' ? (data[property] as string) : '')
  const timestamp = data.timestamp ?? data.at
  const value = shownValue(data, raw)
  return {
    key,
    at: typeof timestamp === 'number' || typeof timestamp === 'string' ? new Date(timestamp) : new Date(),
    nodeId: text('id') || text('nodeId') || undefined,
    name: text('name'),
    topic: text('topic'),
    property: text('property') ? `msg.${text('property')}` : '',
    value,
    level: data.level === 20 || data.level === 'error' ? 'error' : data.level === 30 || data.level === 'warn' ? 'warn' : 'debug',
    lost: typeof data.lost === 'number' && !('msg' in data) ? data.lost : 0,
    search: typeof value === 'string' ? value : (JSON.stringify(value) ?? ''),
  }
}

function shownValue(data: Record<string, unknown>, raw: unknown): unknown {
  if (!('msg' in data)) return raw
  const { msg, format } = data
  if (typeof msg !== 'string') return msg
  const kind = typeof format === 'string' ? format : ''
  if (kind.startsWith('Object') || kind.startsWith('array') || kind === 'error' || kind.startsWith('map') || kind.startsWith('set')) return parsed(msg)
  if (kind === 'number' || kind === 'boolean') return parsed(msg)
  if (kind === 'undefined' || kind === 'null') return kind === 'null' ? null : undefined
  return msg
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
