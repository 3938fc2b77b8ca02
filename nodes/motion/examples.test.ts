/** The example flows that ship with the nodes: each can be imported and deployed as it is. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isConfigNode } from '../define-node/declare.ts'
import type { RedConfig } from '../define-node/red.ts'
import { checkConfig, NODES } from '../index.ts'
import { startNodeRed, type TestNodeRed } from '../testing/node-red.ts'
import { RecordingServices } from '../testing/recording-services.ts'

const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.example.json'))
const flowIn = (name: string) => JSON.parse(readFileSync(join(import.meta.dirname, name), 'utf8')) as (RedConfig & { wires?: string[][] })[]
let red: TestNodeRed
beforeAll(async () => {
  red = await startNodeRed(new RecordingServices())
})
afterAll(() => red?.close())

it('every motion node has one', () => {
  const shown = new Set(files.flatMap((name) => flowIn(name).map(({ type }) => type)))
  expect(NODES.filter(({ family, type }) => family === 'motion' && !shown.has(type)).map(({ type }) => type)).toEqual([])
})

it('Node-RED offers them in its import dialog', async () => {
  const listed: unknown = await (await fetch(`${red.url}/library/examples/flows/@cellwright/nodes/motion`)).json()
  expect(listed).toEqual(expect.arrayContaining([{ fn: 'jog' }]))
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
