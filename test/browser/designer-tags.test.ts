/** Live values of a broker in a condition: chosen in the form, seen as they are, and what a change starts; its runs, found from the flow. */
import { connectAsync, type MqttClient } from 'mqtt'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { broker, startBroker } from '../../adapters/mqtt-events/testing.ts'
import { addConnection, listRuns, removeConnection } from '../../server/api/index.ts'
import { violationsOf } from './axe.ts'
import { chromiumPath, SIZES } from './chromium.ts'
import { type Designer, node, openDesigner } from './designer.ts'
import { shot } from './hands.ts'

describe.skipIf(!chromiumPath || !broker)('tags of a connection (needs Chromium or Chrome, and mosquitto)', () => {
  let designer: Designer
  let mosquitto: Awaited<ReturnType<typeof startBroker>>
  let sender: MqttClient
  let connectionId = ''
  const say = (celsius: number) => sender.publishAsync('shop/oven', JSON.stringify({ celsius }), { qos: 1, retain: true })

  beforeAll(async () => {
    mosquitto = await startBroker()
    const url = `mqtt://127.0.0.1:${mosquitto.port}`
    sender = await connectAsync(url)
    await say(21.5)
    designer = await openDesigner()
    const connection = await designer.client.call(addConnection, {
      body: { name: 'Oven broker', connector: 'mqtt-events', settings: { url, topics: ['shop/#'], clientId: `tags-${Date.now()}` }, isEnabled: true },
    })
    connectionId = connection.id
    await designer.deploy([
      { id: 'oven', type: 'tab', label: 'Oven', disabled: false, info: '', env: [] },
      node('hot', 'cw-condition-trigger', 160, 80, [], {
        z: 'oven',
        name: 'Oven is hot',
        wires: [['sink'], []],
        conditions: [{ what: 'message', of: 'payload', operator: '>', to: '0' }],
        connection: connectionId,
        also: '',
        alsoType: 'msg',
      }),
      node('sink', 'debug', 460, 80, [], { z: 'oven', active: true, tosidebar: true, complete: 'true', targetType: 'full' }),
    ])
  }, 120_000)
  afterAll(async () => {
    if (connectionId) await designer.client.call(removeConnection, { params: { connectionId }, query: { evenIfUsed: true } }).catch(() => undefined)
    await designer?.close()
    await sender?.endAsync(true)
    await mosquitto?.close()
  })

  it('are offered as they are heard, and shown as they are while the condition is edited', async () => {
    const { page, client } = designer
    await page.goto(client.access.url)
    await page.getByTestId('node-hot').dblclick()
    await page.getByTestId('field-conditions-0-what').click()
    await page.getByRole('option', { name: 'tag of the connection' }).click()
    await page.getByTestId('field-conditions-0-tag').click()
    await page.getByRole('option', { name: /shop\/oven/ }).click()
    await page.getByTestId('field-conditions-0-part').fill('celsius')
    await page.getByTestId('field-conditions-0-to').fill('80')
    await page.getByTestId('condition-now-0').getByText('21.5').waitFor()
    await page.getByTestId('condition-preview').getByText('not fulfilled').first().waitFor()
    await shot(page, 'tags-form')
    expect(await violationsOf(page, undefined, ['[data-testid="condition-preview"]'])).toEqual([])
    await say(95)
    await page.locator('[data-testid="condition-preview"] [data-true="true"]').first().waitFor()
    await say(20)
    await page.locator('[data-testid="condition-preview"] [data-true="false"]').first().waitFor()
    await page.getByTestId('config-done').click()
    await page.getByTestId('deploy').click()
    await expect.poll(async () => (await designer.nodeOf('hot'))?.conditions, { timeout: 20_000 }).toMatchObject([{ what: 'tag', tag: 'shop/oven' }])
  }, 60_000)

  it('start a run when the condition comes true, which is found from its flow', async () => {
    const { page, client } = designer
    const runs = () => client.call(listRuns, { query: { limit: 20, flowId: 'oven' } })
    let isHot = false
    await expect
      .poll(
        async () => {
          // the deploy may still be on its way: below the limit, then above it, and each for longer than values are gathered
          isHot = !isHot
          await say(isHot ? 90 : 20)
          return (await runs()).length
        },
        { timeout: 30_000, interval: 800 },
      )
      .toBeGreaterThan(0)
    await page.getByTestId('tab-menu').click()
    await page.getByTestId('tab-runs').click()
    await page.waitForURL(/\/runs\?flow=oven/)
    await page.getByTestId('run-list').getByText('Oven is hot').first().waitFor()
    await expect.poll(() => page.getByTestId('filter-flow').inputValue()).toBe('oven')
    await shot(page, 'tags-runs')
    expect(await violationsOf(page)).toEqual([])
    await page.setViewportSize(SIZES.tablet)
    await shot(page, 'tags-runs-tablet')
    await page.setViewportSize(SIZES.desktop)
    await page.getByTestId('filter-clear').click()
    await expect.poll(() => page.url()).not.toContain('flow=')
  }, 60_000)

  it('are not known when the broker goes, and the form says so', async () => {
    const { page, client } = designer
    await say(90)
    await page.goto(client.access.url)
    await page.getByTestId('node-hot').dblclick()
    await page.getByTestId('condition-now-0').getByText('90').waitFor()
    await mosquitto.stop()
    await page.getByTestId('condition-now-0').getByText('its connection does not tell it').waitFor()
    await page.emulateMedia({ colorScheme: 'dark' })
    await shot(page, 'tags-lost-dark')
    await page.emulateMedia({ colorScheme: 'light' })
    expect(designer.complaints).toEqual([])
  }, 60_000)
})
