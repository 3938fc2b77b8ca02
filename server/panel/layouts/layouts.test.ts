/** Panel layouts over the API: what a panel falls back to, who may change what, two engineers at once, versions, what the flows have lost. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { LayoutTab, PanelLayout } from '../../api/index.ts'
import { type Ask, startTestGateway, type TestGateway } from '../../testing.ts'
import { factsOf, missingFrom } from './placeables.ts'

const PASSWORD = 'correct horse'
let shop: TestGateway
let engineer: (path: string, method?: string, body?: object) => ReturnType<TestGateway['page']>
let operator: typeof engineer

const as =
  (cookie: string) =>
  (path: string, method = 'GET', body?: object) =>
    shop.page(path, { method, headers: { cookie }, ...(body === undefined ? {} : { body }) } satisfies Ask)

beforeAll(async () => {
  shop = await startTestGateway()
  const code = new URL(shop.gateway.setupUrl!).searchParams.get('code')!
  await shop.page('/api/setup', { method: 'POST', body: { userName: 'anna', name: 'Anna', password: PASSWORD, code } })
  const admin = await shop.signIn('anna', PASSWORD)
  for (const [userName, role] of [
    ['emil', 'engineer'],
    ['otto', 'operator'],
  ])
    await shop.page('/api/accounts', { method: 'POST', headers: { cookie: admin }, body: { userName, name: userName, role, password: PASSWORD } })
  engineer = as(await shop.signIn('emil', PASSWORD))
  operator = as(await shop.signIn('otto', PASSWORD))
}, 60_000)
afterAll(() => shop?.close())

const grid = (id: string, name: string, ...blocks: string[]): LayoutTab => ({
  kind: 'grid',
  id,
  name,
  items: blocks.map((block, index) => ({ id: `i${index}`, x: 0, y: index * 6, w: 12, h: 6, shows: { kind: 'block', block: block as 'state' } })),
})
const layout = (...tabs: LayoutTab[]): PanelLayout => ({ tabs })
const save = (scope: object, what: PanelLayout, basedOn = 0, reason = 'test') => engineer('/api/panel/layouts', 'PUT', { scope, layout: what, basedOn, reason })
const shown = async (place: string) => (await operator(`/api/panel/layout?place=${encodeURIComponent(place)}`)).json
const namesAt = async (place: string): Promise<string[]> =>
  (await shown(place)).layout.tabs.map((tab: LayoutTab) => tab.name ?? (tab.kind === 'page' ? tab.page : ''))

describe('which layout a panel gets', () => {
  test('the nearest there is: machine and role, machine, role, shop, built-in', async () => {
    expect(await namesAt('m1')).toEqual(['status', 'program', 'move', 'setup', 'measure', 'work', 'messages'])
    expect((await save({}, layout(grid('a', 'shop', 'state')))).status).toBe(200)
    expect(await namesAt('m1')).toEqual(['shop'])
    await save({ role: 'operator' }, layout(grid('a', 'role', 'state')))
    expect(await namesAt('m1')).toEqual(['role'])
    await save({ place: 'm1' }, layout(grid('a', 'machine', 'state')))
    expect(await namesAt('m1')).toEqual(['machine'])
    await save({ place: 'm1', role: 'operator' }, layout(grid('a', 'both', 'state')))
    expect(await namesAt('m1')).toEqual(['both'])
    expect((await shown('m1')).scope).toEqual({ place: 'm1', role: 'operator' })
    // what is arranged for machines in general has no meaning in the view of all
    expect(await namesAt('=cell')).toEqual(['cell'])
    const [{ revision }] = (await engineer('/api/panel/layouts')).json.filter(
      (one: { scope: object }) => JSON.stringify(one.scope) === '{"place":"m1","role":"operator"}',
    )
    expect(
      (await engineer('/api/panel/layouts/remove', 'POST', { scope: { place: 'm1', role: 'operator' }, basedOn: revision, reason: 'not needed' })).status,
    ).toBe(200)
    expect(await namesAt('m1')).toEqual(['machine'])
  })

  test('to change one that is not there yet one begins with what it falls back to', async () => {
    const one = (await engineer('/api/panel/layouts/one?place=m7')).json
    expect(one).toMatchObject({ revision: 0, scope: {} })
    expect(one.layout.tabs[0].name).toBe('shop')
  })
})

describe('a layout that is saved', () => {
  test('is refused to whoever may not arrange', async () => {
    expect((await operator('/api/panel/layouts', 'PUT', { scope: {}, layout: layout(grid('a', 'x', 'state')), basedOn: 1, reason: 'x' })).status).toBe(403)
    expect((await operator('/api/panel/placeables')).status).toBe(403)
  })

  test.each<[string, object]>([
    ['a control over another', layout({ ...grid('a', 'x', 'state'), items: [item('a', 0, 0, 'state'), item('b', 2, 1, 'program')] } as LayoutTab)],
    ['a control that sticks out', layout({ ...grid('a', 'x'), items: [{ ...item('a', 10, 0, 'state'), w: 4 }] } as LayoutTab)],
    ['a control too small to be read', layout({ ...grid('a', 'x'), items: [{ ...item('a', 0, 0, 'position'), w: 1, h: 1 }] } as LayoutTab)],
    ['two tabs with one id', layout(grid('a', 'x'), grid('a', 'y'))],
    ['the same page twice', layout({ kind: 'page', id: 'a', page: 'move' }, { kind: 'page', id: 'b', page: 'move' })],
  ])('%s is refused, in words', async (_what, wrong) => {
    const answer = await engineer('/api/panel/layouts', 'PUT', { scope: { place: 'm2' }, layout: wrong, basedOn: 0, reason: 'x' })
    expect(answer.json).toMatchObject({ status: 400, code: 'layout-wrong' })
  })

  test.each<[string, object]>([
    ['no tab', { tabs: [] }],
    [
      'a block nobody knows',
      { tabs: [{ kind: 'grid', id: 'a', name: 'x', items: [{ id: 'a', x: 0, y: 0, w: 3, h: 3, shows: { kind: 'block', block: 'stop' } }] }] },
    ],
    [
      'a place outside of the grid',
      { tabs: [{ kind: 'grid', id: 'a', name: 'x', items: [{ id: 'a', x: -1, y: 0, w: 3, h: 3, shows: { kind: 'block', block: 'state' } }] }] },
    ],
    ['what nobody declared', { tabs: [{ kind: 'page', id: 'a', page: 'move', script: 'alert(1)' }] }],
    ['an empty name', { tabs: [{ kind: 'grid', id: 'a', name: '  ', items: [] }] }],
  ])('%s is refused at the border', async (_what, wrong) => {
    expect((await engineer('/api/panel/layouts', 'PUT', { scope: { place: 'm2' }, layout: wrong, basedOn: 0, reason: 'x' })).json).toMatchObject({
      code: 'invalid-input',
    })
  })

  test('what belongs to one machine has no place in the view of all', async () => {
    expect((await save({ place: '=cell' }, layout(grid('a', 'x', 'position')))).json).toMatchObject({ code: 'layout-wrong' })
    expect((await save({ place: '=cell' }, layout(grid('a', 'Wall', 'machines', 'tiles')))).status).toBe(200)
    expect(await namesAt('=cell')).toEqual(['Wall'])
  })
})

describe('two engineers at once', () => {
  test('the second gets what the first saved, and nothing is overwritten', async () => {
    const scope = { place: 'm3' }
    const first = (await save(scope, layout(grid('a', 'first', 'state')))).json.revision
    const second = (await save(scope, layout(grid('a', 'second', 'state')), first, 'larger')).json.revision
    const late = await save(scope, layout(grid('a', 'third', 'state')), first)
    expect(late.json).toMatchObject({
      status: 409,
      code: 'layout-changed',
      details: { revision: second, by: 'emil', reason: 'larger', layout: { tabs: [{ name: 'second' }] } },
    })
    expect(await namesAt('m3')).toEqual(['second'])
    expect((await save(scope, layout(grid('a', 'third', 'state')), second)).status).toBe(200)
  })

  test('of two first ones one is kept', async () => {
    const answers = await Promise.all(['x', 'y'].map((name) => save({ place: 'm4' }, layout(grid('a', name, 'state')))))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409])
  })

  test('a removed layout that came back is not taken for the one before', async () => {
    const scope = { place: 'm5' }
    const { revision } = (await save(scope, layout(grid('a', 'one', 'state')))).json
    await engineer('/api/panel/layouts/remove', 'POST', { scope, basedOn: revision, reason: 'away' })
    await save(scope, layout(grid('a', 'another', 'state')))
    expect((await save(scope, layout(grid('a', 'late', 'state')), revision)).json).toMatchObject({ code: 'layout-changed' })
  })
})

describe('versions', () => {
  test('each change is one, with who and why, and an older one can be restored', async () => {
    const scope = { place: 'm6' }
    const first = (await save(scope, layout(grid('a', 'one', 'state')), 0, 'begin')).json.revision
    await save(scope, layout(grid('a', 'two', 'state')), first, 'go on')
    const versions = (await engineer('/api/history?kind=panel&subject=m6%2F*')).json as { id: string; reason: string; author: string; number: number }[]
    expect(versions.map(({ reason, author }) => [reason, author])).toEqual([
      ['go on', 'emil'],
      ['begin', 'emil'],
    ])
    const oldest = versions.at(-1)!
    expect((await engineer(`/api/history/${oldest.id}/restore`, 'POST', { reason: 'it was better' })).status).toBe(200)
    expect(await namesAt('m6')).toEqual(['one'])
    expect((await operator('/api/history?kind=panel')).json).toEqual([])
  })
})

function item(id: string, x: number, y: number, block: string) {
  return { id, x, y, w: 4, h: 3, shows: { kind: 'block', block } }
}

describe('what of the flows stands on panels', () => {
  const flows = [
    { id: 'f1', type: 'tab', label: 'Cell' },
    { id: 'f2', type: 'tab', label: 'Old', disabled: true },
    { id: 'c1', type: 'cw-machine', machineId: 'm1' },
    { id: 'b1', type: 'cw-button', z: 'f1', label: 'Cut', machine: 'c1' },
    { id: 'b2', type: 'cw-button', z: 'f2', label: 'Gone' },
    { id: 'a1', type: 'cw-approval', z: 'f1', name: 'First part', question: 'payload', questionType: 'msg' },
    { id: 'a2', type: 'cw-approval', z: 'f1', name: '', question: 'Ship it?', questionType: 'str' },
    { id: 'u1', type: 'ui-base', path: '/dashboard' },
    { id: 'p1', type: 'ui-page', name: 'Mill', ui: 'u1', path: '/mill' },
    { id: 'p2', type: 'ui-page', name: 'Off', ui: 'u1', path: '/off', disabled: true },
    { id: 'p3', type: 'ui-page', name: 'Odd', ui: 'u1', path: '/../red' },
  ]
  test('controls and pages that run, by what people read on them', () => {
    expect(factsOf(flows).placeables).toEqual([
      { nodeId: 'b1', type: 'cw-button', label: 'Cut', flowName: 'Cell', machineId: 'm1' },
      { nodeId: 'a1', type: 'cw-approval', label: 'First part', flowName: 'Cell' },
      { nodeId: 'p1', type: 'ui-page', label: 'Mill' },
      { nodeId: 'a2', type: 'cw-approval', label: 'Ship it?', flowName: 'Cell' },
    ])
  })
  test('a page leads to its own path and nowhere else', () => {
    expect([...factsOf(flows).pages]).toEqual([['p1', '/dashboard/mill']])
  })
  test('what a layout names and the flows have not is told', () => {
    const named = layout(
      { kind: 'dashboard', id: 'a', name: 'Mill', pageId: 'p1' },
      { kind: 'dashboard', id: 'b', name: 'Off', pageId: 'p2' },
      { kind: 'grid', id: 'c', name: 'x', items: [{ id: 'i', x: 0, y: 0, w: 3, h: 2, shows: { kind: 'node', nodeId: 'b2' } }] },
    )
    expect(missingFrom(named, factsOf(flows))).toEqual(['p2', 'b2'])
  })
})
