/**
 * What the server told of the running flows: counts and times by wire and node, and how fast they grow. No view.
 * The server tells totals of what is on screen; speeds and shares are made here from how they grew lately.
 */
import type { Activity, ActivityOverview, NodeActivity, NodeError } from '../../../server/api/activity.ts'

/** Speeds are means over the last while. */
const WINDOW_MS = 4000
const SAMPLES = 60

export interface WireNow {
  count: number
  /** When it last grew, by the page's clock; 0: not while this page looked. */
  grewAt: number
  samples: Sample[]
}
export interface NodeNow extends NodeActivity {
  samples: Sample[]
}
interface Sample {
  at: number
  value: number
}

export class ActivityStore {
  readonly wires = new Map<string, WireNow>()
  readonly nodes = new Map<string, NodeNow>()
  overview: ActivityOverview | undefined
  refusal: string | undefined
  /** Since when the server watches. */
  since: Date | undefined
  /** When something was last heard, by the page's clock. */
  heardAt = 0
  #epoch: string | undefined
  #version = 0
  /** Errors that were taken away by the person, by node: how many there were. */
  readonly #dismissed = new Map<string, number>()
  /** Wires that carried something not long ago. */
  readonly #recent = new Set<string>()
  readonly #listeners = new Set<(nodes: ReadonlySet<string>) => void>()
  readonly #now: () => number

  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  get version(): number {
    return this.#version
  }

  /** Told which nodes changed. */
  watch = (listener: (nodes: ReadonlySet<string>) => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  take(news: Activity): void {
    const now = this.#now()
    const touched = new Set(news.nodes.map(({ id }) => id))
    const isNewCount = news.epoch !== this.#epoch
    if (isNewCount) {
      this.#epoch = news.epoch
      this.#dismissed.clear()
    }
    if (news.isWhole) {
      // what is not told is not in view, or counts from nothing
      for (const id of this.nodes.keys()) touched.add(id)
      this.nodes.clear()
      if (isNewCount) {
        this.wires.clear()
        this.#recent.clear()
      } else for (const wire of this.wires.values()) wire.samples = []
    }
    this.since = new Date(news.since)
    this.heardAt = now
    if (news.overview) this.overview = news.overview
    for (const { from, port, to, count } of news.wires) {
      const id = `${from}:${port}:${to}`
      const known = this.wires.get(id)
      const wire: WireNow = known ?? { count: 0, grewAt: 0, samples: [] }
      // the first thing heard of a wire may have been long ago; with a count that began just now it was not
      if (known ? count > known.count : !news.isWhole) {
        wire.grewAt = now
        this.#recent.add(id)
      }
      if (!known && !news.isWhole) wire.samples.push({ at: now - 100, value: 0 })
      wire.count = count
      note(wire.samples, { at: now, value: count })
      if (!known) this.wires.set(id, wire)
    }
    for (const node of news.nodes) {
      const samples = this.nodes.get(node.id)?.samples ?? []
      note(samples, { at: now, value: node.busyMs })
      this.nodes.set(node.id, { ...node, samples })
    }
    this.#tell(touched)
  }

  refused(message: string): void {
    this.refusal = message
    this.#tell(new Set())
  }

  /** Messages a second on a wire, lately. */
  rateOf(wire: string): number {
    return (growth(this.wires.get(wire)?.samples, this.#now()) ?? 0) * 1000
  }

  /** Part of the time that a node kept the runtime's thread for itself, lately: 0 to 1. */
  shareOf(node: string): number {
    return Math.min(1, growth(this.nodes.get(node)?.samples, this.#now()) ?? 0)
  }

  /** The wires that carried a message in the last `ms`, and how long ago that was. */
  glowing(ms: number): [id: string, restedMs: number][] {
    const now = this.#now()
    const found: [string, number][] = []
    for (const id of this.#recent) {
      const restedMs = now - (this.wires.get(id)?.grewAt ?? 0)
      if (restedMs < ms) found.push([id, restedMs])
      else this.#recent.delete(id)
    }
    return found
  }

  /** The error to show at a node: not one that was taken away. */
  errorOf(node: string): NodeError | undefined {
    const error = this.nodes.get(node)?.error
    return error && error.count > (this.#dismissed.get(node) ?? 0) ? error : undefined
  }

  /** Nodes with an error anywhere in the flows, the newest first. */
  get errors(): { id: string; place?: string; error: NodeError }[] {
    return (this.overview?.errors ?? []).filter(({ id, error }) => error.count > (this.#dismissed.get(id) ?? 0))
  }

  dismissErrors(): void {
    const touched = new Set<string>()
    const dismiss = (id: string, count: number) => {
      this.#dismissed.set(id, count)
      touched.add(id)
    }
    for (const { id, error } of this.nodes.values()) if (error) dismiss(id, error.count)
    for (const { id, error } of this.errors) dismiss(id, error.count)
    this.#tell(touched)
  }

  #tell(nodes: ReadonlySet<string>): void {
    this.#version += 1
    for (const listener of [...this.#listeners]) listener(nodes)
  }
}

function note(samples: Sample[], sample: Sample): void {
  const last = samples.at(-1)
  // counted anew
  if (last && sample.value < last.value) samples.length = 0
  samples.push(sample)
  while (samples.length > 2 && (samples.length > SAMPLES || (samples[1]?.at ?? 0) < sample.at - WINDOW_MS)) samples.shift()
}

/** How much a total grew in a millisecond over the last while; undefined before there are two looks at it. */
function growth(samples: readonly Sample[] | undefined, now: number): number | undefined {
  const last = samples?.at(-1)
  const first = samples?.find(({ at }) => at >= now - WINDOW_MS) ?? last
  if (!samples || !first || !last || samples.length < 2) return undefined
  if (first === last) return 0
  return (last.value - first.value) / Math.max(now - first.at, 500)
}
