import { describe, expect, test } from 'vitest'
import fc from '../../../test/property.ts'
import { type LayoutBox, type LayoutJob, layoutFlow } from './layout.ts'
import { quickColumns } from './quick-columns.ts'

const box = (id: string, x: number, y: number, more: Partial<LayoutBox> = {}): LayoutBox => ({ id, x, y, width: 120, height: 30, ...more })
type Wire = { from: string; to: string; port?: number }
const places = ({ wires = [], ...job }: Partial<Omit<LayoutJob, 'wires'>> & { wires?: Wire[] }) =>
  layoutFlow({ boxes: [], groups: [], ...job, wires: wires.map((wire) => ({ port: 0, ...wire })) })
const at = (laid: ReturnType<typeof places>, id: string) => laid.get(id) as { x: number; y: number }

test('messages go from left to right, in one line while they can', () => {
  const laid = places({
    boxes: [box('c', 100, 100), box('b', 100, 200), box('a', 500, 300)],
    wires: [
      { from: 'a', to: 'b' },
      { from: 'b', to: 'c' },
    ],
  })
  expect(at(laid, 'a').x).toBeLessThan(at(laid, 'b').x - 120)
  expect(at(laid, 'b').x).toBeLessThan(at(laid, 'c').x - 120)
  expect(new Set([...laid.values()].map(({ y }) => y)).size).toBe(1)
})

test('left edges of a column line up, on the grid', () => {
  const laid = places({
    boxes: [box('a', 0, 0), box('wide', 0, 0, { width: 200 }), box('narrow', 0, 0, { width: 100 })],
    wires: [
      { from: 'a', to: 'wide' },
      { from: 'a', to: 'narrow' },
    ],
  })
  expect(at(laid, 'wide').x - 100).toBe(at(laid, 'narrow').x - 50)
  expect((at(laid, 'wide').x - 100) % 20).toBe(0)
})

test('a loop is drawn with one wire back, from where it stood to the right', () => {
  const laid = places({
    boxes: [box('second', 400, 0), box('first', 0, 0), box('third', 800, 0)],
    wires: [
      { from: 'first', to: 'second' },
      { from: 'second', to: 'third' },
      { from: 'third', to: 'first' },
    ],
  })
  expect(at(laid, 'first').x).toBeLessThan(at(laid, 'second').x)
  expect(at(laid, 'second').x).toBeLessThan(at(laid, 'third').x)
})

test('parts stay in the order they stood, each below the other', () => {
  const laid = places({
    boxes: [box('low', 0, 500), box('low2', 0, 500), box('high', 0, 100), box('high2', 0, 100)],
    wires: [
      { from: 'low', to: 'low2' },
      { from: 'high', to: 'high2' },
    ],
  })
  expect(at(laid, 'high').y).toBeLessThan(at(laid, 'low').y - 30)
})

test('a comment stays above what it was above', () => {
  const laid = places({
    boxes: [box('other', 0, 0), box('other2', 300, 0), box('note', 10, 160, { isComment: true }), box('a', 0, 220), box('b', 300, 220)],
    wires: [
      { from: 'a', to: 'b' },
      { from: 'other', to: 'other2' },
    ],
  })
  expect(at(laid, 'note').y).toBeLessThan(at(laid, 'a').y)
  expect(at(laid, 'note').y).toBeGreaterThan(at(laid, 'other').y)
  expect(at(laid, 'note').x).toBe(at(laid, 'a').x)
})

test('what is in a group stays together, and nothing else comes in between', () => {
  const laid = places({
    boxes: [box('a', 0, 0), box('in1', 200, 0, { group: 'g' }), box('in2', 400, 0, { group: 'g' }), box('b', 600, 0), box('lone', 0, 400)],
    groups: [{ id: 'g', isLabelled: true }],
    wires: [
      { from: 'a', to: 'in1' },
      { from: 'in1', to: 'in2' },
      { from: 'in2', to: 'b' },
      { from: 'a', to: 'b' },
    ],
  })
  const inside = ['in1', 'in2'].map((id) => at(laid, id))
  const frame = {
    left: Math.min(...inside.map(({ x }) => x - 60)) - 25,
    right: Math.max(...inside.map(({ x }) => x + 60)) + 25,
    top: Math.min(...inside.map(({ y }) => y - 15)) - 45,
    bottom: Math.max(...inside.map(({ y }) => y + 15)) + 25,
  }
  for (const id of ['a', 'b', 'lone']) {
    const { x, y } = at(laid, id)
    expect(x + 60 <= frame.left || x - 60 >= frame.right || y + 15 <= frame.top || y - 15 >= frame.bottom).toBe(true)
  }
})

test('a chain of thousands is laid out in its order, without a loop in the way', () => {
  const count = 4_000
  const ids = Array.from({ length: count }, (_, index) => `n${index}`)
  const laid = places({
    boxes: ids.map((id, index) => box(id, index, 0)),
    wires: [...ids.slice(1).map((to, index) => ({ from: ids[index]!, to })), { from: ids.at(-1)!, to: ids[0]! }, { from: ids[10]!, to: ids[500]! }],
  })
  for (let index = 1; index < count; index += 1) expect(at(laid, ids[index]!).x).toBeGreaterThan(at(laid, ids[index - 1]!).x + 120)
})

/** Whether a message from here comes back here. */
function loops(start: string, wires: readonly { from: string; to: string }[]): boolean {
  const seen = new Set<string>()
  const reach = [start]
  for (const id of reach) for (const { from, to } of wires) if (from === id && !seen.has(to)) seen.add(to) && reach.push(to)
  return seen.has(start)
}

test.each([[['x', 'y', 'z']], [['z', 'y', 'x']], [['y', 'z', 'x']]])('what several outputs lead to stands in the order of the outputs: %j', (order) => {
  const laid = places({
    boxes: [box('switch', 0, 200), ...['x', 'y', 'z'].map((id, index) => box(id, 300, index * 100)), box('end', 600, 0), box('after', 600, 0)],
    wires: [...order.map((to, port) => ({ from: 'switch', to, port })), { from: order[2]!, to: 'end' }, { from: order[0]!, to: 'after' }],
  })
  expect(order.toSorted((a, b) => at(laid, a).y - at(laid, b).y)).toEqual(order)
  expect(at(laid, 'after').y).toBeLessThan(at(laid, 'end').y)
})

test('branches that meet again outside their group stand one below the other in it, on the grid', () => {
  const laid = places({
    boxes: [box('a', 100, 100), box('up', 300, 100, { group: 'g' }), box('down', 300, 200, { group: 'g' }), box('b', 500, 100)],
    groups: [{ id: 'g', isLabelled: true }],
    wires: ['up', 'down'].flatMap((id) => [
      { from: 'a', to: id },
      { from: id, to: 'b' },
    ]),
  })
  expect(at(laid, 'up').x).toBe(at(laid, 'down').x)
  expect(at(laid, 'up').y).toBeLessThan(at(laid, 'down').y - 30)
  for (const { x, y } of laid.values()) expect([(x - 60) % 20, y % 20]).toEqual([0, 0])
})

describe('any flow', () => {
  const job = fc.integer({ min: 1, max: 25 }).chain((count) =>
    fc.record({
      boxes: fc.tuple(
        ...Array.from({ length: count }, (_, index) =>
          fc.record({
            id: fc.constant(`n${index}`),
            x: fc.integer({ min: -500, max: 2000 }),
            y: fc.integer({ min: -500, max: 2000 }),
            width: fc.constantFrom(30, 100, 140, 220),
            height: fc.constantFrom(10, 30, 40, 75),
            group: fc.constantFrom('g', 'h', 'gone', undefined as never),
            isComment: fc.boolean(),
          }),
        ),
      ),
      groups: fc.constant([
        { id: 'g', isLabelled: true },
        { id: 'h', group: 'g', isLabelled: false },
      ]),
      wires: fc.array(fc.record({ from: fc.nat(count - 1).map((n) => `n${n}`), to: fc.nat(count - 1).map((n) => `n${n}`) }), { maxLength: 40 }),
    }),
  )
  test('has a place for every box, and no two boxes on one another', () => {
    fc.assert(
      fc.property(job, (one) => {
        const laid = places(one as unknown as Partial<LayoutJob>)
        expect(laid.size).toBe(one.boxes.length)
        const placed = one.boxes.map((each) => ({ ...each, ...at(laid, each.id) }))
        for (const [index, a] of placed.entries())
          for (const b of placed.slice(index + 1)) {
            const isApart = Math.abs(a.x - b.x) >= (a.width + b.width) / 2 || Math.abs(a.y - b.y) >= (a.height + b.height) / 2
            expect(isApart, `${a.id} on ${b.id}`).toBe(true)
          }
      }),
    )
  })

  test('also where there are too many for dagre: every wire but those of loops leads to the right, no box on another', () => {
    fc.assert(
      fc.property(job, ({ boxes, wires }) => {
        const middles = quickColumns(boxes, wires, { node: 20, column: 60 })
        expect(middles.size).toBe(boxes.length)
        for (const [index, a] of boxes.entries())
          for (const b of boxes.slice(index + 1)) {
            const [one, other] = [middles.get(a.id)!, middles.get(b.id)!]
            const isApart = Math.abs(one.x - other.x) >= (a.width + b.width) / 2 || Math.abs(one.y - other.y) >= (a.height + b.height) / 2 - 0.001
            expect(isApart, `${a.id} on ${b.id}`).toBe(true)
          }
        const back = wires.filter(({ from, to }) => middles.get(from)!.x >= middles.get(to)!.x)
        for (const wire of back) expect(loops(wire.to, wires)).toBe(true)
      }),
    )
  })
})
