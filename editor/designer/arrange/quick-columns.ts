/**
 * Columns for parts that are too large for dagre: it takes a minute for 5,000 nodes, and its recursion ends at chains of some
 * thousand. Longest paths give the columns, the middle of what leads to a box gives its height. Everything is linear or sorting.
 */

export interface Sized {
  id: string
  width: number
  height: number
}
export interface Gaps {
  node: number
  column: number
}

/** @param boxes what comes first decides which wire of a loop leads back @returns middles */
export function quickColumns(boxes: readonly Sized[], wires: readonly { from: string; to: string }[], gaps: Gaps): Map<string, { x: number; y: number }> {
  const forward = withoutLoops(boxes, wires)
  const before = Map.groupBy(forward, (wire) => wire.to)
  const after = Map.groupBy(forward, (wire) => wire.from)
  const columns = columnsOf(boxes, before, after)
  const ys = new Map<string, number>()
  // from the left to the right along what leads here, back along what this leads to, and once more
  for (const [list, side, end] of [
    [columns, before, 'from'],
    [columns.toReversed(), after, 'to'],
    [columns, before, 'from'],
  ] as const) {
    for (const column of list) {
      settle(column, (box) => meanOf((side.get(box.id) ?? []).map((wire) => ys.get(wire[end]))) ?? ys.get(box.id), ys, gaps.node)
    }
  }
  const middles = new Map<string, { x: number; y: number }>()
  let x = 0
  for (const column of columns) {
    const width = Math.max(...column.map((box) => box.width))
    for (const box of column) middles.set(box.id, { x: x + width / 2, y: ys.get(box.id) ?? 0 })
    x += width + gaps.column
  }
  return middles
}

/** A walk into the depth, without recursion: a wire to where the walk is still inside leads back. */
function withoutLoops(boxes: readonly Sized[], wires: readonly { from: string; to: string }[]): { from: string; to: string }[] {
  const leaving = Map.groupBy(wires, (wire) => wire.from)
  const state = new Map<string, 'inside' | 'done'>()
  const forward: { from: string; to: string }[] = []
  for (const { id } of boxes) {
    if (state.has(id)) continue
    const path: { id: string; next: number }[] = [{ id, next: 0 }]
    state.set(id, 'inside')
    for (let at = path.at(-1); at; at = path.at(-1)) {
      const wire = leaving.get(at.id)?.[at.next]
      at.next += 1
      if (!wire) {
        state.set(at.id, 'done')
        path.pop()
        continue
      }
      if (state.get(wire.to) === 'inside') continue
      forward.push(wire)
      if (state.has(wire.to)) continue
      state.set(wire.to, 'inside')
      path.push({ id: wire.to, next: 0 })
    }
  }
  return forward
}

type Wires = ReadonlyMap<string, readonly { from: string; to: string }[]>

function columnsOf(boxes: readonly Sized[], before: Wires, after: Wires): Sized[][] {
  const ranks = new Map<string, number>()
  const waiting = new Map(boxes.map(({ id }) => [id, before.get(id)?.length ?? 0]))
  const ready = boxes.filter(({ id }) => waiting.get(id) === 0).map(({ id }) => id)
  for (const id of ready) {
    const rank = ranks.get(id) ?? 0
    ranks.set(id, rank)
    for (const { to } of after.get(id) ?? []) {
      ranks.set(to, Math.max(ranks.get(to) ?? 0, rank + 1))
      const left = (waiting.get(to) ?? 0) - 1
      waiting.set(to, left)
      if (left === 0) ready.push(to)
    }
  }
  // what only begins something stands beside what it begins
  for (const { id } of boxes) {
    const targets = (after.get(id) ?? []).map(({ to }) => ranks.get(to) ?? 0)
    if (!before.has(id) && targets.length > 0) ranks.set(id, targets.reduce((a, b) => Math.min(a, b)) - 1)
  }
  const columns: Sized[][] = []
  for (const box of boxes) {
    const rank = ranks.get(box.id) ?? 0
    columns[rank] ??= []
    columns[rank].push(box)
  }
  return columns.filter((column) => column !== undefined)
}

function meanOf(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined)
  return known.length ? known.reduce((sum, value) => sum + value, 0) / known.length : undefined
}

/** Each as near to its wish as the others let it; the column as a whole keeps the middle of its wishes. */
function settle(column: readonly Sized[], wish: (box: Sized) => number | undefined, ys: Map<string, number>, gap: number): void {
  const wished = column.map((box, index) => ({ box, at: wish(box) ?? index * (box.height + gap) })).sort((a, b) => a.at - b.at)
  let bottom = Number.NEGATIVE_INFINITY
  let pushed = 0
  const placed = wished.map(({ box, at }) => {
    const y = Math.max(at, bottom + gap + box.height / 2)
    bottom = y + box.height / 2
    pushed += y - at
    return { box, y }
  })
  for (const { box, y } of placed) ys.set(box.id, y - pushed / placed.length)
}
