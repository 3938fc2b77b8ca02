import { expect, test } from 'vitest'
import type { Activity } from '../../../server/api/activity.ts'
import { ActivityStore } from './activity-store.ts'

const when = new Date(0).toISOString()
const news = (more: Partial<Activity>): Activity => ({ epoch: 'e', since: when, at: when, isWhole: false, wires: [], nodes: [], ...more })
const wire = (count: number) => ({ from: 'a', port: 0, to: 'b', count })
function setUp() {
  const clock = { now: 1000 }
  const store = new ActivityStore(() => clock.now)
  return { clock, store }
}

test('a wire is active when its count grows, and not because it comes into view', () => {
  const { clock, store } = setUp()
  store.take(news({ isWhole: true, wires: [wire(500)] }))
  expect(store.wires.get('a:0:b')?.count).toBe(500)
  expect(store.glowing(900)).toEqual([])
  clock.now += 100
  store.take(news({ wires: [wire(501)] }))
  clock.now += 250
  expect(store.glowing(900)).toEqual([['a:0:b', 250]])
  clock.now += 700
  expect(store.glowing(900)).toEqual([])
})

test('a speed is the mean of the last while, and falls to nothing when nothing comes', () => {
  const { clock, store } = setUp()
  store.take(news({ isWhole: true, wires: [wire(0)] }))
  for (let count = 10; count <= 300; count += 10) {
    clock.now += 100
    store.take(news({ wires: [wire(count)] }))
  }
  expect(store.rateOf('a:0:b')).toBeGreaterThan(90)
  expect(store.rateOf('a:0:b')).toBeLessThan(110)
  clock.now += 10_000
  expect(store.rateOf('a:0:b')).toBe(0)
})

test('the share of a node is how its own time grew', () => {
  const { clock, store } = setUp()
  for (let step = 0; step <= 20; step += 1) {
    store.take(news({ isWhole: step === 0, nodes: [{ id: 'n', received: step, busyMs: step * 30 }] }))
    clock.now += 100
  }
  expect(store.shareOf('n')).toBeGreaterThan(0.25)
  expect(store.shareOf('n')).toBeLessThan(0.32)
})

test('a new count forgets what was known', () => {
  const { store } = setUp()
  store.take(news({ isWhole: true, wires: [wire(5)], nodes: [{ id: 'n', received: 1, busyMs: 1 }] }))
  store.take(news({ epoch: 'f', isWhole: true }))
  expect([store.wires.size, store.nodes.size]).toEqual([0, 0])
})

test('an error that was taken away comes back with the next one only', () => {
  const { store } = setUp()
  const error = (count: number) => ({ text: 'no part', at: when, count, isCaught: false })
  store.take(news({ isWhole: true, nodes: [{ id: 'n', received: 1, busyMs: 0, error: error(2) }] }))
  store.dismissErrors()
  expect(store.errorOf('n')).toBeUndefined()
  store.take(news({ nodes: [{ id: 'n', received: 2, busyMs: 0, error: error(2) }] }))
  expect(store.errorOf('n')).toBeUndefined()
  store.take(news({ nodes: [{ id: 'n', received: 3, busyMs: 0, error: error(3) }] }))
  expect(store.errorOf('n')?.count).toBe(3)
})

test('what was not told again with a whole look is in view no longer', () => {
  const { store } = setUp()
  const touched: string[][] = []
  store.watch((nodes) => touched.push([...nodes]))
  store.take(news({ isWhole: true, nodes: [{ id: 'n', received: 1, busyMs: 0 }] }))
  store.take(news({ isWhole: true, nodes: [{ id: 'm', received: 1, busyMs: 0 }] }))
  expect([...store.nodes.keys()]).toEqual(['m'])
  expect(touched[1]?.sort()).toEqual(['m', 'n'])
})
