/**
 * The compact form in which the flow runtime tells what runs did: one binary batch about every 100 ms. Each
 * batch stands alone (its own tables of nodes and texts), so that a lost batch or a restarted gateway costs
 * only what was in it.
 *
 * Layout, all integers LEB128 varints unless said otherwise, texts as length + UTF-8:
 * version byte, base time (float64, epoch ms), nodes (id, type, name, flow id, flow name), texts, runs.
 * A run: id, flags, trigger, start (zigzag ms from the base), hops so far, first seq, hops (node, from + 1,
 * time, bytes + 1, outcome[, text], done), late outcomes (seq, outcome[, text], done), messages (seq, whole, bytes, JSON),
 * then, if it ended, the end time and text + 1. Times are tenths of a millisecond since the run began; `done` counts from
 * the hop's own time and is 0 where it is not known, else one more.
 */
import type { MessageCut } from '../api/activity.ts'

/** Hops beyond this are counted, not described. */
export const DETAILED_HOPS = 200

/** A node as a trace names it. */
export interface TraceNode {
  id: string
  type: string
  name?: string
  flowId?: string
  flowName?: string
}

type HopOutcome = 'received' | 'completed' | 'failed'
const OUTCOMES = ['received', 'completed', 'failed'] as const

/** What one batch says of one run. Apply in order: open when `isNew`, add `detail`, apply `late`, then `end`. */
export interface TracedRun {
  id: string
  /**
   * The runtime begins to tell of this run: insert it, or take up the one that is already there (a press
   * opened it before its first message, or a message came after the run had been ended by settling).
   */
  isNew: boolean
  /** Epoch milliseconds. */
  startedAt: number
  /** The node whose message opened the run. */
  trigger: TraceNode
  /** All hops so far, detailed or not. */
  hops: number
  /** Number of the first hop that this batch describes. */
  firstSeq: number
  detail: { seq: number; node: TraceNode; from?: string; atMs: number; doneMs?: number; bytes?: number; outcome: HopOutcome; error?: string }[]
  /** What came of hops that an earlier batch described. */
  late: { seq: number; doneMs?: number; outcome: HopOutcome; error?: string }[]
  /** What steps were given, as far as it was copied. */
  messages: TracedMessage[]
  end?: {
    /** `failed` when an error was not handled by the flow itself. */
    state: 'completed' | 'failed'
    /** Epoch milliseconds. */
    endedAt: number
    /** Ended by silence: a node never said it was done. */
    endedBySettling: boolean
    /** Plain words: the first unhandled error, or what an explicit end node said. */
    text?: string
  }
}

/** A message as it reached a step; `json` is a {@link KeptMessage}. */
export interface TracedMessage {
  seq: number
  isWhole: boolean
  bytes: number
  json: string
}

/** What `json` of a traced message holds. */
export interface KeptMessage {
  msg: unknown
  cuts: MessageCut[]
}

/** Numbers that describe one hop, and one late outcome. */
export const HOP_WIDTH = 7
const LATE_WIDTH = 4

/** The runtime's own form of what {@link TracedRun} says; nodes are indexes into the caller's table, texts into `texts`. */
export interface RunRecord {
  id: string
  isNew: boolean
  startedAt: number
  trigger: number
  hops: number
  firstSeq: number
  /**
   * {@link HOP_WIDTH} numbers a hop: node, from (-1: none), tenths of ms, outcome (index of received, completed, failed),
   * text (-1: none), tenths of ms when done (-1: not known), bytes (-1: not known).
   */
  detail: number[]
  /** {@link LATE_WIDTH} numbers each: seq, outcome, text (-1: none), tenths of ms when done (-1: not known). */
  late: number[]
  messages: readonly TracedMessage[]
  texts: readonly string[]
  end: { isFailed: boolean; atTenths: number; isBySettling: boolean; text: number } | null
}

const VERSION = 2
const FAILED = OUTCOMES.indexOf('failed')
const FLAG = { isNew: 1, ended: 2, failed: 4, bySettling: 8 } as const

class Writer {
  #bytes = Buffer.allocUnsafe(64 * 1024)
  #at = 0
  room(count: number): void {
    if (this.#at + count <= this.#bytes.length) return
    const grown = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#at + count))
    this.#bytes.copy(grown, 0, 0, this.#at)
    this.#bytes = grown
  }
  byte(value: number): void {
    this.room(1)
    this.#bytes[this.#at++] = value
  }
  /** Whole numbers from 0 to 2^53. */
  int(value: number): void {
    this.room(8)
    let rest = value
    while (rest >= 0x80) {
      this.#bytes[this.#at++] = (rest % 0x80) | 0x80
      rest = Math.floor(rest / 0x80)
    }
    this.#bytes[this.#at++] = rest
  }
  double(value: number): void {
    this.room(8)
    this.#at = this.#bytes.writeDoubleLE(value, this.#at)
  }
  text(value: string): void {
    const length = Buffer.byteLength(value)
    this.int(length)
    this.room(length)
    this.#at += this.#bytes.write(value, this.#at)
  }
  done(): Buffer {
    return Buffer.from(this.#bytes.subarray(0, this.#at))
  }
}

/** Collects the table of what one batch mentions, in order of first mention. */
class Mentioned<T> {
  readonly order: T[] = []
  readonly #place = new Map<T, number>()
  of(thing: T): number {
    let place = this.#place.get(thing)
    if (place === undefined) {
      place = this.order.length
      this.#place.set(thing, place)
      this.order.push(thing)
    }
    return place
  }
}

/** Encodes one batch. */
export function encodeTrace(runs: readonly RunRecord[], nodeAt: (index: number) => TraceNode): Buffer {
  const base = runs[0]?.startedAt ?? 0
  const nodes = new Mentioned<number>()
  const texts = new Mentioned<string>()
  const body = new Writer()
  for (const run of runs) {
    const { detail, late, end } = run
    const text = (index: number) => (index < 0 ? 0 : texts.of(run.texts[index] ?? '') + 1)
    const outcome = (what: number, index: number) => {
      body.byte(what)
      if (what === FAILED) body.int(text(index))
    }
    body.text(run.id)
    body.byte((run.isNew ? FLAG.isNew : 0) | (end ? FLAG.ended : 0) | (end?.isFailed ? FLAG.failed : 0) | (end?.isBySettling ? FLAG.bySettling : 0))
    body.int(nodes.of(run.trigger))
    const shift = Math.round(run.startedAt - base)
    body.int(shift >= 0 ? shift * 2 : -shift * 2 - 1)
    body.int(run.hops)
    body.int(run.firstSeq)
    body.int(detail.length / HOP_WIDTH)
    for (let i = 0; i < detail.length; i += HOP_WIDTH) {
      const from = detail[i + 1] as number
      const at = detail[i + 2] as number
      const done = detail[i + 5] as number
      body.int(nodes.of(detail[i] as number))
      body.int(from < 0 ? 0 : nodes.of(from) + 1)
      body.int(at)
      body.int((detail[i + 6] as number) + 1)
      outcome(detail[i + 3] as number, detail[i + 4] as number)
      body.int(done < at ? 0 : done - at + 1)
    }
    body.int(late.length / LATE_WIDTH)
    for (let i = 0; i < late.length; i += LATE_WIDTH) {
      body.int(late[i] as number)
      outcome(late[i + 1] as number, late[i + 2] as number)
      body.int((late[i + 3] as number) + 1)
    }
    body.int(run.messages.length)
    for (const { seq, isWhole, bytes, json } of run.messages) {
      body.int(seq)
      body.byte(isWhole ? 1 : 0)
      body.int(bytes)
      body.text(json)
    }
    if (end) {
      body.int(end.atTenths)
      body.int(text(end.text))
    }
  }
  const head = new Writer()
  head.byte(VERSION)
  head.double(base)
  head.int(nodes.order.length)
  for (const index of nodes.order) {
    const node = nodeAt(index)
    for (const text of [node.id, node.type, node.name ?? '', node.flowId ?? '', node.flowName ?? '']) head.text(text)
  }
  head.int(texts.order.length)
  for (const text of texts.order) head.text(text)
  head.int(runs.length)
  return Buffer.concat([head.done(), body.done()])
}

class Reader {
  readonly #bytes: Buffer
  #at = 0
  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }
  byte(): number {
    const value = this.#bytes[this.#at++]
    if (value === undefined) throw new Error('trace batch ends too early')
    return value
  }
  int(): number {
    let value = 0
    let scale = 1
    for (;;) {
      const byte = this.byte()
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value
      scale *= 0x80
      if (scale > 2 ** 56) throw new Error('trace batch has a number that is too long')
    }
  }
  double(): number {
    const value = this.#bytes.readDoubleLE(this.#at)
    this.#at += 8
    return value
  }
  text(): string {
    const length = this.int()
    if (this.#at + length > this.#bytes.length) throw new Error('trace batch ends too early')
    const value = this.#bytes.toString('utf8', this.#at, this.#at + length)
    this.#at += length
    return value
  }
  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length
  }
}

/**
 * Decodes one batch. The runtime is not trusted: everything is checked.
 * @throws Error when the bytes are not a whole batch of this version
 */
export function decodeTrace(bytes: Uint8Array): TracedRun[] {
  const reader = new Reader(bytes)
  const version = reader.byte()
  if (version !== VERSION) throw new Error(`trace batch of version ${version}, expected ${VERSION}`)
  const base = reader.double()
  if (!Number.isFinite(base)) throw new Error('trace batch without a time')
  const nodes = Array.from({ length: countOf(reader) }, () => readNode(reader))
  const texts = Array.from({ length: countOf(reader) }, () => reader.text())
  const nodeAt = (index: number): TraceNode => {
    const node = nodes[index]
    if (!node) throw new Error('trace batch names a node it does not list')
    return node
  }
  const readOutcome = (): { outcome: HopOutcome; error?: string } => {
    const found = OUTCOMES[reader.byte()]
    if (!found) throw new Error('trace batch has an unknown outcome')
    const text = found === 'failed' ? texts[reader.int() - 1] : undefined
    return { outcome: found, ...(text === undefined ? {} : { error: text }) }
  }
  const runs = Array.from({ length: countOf(reader) }, (): TracedRun => {
    const id = reader.text()
    const flags = reader.byte()
    const trigger = nodeAt(reader.int())
    const zigzag = reader.int()
    const startedAt = base + (zigzag % 2 ? -(zigzag + 1) / 2 : zigzag / 2)
    const hops = reader.int()
    const firstSeq = reader.int()
    const detail = Array.from({ length: countOf(reader) }, (_, index) => {
      const node = nodeAt(reader.int())
      const from = reader.int()
      const at = reader.int()
      const bytes = reader.int() - 1
      const came = readOutcome()
      const took = reader.int()
      return {
        seq: firstSeq + index,
        node,
        ...(from ? { from: nodeAt(from - 1).id } : {}),
        atMs: at / 10,
        ...(took ? { doneMs: (at + took - 1) / 10 } : {}),
        ...(bytes >= 0 ? { bytes } : {}),
        ...came,
      }
    })
    const late = Array.from({ length: countOf(reader) }, () => {
      const seq = reader.int()
      const came = readOutcome()
      const done = reader.int()
      return { seq, ...(done ? { doneMs: (done - 1) / 10 } : {}), ...came }
    })
    const messages = Array.from({ length: countOf(reader) }, () => ({
      seq: reader.int(),
      isWhole: reader.byte() === 1,
      bytes: reader.int(),
      json: reader.text(),
    }))
    const run: TracedRun = { id, isNew: (flags & FLAG.isNew) !== 0, startedAt, trigger, hops, firstSeq, detail, late, messages }
    if (flags & FLAG.ended) {
      const endedAt = startedAt + reader.int() / 10
      const text = texts[reader.int() - 1]
      run.end = {
        state: flags & FLAG.failed ? 'failed' : 'completed',
        endedAt,
        endedBySettling: (flags & FLAG.bySettling) !== 0,
        ...(text === undefined ? {} : { text }),
      }
    }
    return run
  })
  if (!reader.isAtEnd) throw new Error('trace batch is longer than it says')
  return runs
}

/** A count that the bytes could hold at all: a wrong one must not make a huge array. */
function countOf(reader: Reader): number {
  const count = reader.int()
  if (count > 1_000_000) throw new Error('trace batch with an impossible count')
  return count
}

function readNode(reader: Reader): TraceNode {
  const [id, type, name, flowId, flowName] = [reader.text(), reader.text(), reader.text(), reader.text(), reader.text()]
  return { id, type, ...(name ? { name } : {}), ...(flowId ? { flowId } : {}), ...(flowName ? { flowName } : {}) }
}
