/** One level of detail: vertices in chunks, thinned out by a tolerance, more so when there are more than wanted. */
import { CHUNK_VERTICES, SEGMENT_KINDS, type ToolpathChunk, type ToolpathLevel } from './contract.ts'

const JUMP = SEGMENT_KINDS.indexOf('jump')
/** So many vertices at most wait for one that they do not lie in line with. */
const MOST_WAITING = 48

export class LevelBuilder {
  private readonly maxSegments: number
  private tolerance: number
  /** What was given away before the present tolerance was in force. */
  private spent = 0
  private chunks: ToolpathChunk[] = []
  private segments = 0
  /** The last vertex that is drawn, and those behind it that may be left out. */
  private anchor = new Float64Array(3)
  private readonly waiting = new Float64Array(MOST_WAITING * 3)
  private readonly waitingLine = new Float64Array(MOST_WAITING)
  private waitingCount = 0
  private waitingKind = JUMP
  private isBegun = false

  /** @param options.toleranceMm 0 keeps every vertex for as long as there are not more than `maxSegments` */
  constructor(options: { toleranceMm: number; maxSegments: number }) {
    this.tolerance = options.toleranceMm
    this.maxSegments = options.maxSegments
  }

  /** Goes to a vertex by a segment of a kind. The first vertex is where the path begins. */
  vertex(x: number, y: number, z: number, line: number, kind: number): void {
    if (!this.isBegun) {
      this.isBegun = true
      this.keep(x, y, z, line, JUMP)
      return
    }
    if (this.tolerance === 0) {
      this.keep(x, y, z, line, kind)
      return
    }
    if (this.waitingCount > 0 && (kind !== this.waitingKind || kind === JUMP || this.waitingCount === MOST_WAITING || !this.isInLine(x, y, z))) this.flush()
    const at = this.waitingCount
    this.waiting[3 * at] = x
    this.waiting[3 * at + 1] = y
    this.waiting[3 * at + 2] = z
    this.waitingLine[at] = line
    this.waitingKind = kind
    this.waitingCount = at + 1
  }

  /** Call once. */
  end(): ToolpathLevel {
    this.flush()
    for (const chunk of this.chunks) {
      if (chunk.lines.length === chunk.count) continue
      chunk.positions = chunk.positions.slice(0, 3 * chunk.count)
      chunk.lines = chunk.lines.slice(0, chunk.count)
      chunk.kinds = chunk.kinds.slice(0, chunk.count)
    }
    return { toleranceMm: this.spent + this.tolerance, segments: this.segments, chunks: this.chunks }
  }

  private flush(): void {
    if (this.waitingCount === 0) return
    const last = this.waitingCount - 1
    this.waitingCount = 0
    this.keep(
      this.waiting[3 * last] as number,
      this.waiting[3 * last + 1] as number,
      this.waiting[3 * last + 2] as number,
      this.waitingLine[last] as number,
      this.waitingKind,
    )
  }

  /** Every vertex that waits lies within the tolerance of the line from the anchor to here. */
  private isInLine(x: number, y: number, z: number): boolean {
    const { anchor, waiting, tolerance } = this
    const ax = anchor[0] as number
    const ay = anchor[1] as number
    const az = anchor[2] as number
    const dx = x - ax
    const dy = y - ay
    const dz = z - az
    const squared = dx * dx + dy * dy + dz * dz
    for (let i = 0; i < this.waitingCount; i += 1) {
      const px = (waiting[3 * i] as number) - ax
      const py = (waiting[3 * i + 1] as number) - ay
      const pz = (waiting[3 * i + 2] as number) - az
      let share = squared > 0 ? (px * dx + py * dy + pz * dz) / squared : 0
      share = share < 0 ? 0 : share > 1 ? 1 : share
      const ex = px - share * dx
      const ey = py - share * dy
      const ez = pz - share * dz
      if (ex * ex + ey * ey + ez * ez > tolerance * tolerance) return false
    }
    return true
  }

  private keep(x: number, y: number, z: number, line: number, kind: number): void {
    const { anchor } = this
    let chunk = this.chunks.at(-1)
    if (!chunk || chunk.count === CHUNK_VERTICES) {
      const before = chunk
      chunk = { count: 0, positions: new Float32Array(3 * 256), lines: new Uint32Array(256), kinds: new Uint8Array(256) }
      this.chunks.push(chunk)
      if (before) put(chunk, anchor[0] as number, anchor[1] as number, anchor[2] as number, before.lines[before.count - 1] as number, JUMP)
    }
    put(chunk, x, y, z, line, kind)
    anchor[0] = x
    anchor[1] = y
    anchor[2] = z
    if (kind !== JUMP) this.segments += 1
    if (this.segments > this.maxSegments) this.thinOut()
  }

  /** Coarser by so much that there is room again. */
  private thinOut(): void {
    let { chunks } = this
    let { tolerance } = this
    do {
      this.spent += tolerance
      tolerance = Math.max(tolerance * 2, 0.001)
      const coarser = new LevelBuilder({ toleranceMm: tolerance, maxSegments: Number.POSITIVE_INFINITY })
      replay(chunks, coarser)
      coarser.flush()
      chunks = coarser.chunks
      this.segments = coarser.segments
    } while (this.segments > this.maxSegments * 0.7)
    this.chunks = chunks
    this.tolerance = tolerance
  }
}

/** The same path with at most `maxSegments`, beginning at a tolerance; every pass adds its own to the deviation. */
export function coarserLevel(fine: ToolpathLevel, options: { toleranceMm: number; maxSegments: number }): ToolpathLevel {
  const builder = new LevelBuilder(options)
  replay(fine.chunks, builder)
  const level = builder.end()
  return { ...level, toleranceMm: fine.toleranceMm + level.toleranceMm }
}

function replay(chunks: readonly ToolpathChunk[], into: LevelBuilder): void {
  chunks.forEach((chunk, index) => {
    const { positions, lines, kinds } = chunk
    for (let i = index === 0 ? 0 : 1; i < chunk.count; i += 1)
      into.vertex(positions[3 * i] as number, positions[3 * i + 1] as number, positions[3 * i + 2] as number, lines[i] as number, kinds[i] as number)
  })
}

function put(chunk: ToolpathChunk, x: number, y: number, z: number, line: number, kind: number): void {
  const at = chunk.count
  if (at === chunk.lines.length) {
    const size = Math.min(at * 4, CHUNK_VERTICES)
    const positions = new Float32Array(3 * size)
    positions.set(chunk.positions)
    const lines = new Uint32Array(size)
    lines.set(chunk.lines)
    const kinds = new Uint8Array(size)
    kinds.set(chunk.kinds)
    chunk.positions = positions
    chunk.lines = lines
    chunk.kinds = kinds
  }
  chunk.positions[3 * at] = x
  chunk.positions[3 * at + 1] = y
  chunk.positions[3 * at + 2] = z
  chunk.lines[at] = line
  chunk.kinds[at] = kind
  chunk.count = at + 1
}
