/**
 * Lays a flow out from left to right, in the direction of its messages: parts that hang together one below the other, in the order
 * they stood; groups keep their members; comments stay above what they were above. Runs in a worker (`layout.worker.ts`).
 */
import { Graph, layout } from '@dagrejs/dagre'
import { GRID, GROUP_LABEL_HEIGHT, GROUP_MARGIN, snap } from '../model/ports.ts'
import type { Placed } from './align.ts'
import { quickColumns, type Sized } from './quick-columns.ts'

export interface LayoutBox extends Placed {
  group?: string
  isComment?: boolean
}
interface LayoutGroup {
  id: string
  group?: string
  isLabelled: boolean
}
/** What the worker is given. */
export interface LayoutJob {
  boxes: LayoutBox[]
  groups: LayoutGroup[]
  wires: { from: string; port: number; to: string }[]
}
/** Where the middle of each box goes. */
export type LayoutPlaces = Map<string, { x: number; y: number }>

/** Between neighbours in a column, between columns, between parts that do not hang together. */
const NODE_GAP = 20
const COLUMN_GAP = 60
const PART_GAP = 40
/** Loose boxes stand in rows as wide as this, or as the widest part. */
const ROW_WIDTH = 900
/** A comment belongs to a box that begins at most this far below it. */
const COMMENT_REACH = 120
/** The best assignment of columns takes too long for larger parts. */
const CAREFUL_NODES = 300
/** dagre takes 3 ms a node and more, and its recursion ends at long chains: larger parts, and all parts of larger flows, go without. */
const DAGRE_PART = 600
const DAGRE_FLOW = 1_500

/** The upper left corner of everything stays where it is. */
export function layoutFlow(job: LayoutJob): LayoutPlaces {
  const { places, anchor } = new Level(job).lay(undefined)
  const left = job.boxes.reduce((least, box) => Math.min(least, box.x - box.width / 2), Number.POSITIVE_INFINITY)
  const top = job.boxes.reduce((least, box) => Math.min(least, box.y - box.height / 2), Number.POSITIVE_INFINITY)
  const by = { x: snap(left + anchor.x) - anchor.x, y: snap(top + anchor.y) - anchor.y }
  return new Map([...places].map(([id, { x, y }]) => [id, { x: Math.round(x + by.x), y: Math.round(y + by.y) }]))
}

/** A rectangle of boxes that have their places in it. */
interface Block {
  width: number
  height: number
  /** Middles, from the block's upper left corner. */
  places: LayoutPlaces
  /** The left edge and the middle line of one of its boxes: these go on the grid. */
  anchor: { x: number; y: number }
  /** Where it stood before: what comes first. */
  before: { x: number; y: number }
}

/** Something that is placed as one: a box, or a whole group. */
interface Item {
  id: string
  block: Block
  isComment: boolean
  /** Something outside its level is connected to it. */
  isWired: boolean
}

/** All wires from one item to another, with the heights at which they leave. */
interface Link {
  source: Item
  target: Item
  heights: number[]
}

class Level {
  readonly #job: LayoutJob
  readonly #groups: Map<string, LayoutGroup>
  readonly #boxes: Map<string | undefined, LayoutBox[]>
  readonly #inner: Map<string | undefined, LayoutGroup[]>
  readonly #groupOf: Map<string, string | undefined>
  readonly #wired: ReadonlySet<string>

  constructor(job: LayoutJob) {
    this.#job = job
    this.#groups = new Map(job.groups.map((group) => [group.id, group]))
    const known = (group: string | undefined) => (group !== undefined && this.#groups.has(group) ? group : undefined)
    this.#boxes = Map.groupBy(job.boxes, (box) => known(box.group))
    this.#inner = Map.groupBy(job.groups, (group) => known(group.group))
    this.#wired = new Set(job.wires.flatMap(({ from, to }) => [from, to]))
    this.#groupOf = new Map([...job.boxes, ...job.groups].map(({ id, group }) => [id, known(group)]))
  }

  /** What is in a group, or everything. */
  lay(group: string | undefined): Block {
    const items: Item[] = [
      ...(this.#boxes.get(group) ?? []).map((box) => ({ id: box.id, block: single(box), isComment: box.isComment === true, isWired: this.#wired.has(box.id) })),
      ...(this.#inner.get(group) ?? []).map((inner) => ({
        id: inner.id,
        block: framed(this.lay(inner.id), inner.isLabelled),
        isComment: false,
        isWired: true,
      })),
    ].filter(({ block }) => block.places.size > 0)
    const byId = new Map(items.map((item) => [item.id, item]))
    const links = new Map<string, Link>()
    for (const { from, port, to } of this.#job.wires) {
      const [source, target] = [byId.get(this.#itemIn(from, group)), byId.get(this.#itemIn(to, group))]
      if (!source || !target || source === target) continue
      const link = links.get(`${source.id} ${target.id}`) ?? { source, target, heights: [] }
      links.set(`${source.id} ${target.id}`, link)
      link.heights.push((source.block.places.get(from)?.y ?? 0) + port)
    }
    const wires = [...links.values()]
    return stacked(partsOf(items, wires, this.#job.boxes.length > DAGRE_FLOW))
  }

  /** The box, or the group at this level that the box is in. */
  #itemIn(id: string, level: string | undefined): string {
    let at = id
    for (let steps = 0; steps < 50; steps += 1) {
      const group = this.#groupOf.get(at)
      if (group === level || group === undefined) return at
      at = group
    }
    return at
  }
}

const single = (box: LayoutBox): Block => ({
  width: box.width,
  height: box.height,
  places: new Map([[box.id, { x: box.width / 2, y: box.height / 2 }]]),
  anchor: { x: 0, y: box.height / 2 },
  before: { x: box.x - box.width / 2, y: box.y - box.height / 2 },
})

function framed(block: Block, isLabelled: boolean): Block {
  const top = GROUP_MARGIN + (isLabelled ? GROUP_LABEL_HEIGHT : 0)
  return {
    width: block.width + 2 * GROUP_MARGIN,
    height: block.height + top + GROUP_MARGIN,
    places: shifted(block.places, { x: GROUP_MARGIN, y: top }),
    anchor: { x: block.anchor.x + GROUP_MARGIN, y: block.anchor.y + top },
    before: { x: block.before.x - GROUP_MARGIN, y: block.before.y - top },
  }
}

/** Each part that hangs together as a block, loose boxes for themselves; comments with what they stand above. */
function partsOf(items: readonly Item[], wires: readonly Link[], isLarge: boolean): { block: Block; isLoose: boolean }[] {
  const parts = new Map(items.map((item) => [item, new Set([item])]))
  for (const { source, target } of wires) {
    const [one, other] = [parts.get(source), parts.get(target)]
    if (!one || !other || one === other) continue
    const [large, small] = one.size > other.size ? [one, other] : [other, one]
    for (const item of small) {
      large.add(item)
      parts.set(item, large)
    }
  }
  const comments = new Map<Set<Item>, { comment: Item; below: Item }[]>()
  for (const item of items) {
    if (!item.isComment || parts.get(item)?.size !== 1) continue
    const below = nearestBelow(item, items)
    const part = below && parts.get(below)
    if (!part) continue
    comments.set(part, [...(comments.get(part) ?? []), { comment: item, below }])
    parts.delete(item)
  }
  const wiresByPart = Map.groupBy(wires, ({ source }) => parts.get(source))
  return [...new Set(parts.values())].map((part) => {
    const block = part.size === 1 ? ([...part][0] as Item).block : columns([...part], wiresByPart.get(part) ?? [], isLarge)
    const above = comments.get(part)
    const isLoose = part.size === 1 && !above && [...part].every((item) => !item.isWired)
    return { block: above ? underComments(block, above) : block, isLoose }
  })
}

function nearestBelow(comment: Item, items: readonly Item[]): Item | undefined {
  const { before, width, height } = comment.block
  let best: Item | undefined
  let bestDistance = COMMENT_REACH
  for (const item of items) {
    if (item.isComment) continue
    const down = item.block.before.y - (before.y + height)
    const isAside = item.block.before.x > before.x + width + COLUMN_GAP || item.block.before.x + item.block.width < before.x - COLUMN_GAP
    if (isAside || down < -height || down >= bestDistance) continue
    best = item
    bestDistance = down
  }
  return best
}

/** One part, in columns; left edges of a column line up. */
function columns(items: readonly Item[], wires: readonly Link[], isLarge: boolean): Block {
  // what stands first is taken first: it decides which wire of a loop leads back
  const boxes = [...items]
    .sort((a, b) => a.block.before.x - b.block.before.x || a.block.before.y - b.block.before.y)
    .map(({ id, block: { width, height } }) => ({ id, width, height }))
  const ends = wires.map(({ source, target }) => ({ from: source.id, to: target.id }))
  const found = isLarge || items.length > DAGRE_PART ? quickColumns(boxes, ends, { node: NODE_GAP, column: COLUMN_GAP }) : dagreColumns(boxes, ends)
  const turn = isUpsideDown(found, wires) ? -1 : 1
  const laid = items.map((item) => ({ item, at: { x: found.get(item.id)?.x ?? 0, y: turn * (found.get(item.id)?.y ?? 0) } }))
  const corners = new Map<Item, { x: number; y: number }>()
  for (const column of Map.groupBy(laid, ({ at }) => Math.round(at.x)).values()) {
    const left = Math.min(...column.map(({ item, at }) => at.x - item.block.width / 2))
    for (const { item, at } of column) {
      const { anchor, height } = item.block
      corners.set(item, { x: snap(left + anchor.x) - anchor.x, y: snap(at.y - height / 2 + anchor.y) - anchor.y })
    }
  }
  return joined(corners)
}

/** Whether more targets stand against the order of their outputs than in it. Crossings are as many either way up. */
function isUpsideDown(middles: LayoutPlaces, links: readonly Link[]): boolean {
  const height = ({ heights }: Link) => heights.reduce((sum, one) => sum + one, 0) / heights.length
  let against = 0
  for (const list of Map.groupBy(links, ({ source }) => source.id).values()) {
    const sorted = list.toSorted((a, b) => height(a) - height(b) || a.target.block.before.y - b.target.block.before.y)
    for (const [index, link] of sorted.slice(1).entries()) {
      const [above, below] = [middles.get(sorted[index]?.target.id ?? ''), middles.get(link.target.id)]
      if (above && below && Math.round(above.x) === Math.round(below.x)) against += Math.sign(above.y - below.y)
    }
  }
  return against > 0
}

function dagreColumns(boxes: readonly Sized[], wires: readonly { from: string; to: string }[]): LayoutPlaces {
  const graph = new Graph()
  graph.setGraph({
    rankdir: 'LR',
    nodesep: NODE_GAP,
    ranksep: COLUMN_GAP,
    edgesep: 10,
    ranker: boxes.length > CAREFUL_NODES ? 'tight-tree' : 'network-simplex',
  })
  graph.setDefaultEdgeLabel(() => ({}))
  for (const { id, width, height } of boxes) graph.setNode(id, { width, height })
  for (const { from, to } of wires) graph.setEdge(from, to)
  layout(graph)
  return new Map(boxes.map(({ id }) => [id, graph.node(id) as { x: number; y: number }]))
}

/** One block of several, by their upper left corners. */
function joined(corners: ReadonlyMap<Pick<Item, 'block'>, { x: number; y: number }>): Block {
  const left = [...corners.values()].reduce((least, { x }) => Math.min(least, x), Number.POSITIVE_INFINITY)
  const top = [...corners.values()].reduce((least, { y }) => Math.min(least, y), Number.POSITIVE_INFINITY)
  const places: LayoutPlaces = new Map()
  const [[first, corner] = [undefined, { x: left, y: top }]] = corners
  const anchor = { x: (first?.block.anchor.x ?? 0) + corner.x - left, y: (first?.block.anchor.y ?? 0) + corner.y - top }
  const whole: Block = { width: 0, height: 0, places, anchor, before: { x: Number.POSITIVE_INFINITY, y: Number.POSITIVE_INFINITY } }
  for (const [{ block }, { x, y }] of corners) {
    for (const [id, at] of shifted(block.places, { x: x - left, y: y - top })) places.set(id, at)
    whole.width = Math.max(whole.width, x - left + block.width)
    whole.height = Math.max(whole.height, y - top + block.height)
    whole.before = { x: Math.min(whole.before.x, block.before.x), y: Math.min(whole.before.y, block.before.y) }
  }
  return whole
}

/** Each comment above the left edge of what it was above. */
function underComments(block: Block, comments: readonly { comment: Item; below: Item }[]): Block {
  const corners = new Map<Pick<Item, 'block'>, { x: number; y: number }>()
  corners.set({ block }, { x: 0, y: 0 })
  let y = 0
  for (const { comment, below } of [...comments].sort((a, b) => b.comment.block.before.y - a.comment.block.before.y)) {
    const [[id, inside] = ['', { x: 0, y: 0 }]] = below.block.places
    y -= comment.block.height + NODE_GAP / 2
    corners.set(comment, {
      x: (block.places.get(id)?.x ?? inside.x) - inside.x,
      y: snap(y + comment.block.anchor.y - block.anchor.y) - comment.block.anchor.y + block.anchor.y,
    })
    y = corners.get(comment)?.y ?? y
  }
  return joined(corners)
}

/** Parts one below the other, as they stood; loose boxes in rows at the end. */
function stacked(parts: readonly { block: Block; isLoose: boolean }[]): Block {
  const inOrder = [...parts].sort((a, b) => a.block.before.y - b.block.before.y || a.block.before.x - b.block.before.x)
  const base = inOrder.find(({ isLoose }) => !isLoose)?.block.anchor ?? inOrder[0]?.block.anchor ?? { x: 0, y: 0 }
  const corners = new Map<Pick<Item, 'block'>, { x: number; y: number }>()
  /** The next place from here that keeps what is in the part on the grid. */
  const put = (part: { block: Block }, x: number, y: number) => {
    const [dx, dy] = [part.block.anchor.x - base.x, part.block.anchor.y - base.y]
    const at = { x: GRID * Math.ceil((x + dx) / GRID) - dx, y: GRID * Math.ceil((y + dy) / GRID) - dy }
    corners.set(part, at)
    return at
  }
  let y = 0
  let width = ROW_WIDTH
  for (const part of inOrder) {
    if (part.isLoose) continue
    const gap = part.block.places.size === 1 ? NODE_GAP : PART_GAP
    y = put(part, 0, corners.size === 0 ? y : y + gap).y + part.block.height
    width = Math.max(width, part.block.width)
  }
  if (corners.size > 0) y += PART_GAP
  let x = 0
  let bottom = y
  for (const part of inOrder) {
    if (!part.isLoose) continue
    if (x > 0 && x + part.block.width > width) {
      x = 0
      y = bottom + NODE_GAP
    }
    const at = put(part, x, y)
    x = at.x + part.block.width + NODE_GAP
    bottom = Math.max(bottom, at.y + part.block.height)
  }
  return corners.size === 0 ? { width: 0, height: 0, places: new Map(), anchor: { x: 0, y: 0 }, before: { x: 0, y: 0 } } : joined(corners)
}

function shifted(places: LayoutPlaces, by: { x: number; y: number }): LayoutPlaces {
  return new Map([...places].map(([id, { x, y }]) => [id, { x: x + by.x, y: y + by.y }]))
}
