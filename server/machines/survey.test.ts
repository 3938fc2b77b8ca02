import { realpathSync, rmSync, symlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startVirtualController, type VirtualController } from '../../nodes/motion/virtual/index.ts'
import { startTestGateway, type TestGateway } from '../testing.ts'

const envelopeMm = { min: [0, 0, -80] as [number, number, number], max: [400, 300, 20] as [number, number, number] }
let shop: TestGateway
let controller: VirtualController
beforeAll(async () => {
  shop = await startTestGateway()
  controller = await startVirtualController({ envelopeMm, settings: { 22: 1 } })
})
afterAll(async () => {
  await controller?.close()
  await shop?.close()
})

const survey = (link: object) => shop.admin('/api/serial-ports/survey', { method: 'POST', body: { link } })
const serial = (path: string) => ({ kind: 'serial', path, baudRate: 115200, resetsOnOpen: false })

test('the ports of this host are listed without opening one', async () => {
  const { status, json } = await shop.admin('/api/serial-ports')
  expect(status).toBe(200)
  for (const port of json) expect(port.path).toEqual(expect.any(String))
  expect((await shop.admin('/api/serial-ports', { token: await shop.tokenFor('operator') })).status).toBe(403)
})

test('a controller behind a link that no machine uses says what it is', async () => {
  const { status, json } = await survey(serial(controller.port))
  expect([status, json.code]).toEqual([200, undefined])
  expect(json).toMatchObject({ dialect: 'grbl', state: expect.any(String), abilities: { axes: ['X', 'Y', 'Z'], hasHoming: true } })
  expect(json.settings.length).toBeGreaterThan(20)
})

test('the link of a machine is not opened, whatever name it is given by', async () => {
  const name = join(shop.init.runDir, 'a-port')
  symlinkSync(realpathSync(controller.port), name)
  const machine = { id: 'm1', name: 'Mill', link: serial(controller.port), envelopeMm, whenRequesterGone: 'finish' }
  expect((await shop.admin('/api/machines', { method: 'POST', body: machine })).status).toBe(201)
  const before = controller.receivedText().length
  for (const path of [controller.port, name])
    expect(await survey(serial(path))).toMatchObject({ status: 409, json: { code: 'link-in-use', detail: expect.stringContaining('Mill') } })
  expect(controller.receivedText()).toHaveLength(before)
  rmSync(name)
  const tcp = { kind: 'tcp', host: 'Mill.local', port: 23 }
  await shop.admin('/api/machines', { method: 'POST', body: { ...machine, id: 'm2', link: tcp } })
  expect((await survey({ ...tcp, host: 'mill.LOCAL' })).json.code).toBe('link-in-use')
})

test('a link with nobody behind it, one that says nothing, and a simulated machine are each refused in words', async () => {
  expect((await survey(serial('/dev/no-such-port'))).json).toMatchObject({ code: 'link-failed' })
  expect(await survey({ kind: 'virtual', timeScale: 1 })).toMatchObject({ status: 400, json: { code: 'link-failed' } })
  const mute = createServer()
  await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve))
  const { port } = mute.address() as { port: number }
  try {
    expect((await survey({ kind: 'tcp', host: '127.0.0.1', port })).json).toMatchObject({ code: 'no-controller' })
  } finally {
    mute.close()
  }
})
