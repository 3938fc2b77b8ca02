/** What is told outlives the death of the process that tells it; the command line tries the ways out. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { addWebhook, changeWebhook, deployFlows, type FlowNode, listDeliveries } from '../server/api/index.ts'
import { receiver } from '../server/notifications/testing.ts'
import { type Product, startTestProduct, until } from './product.ts'

const run = promisify(execFile)
const FLOW = (label: string) => [{ id: 'tab', type: 'tab', label, disabled: false, info: '', env: [] }] as unknown as FlowNode[]

let product: Product
let program: Awaited<ReturnType<typeof receiver>>
/** What the receiver does when it is asked. */
let answer: () => Promise<number> | number = () => 204
beforeAll(async () => {
  program = await receiver(() => answer())
  product = await startTestProduct()
}, 120_000)
afterAll(async () => {
  await product?.close()
  await program?.close()
})

const numbersOf = (secret: string) =>
  program.received.map(({ text, headers }) => (new Webhook(secret).verify(text, headers) as { type: string; data: { number?: number } }).data.number)

it('loses nothing when the gateway is killed in the middle of sending, or before; what comes twice has the same id', async () => {
  const { client } = product
  const settings = { name: 'ERP', url: program.url, isOn: true, events: ['deploy.done' as const], allowsPrivate: true, ca: '' }
  const { webhook, secret } = await client.call(addWebhook, { body: settings })
  const killed = new Set<number>()
  const killGateway = async () => {
    const pid = await product.pidOf('gateway')
    process.kill(pid, 'SIGKILL')
    killed.add(pid)
  }
  const isBack = () => until('the gateway to be back', 60_000, () => client.call(listDeliveries, {}))

  // it dies while the receiver is reading
  let asked = 0
  answer = async () => {
    asked += 1
    if (asked === 1) await killGateway()
    return 204
  }
  await client.call(deployFlows, { body: { flows: FLOW('first'), kind: 'full' } }).catch(() => undefined)
  await until('it to be told again', 60_000, () => (asked >= 2 ? true : undefined))
  await isBack()
  await until(
    'the first to have arrived',
    60_000,
    async () => (await client.call(listDeliveries, { query: { webhookId: webhook.id } }))[0]?.state === 'sent' || undefined,
  )
  const ids = new Set(program.received.map(({ headers }) => headers['webhook-id']))
  expect(ids.size).toBe(1)
  expect(new Set(numbersOf(secret)).size).toBe(1)

  // it dies with the row of the event waiting, and nothing sent
  answer = () => 204
  const before = program.received.length
  await client.call(changeWebhook, { params: { webhookId: webhook.id }, body: { ...settings, isOn: false } })
  await client.call(deployFlows, { body: { flows: FLOW('second'), kind: 'full' } })
  await killGateway()
  await isBack()
  await client.call(changeWebhook, { params: { webhookId: webhook.id }, body: settings })
  await until('the second to have arrived', 60_000, () => (program.received.length > before ? true : undefined))
  await until('nothing to wait any more', 60_000, async () =>
    (await client.call(listDeliveries, { query: { state: 'waiting' } })).length === 0 ? true : undefined,
  )
  expect(new Set(program.received.map(({ headers }) => headers['webhook-id'])).size).toBe(2)
  expect(killed.size).toBe(2)
  expect(killed).not.toContain(await product.pidOf('gateway'))
}, 240_000)

it('the command line tries the ways out, and lists what was told', async () => {
  const home = await mkdtemp(join(tmpdir(), 'cellwright-cli-'))
  try {
    const cli = (...args: string[]) =>
      run(process.execPath, [join(import.meta.dirname, '../server/cli/main.ts'), ...args], {
        env: { ...process.env, CELLWRIGHT_DATA: product.dataDir, HOME: home },
      })
    expect((await cli('notify', 'test')).stdout).toMatch(/^sent to ERP: 204 after \d+ ms\n$/)
    expect((await cli('notify', 'log')).stdout).toMatch(/sent {5}webhook to ERP: Flows deployed by /)
    await program.close()
    await expect(cli('notify', 'test')).rejects.toMatchObject({ stdout: expect.stringContaining('NOT SENT to ERP') })
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}, 120_000)
