/** The commands that ask something of a machine without a program, and the ones around it. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startVirtualController } from '../../nodes/motion/virtual/index.ts'
import { getMachine, type Program, uploadProgram } from '../../server/api/index.ts'
import { type Product, startTestProduct, until } from '../product.ts'
import { writeProgram, zigzag } from './programs.ts'
import { type CliOptions, type CliResult, endAll, runCli, startCli } from './run-cli.ts'

let product: Product
let dir: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cellwright-cli-motion-'))
  product = await startTestProduct()
  await done('machine', 'add', 'mill', '--virtual', '--time-scale', '20')
}, 120_000)
afterAll(async () => {
  await endAll()
  await product?.close()
  await rm(dir, { recursive: true, force: true })
})

const here = (options: CliOptions = {}): CliOptions => ({ ...options, env: { CELLWRIGHT_DATA: product.dataDir, ...options.env } })
const cli = (...args: string[]) => runCli(args, here())
async function done(...args: string[]): Promise<CliResult> {
  const result = await cli(...args)
  if (result.code !== 0) throw new Error(`cellwright ${args.join(' ')}: ${result.code} ${result.err}${result.out}`)
  return result
}
const stateOf = async () => (await product.client.call(getMachine, { params: { machineId: 'mill' } })).state
const stands = (...place: number[]) =>
  until(`the machine at ${place}`, 30_000, async () =>
    (await stateOf())?.machinePositionMm.slice(0, place.length).every((at, i) => Math.abs(at - (place[i] ?? 0)) < 0.01),
  )

describe('moving', () => {
  it('by a distance and to a place, within the travel only', async () => {
    expect((await done('machine', 'jog', 'mill', 'X10', 'y=5.5', '--feed', '2000')).out).toMatch(/\S/)
    await stands(10, 5.5)
    await done('machine', 'jog', 'mill', 'X20', '--to-machine', '--feed', '2000')
    await stands(20, 5.5)
    expect((await done('machine', 'jog', 'mill', 'X0', 'Y0', '--to', '--feed', '2000', '--json')).json).toMatchObject({ text: expect.any(String) })
    await stands(0, 0)
    expect(await cli('machine', 'jog', 'mill', 'X900', '--feed', '500')).toMatchObject({ code: 2, err: expect.stringMatching(/X/) })
    for (const wrong of [['X'], ['10'], ['X10', '--to', '--to-machine']]) expect((await cli('machine', 'jog', 'mill', ...wrong, '--feed', '500')).code).toBe(2)
    expect((await cli('machine', 'jog', 'mill', 'X1')).err).toContain('--feed')
  })

  it('is held when the person leaves with Ctrl-C', async () => {
    // a minute of the machine's
    const moving = startCli(['machine', 'jog', 'mill', 'X200', '--feed', '10'], here())
    await until('motion', 30_000, async () => ((await stateOf())?.isStanding === false ? true : undefined))
    moving.child.kill('SIGINT')
    expect(await moving.ended).toMatchObject({ code: 2, err: expect.stringContaining('was told to hold') })
    await until('the stand', 30_000, async () => ((await stateOf())?.isStanding ? true : undefined))
    await done('stop', 'mill')
    await until('idle', 30_000, async () => ((await stateOf())?.controller === 'idle' ? true : undefined))
  })

  it('actions as JSON, overrides, and what is none', async () => {
    expect((await done('machine', 'act', 'mill', '{"kind":"set-here","workOffset":"G55","here":{"X":0,"Y":0}}')).out).toMatch(/\S/)
    const file = await writeProgram(dir, 'action.json', '{"kind":"select-offset","workOffset":"G54"}')
    await done('machine', 'act', 'mill', `@${file}`)
    await done('machine', 'override', 'mill', '--feed', '80')
    await until('the override', 30_000, async () => ((await stateOf())?.overridesPercent.feed === 80 ? true : undefined))
    await done('machine', 'override', 'mill', '--feed', '100')
    expect(await cli('machine', 'override', 'mill')).toMatchObject({ code: 2, err: expect.stringContaining('--rapid') })
    expect(await cli('machine', 'act', 'mill', '{"kind":"fly"}')).toMatchObject({ code: 2, err: expect.stringContaining('The action is not valid') })
    expect(await cli('machine', 'act', 'mill', 'fly')).toMatchObject({ code: 2, err: expect.stringContaining('must be JSON') })
    expect(await cli('machine', 'probe', 'mill', 'bore', 'diameterMm=25')).toMatchObject({ code: 2, err: expect.stringContaining('tipDiameterMm') })
    expect(await cli('machine', 'answer', 'mill', 'go-on')).toMatchObject({ code: 2, err: expect.stringContaining('waits for an answer') })
    expect((await cli('machine', 'answer', 'mill', 'maybe')).code).toBe(2)
  })
})

it('shows, writes and keeps the settings of the controller, and the talk with it', async () => {
  const list = (await done('machine', 'settings', 'mill')).out
  expect(list).toMatch(/^SETTING +VALUE +UNIT +NAME +BACKUP\n/)
  expect(list).toMatch(/^\$110 +\d/m)
  await done('machine', 'settings', 'mill', '--backup')
  expect((await done('machine', 'settings', 'mill', '--set', '12=0.004', '--json')).json).toContainEqual(
    expect.objectContaining({ number: 12, value: '0.004' }),
  )
  expect(await cli('machine', 'settings', 'mill', '--set', 'fast')).toMatchObject({ code: 2, err: expect.stringContaining('110=500') })
  expect((await done('machine', 'traffic', 'mill')).out).toMatch(/^\d\d:\d\d:\d\d\.\d{3} > \$12=0\.004/m)
})

describe('links', () => {
  it('lists ports and says what is behind one', async () => {
    expect((await done('machine', 'ports', '--json')).json).toEqual(expect.any(Array))
    const controller = await startVirtualController({ envelopeMm: { min: [-400, -300, -100], max: [0, 0, 0] } })
    try {
      expect((await done('machine', 'survey', '--port', controller.port)).out).toMatch(/^Grbl 1\.1\S* \(grbl\), /)
    } finally {
      await controller.close()
    }
    expect(await cli('machine', 'survey', '--tcp', '127.0.0.1:1')).toMatchObject({ code: 1, err: expect.stringMatching(/\S/) })
    expect(await cli('machine', 'survey')).toMatchObject({ code: 2, err: expect.stringContaining('--websocket') })
  })
})

describe('programs of the library', () => {
  it('are checked for a machine, and made from one another', async () => {
    const file = await writeProgram(dir, 'zigzag.nc', zigzag(10))
    const { id } = (await product.client.upload(uploadProgram, { name: 'zigzag.nc' }, file)) as Program
    const checked = await done('machine', 'check', 'mill', 'zigzag.nc')
    expect(checked.out).toMatch(/^zigzag\.nc: \d+ lines can be sent\.\nX 0\.000 to 100\.000/)
    const made = await done('program', 'transform', id, 'moved.nc', '{"kind":"offset","byMm":[300,0,0]}')
    expect(made.out).toMatch(/^moved\.nc, revision 1 \(prg_\w+\): moved by 300, 0, 0 mm\.\n/)
    const refused = await cli('machine', 'check', 'mill', 'moved.nc')
    expect(refused).toMatchObject({ code: 2, out: expect.stringMatching(/it cannot be run[\s\S]*error in line \d+, column \d+: X would reach 400/) })
    expect((await done('program', 'list')).out).toMatch(/^moved\.nc +1 .* zigzag\.nc 1 /m)
    expect(await cli('program', 'transform', 'none', 'x.nc', '{"kind":"mirror","axis":"X"}')).toMatchObject({
      code: 2,
      err: expect.stringContaining('There is no program'),
    })
    expect((await cli('program', 'transform', id, 'x.nc', '{"kind":"melt"}')).code).toBe(2)
  })
})
