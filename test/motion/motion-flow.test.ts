/** A deployed flow works on a machine, through every process of the running product: runtime, gateway, guard, virtual controller. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import {
  actOnMachine,
  addMachine,
  changeMachine,
  deployFlows,
  type FlowNode,
  getFlows,
  getMachine,
  listAudit,
  listPanel,
  listPrograms,
  type Machine,
  pressButton,
  takeLease,
  uploadProgram,
} from '../../server/api/index.ts'
import { type Product, startTestProduct, until } from '../product.ts'

const MACHINE = 'mill'
const params = { machineId: MACHINE }
let product: Product
let dir: string
const stateNow = async () => (await product.client.call(getMachine, { params })).state
const num = (key: string, value: string) => ({ [key]: value, [`${key}Type`]: 'num' })

/** One row of nodes behind a button, each wired to the next on its first output; the last one's message is shown by its status. */
async function deployRow(id: string, nodes: (Partial<FlowNode> & { type: string })[]): Promise<void> {
  const row = [
    { type: 'cw-button', label: id, says: 'Works.', color: 'normal', waitingText: '', waitingTextType: 'msg', whenEmpty: '', asks: [] },
    ...nodes,
  ].map((node, i, all) => ({
    id: `${id}-${i}`,
    z: id,
    x: 100 + i * 150,
    y: 100,
    name: '',
    machine: `${id}-machine`,
    ...node,
    wires: i + 1 < all.length ? [[`${id}-${i + 1}`]] : [],
  }))
  const { flows, rev } = await product.client.call(getFlows, {})
  await product.client.call(deployFlows, {
    body: {
      flows: [...flows, { id, type: 'tab', label: id }, { id: `${id}-machine`, type: 'cw-machine', machineId: MACHINE }, ...row] as FlowNode[],
      rev,
      kind: 'nodes',
    },
  })
  await until('the button', 30_000, async () => (await product.client.call(listPanel, {})).some(({ nodeId, isEnabled }) => nodeId === `${id}-0` && isEnabled))
}
const press = (id: string) => product.client.call(pressButton, { params: { nodeId: `${id}-0` }, body: { pressId: crypto.randomUUID(), values: {} } })

/** @param ttlS how long news of its door count */
const machine = (ttlS: number): Machine => ({
  id: MACHINE,
  name: 'Mill',
  link: { kind: 'virtual', timeScale: 20 },
  envelopeMm: { min: [-20, -20, -60], max: [380, 280, 40] },
  whenRequesterGone: 'finish',
  guarding: { interlocks: [{ id: 'door', name: 'Door closed', ttlS, whenUnsafe: 'refuse' }] },
})

beforeAll(async () => {
  product = await startTestProduct()
  dir = await mkdtemp(join(tmpdir(), 'cw-motion-flow-'))
  await product.client.call(addMachine, { body: machine(4) })
  await until('the machine', 20_000, async () => (await stateNow())?.controller === 'idle')
}, 120_000)
afterAll(async () => {
  await product?.close()
  if (dir) await rm(dir, { recursive: true, force: true })
})

it('nothing starts while an interlock is unknown; a flow that tells of it lets the machine go, and its silence stops that again', async () => {
  const jog = () => product.client.call(actOnMachine, { params, body: { action: { kind: 'jog', by: { X: 1 }, feedMmPerMin: 1000 } } })
  await expect(jog()).rejects.toMatchObject({ code: 'interlock-open' })
  await deployRow('lock', [
    { type: 'change', rules: [{ t: 'set', p: 'payload', pt: 'msg', to: 'true', tot: 'bool' }] },
    { type: 'cw-interlock', interlock: 'door', isSafe: 'payload', isSafeType: 'msg', countsFor: 0 },
  ])
  // it counts for seconds only: told again where the jog came too late
  const moved = await until('a jog with the door closed', 60_000, async () => {
    await press('lock')
    await until('the interlock', 4_000, async () => (await stateNow())?.interlocks?.[0]?.state === 'safe')
    return jog()
  })
  expect(moved.text).toBeTruthy()
  await until('its silence to count', 15_000, async () => (await stateNow())?.interlocks?.[0]?.state === 'unknown')
  await expect(jog()).rejects.toMatchObject({ code: 'interlock-open' })
})

it('a flow keeps the machine, moves it, checks and runs a program, and gives it back', async () => {
  const { id: _, ...settings } = machine(60)
  await product.client.call(changeMachine, { params, body: settings })
  const file = join(dir, 'part.nc')
  await writeFile(file, 'G21 G90 G94\nG0 Z5\nM3 S8000\nG1 X30 Y10 F3000\nG1 X0 Y0\nM5\nM2\n')
  await product.client.upload(uploadProgram, { name: 'part.nc' }, file)
  await deployRow('work', [
    { type: 'change', rules: [{ t: 'set', p: 'payload', pt: 'msg', to: 'true', tot: 'bool' }] },
    { type: 'cw-lease', action: 'take', waitFor: 5, timeToLive: 60, longest: 600 },
    { type: 'cw-jog', target: 'machine', ...num('axisX', '20'), ...num('axisY', '15'), ...num('feed', '10') },
    { type: 'cw-set-offset', what: 'here', workOffset: 'G54', ...num('axisX', '0'), ...num('axisY', '0') },
    { type: 'cw-program-check', program: 'part.nc', programType: 'str' },
    { type: 'cw-run-program', program: 'part.nc', programType: 'str', onceFor: '', onceForType: 'msg' },
    { type: 'cw-lease', action: 'release', waitFor: 0, timeToLive: 60, longest: 600 },
    { type: 'cw-wait-state', condition: 'free', timeout: 20 },
    { type: 'cw-program-transform', program: 'part.nc', programType: 'str', newName: 'part moved.nc', newNameType: 'str', kind: 'offset', ...num('byX', '5') },
  ])
  // news of the door, again and again, as a switch would tell them
  await deployRow('door', [
    {
      type: 'trigger',
      op1: 'true',
      op1type: 'bool',
      op2type: 'nul',
      duration: '-500',
      extend: false,
      units: 'ms',
      reset: '',
      bytopic: 'all',
      topic: 'topic',
      outputs: 1,
    },
    { type: 'cw-interlock', interlock: 'door', isSafe: 'payload', isSafeType: 'msg', countsFor: 0 },
  ])
  await press('door')
  await until('the interlock', 15_000, async () => (await stateNow())?.interlocks?.[0]?.state === 'safe')
  await press('work')
  // it moves for some seven seconds first
  await until('the flow to have the machine', 15_000, async () => (await stateNow())?.lease)
  await expect(product.client.call(takeLease, { params, body: { ttlMs: 1000 } })).rejects.toMatchObject({ code: 'machine-busy' })
  const moved = await until('the moved program', 60_000, async () => (await product.client.call(listPrograms, {})).find(({ name }) => name === 'part moved.nc'))
  expect(moved.origin).toMatchObject({ name: 'part.nc', text: 'moved by 5, 0, 0 mm' })
  await expect.poll(async () => (await stateNow())?.lease).toBeUndefined()
  const state = await stateNow()
  expect(state?.machinePositionMm.slice(0, 2)).toEqual([20, 15])
  expect(state?.workPositionMm.slice(0, 2)).toEqual([0, 0])
  expect(state?.partsCount).toBe(1)
  // written down behind what is done
  await expect
    .poll(async () => (await product.client.call(listAudit, { query: { limit: 500 } })).map(({ action }) => action))
    .toEqual(expect.arrayContaining(['took the machine', 'machine.go-to', 'machine.set-here', 'gave the machine back', 'made a program from another']))
})
