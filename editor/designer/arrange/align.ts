/** Lining up boxes: along an edge, in equal distances, on the grid. Pure arithmetic: places in, places out. */
import { GRID, snap } from '../model/ports.ts'

/** What is to be lined up; x and y are its middle. */
export interface Placed {
  id: string
  x: number
  y: number
  width: number
  height: number
}

export type Alignment = 'left' | 'centre' | 'right' | 'top' | 'middle' | 'bottom'

/** Where the middles go; what stays is left out. Edges are those of the outermost box, middles those of all together. */
export function aligned(boxes: readonly Placed[], alignment: Alignment): Map<string, { x: number; y: number }> {
  const lefts = boxes.map((box) => box.x - box.width / 2)
  const rights = boxes.map((box) => box.x + box.width / 2)
  const tops = boxes.map((box) => box.y - box.height / 2)
  const bottoms = boxes.map((box) => box.y + box.height / 2)
  const place = (box: Placed) => {
    switch (alignment) {
      case 'left':
        return { x: Math.min(...lefts) + box.width / 2, y: box.y }
      case 'right':
        return { x: Math.max(...rights) - box.width / 2, y: box.y }
      case 'centre':
        return { x: (Math.min(...lefts) + Math.max(...rights)) / 2, y: box.y }
      case 'top':
        return { x: box.x, y: Math.min(...tops) + box.height / 2 }
      case 'bottom':
        return { x: box.x, y: Math.max(...bottoms) - box.height / 2 }
      case 'middle':
        return { x: box.x, y: (Math.min(...tops) + Math.max(...bottoms)) / 2 }
      default:
        return alignment satisfies never
    }
  }
  return changed(boxes, place)
}

/** Equal gaps between neighbours; the two outermost stay. Overlapping boxes get equal overlaps. */
export function distributed(boxes: readonly Placed[], along: 'x' | 'y'): Map<string, { x: number; y: number }> {
  const size = along === 'x' ? 'width' : 'height'
  const sorted = boxes.toSorted((a, b) => a[along] - b[along])
  const [first, last] = [sorted[0], sorted.at(-1)]
  if (!first || !last || sorted.length < 3) return new Map()
  const begin = first[along] - first[size] / 2
  const room = last[along] + last[size] / 2 - begin - sorted.reduce((sum, box) => sum + box[size], 0)
  const gap = room / (sorted.length - 1)
  const places = new Map<string, number>()
  let at = begin
  for (const box of sorted) {
    places.set(box.id, at + box[size] / 2)
    at += box[size] + gap
  }
  return changed(boxes, (box) => ({ x: box.x, y: box.y, [along]: places.get(box.id) ?? box[along] }))
}

/** Each with its upper left corner on the nearest point of the grid: sizes are whole steps, so edges line up. */
export function onGrid(boxes: readonly Placed[]): Map<string, { x: number; y: number }> {
  return changed(boxes, (box) => ({
    x: snap(box.x - box.width / 2) + box.width / 2,
    // nodes are higher than a step: their middles line up
    y: box.height % GRID === 0 ? snap(box.y - box.height / 2) + box.height / 2 : snap(box.y),
  }))
}

function changed(boxes: readonly Placed[], place: (box: Placed) => { x: number; y: number }): Map<string, { x: number; y: number }> {
  const places = boxes.map((box) => [box, place(box)] as const)
  return new Map(
    places
      .map(([box, { x, y }]) => [box, { x: Math.round(x), y: Math.round(y) }] as const)
      .filter(([box, { x, y }]) => x !== box.x || y !== box.y)
      .map(([box, at]) => [box.id, at]),
  )
}
