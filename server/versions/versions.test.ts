/** Versions of panels, templates and settings over a real database, and the one list with the deploys. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { UserError } from '../../base/errors.ts'
import {
  type AnyRoute,
  type BodyOf,
  type Capability,
  capabilitiesOf,
  deployFlows,
  type FlowNode,
  getFlows,
  getHistoryEntry,
  getVersion,
  labelVersion,
  listHistory,
  type ParamsOf,
  type ResponseOf,
  type Role,
  restoreVersion,
} from '../api/index.ts'
import type { Caller } from '../auth/caller.ts'
import { createVersions as createFlowVersions } from '../flows/versions.ts'
import { handle, type RouteHandler } from '../http/handler.ts'
import { inProcess } from '../http/in-process.ts'
import { startTestStore, type TestStore } from '../store/testing.ts'
import { createVersions, type KeptVersion, type VersionsPart } from './index.ts'

const person = (role: Role = 'admin', lacks: Capability[] = []): Caller => ({
  userId: 'u-ann',
  userName: 'ann',
  name: 'Ann',
  role,
  capabilities: new Set([...capabilitiesOf(role)].filter((one) => !lacks.includes(one))),
  via: 'session',
  session: 's',
})
const ann = person()

let shop: TestStore
let versions: VersionsPart
let handlers: RouteHandler[]
const restored: { version: KeptVersion; reason: string | undefined }[] = []
const deployed: { flows: FlowNode[]; comment: string | undefined }[] = []
const audited: string[] = []

beforeAll(async () => {
  shop = await startTestStore()
  const { db } = shop.store
  versions = createVersions(db)
  versions.own(
    { kind: 'panel' },
    {
      sees: 'machines.view',
      changes: 'flows.deploy',
      async restore({ caller, version, reason }) {
        if (version.content === null) throw new UserError({ code: 'panel-gone', status: 409, message: 'It was removed then.' })
        restored.push({ version, reason })
        await versions.keep(db, { ...version, author: caller, reason, restoredFrom: version.id })
      },
    },
  )
  versions.own({ kind: 'setting', subject: 'secretive' }, { sees: 'system.manage', changes: 'system.manage' })
  const flows = createFlowVersions(db)
  for (const n of [1, 2])
    await flows.save({
      flows: [{ id: 'tab', type: 'tab', label: `v${n}` }],
      sealed: undefined,
      author: 'Ben',
      kind: 'full',
      comment: `deploy ${n}`,
      state: 'deployed',
    })
  const others = [
    handle(getVersion, ({ params }) => flows.get(params.versionId)),
    handle(getFlows, async () => ({ ...(await flows.current()), versionId: 'x', runtime: { process: 'running' as const, flows: 'running' as const } })),
    handle(deployFlows, ({ body }) => {
      deployed.push({ flows: body.flows as FlowNode[], comment: body.comment })
      return { rev: 'r', versionId: 'v' }
    }),
  ]
  handlers = versions.routes({ call: inProcess(() => [...handlers, ...others]), audit: { record: ({ action }) => void audited.push(action) } })
})
afterAll(() => shop?.close())

async function call<R extends AnyRoute>(
  route: R,
  input: { params?: ParamsOf<R>; body?: BodyOf<R>; query?: object; caller?: Caller } = {},
): Promise<ResponseOf<R>> {
  const handler = handlers.find((one) => one.route === route)
  if (!handler) throw new Error(`Nobody answers ${route.id}`)
  return (await handler.run({ caller: ann, ...input, query: { limit: 50, ...input.query } } as never)) as never
}
const keep = (subject: string, content: unknown, more: object = {}) =>
  versions.keep(shop.store.db, { kind: 'panel', subject, title: `Panel ${subject}`, content, author: ann, ...more })
const list = (query: object = {}, caller = ann) => call(listHistory, { query, caller })

test('each change of a thing is its next version; what is the same makes none', async () => {
  const first = await keep('mill', { tiles: [1] }, { reason: ' new ' })
  expect(first).toMatchObject({ number: 1, reason: 'new', author: 'Ann' })
  expect(await keep('mill', { tiles: [1] })).toMatchObject({ id: first.id, number: 1 })
  expect(await keep('mill', { tiles: [2] })).toMatchObject({ number: 2 })
  expect(await keep('lathe', { tiles: [2] })).toMatchObject({ number: 1 })
  expect((await versions.list({ kind: 'panel', subject: 'mill' })).map(({ number }) => number)).toEqual([2, 1])
})

test('a version goes with the change it is of: neither without the other', async () => {
  await expect(
    shop.store.db.transaction().execute(async (tx) => {
      await versions.keep(tx, { kind: 'panel', subject: 'never', title: 'x', content: 1, author: ann })
      throw new Error('the change failed')
    }),
  ).rejects.toThrow('the change failed')
  expect(await versions.list({ kind: 'panel', subject: 'never' })).toEqual([])
})

test('many changes at once are counted one after the other', async () => {
  const kept = await Promise.all(Array.from({ length: 12 }, (_, n) => keep('busy', { n })))
  expect(kept.map(({ number }) => number).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, n) => n + 1))
})

test('deploys and everything else stand in one list, newest first, and are found by kind, words and label', async () => {
  const all = await list({ limit: 200 })
  expect(all.filter(({ kind }) => kind === 'flow').map(({ reason }) => reason)).toEqual(['deploy 2', 'deploy 1'])
  expect(
    all
      .filter(({ isCurrent }) => isCurrent)
      .map(({ kind, subject }) => `${kind} ${subject}`)
      .toSorted(),
  ).toEqual(['flow main', 'panel busy', 'panel lathe', 'panel mill'])
  expect((await list({ kind: 'panel', subject: 'mill' })).map(({ number }) => number)).toEqual([2, 1])
  expect((await list({ search: 'DEPLOY 1' })).map(({ kind }) => kind)).toEqual(['flow'])
  const [newest] = all
  const rest = await list({ before: newest?.id, limit: 200 })
  expect(rest.map(({ id }) => id)).toEqual(all.slice(1).map(({ id }) => id))
})

test('page after page holds all of them, also those of one moment', async () => {
  await shop.store.db
    .transaction()
    .execute((tx) =>
      Promise.all(['a', 'b', 'c'].map((subject) => versions.keep(tx, { kind: 'panel', subject: `at once ${subject}`, title: 'x', content: 1, author: ann }))),
    )
  const all = await list({ limit: 200 })
  const paged = await list({ limit: 1 })
  for (let page = paged; page.length; paged.push(...page)) page = await list({ before: paged.at(-1)?.id, limit: 1 })
  expect(paged.map(({ id }) => id)).toEqual(all.map(({ id }) => id))
})

test('nobody sees, labels or restores what their role does not open', async () => {
  const hidden = await versions.keep(shop.store.db, { kind: 'setting', subject: 'secretive', title: 'S', content: { a: 1 }, author: ann })
  const unowned = await versions.keep(shop.store.db, { kind: 'setting', subject: 'of-nobody', title: 'N', content: { a: 1 }, author: ann })
  const operator = person('operator')
  expect((await list({ limit: 200 }, operator)).map(({ kind }) => kind)).not.toContain('flow')
  expect(await list({ kind: 'setting' }, operator)).toEqual([])
  for (const { id } of [hidden, unowned])
    await expect(call(getHistoryEntry, { params: { versionId: id }, caller: operator })).rejects.toMatchObject({ code: 'version-not-found' })
  const [panel] = await list({ kind: 'panel', subject: 'mill' }, operator)
  expect(panel?.mayRestore).toBe(false)
  const params = { versionId: panel?.id ?? '' }
  await expect(call(labelVersion, { params, body: { label: 'x' }, caller: operator })).rejects.toMatchObject({ code: 'not-allowed' })
  await expect(call(restoreVersion, { params, body: {}, caller: operator })).rejects.toMatchObject({ code: 'not-allowed' })
  const viewer = person('admin', ['system.manage'])
  expect((await list({ kind: 'setting' }, viewer)).map(({ subject }) => subject)).toEqual(['of-nobody'])
})

test('is labelled, compared with the one before, and put back by its owner; flows by a deploy', async () => {
  const [now, older] = await list({ kind: 'panel', subject: 'mill' })
  if (!now || !older) throw new Error('two versions')
  expect(await call(labelVersion, { params: { versionId: older.id }, body: { label: ' good one ' } })).toMatchObject({ label: 'good one' })
  expect((await list({ labelled: true })).map(({ id }) => id)).toEqual([older.id])
  expect(await call(getHistoryEntry, { params: { versionId: now.id } })).toMatchObject({
    content: { tiles: [2] },
    before: { number: 1, content: { tiles: [1] } },
  })
  await expect(call(restoreVersion, { params: { versionId: now.id }, body: {} })).rejects.toMatchObject({ code: 'version-current' })
  await call(restoreVersion, { params: { versionId: older.id }, body: { reason: 'it was better' } })
  expect(restored).toMatchObject([{ version: { number: 1, content: { tiles: [1] } }, reason: 'it was better' }])
  expect((await list({ kind: 'panel', subject: 'mill' }))[0]).toMatchObject({ number: 3, restoredFrom: older.id, reason: 'it was better', isCurrent: true })

  const [, flows] = await list({ kind: 'flow' })
  await call(restoreVersion, { params: { versionId: flows?.id ?? '' }, body: { reason: 'back' } })
  expect(deployed).toMatchObject([{ flows: [{ label: 'v1' }], comment: 'back' }])
  expect(audited).toEqual(['version.label', 'version.restore', 'version.restore'])
})

test('what was kept never changes but for its label', async () => {
  const { db } = shop.store
  await expect(db.updateTable('keptVersion').set({ content: '{}' }).execute()).rejects.toThrow(/never changes/)
  await expect(db.updateTable('keptVersion').set({ author: 'eve' }).execute()).rejects.toThrow(/never changes/)
})
