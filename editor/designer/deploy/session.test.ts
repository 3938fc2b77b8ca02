import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { addTab, change } from '../model/commands.ts'
import type { FlowNode } from '../model/raw.ts'
import { Workspace } from '../workspace.ts'
import { FlowSession } from './session.ts'

/** The flows API with its revision check, and nothing behind it. */
let deployed: FlowNode[] = []
let rev = 1
let refusal: { status: number; body: object } | undefined
let bodies: { rev?: string; kind: string; flows: FlowNode[] }[] = []
let server: Server

const runtime = { process: 'running', flows: 'running' } as const
const flow = (): FlowNode[] => [
  { id: 't', type: 'tab', label: 'Flow' },
  { id: 'a', type: 'inject', z: 't', name: 'a', x: 0, y: 0, wires: [[]] },
  { id: 'b', type: 'debug', z: 't', name: 'b', x: 0, y: 0, wires: [] },
]
const renamed = (id: string, name: string) => flow().map((node) => (node.id === id ? { ...node, name } : node))

beforeEach(async () => {
  deployed = flow()
  rev = 1
  refusal = undefined
  bodies = []
  server = createServer((request, response) => {
    let text = ''
    request.on('data', (chunk) => {
      text += chunk
    })
    request.on('end', () => {
      const answer = (status: number, body: object) => {
        response.writeHead(status, { 'content-type': 'application/json' })
        response.end(JSON.stringify(body))
      }
      if (request.url === '/api/node-types') return answer(200, [])
      if (request.method === 'GET') return answer(200, { flows: deployed, rev: String(rev), runtime })
      const body = JSON.parse(text) as (typeof bodies)[number]
      bodies.push(body)
      if (body.rev !== undefined && body.rev !== String(rev)) return answer(409, { code: 'version-mismatch', detail: 'Somebody deployed in between.' })
      if (refusal) return answer(refusal.status, refusal.body)
      deployed = body.flows
      rev += 1
      return answer(200, { rev: String(rev), versionId: `v${rev}` })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { fetch } = globalThis
  vi.stubGlobal('fetch', (path: string, init: RequestInit) => fetch(base + path, { ...init, headers: { ...(init.headers as object), connection: 'close' } }))
})
afterEach(async () => {
  vi.unstubAllGlobals()
  await new Promise((resolve) => server.close(resolve))
})

const opened = async () => {
  const workspace = new Workspace()
  const session = new FlowSession(workspace)
  await session.open()
  return { workspace, session, model: workspace.model }
}
/** What another engineer does. */
const theyDeploy = (flows: FlowNode[]) => {
  deployed = flows
  rev += 1
}

test('opens the first flow and deploys what was changed, once', async () => {
  const { workspace, session, model } = await opened()
  expect(workspace.place).toBe('t')
  change(model, 'a', { name: 'changed' })
  await Promise.all([session.run('nodes'), session.run('nodes')])
  expect(session.deploy.is).toBe('done')
  expect(bodies).toHaveLength(1)
  expect(bodies[0]).toMatchObject({ rev: '1', kind: 'nodes' })
  expect(model.isDirty).toBe(false)
})

test('what is drawn while a deploy is under way stays to be deployed', async () => {
  const { session, model } = await opened()
  change(model, 'a', { name: 'first' })
  const running = session.run('nodes')
  change(model, 'b', { name: 'second' })
  await running
  expect([...model.dirty]).toEqual(['b'])
})

test('a refused deploy names its problems and keeps the changes', async () => {
  const { session, model } = await opened()
  change(model, 'a', { name: 'x' })
  refusal = {
    status: 400,
    body: { code: 'node-type-unknown', detail: 'Not installed.', details: { problems: [{ nodeId: 'a', property: '/feed', message: 'No such type.' }] } },
  }
  await session.run('nodes')
  expect(session.deploy).toEqual({
    is: 'failed',
    code: 'node-type-unknown',
    message: 'Not installed.',
    problems: [{ nodeId: 'a', property: 'feed', message: 'No such type.' }],
  })
  expect(model.isDirty).toBe(true)
})

test('a deploy on top of somebody else’s is not sent over it: both changes are shown', async () => {
  const { session, model } = await opened()
  change(model, 'a', { name: 'ours' })
  theyDeploy(renamed('b', 'theirs'))
  await session.run('nodes')
  if (session.deploy.is !== 'conflict') throw new Error(`is ${session.deploy.is}`)
  const { conflict } = session.deploy
  expect(conflict.their.map((diff) => diff.id)).toEqual(['b'])
  expect(conflict.our.map((diff) => diff.id)).toEqual(['a'])
  expect(conflict.both).toEqual([])
  session.mergeTheirs(conflict)
  expect([model.get('a')?.name, model.get('b')?.name]).toEqual(['ours', 'theirs'])
  await session.run('nodes')
  expect(session.deploy.is).toBe('done')
  expect(deployed.map((node) => node.name)).toEqual([undefined, 'ours', 'theirs'])
})

test('taking their version can be undone; overwriting sends no revision', async () => {
  const { session, model } = await opened()
  change(model, 'a', { name: 'ours' })
  theyDeploy(renamed('a', 'theirs'))
  await session.run('nodes')
  if (session.deploy.is !== 'conflict') throw new Error(`is ${session.deploy.is}`)
  expect(session.deploy.conflict.both).toEqual(['a'])
  session.takeTheirs(session.deploy.conflict)
  expect(model.get('a')?.name).toBe('theirs')
  expect(model.isDirty).toBe(false)
  model.undo()
  expect(model.get('a')?.name).toBe('ours')
  await session.run('nodes', true)
  expect(bodies.at(-1)).not.toHaveProperty('rev')
  expect(deployed[1]?.name).toBe('ours')
})

test('somebody else’s deploy is shown at once where nothing was changed, and only announced where something was', async () => {
  const { session, model } = await opened()
  theyDeploy(renamed('b', 'theirs'))
  let reloadedBy: string | undefined
  session.onReloaded = (by) => {
    reloadedBy = by
  }
  session.heard({ runtime, rev: String(rev), by: 'Jo' })
  await vi.waitFor(() => expect(reloadedBy).toBe('Jo'))
  expect(model.get('b')?.name).toBe('theirs')

  addTab(model, 'mine')
  theyDeploy(renamed('b', 'again'))
  session.heard({ runtime, rev: String(rev), by: 'Jo' })
  expect(session.newer?.by).toBe('Jo')
  expect(model.get('b')?.name).toBe('theirs')
})

test('news of our own deploy is no news', async () => {
  const { session, model } = await opened()
  change(model, 'a', { name: 'ours' })
  const running = session.run('nodes')
  session.heard({ runtime, rev: '2' })
  await running
  session.heard({ runtime, rev: '2' })
  expect(session.newer).toBeUndefined()
  expect(model.undoLabel).toBe('change')
})
