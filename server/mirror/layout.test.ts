import { expect, test } from 'vitest'
import fc from '../../test/property.ts'
import type { FlowNode } from '../api/index.ts'
import { layoutOf } from './layout.ts'

/** The flows that the files stand for, by id. */
function flowsOf(files: ReadonlyMap<string, string>): FlowNode[] {
  const all: FlowNode[] = []
  for (const [path, text] of files) {
    if (!path.endsWith('.json')) continue
    const value = JSON.parse(text) as FlowNode & { nodes?: FlowNode[] }
    if (path.startsWith('shared/')) {
      all.push(value)
      continue
    }
    if (!path.endsWith('/flow.json')) continue
    const { nodes = [], ...place } = value
    const filled = [place as FlowNode, ...nodes].map(
      (node) =>
        Object.fromEntries(
          Object.entries(node).map(([key, inner]) => {
            const file = (inner as { $file?: string } | null)?.$file
            return [key, file === undefined ? inner : (files.get(`${path.slice(0, path.lastIndexOf('/'))}/${file}`) ?? 'missing').replace(/\n$/, '')]
          }),
        ) as FlowNode,
    )
    all.push(...filled)
  }
  return all.toSorted((a, b) => (a.id < b.id ? -1 : 1))
}

const name = fc.oneof(fc.constantFrom('', 'Line 1', 'line-1', 'LINE 1', 'Fräsen', '../..', 'con', 'a/b', '…', '\u202e'), fc.string({ maxLength: 30 }))
const code = fc.string({ maxLength: 60 }).map((text) => text.replace(/\n+$/, ''))
const flows = fc
  .tuple(
    fc.array(fc.record({ label: name }), { minLength: 1, maxLength: 4 }),
    fc.array(fc.record({ name, func: code, info: code, at: fc.nat(9), isFunction: fc.boolean() }), { maxLength: 12 }),
  )
  .map(([tabs, nodes]): FlowNode[] => [
    ...tabs.map(({ label }, n) => ({ id: `t${n}ABC`, type: 'tab', label, disabled: false }) as FlowNode),
    ...nodes.map(({ name: called, func, info, at, isFunction }, n) => {
      const z = at < tabs.length ? { z: `t${at}ABC`, x: n, y: n } : {}
      return { id: `n${n}`, type: isFunction ? 'function' : 'mqtt-broker', name: called, ...(isFunction ? { func, info } : { host: func }), ...z } as FlowNode
    }),
  ])

test('the files are the flows, none is lost, and their order says nothing', () => {
  fc.assert(
    fc.property(flows, (given) => {
      const files = layoutOf(given, { installation: 'Shop' })
      expect(flowsOf(files)).toEqual(given.toSorted((a, b) => (a.id < b.id ? -1 : 1)))
      expect([...layoutOf(given.toReversed(), { installation: 'Shop' })].toSorted()).toEqual([...files].toSorted())
      // also where case does not count
      expect(new Set([...files.keys()].map((path) => path.toLowerCase())).size).toBe(files.size)
      for (const path of files.keys()) expect(path).toMatch(/^(README\.md|(flows|subflows|shared)\/[a-z0-9./-]+)$/)
      for (const path of files.keys()) expect(path.split('/')).not.toContain('..')
    }),
    { numRuns: Number(process.env.LAYOUT_ROUNDS ?? 300) },
  )
})

test('a node that moved changes one file', () => {
  const node = { id: 'n1', type: 'function', z: 't1', name: 'count', func: 'return msg', x: 1, y: 1 } as FlowNode
  const tab = { id: 't1', type: 'tab', label: 'Line 1' } as FlowNode
  const before = layoutOf([tab, node], { installation: 'Shop' })
  const after = layoutOf([tab, { ...node, x: 2 }], { installation: 'Shop' })
  expect([...after].filter(([path, text]) => before.get(path) !== text).map(([path]) => path)).toEqual(['flows/line-1-t1/flow.json'])
})
