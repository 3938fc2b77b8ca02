/** Connections as people meet them: the page, the form with its test, and making one beside a node's form. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addAccount, listConnections, listHistory, listRuns, removeConnection } from '../../server/api/index.ts'
import { violationsOf } from './axe.ts'
import { chromiumPath, SIZES } from './chromium.ts'
import { type Designer, node, openDesigner } from './designer.ts'
import { PASSWORD, shot, signInTo } from './hands.ts'

const FLOWS = (connection: string) => [
  { id: 'tab', type: 'tab', label: 'Measurements', disabled: false, info: '', env: [] },
  node('arrival', 'cw-event-trigger', 160, 80, ['sink'], { name: 'A file arrived', source: 'connection', connection }),
  node('sink', 'debug', 460, 80, [], { active: true, tosidebar: true, complete: 'true', targetType: 'full' }),
]

describe.skipIf(!chromiumPath)('connections', () => {
  let designer: Designer
  let folder: string
  const connections = async () => designer.client.call(listConnections, {})
  const named = async (name: string) => (await connections()).find((one) => one.name === name)
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cw-arrivals-'))
    designer = await openDesigner()
    // whoever had this product before may have left some
    for (const { id } of await connections()) await designer.client.call(removeConnection, { params: { connectionId: id }, query: { evenIfUsed: true } })
  }, 120_000)
  afterAll(async () => {
    for (const { id } of await connections().catch(() => []))
      await designer.client.call(removeConnection, { params: { connectionId: id }, query: { evenIfUsed: true } }).catch(() => undefined)
    await designer?.close()
    await rm(folder, { recursive: true, force: true })
  })

  it('teaches what a connection is while there is none, and what each kind is for', async () => {
    const { page, client } = designer
    await page.goto(`${client.access.url}/connections`)
    await page.getByTestId('connections-empty').waitFor()
    await shot(page, 'connections-empty')
    expect(await violationsOf(page)).toEqual([])
    await page.getByTestId('connection-add').click()
    await page.getByTestId('kind-mqtt-events').waitFor()
    await shot(page, 'connections-kinds')
    expect(await violationsOf(page)).toEqual([])
  }, 60_000)

  it('says in the form what is wrong, tests for real, and keeps a secret to itself', async () => {
    const { page } = designer
    await page.getByTestId('kind-mqtt-events').click()
    await page.getByTestId('connection-save').click()
    await page.getByText('Fill this in.').first().waitFor()
    await page.getByTestId('connection-name').fill('Shop broker')
    await page.getByTestId('setting-url').fill('mqtt://user:secret@127.0.0.1:1')
    await page.getByText('This does not have the right form').waitFor()
    await page.getByTestId('setting-url').fill('mqtt://127.0.0.1:1')
    await page.getByTestId('setting-topics').fill('shop/+/done')
    await page.keyboard.press('Enter')
    await page.getByTestId('setting-userName').fill('shop')
    await page.getByTestId('secret-password').fill('not to be seen')
    await page.getByTestId('connection-test').click()
    await page.getByTestId('connection-outcome').getByText('cannot be reached').waitFor()
    await shot(page, 'connections-form')
    expect(await violationsOf(page)).toEqual([])
    await page.getByTestId('connection-save').click()
    await page.getByTestId('connection-save-anyway').click()
    await page.locator('[data-testid="connection-state"][data-state="failing"]').waitFor()
    await page.getByTestId('connection-why').getByText('cannot be reached').waitFor()
    const broker = await named('Shop broker')
    expect(broker).toMatchObject({ keptSecrets: ['password'], settings: { url: 'mqtt://127.0.0.1:1' } })
    expect(JSON.stringify(broker)).not.toContain('not to be seen')
    await shot(page, 'connections-failing')
    // elsewhere, the kept password is not used
    await page.getByTestId('connection-edit').click()
    await page.getByTestId('setting-url').fill('mqtt://127.0.0.1:2')
    await page.getByTestId('connection-test').click()
    await page.getByText('Enter it again').waitFor()
    await page.getByTestId('connection-cancel').click()
    await page.getByTestId('version-reason-field').fill('the broker moves on Monday')
    await page.getByTestId('connection-switch').click()
    await page.locator('[data-testid="connection-state"][data-state="off"]').waitFor()
    await expect
      .poll(async () => (await designer.client.call(listHistory, { query: { kind: 'connection', subject: broker?.id ?? '', limit: 1 } }))[0])
      .toMatchObject({ reason: 'the broker moves on Monday' })
  }, 60_000)

  it('makes a connection beside the form of a node, which stays as it was', async () => {
    const { page, client } = designer
    await designer.deploy(FLOWS('con_gone'))
    await page.goto(client.access.url)
    await page.getByTestId('node-arrival').dblclick()
    await page.getByTestId('field-name').fill('Measurement file')
    await page.getByTestId('new-connection').click()
    await page.getByTestId('kind-folder-events').click()
    expect(await page.getByTestId('kind-work-order-folder').count()).toBe(0)
    await page.getByTestId('connection-name').fill('Arrivals')
    await page.getByTestId('setting-folder').fill(folder)
    await page.getByTestId('connection-test').click()
    await page.getByTestId('connection-outcome').getByText('can be read and written').waitFor()
    await shot(page, 'connections-in-place')
    expect(await violationsOf(page, undefined, ['[data-testid="connection-form"]'])).toEqual([])
    await page.getByTestId('connection-save').click()
    // it stays open, with the reason, when it was not saved
    await page.getByTestId('connection-form').waitFor({ state: 'detached' })
    await expect.poll(() => page.getByTestId('field-connection').inputValue()).toBe('Arrivals')
    expect(await page.getByTestId('field-name').inputValue()).toBe('Measurement file')
    await page.getByTestId('config-done').click()
    await page.getByTestId('deploy').click()
    const connection = await named('Arrivals')
    await expect.poll(async () => (await designer.nodeOf('arrival'))?.connection, { timeout: 20_000 }).toBe(connection?.id)
  }, 60_000)

  it('shows what came in and who uses it, and is not deleted without a yes', async () => {
    const { page, client } = designer
    await writeFile(join(folder, 'bore-1.csv'), '42.01')
    const { id } = (await named('Arrivals')) as { id: string }
    await page.goto(`${client.access.url}/connections#${id}`)
    await page.getByTestId('connection-traffic').getByText('bore-1.csv').waitFor()
    await page.locator('[data-testid="connection-state"][data-state="running"]').waitFor()
    await page.getByTestId('connection-uses').getByText('Measurement file').waitFor()
    await expect
      .poll(async () => (await client.call(listRuns, { query: { limit: 20 } })).some(({ trigger }) => trigger.nodeId === 'arrival'), { timeout: 15_000 })
      .toBe(true)
    await shot(page, 'connections-light')
    expect(await violationsOf(page)).toEqual([])
    await page.emulateMedia({ colorScheme: 'dark' })
    await shot(page, 'connections-dark')
    await page.setViewportSize(SIZES.tablet)
    await shot(page, 'connections-tablet')
    await page.setViewportSize(SIZES.desktop)
    await page.emulateMedia({ colorScheme: 'light' })
    await page.getByTestId('connection-remove').click()
    await page.getByTestId('remove-now').and(page.locator(':disabled')).waitFor()
    await shot(page, 'connections-remove')
    expect(await violationsOf(page, undefined, ['[data-testid="remove-dialog"]'])).toEqual([])
    await page.getByTestId('remove-yes').check()
    await page.getByTestId('remove-now').click()
    await expect.poll(() => named('Arrivals'), { timeout: 15_000 }).toBeUndefined()
  }, 60_000)

  it('lets an operator see how connections are, and change nothing', async () => {
    const { client, browser, complaints } = designer
    const userName = `otto-${Date.now()}`
    await client.call(addAccount, { body: { userName, name: 'Otto Operator', role: 'operator', password: PASSWORD } })
    const context = await browser.newContext({ viewport: SIZES.panel, locale: 'de-DE' })
    await signInTo(context, client.access.url, userName)
    const page = await context.newPage()
    await page.goto(`${client.access.url}/connections`)
    await page.getByRole('button', { name: 'Shop broker' }).click()
    await page.locator('[data-testid="connection-state"][data-state="off"]').waitFor()
    await page.getByText('Zum Ändern braucht es das Recht').waitFor()
    await shot(page, 'connections-operator')
    expect(await violationsOf(page)).toEqual([])
    for (const button of ['connection-add', 'connection-edit', 'connection-switch', 'connection-remove']) expect(await page.getByTestId(button).count()).toBe(0)
    const broker = (await named('Shop broker')) as { id: string }
    const asOperator = (path: string, method: string, data?: object) =>
      context.request.fetch(`${client.access.url}${path}`, { method, headers: { 'x-cellwright': '1', origin: client.access.url }, ...(data ? { data } : {}) })
    expect((await asOperator(`/api/connections/${broker.id}/on`, 'PUT', { isOn: true })).status()).toBe(403)
    const [seen] = (await (await asOperator('/api/connections', 'GET')).json()) as { settings: object; keptSecrets: string[] }[]
    expect(seen).toMatchObject({ settings: {}, keptSecrets: [] })
    await context.close()
    // the broker that is not there, and the secret that is asked for again
    expect(complaints.filter((line) => !/status of (400|503).*\/api\/connections/.test(line))).toEqual([])
  }, 60_000)
})
