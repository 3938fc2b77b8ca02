/**
 * Time triggers over the death of the flow runtime, the gateway and the database in the middle of firings. What truly happened is
 * counted in a file, where the flow writes the due time of each firing.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addConnection, deployFlows, fireTrigger, getTrigger, listTriggers, type TriggerFiring } from '../../server/api/index.ts'
import { type Product, startTestProduct, until } from '../product.ts'

const flowFor = (file: string, inbox: string, connection: string) => [
  { id: 'tab', type: 'tab', label: 'Faults' },
  // more often than anything here takes: each death is in the middle of something
  {
    id: 'beat',
    type: 'cw-time-trigger',
    z: 'tab',
    name: 'Beat',
    schedule: 'interval',
    every: 1,
    unit: 'seconds',
    missed: 'all',
    late: 5,
    x: 1,
    y: 1,
    wires: [['write']],
  },
  {
    id: 'left-out',
    type: 'cw-time-trigger',
    z: 'tab',
    name: 'Left out',
    schedule: 'interval',
    every: 1,
    unit: 'seconds',
    missed: 'skip',
    late: 1,
    x: 1,
    y: 1,
    wires: [[]],
  },
  { id: 'arrived', type: 'cw-event-trigger', z: 'tab', name: inbox, source: 'connection', connection, x: 1, y: 1, wires: [['name']] },
  { id: 'name', type: 'change', z: 'tab', rules: [{ t: 'set', p: 'payload', pt: 'msg', to: 'payload.name', tot: 'msg' }], x: 1, y: 1, wires: [['write']] },
  { id: 'by-hand', type: 'cw-manual-trigger', z: 'tab', name: 'By hand', payload: 'trigger.id', payloadType: 'msg', x: 1, y: 1, wires: [['write']] },
  {
    id: 'write',
    type: 'file',
    z: 'tab',
    filename: file,
    filenameType: 'str',
    appendNewline: true,
    createDir: true,
    overwriteFile: 'false',
    encoding: 'none',
    x: 1,
    y: 1,
    wires: [[]],
  },
]

describe('triggers while processes die', () => {
  let product: Product
  let file: string
  const written = async () => (await readFile(file, 'utf8').catch(() => '')).split('\n').filter(Boolean)
  const firingsOf = async (triggerId: string) =>
    (await until('the firings', 20_000, () => product.client.call(getTrigger, { params: { triggerId }, query: { limit: 200 } }))).firings
  const kill = async (name: string) => process.kill(await product.pidOf(name), 'SIGKILL')
  /** Waits until so many more were written: then everything runs again. */
  const more = async (count: number) => {
    const before = (await written()).length
    await until(`${count} more firings`, 30_000, async () => (await written()).length >= before + count)
  }

  beforeAll(async () => {
    product = await startTestProduct()
    file = join(product.dataDir, 'fired.txt')
    const inbox = join(product.dataDir, 'arrivals')
    await mkdir(inbox)
    const connection = await until('the connector host', 20_000, () =>
      product.client.call(addConnection, {
        body: { name: 'Arrivals', connector: 'folder-events', settings: { folder: inbox, settleSeconds: 0.1 }, isEnabled: true },
      }),
    )
    await product.client.call(deployFlows, { body: { flows: flowFor(file, inbox, connection.id), kind: 'full' } })
    await more(2)
  }, 90_000)
  afterAll(() => product?.close())

  /** Every due time once, none left out; what was written is what began, but for what a death took from between the two. */
  const expectEachOnce = async () => {
    const firings = (await firingsOf('beat')).filter(({ cause }) => cause === 'time')
    const dues = firings.map(({ dueAt }) => Date.parse(dueAt)).sort((a, b) => a - b)
    expect(dues.slice(1).map((at, index) => at - (dues[index] ?? 0))).toEqual(dues.slice(1).map(() => 1000))
    const lines = (await written()).filter((line) => line.startsWith('20'))
    expect(new Set(lines).size).toBe(lines.length)
    const ended = firings.filter(({ state }) => state === 'begun')
    const isWritten = new Set(lines)
    const lost = ended.filter(({ dueAt, runState }) => !isWritten.has(dueAt) && runState === 'completed')
    expect(lost.map(({ dueAt }: TriggerFiring) => dueAt)).toEqual([])
    const unexplained = ended.filter(({ dueAt, runState }) => !isWritten.has(dueAt) && runState !== 'interrupted' && runState !== 'active')
    expect(unexplained).toEqual([])
  }

  it('the flow runtime: what was due meanwhile waits for it, each once', async () => {
    await kill('runtime')
    await more(3)
    await expectEachOnce()
  }, 60_000)

  it('the gateway: what was due meanwhile is made up for, each once', async () => {
    await kill('gateway')
    await more(4)
    await expectEachOnce()
  }, 60_000)

  it('the database: the same', async () => {
    await kill('postgres')
    await more(4)
    await expectEachOnce()
  }, 60_000)

  // the second death of the runtime, not the third: after three in a minute it keeps the flows stopped
  it('a file that arrives while the flow runtime is dead starts its flow when it is back, once', async () => {
    await kill('runtime')
    await writeFile(join(product.dataDir, 'arrivals', 'part-1.csv'), 'x')
    await until('the file was told of', 30_000, async () => (await written()).includes('part-1.csv'))
    await more(2)
    expect((await written()).filter((line) => line === 'part-1.csv')).toHaveLength(1)
  }, 60_000)

  it('says what was left out, and fires by hand as before', async () => {
    const list = await until('the list', 20_000, () => product.client.call(listTriggers, {}))
    expect(list.map(({ id }) => id).sort()).toEqual(['arrived', 'beat', 'by-hand', 'left-out'])
    const leftOut = await firingsOf('left-out')
    expect(leftOut.filter(({ state }) => state === 'skipped').length).toBeGreaterThan(0)
    for (const { reason } of leftOut.filter(({ state }) => state === 'skipped')) expect(['missed', 'runtime-away']).toContain(reason)
    const body = { fireId: 'by-hand-0001', values: {} }
    const firing = await product.client.call(fireTrigger, { params: { triggerId: 'by-hand' }, body })
    const again = await product.client.call(fireTrigger, { params: { triggerId: 'by-hand' }, body })
    expect(again.id).toBe(firing.id)
    await until('it was written', 30_000, async () => (await written()).includes(firing.id))
    expect((await written()).filter((line) => line === firing.id)).toHaveLength(1)
  }, 60_000)
})
