/** What nodes pick of quality goes from one installation to another: two real stores, the forms of the real nodes. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeNode } from '../../../nodes/define-node/describe.ts'
import { NODES } from '../../../nodes/index.ts'
import { checkFlows, type FlowNode, getFlows, listNodeTypes, type NodeType, type Promotion, type PromotionManifest, type TakeRequest } from '../../api/index.ts'
import type { InProcess } from '../../http/in-process.ts'
import { qualityThings } from '../../quality/pickable.ts'
import { startTestLists, type TestLists } from '../../quality/picked-testing.ts'
import { callerWith } from '../../quality/testing.ts'
import { fingerprintOf, signingKey } from '../../templates/seal.ts'
import { installationOf, type PromotionContent, writePromotion } from './file.ts'
import { collect } from './make.ts'
import { type Plan, planTaking, requireReady } from './plan.ts'
import type { ShopThings } from './references.ts'
import { createPromotionRows } from './rows.ts'

const types = NODES.map((declaration) => ({
  ...describeNode(declaration, { iconSvg: '', helpHtml: '' }),
  module: 'cellwright',
  needs: 'flows.deploy',
})) as NodeType[]
const key = signingKey({ derive: () => '3'.repeat(64) }, 'Bench')
const from = { id: installationOf(fingerprintOf(key.publicKey)), name: 'Bench', environment: 'test' as const, product: '1.0.0' }
let there: TestLists
let here: TestLists
const ids: Record<string, string> = {}

beforeAll(async () => {
  ;[there, here] = await Promise.all([startTestLists(), startTestLists()])
  // of there: the same names as here, under other ids
  ids.bore = await there.characteristic({ name: 'bore', part: 'BRK-1', partRevision: 'B' })
  ids.slot = await there.characteristic({ name: 'slot', part: 'BRK-1', partRevision: 'B' })
  ids.plan = await there.samplingPlan({ name: 'Bolts' })
  ids.study = await there.study('Caliper 12')
  await there.inspectionPlan({ part: 'BRK-1', partRevision: 'B' })
  ids.boreHere = await here.characteristic({ name: 'Bore', part: 'brk-1', partRevision: 'B' })
  ids.planHere = await here.samplingPlan({ name: 'Bolts' })
  ids.studyHere = await here.study('Caliper 12')
  await here.inspectionPlan({ part: 'BRK-1', partRevision: 'C' })
}, 60_000)
afterAll(() => Promise.all([there?.close(), here?.close()]))

const thingsOf = async ({ db }: TestLists): Promise<ShopThings> => ({ machines: [], connections: [], programs: [], quality: await qualityThings(db) })
const node = (id: string, type: string, properties: object): FlowNode => ({ id, type, z: 't', x: 1, y: 1, wires: [], ...properties })
const flowOf = (...nodes: FlowNode[]): FlowNode[] => [{ id: 't', type: 'tab', label: 'Measure' }, ...nodes]
const measure = (characteristicId: string | undefined, id = 'm') => node(id, 'cw-measure', { from: 'list', characteristicId })

/** Made of the flows there, written as a file and read again. */
async function made(flows: FlowNode[]): Promise<PromotionContent> {
  const { flow, version, references } = await collect({
    version: { version: { id: 'v', rev: 'a'.repeat(64), author: 'Ada', at: '2026-05-04T08:00:00Z', state: 'deployed' } as never, number: 1, flows },
    types,
    things: await thingsOf(there),
    tests: [],
    panelsOf: async () => [],
    mayTakeMessages: false,
    kept: [],
    moduleVersion: async () => undefined,
    library: undefined,
  })
  const manifest: PromotionManifest = { format: 1, from, version, scope: 'all', by: 'Ada', at: '2026-05-04T09:00:00Z', references }
  return (await writePromotion({ manifest, flow, tests: [], panels: [] }, key)).content
}

const REQUEST: TakeRequest = { choices: {}, overwrites: true }
/** As it would be taken here. */
async function look(
  content: PromotionContent,
  { choices = {}, now = [] as FlowNode[] }: { choices?: Record<string, string>; now?: FlowNode[] } = {},
): Promise<Plan> {
  const answers = new Map<unknown, unknown>([
    [getFlows, { flows: now, rev: 'r' }],
    [listNodeTypes, types],
    [checkFlows, { problems: [], advice: [] }],
  ])
  const call: InProcess = async (route) => {
    if (!answers.has(route)) throw new Error(`nobody answers ${route.id}`)
    return answers.get(route) as never
  }
  return planTaking(
    {
      call,
      rows: createPromotionRows(here.db),
      things: () => thingsOf(here),
      surroundings: async () => ({ types, connectors: [], machines: [], allowedModules: [], moduleVersion: async () => undefined }),
      asksReason: () => false,
    },
    {
      content,
      promotion: { from, signer: { state: 'known', name: 'Bench', fingerprint: fingerprintOf(key.publicKey) } } as unknown as Promotion,
      request: { ...REQUEST, choices },
      caller: callerWith('flows.deploy', 'flows.code'),
    },
  )
}
const howOf = ({ preview }: Plan) => preview.references.map(({ key: of, how, value }) => [of, how, value])
const valueIn = ({ flows }: Plan, id: string, path: string) => flows.find((each) => each.id === id)?.[path]

test('the file says what each is called, of which part and revision, and the same name of the same part is taken here', async () => {
  const content = await made(
    flowOf(
      measure(ids.bore),
      node('c', 'cw-capability', { characteristicId: ids.bore }),
      node('s', 'cw-sampling', { plan: ids.plan, does: 'judge' }),
      node('g', 'cw-gage-study', { study: ids.study, does: 'feed' }),
      node('i', 'cw-inspection', { part: 'BRK-1', partType: 'str' }),
    ),
  )
  expect(content.manifest.references).toEqual([
    {
      kind: 'quality-characteristic',
      value: ids.bore,
      name: 'bore',
      part: 'BRK-1',
      revision: 'B',
      places: [
        { nodeId: 'm', path: 'characteristicId' },
        { nodeId: 'c', path: 'characteristicId' },
      ],
    },
    { kind: 'sampling-plan', value: ids.plan, name: 'Bolts', places: [{ nodeId: 's', path: 'plan' }] },
    { kind: 'gage-study', value: ids.study, name: 'Caliper 12', places: [{ nodeId: 'g', path: 'study' }] },
    { kind: 'inspection-plan', value: 'BRK-1', name: 'BRK-1', places: [{ nodeId: 'i', path: 'part' }] },
  ])
  const plan = await look(content)
  expect(plan.preview.references.map(({ how }) => how)).toEqual(['by-name', 'by-name', 'by-name', 'same'])
  expect(plan.preview.isReady).toBe(true)
  expect([valueIn(plan, 'm', 'characteristicId'), valueIn(plan, 'c', 'characteristicId')]).toEqual([ids.boreHere, ids.boreHere])
  expect([valueIn(plan, 's', 'plan'), valueIn(plan, 'g', 'study'), valueIn(plan, 'i', 'part')]).toEqual([ids.planHere, ids.studyHere, 'BRK-1'])
})

test('where nothing fits it is refused with its name, part and revision, until somebody chooses', async () => {
  const content = await made(flowOf(measure(ids.slot)))
  const of = `quality-characteristic ${ids.slot}`
  const open = await look(content)
  expect(howOf(open)).toEqual([[of, 'open', undefined]])
  expect(open.preview.isReady).toBe(false)
  const refusal = (plan: Plan) => {
    try {
      requireReady(plan, REQUEST)
      return 'taken'
    } catch (error) {
      return error
    }
  }
  expect(refusal(open)).toMatchObject({
    code: 'promotion-open',
    message: expect.stringContaining('the characteristic "slot" of the part "BRK-1" in revision B'),
  })
  // an id of there says nothing here, and a list has its own ids
  expect((await look(content, { choices: { [of]: ids.slot as string } })).preview.isReady).toBe(false)
  expect((await look(content, { choices: { [of]: ids.planHere as string } })).preview.isReady).toBe(false)
  const plan = await look(content, { choices: { [of]: ids.boreHere as string } })
  expect(howOf(plan)).toEqual([[of, 'chosen', ids.boreHere]])
  expect(refusal(plan)).toBe('taken')
  expect(valueIn(plan, 'm', 'characteristicId')).toBe(ids.boreHere)

  // remembered for the next time, under the same installation
  await createPromotionRows(here.db).remember(from.id, plan.chosen, 'Bo')
  expect(howOf(await look(await made(flowOf(measure(ids.slot, 'other')))))).toEqual([[of, 'remembered', ids.boreHere]])
})

test('another revision, two of one name and what is not used any more are never taken without a word', async () => {
  const reference = async (definition: Parameters<TestLists['characteristic']>[0]) => made(flowOf(measure(await there.characteristic(definition))))
  const hows = async (content: PromotionContent) => (await look(content)).preview.references.map(({ how }) => how)

  await here.characteristic({ name: 'web', part: 'BRK-1', partRevision: 'C' })
  expect(await hows(await reference({ name: 'web', part: 'BRK-1', partRevision: 'B' }))).toEqual(['open'])
  expect(await hows(await reference({ name: 'web', part: 'BRK-2', partRevision: 'C' }))).toEqual(['open'])
  expect(await hows(await reference({ name: 'web', part: 'BRK-1', partRevision: 'C' }))).toEqual(['by-name'])

  await here.characteristic({ name: 'rib' })
  const rib = await reference({ name: 'rib' })
  expect(await hows(rib)).toEqual(['by-name'])
  await here.characteristic({ name: 'Rib' })
  expect(await hows(rib)).toEqual(['open'])

  await here.characteristic({ name: 'lip', isRetired: true })
  expect(await hows(await reference({ name: 'lip' }))).toEqual(['open'])
})

test('what stands at the place here stays, as long as it is on the list', async () => {
  const content = await made(flowOf(measure(ids.bore, 'placed')))
  const own = await here.characteristic({ name: 'bore of our own' })
  expect(howOf(await look(content, { now: flowOf(measure(own, 'placed')) }))).toEqual([[`quality-characteristic ${ids.bore}`, 'here', own]])
  expect(howOf(await look(content, { now: flowOf(measure('chr_gone', 'placed')) }))).toEqual([[`quality-characteristic ${ids.bore}`, 'by-name', ids.boreHere]])
})

test('a part without an inspection plan here is refused, and another part can be chosen', async () => {
  const content = await made(flowOf(node('i', 'cw-inspection', { part: 'BRK-7', partType: 'str' })))
  expect(howOf(await look(content))).toEqual([['inspection-plan BRK-7', 'open', undefined]])
  const plan = await look(content, { choices: { 'inspection-plan BRK-7': 'BRK-1' } })
  expect(valueIn(plan, 'i', 'part')).toBe('BRK-1')
})
