/** The path itself in the picture: cuts and dashed rapids, strong as far as they are done and pale beyond, in two levels of detail. */
import { BufferAttribute, BufferGeometry, Group, LineBasicMaterial, LineDashedMaterial, LineSegments, type Material } from 'three'
import type { DrawnChunk, DrawnLevel, DrawnPath } from '../worker/messages.ts'
import type { PathColors } from './colors.ts'
import { lengthOf, pairsDone } from './place.ts'

/** Length of a dash on the screen. */
const DASH_PX = 5

interface Strand {
  chunk: DrawnChunk
  feeds: LineSegments
  rapids: LineSegments
}

export class PathLines {
  readonly group = new Group()
  readonly #feed = new LineBasicMaterial()
  readonly #feedPale = new LineBasicMaterial()
  readonly #rapid = new LineDashedMaterial()
  readonly #rapidPale = new LineDashedMaterial()
  #path: DrawnPath | undefined
  #levels: { group: Group; strands: Strand[]; level: DrawnLevel }[] = []

  setColors(colors: PathColors): void {
    this.#feed.color.set(colors.feed)
    this.#feedPale.color.set(colors.feedPale)
    this.#rapid.color.set(colors.rapid)
    this.#rapidPale.color.set(colors.rapidPale)
  }

  set(path: DrawnPath | undefined): void {
    this.#clear()
    this.#path = path
    for (const level of path?.levels ?? []) {
      const group = new Group()
      const strands = level.chunks.map((chunk) => this.#strand(chunk))
      for (const { feeds, rapids } of strands) group.add(rapids, feeds)
      this.#levels.push({ group, strands, level })
      this.group.add(group)
    }
  }

  /** Up to this many vertices of the finest level, and up to this line in the coarser ones, the path is done. */
  setDone(vertices: number, line: number): void {
    const whole = this.#levels[0] ? lengthOf(this.#levels[0].level) : 0
    for (const [index, { strands, level }] of this.#levels.entries()) {
      // where lines go up and down, the coarser level can only be split by its share
      const isByLine = index > 0 && this.#path?.isTopDown === true
      let rest = index === 0 || whole === 0 ? vertices : (vertices / whole) * lengthOf(level)
      for (const { chunk, feeds, rapids } of strands) {
        const done = isByLine ? upTo(chunk.lines, line) : Math.max(0, Math.min(chunk.count, Math.round(rest)))
        rest -= chunk.count
        split(feeds.geometry, chunk.feeds, done)
        split(rapids.geometry, chunk.rapids, done)
      }
    }
  }

  /** Shows the coarse level, where there is one, or the finest. */
  show(isCoarse: boolean): void {
    const shown = isCoarse && this.#levels.length > 1 ? 1 : 0
    for (const [index, { group }] of this.#levels.entries()) group.visible = index === shown
  }

  /** Dashes of one length on the screen, whatever the distance. */
  setScale(scale: number): void {
    for (const material of [this.#rapid, this.#rapidPale]) Object.assign(material, { scale, dashSize: DASH_PX, gapSize: DASH_PX })
  }

  /** One of each kind of line, with nothing in it. */
  samples(): LineSegments[] {
    const nothing = () => new BufferGeometry().setAttribute('position', new BufferAttribute(new Float32Array(6), 3))
    const dashed = nothing().setAttribute('lineDistance', new BufferAttribute(new Float32Array(2), 1))
    return [new LineSegments(nothing(), this.#feed), new LineSegments(dashed, this.#rapid)]
  }

  dispose(): void {
    this.#clear()
    for (const material of [this.#feed, this.#feedPale, this.#rapid, this.#rapidPale]) material.dispose()
  }

  #strand(chunk: DrawnChunk): Strand {
    const position = new BufferAttribute(chunk.positions, 3)
    const distance = new BufferAttribute(chunk.distances, 1)
    const part = (index: Uint16Array, materials: Material[]) => {
      const geometry = new BufferGeometry()
      geometry.setAttribute('position', position)
      geometry.setAttribute('lineDistance', distance)
      geometry.setIndex(new BufferAttribute(index, 1))
      split(geometry, index, chunk.count)
      const object = new LineSegments(geometry, materials)
      // a sphere around 65 000 vertices costs more than it saves
      object.frustumCulled = false
      return object
    }
    return { chunk, feeds: part(chunk.feeds, [this.#feed, this.#feedPale]), rapids: part(chunk.rapids, [this.#rapid, this.#rapidPale]) }
  }

  #clear(): void {
    for (const { group, strands } of this.#levels) {
      this.group.remove(group)
      for (const { feeds, rapids } of strands) {
        feeds.geometry.dispose()
        rapids.geometry.dispose()
      }
    }
    this.#levels = []
  }
}

/** The two materials of a strand: what is done, and what is not. */
function split(geometry: BufferGeometry, index: Uint16Array, vertices: number): void {
  const done = pairsDone(index, vertices)
  geometry.clearGroups()
  if (done > 0) geometry.addGroup(0, done, 0)
  if (done < index.length) geometry.addGroup(done, index.length - done, 1)
}

/** Vertices whose line is at most this one, where lines only go up. */
function upTo(lines: Uint32Array, line: number): number {
  let low = 0
  let high = lines.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((lines[middle] as number) <= line) low = middle + 1
    else high = middle
  }
  return low
}
