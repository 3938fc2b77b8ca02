/**
 * `kill -9` of gateway, database and flow runtime while measurements come in from people and from flows: none that was acknowledged
 * is lost, none is there twice, and each signal of a chart starts one run. A flow from before `cw-measure` is deployed with it.
 */
import { expect, it } from 'vitest'
import {
  createCharacteristic,
  deployFlows,
  enterMeasurement,
  getChart,
  getFlows,
  getTrigger,
  listMeasurements,
  listQualityCharacteristics,
  type Measurement,
} from '../../server/api/index.ts'
import { ordinary } from '../../server/quality/testing.ts'
import { type Product, startTestProduct, until } from '../product.ts'
import { killAndWait } from './kill.ts'

const CLERKS = 4
const FEW = { timeout: 150_000 }

it('no acknowledged measurement is lost or doubled when gateway, database and flow runtime are killed', FEW, async () => {
  const product = await startTestProduct()
  let isOver = false
  try {
    const { client } = product
    const made = await client.call(createCharacteristic, {
      body: { definition: ordinary({ name: 'entered', chart: { kind: 'xbar-r', subgroupSize: 3, rules: ['nelson-1'], autoLimitsAfter: 10 } }) },
    })
    const { upgraded = [] } = await client.call(deployFlows, { body: { flows: flowsFor(made.id), kind: 'full' } })
    expect(upgraded.map(({ id, type }) => `${id} ${type}`).sort()).toEqual(['acknowledged cw-measure', 'ticks cw-measure', 'told cw-measure'])
    expect((await client.call(getFlows, {})).flows.filter(({ type }) => type === 'cw-check')).toEqual([])

    const acknowledged = new Map<string, number>()
    const clerks = Promise.all(
      Array.from({ length: CLERKS }, (_, clerk) => enterUntil(product, { characteristicId: made.id, clerk, acknowledged, isOver: () => isOver })),
    )
    clerks.catch(() => {}) // heard of where they are awaited
    const more = (count: number) =>
      until(
        `${count} entries more`,
        30_000,
        (
          (from) => () =>
            acknowledged.size >= from + count || undefined
        )(acknowledged.size),
      )
    for (const name of ['gateway', 'postgres', 'runtime', 'gateway']) {
      await more(12)
      await killAndWait(product, name)
    }
    await more(12)
    await until('some that are out of tolerance', 30_000, () => [...acknowledged.values()].filter(isBad).length > 3)
    isOver = true
    await clerks

    // --- what people entered
    const entered = await allOf(product, made.id)
    const byEntry = Map.groupBy(entered, ({ entryId }) => entryId)
    expect([...acknowledged].filter(([id, value]) => byEntry.get(id)?.length !== 1 || byEntry.get(id)?.[0]?.value !== value)).toEqual([])
    expect([...byEntry.values()].filter(({ length }) => length > 1)).toEqual([])
    expect(entered.map(({ seq }) => seq).sort((a, b) => a - b)).toEqual(entered.map((_, i) => i + 1))
    const chart = await client.call(getChart, { params: { id: made.id }, query: { last: 5000 } })
    expect(chart.points.values?.flat().length).toBe(entered.length - (chart.openValues ? 3 - chart.openValues : 0))

    // --- what a flow measured: whatever went on from the first node is in the list of it, once
    const ids = new Map((await client.call(listQualityCharacteristics, { query: {} })).map(({ definition, id }) => [definition.name, id]))
    const values = async (name: string) => (await allOf(product, ids.get(name) ?? '')).map(({ value }) => value)
    // the flow goes on: what came later is looked at first
    const gone = await values('acknowledged')
    const ticks = await values('ticks')
    expect(new Set(ticks).size).toBe(ticks.length)
    expect(gone.length).toBeGreaterThan(10)
    expect(gone.filter((value) => !ticks.includes(value))).toEqual([])

    // --- what the tolerance said started its flow, once each, also while no flow ran: in a run that was cut by the kill, or to its end
    const bad = entered.filter(({ isInTolerance }) => !isInTolerance).map(({ value }) => value)
    expect(bad.length).toBeGreaterThan(3)
    const firings = await until('every signal to have started its flow, and its run to have ended', 40_000, async () => {
      const all = (await client.call(getTrigger, { params: { triggerId: 'signals' }, query: { limit: 200 } })).firings
      const ended = all.filter(({ state, runState }) => state !== 'due' && state !== 'offered' && runState !== 'active')
      return ended.length >= bad.length ? all : undefined
    })
    expect(firings).toHaveLength(bad.length)
    const cut = firings.filter(({ runState }) => runState !== 'completed').length
    const told = await values('told')
    expect(new Set(told).size).toBe(told.length)
    expect(told.filter((value) => !bad.includes(value))).toEqual([])
    expect(bad.length - told.length).toBeLessThanOrEqual(cut)
  } finally {
    isOver = true
    await product.close()
  }
})

const isBad = (value: number) => value > 10.5

/** Enters one after the other; what gets no answer is entered again as the same entry. Each value is there once. */
async function enterUntil(
  { client }: Product,
  { characteristicId, clerk, acknowledged, isOver }: { characteristicId: string; clerk: number; acknowledged: Map<string, number>; isOver: () => boolean },
): Promise<void> {
  for (let i = 0; !isOver(); i += 1) {
    const entryId = `clerk_${clerk}_entry_${i}`
    // every tenth is out of tolerance, up to as many as a trigger keeps firings
    const value = 10 + (i % 10 === 9 && i < 400 ? 1 : 0) + clerk * 0.01 + i * 0.00001
    await until('an entry to be taken', 60_000, () => client.call(enterMeasurement, { body: { entryId, characteristicId, values: [value], source: 'form' } }))
    acknowledged.set(entryId, value)
  }
}

async function allOf({ client }: Product, id: string): Promise<Measurement[]> {
  const all: Measurement[] = []
  for (;;) {
    const before = all.at(-1)?.seq
    const next = await client.call(listMeasurements, { params: { id }, query: { limit: 1000, ...(before === undefined ? {} : { before }) } })
    all.push(...next)
    if (next.length < 1000) return all
  }
}

/** As flows were before: `cw-check`, whose tolerance takes everything. */
function flowsFor(characteristicId: string) {
  const check = (id: string, value: string, wires: string[]) => ({
    ...{ id, type: 'cw-check', z: 'tab', name: '', x: 300, y: 100, characteristic: id, nominal: 0, lower: -1e15, upper: 1e15, unit: '', decimals: 0 },
    ...{ value, valueType: 'msg', wires: [wires, []] },
  })
  return [
    { id: 'tab', type: 'tab', label: 'quality', disabled: false, info: '', env: [] },
    {
      ...{ id: 'clock', type: 'inject', z: 'tab', name: '', props: [{ p: 'payload' }], repeat: '0.1', crontab: '', once: true, onceDelay: 0.1 },
      ...{ topic: '', payload: '', payloadType: 'date', x: 100, y: 100, wires: [['ticks']] },
    },
    check('ticks', 'payload', ['acknowledged']),
    check('acknowledged', 'payload.value', []),
    { id: 'signals', type: 'cw-spc-chart', z: 'tab', name: '', characteristicId, rules: ['out-of-tolerance'], coolDown: 0, x: 100, y: 200, wires: [['told']] },
    check('told', 'payload.value', []),
  ]
}
