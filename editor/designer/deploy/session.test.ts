import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { addTab, change } from '../model/commands.ts'
import type { FlowNode } from '../model/raw.ts'
import { Workspace } from '../workspace.ts'
import { DraftKeeper } from './draft-keeper.ts'
import { FlowSession } from './session.ts'

/** What is waited for comes late on a busy machine. */
const soon = { timeout: 15_000 }

/** The flows API with its revision check, and nothing behind it. */
let deployed: FlowNode[] = []
let rev = 1
let advice: object[] = []
let draft: { base: object; changes: object; revision: number; at: string } | null = null
/** Older versions by id. */
let olds: Record<string, FlowNode[]> = {}
let refusal: { status: number; body: object } | undefined
let bodies: { rev?: string; kind: string; flows: FlowNode[] }[] = []
/** Answers wait for it. */
let held: Promise<void> | undefined
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
  advice = []
  draft = null
  olds = {}
  bodies = []
  held = undefined
  server = createServer((request, response) => {
    let text = ''
    request.on('data', (chunk) => {
      text += chunk
    })
    request.on('end', async () => {
      await held
      const answer = (status: number, body: object) => {
        response.writeHead(status, { 'content-type': 'application/json' })
        response.end(JSON.stringify(body))
      }
      const [path = ''] = (request.url ?? '').split('?')
      if (path === '/api/node-types') return answer(200, [])
      if (path === '/api/flows/check') return answer(200, { problems: [], advice, tests: [], needsReason: false })
      if (path.startsWith('/api/flows/versions/')) return answer(200, { flows: olds[path.slice('/api/flows/versions/'.length)] })
      if (path === '/api/flows/draft') {
        if (request.method === 'GET') return answer(200, { draft })
        if (request.method === 'DELETE') {
          draft = null
          return answer(200, {})
        }
        const { after, ...saving } = JSON.parse(text) as { after: number; base: object; changes: object }
        if (after !== (draft?.revision ?? 0))
          return answer(409, { code: 'draft-stale', detail: 'Another window.', details: { revision: draft?.revision ?? 0 } })
        draft = { ...saving, revision: after + 1, at: new Date().toISOString() }
        return answer(200, { revision: draft.revision, at: draft.at })
      }
      if (request.method === 'GET') return answer(200, { flows: deployed, rev: String(rev), versionId: `v${rev}`, runtime })
      const body = JSON.parse(text) as (typeof bodies)[number]
      bodies.push(body)
      if (body.rev !== undefined && body.rev !== String(rev)) return answer(409, { code: 'version-mismatch', detail: 'Somebody deployed in between.' })
      if (refusal) return answer(refusal.status, refusal.body)
      const upgraded = body.flows.filter(({ type }) => type === 'cw-check').map((node) => ({ ...node, type: 'cw-measure', from: 'here' }))
      deployed = body.flows.map((node) => upgraded.find(({ id }) => id === node.id) ?? node)
      rev += 1
      return answer(200, { rev: String(rev), versionId: `v${rev}`, ...(upgraded.length ? { upgraded } : {}) })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { fetch } = globalThis
  vi.stubGlobal('fetch', (path: string, init: RequestInit) => fetch(base + path, { ...init, headers: { ...(init.headers as object), connection: 'close' } }))
})
afterEach(async () => {
  // a draft that is still to be kept would be kept by the next test's server
  await Promise.all(sessions.splice(0).map(({ draft }) => draft.settle()))
  vi.unstubAllGlobals()
  await new Promise((resolve) => server.close(resolve))
})

const sessions: FlowSession[] = []
const opened = async () => {
  const workspace = new Workspace()
  const session = new FlowSession(workspace)
  sessions.push(session)
  await session.open()
  return { workspace, session, model: workspace.model }
}
/** What another engineer does. */
const theyDeploy = (flows: FlowNode[]) => {
  deployed = flows
  rev += 1
}

test('shows nodes as the newer type that they were deployed as, with nothing left to deploy', async () => {
  deployed = [...flow(), { id: 'c', type: 'cw-check', z: 't', name: 'c', x: 0, y: 0, wires: [[], []] }]
  const { session, model } = await opened()
  change(model, 'a', { name: 'changed' })
  await session.run('nodes')
  expect(model.get('c')).toMatchObject({ type: 'cw-measure', from: 'here', name: 'c' })
  expect(model.isDirty).toBe(false)
  change(model, 'a', { name: 'again' })
  await session.run('nodes')
  expect(bodies[1]?.flows.find(({ id }) => id === 'c')).toMatchObject({ type: 'cw-measure' })
  expect(session.deploy.is).toBe('done')
})

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
  expect(session.deploy).toMatchObject({
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
  expect(conflict.plan.clashes).toEqual([])
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
  expect(session.deploy.conflict.plan.clashes.map(({ id }) => id)).toEqual(['a'])
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
  await vi.waitFor(() => expect(reloadedBy).toBe('Jo'), soon)
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

const drawn = (id: string, name: string) => ({ put: [{ ...flow().find((node) => node.id === id), name }], removed: [] })
const draftOn = (base: object, changes: object) => ({ base, changes, revision: 3, at: '2026-01-01T00:00:00Z' })

test('what is drawn is kept as a draft, and the draft ends with the deploy', async () => {
  const { session, model } = await opened()
  change(model, 'a', { name: 'drawn' })
  await session.draft.settle()
  expect(draft).toMatchObject({ base: { rev: '1', versionId: 'v1' }, changes: { put: [{ id: 'a', name: 'drawn' }], removed: [] }, revision: 1 })
  expect(session.draft.isSafe).toBe(true)
  await session.run('nodes')
  await session.draft.settle()
  expect(draft).toBeNull()
})

test('to settle is to have kept what was drawn last, also when that waits for an earlier draft on its way', async () => {
  const { session, model } = await opened()
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  try {
    const { promise, resolve } = Promise.withResolvers<void>()
    held = promise
    change(model, 'a', { name: 'first' })
    const first = session.draft.settle()
    await expect.poll(() => session.draft.state.is).toBe('saving')
    change(model, 'a', { name: 'second' })
    // kept by itself a moment after the change
    vi.advanceTimersByTime(10_000)
    const second = session.draft.settle()
    resolve()
    await Promise.all([first, second])
    expect(draft).toMatchObject({ changes: { put: [{ id: 'a', name: 'second' }] } })
  } finally {
    vi.useRealTimers()
  }
})

test('a draft comes back over what runs, and undo shows what runs', async () => {
  draft = draftOn({ rev: '1', versionId: 'v1' }, drawn('a', 'drawn'))
  const { session, model } = await opened()
  expect(model.get('a')?.name).toBe('drawn')
  expect([...model.dirty]).toEqual(['a'])
  expect(session.broughtBack).toMatchObject({ count: 1, isMerged: false })
  model.undo()
  expect(model.isDirty).toBe(false)
})

test('a draft from before somebody deployed goes together with it', async () => {
  olds = { v1: flow() }
  draft = draftOn({ rev: '1', versionId: 'v1' }, drawn('a', 'drawn'))
  theyDeploy(renamed('b', 'theirs'))
  const { session, model } = await opened()
  expect([model.get('a')?.name, model.get('b')?.name]).toEqual(['drawn', 'theirs'])
  expect([...model.dirty]).toEqual(['a'])
  expect(session.broughtBack?.isMerged).toBe(true)
  await session.run('nodes')
  expect(session.deploy.is).toBe('done')
})

test('a draft that clashes with what was deployed since is put before the person, and nothing of it is lost', async () => {
  olds = { v1: flow() }
  draft = draftOn({ rev: '1', versionId: 'v1' }, drawn('a', 'drawn'))
  theyDeploy(renamed('a', 'theirs'))
  const { session, model } = await opened()
  if (session.deploy.is !== 'conflict') throw new Error(`is ${session.deploy.is}`)
  const { conflict } = session.deploy
  expect(model.get('a')?.name).toBe('drawn')
  session.mergeTheirs(conflict, new Map([['a name', 'ours']]))
  expect(model.get('a')?.name).toBe('drawn')
  await session.run('nodes')
  expect(session.deploy.is).toBe('done')
  expect(deployed[1]?.name).toBe('drawn')
})

test('a draft that was deployed meanwhile is no draft any more', async () => {
  draft = draftOn({ rev: '1', versionId: 'v1' }, drawn('a', 'a'))
  const { session, model } = await opened()
  expect(session.broughtBack).toBeUndefined()
  expect(model.isDirty).toBe(false)
  await session.draft.settle()
  expect(draft).toBeNull()
})

test('another window of the same person is not written over', async () => {
  const { session, model } = await opened()
  draft = draftOn({ rev: '1', versionId: 'v1' }, drawn('b', 'other window'))
  change(model, 'a', { name: 'here' })
  await session.draft.settle()
  expect(session.draft.state).toEqual({ is: 'stale', revision: 3 })
  expect(session.draft.isSafe).toBe(false)
  session.draft.overwrite()
  await vi.waitFor(() => expect(session.draft.state.is).toBe('saved'), soon)
  expect(draft).toMatchObject({ revision: 4, changes: { put: [{ name: 'here' }] } })
})

test('what a person has to see holds the deploy up until they have seen it; what is known or only unused does not', async () => {
  const { session, model } = await opened()
  change(model, 'a', { name: 'x' })
  advice = [{ about: 'motion', nodeId: 'a', message: 'moves' }]
  await session.run('nodes')
  expect(session.deploy).toMatchObject({ is: 'review', review: { kind: 'nodes', check: { advice } } })
  expect(bodies).toHaveLength(0)
  await session.confirm('full', 'night shift')
  expect(session.deploy.is).toBe('done')
  expect(bodies[0]).toMatchObject({ kind: 'full', comment: 'night shift' })

  change(model, 'a', { name: 'y' })
  advice = [
    { about: 'motion', nodeId: 'a', message: 'moves', isKnown: true },
    { about: 'unreachable', nodeId: 'b', message: 'unused' },
  ]
  await session.run('nodes')
  expect(session.deploy.is).toBe('done')
})

test('a version that is brought back is a draft with its reason', async () => {
  const { session, model } = await opened()
  session.restore(renamed('b', 'old'), 'Back to then')
  expect([...model.dirty]).toEqual(['b'])
  await session.run('nodes')
  expect(bodies[0]).toMatchObject({ comment: 'Back to then' })
})

test('discarding the draft shows what runs, and can be undone', async () => {
  const { session, model } = await opened()
  change(model, 'a', { name: 'drawn' })
  session.discard()
  expect(model.isDirty).toBe(false)
  model.undo()
  expect(model.get('a')?.name).toBe('drawn')
})

test('differences are walked through one by one, tab by tab', async () => {
  const { session, model, workspace } = await opened()
  change(model, 'b', { name: 'x' })
  session.comparison.begin({ is: 'running' })
  expect(session.comparison.list.map(({ id, kind }) => `${id} ${kind}`)).toEqual(['b changed'])
  change(model, 'a', { x: 5 })
  expect(session.comparison.list.map(({ id, kind }) => `${id} ${kind}`)).toEqual(['b changed', 'a moved'])
  expect(session.comparison.step(-1)?.id).toBe('a')
  expect([...workspace.selection]).toEqual(['a'])
  expect(session.comparison.step(1)?.id).toBe('b')
  // the other way round, and two versions that are neither drawn nor running
  session.comparison.begin({ is: 'draft' }, { is: 'running' })
  expect(session.comparison.list.map(({ id, kind }) => `${id} ${kind}`)).toEqual(['a moved', 'b changed'])
  expect(session.comparison.picture?.model.get('b')).toEqual(session.comparison.after.get('b'))
  const tab = { id: 'gone', type: 'tab', label: 'Gone' }
  const old = { id: 'x', type: 'debug', z: 'gone', x: 10, y: 10, wires: [] }
  const version = (id: string, ...flows: FlowNode[]) => ({
    is: 'version' as const,
    id,
    at: '2026-01-01T00:00:00Z',
    flows: new Map(flows.map((node) => [node.id, node])),
  })
  session.comparison.begin(version('v1', tab, old), version('v2', { ...tab, id: 'new', label: 'New' }))
  expect(session.comparison.list.map(({ id, kind }) => `${id} ${kind}`).sort()).toEqual(['gone removed', 'new added', 'x removed'])
  // a tab that is gone can be looked at: what was on it is drawn there
  session.comparison.show({ id: 'x', node: old, kind: 'removed', properties: [] })
  expect(session.comparison.picture?.place).toBe('gone')
  session.comparison.end()
  expect(session.comparison.picture).toBeUndefined()
  expect(session.comparison.list).toEqual([])
})

test('what a page sent when it was left, and arrives late, is nobody else’s', async () => {
  const kept = new Map<string, string>()
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
    removeItem: (key: string) => kept.delete(key),
  }
  const { session, model } = await opened()
  change(model, 'a', { name: 'left with' })
  await session.draft.settle()
  const changes = drawn('a', 'left with')
  kept.set('cellwright-draft-', JSON.stringify({ base: { rev: '1' }, changes, after: 0, at: '2026-01-01T00:00:00Z' }))
  const keeper = new DraftKeeper({ model, base: () => ({ rev: '1' }), storage: storage as unknown as Storage })
  draft = null
  expect((await keeper.load())?.changes).toEqual(changes)
  draft = { base: { rev: '1' }, changes, revision: 1, at: '2026-01-01T00:00:00Z' }
  keeper.start()
  await keeper.settle()
  expect(keeper.state.is).toBe('saved')
  expect(draft).toMatchObject({ revision: 2 })
  expect(kept.size).toBe(0)
})
