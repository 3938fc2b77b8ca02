/** The example flows that ship with the nodes: each can be imported and deployed as it is. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isConfigNode } from './define-node/declare.ts'
import type { RedConfig } from './define-node/red.ts'
import { checkConfig, NODES } from './index.ts'
import { startNodeRed, type TestNodeRed } from './testing/node-red.ts'
import { RecordingServices } from './testing/recording-services.ts'

const FAMILIES = ['motion', 'orchestration', 'operator', 'quality'] as const
const files = FAMILIES.flatMap((family) =>
  readdirSync(join(import.meta.dirname, family)).flatMap((name) => (name.endsWith('.example.json') ? [join(family, name)] : [])),
)
const flowIn = (name: string) => JSON.parse(readFileSync(join(import.meta.dirname, name), 'utf8')) as (RedConfig & { wires?: string[][] })[]
let red: TestNodeRed
beforeAll(async () => {
  red = await startNodeRed(new RecordingServices())
})
afterAll(() => red?.close())

it.each(FAMILIES)('every node of the family %s has one', (wanted) => {
  const shown = new Set(files.flatMap((name) => flowIn(name).map(({ type }) => type)))
  expect(NODES.filter(({ family, type }) => family === wanted && !shown.has(type)).map(({ type }) => type)).toEqual([])
})

it.each([
  ['motion', 'jog'],
  ['orchestration', 'for each'],
])('Node-RED offers those of %s in its import dialog', async (family, example) => {
  const listed: unknown = await (await fetch(`${red.url}/library/examples/flows/@cellwright/nodes/${family}`)).json()
  expect(listed).toEqual(expect.arrayContaining([{ fn: example }]))
})

describe.each(files)('%s', (name) => {
  const flow = flowIn(name)
  it('is configured, and wired to what is there', () => {
    const ids = new Set(flow.map(({ id }) => id))
    expect(ids.size).toBe(flow.length)
    for (const node of flow) {
      expect({ [node.id]: checkConfig(node.type, node) }).toEqual({ [node.id]: [] })
      for (const target of (node.wires ?? []).flat()) expect(ids).toContain(target)
      const declaration = NODES.find(({ type }) => type === node.type)
      if (declaration && !isConfigNode(declaration)) expect({ [node.id]: node.wires?.length ?? 0 }).toEqual({ [node.id]: declaration.outputs.length })
    }
  })

  it('runs in Node-RED', async () => {
    red.logged.length = 0
    await red.deploy(flow)
    expect(red.logged).toEqual([])
  })
})
