/** An alarm that nobody acknowledges, from a flow to a phone: panel, outbox, connector host, a real MQTT broker that is away at first. */
import { connectAsync, type MqttClient } from 'mqtt'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { broker, startBroker } from '../adapters/mqtt-events/testing.ts'
import { acknowledgeMessage, addConnection, deployFlows, type FlowNode, listPanelMessages, type PanelMessage, setEscalation } from '../server/api/index.ts'
import { type Product, startTestProduct, until } from './product.ts'

const node = (id: string, type: string, more: Record<string, unknown>): FlowNode => ({ id, type, z: 'tab', name: id, x: 1, y: 1, wires: [[]], ...more })
/** Says it every time the flows start: the key makes it one message. */
const alarmFlows = (title: string): FlowNode[] => [
  { id: 'tab', type: 'tab', label: 'Alarm' },
  node('begin', 'inject', { props: [], once: true, onceDelay: 0.1, wires: [['tell']] }),
  node('tell', 'cw-message', { do: 'show', priority: 'alarm', title, titleType: 'str', text: 'Fill it up.', textType: 'str', lasts: 'seen', key: title }),
]

describe.skipIf(!broker)(broker ? 'an alarm that nobody has seen' : 'an alarm that nobody has seen: SKIPPED, no mosquitto here', () => {
  let product: Product
  let connectionId: string
  let mosquitto: Awaited<ReturnType<typeof startBroker>>
  let phone: MqttClient
  const heard: { title: string; key: string; priority: string; text: string }[] = []

  /** With a session that outlives the broker's rest: what is sent before the phone is back waits for it there. */
  const listen = async () => {
    phone = await connectAsync(`mqtt://127.0.0.1:${mosquitto.port}`, { clientId: 'phone', clean: false, reconnectPeriod: 200 })
    phone.on('error', () => {}) // the broker is away
    phone.on('message', (_topic, payload) => void heard.push(JSON.parse(payload.toString('utf8')) as (typeof heard)[number]))
    await phone.subscribeAsync('shop/alarms', { qos: 1 })
  }
  const messageOf = (title: string) =>
    until(
      `the message ${title}`,
      60_000,
      async (): Promise<PanelMessage | undefined> =>
        (await product.client.call(listPanelMessages, { query: { limit: 50 } })).find((message) => message.title === title),
    )
  const passOnAfter = (afterS: number) => product.client.call(setEscalation, { params: { priority: 'alarm' }, body: { to: { connectionId, afterS } } })
  const raise = async (title: string) => {
    await product.client.call(deployFlows, { body: { flows: alarmFlows(title), kind: 'full' } })
    return messageOf(title)
  }

  beforeAll(async () => {
    mosquitto = await startBroker()
    product = await startTestProduct()
    const connection = await product.client.call(addConnection, {
      body: {
        name: 'Shop broker',
        connector: 'mqtt-events',
        settings: {
          url: `mqtt://127.0.0.1:${mosquitto.port}`,
          topics: ['shop/in/#'],
          qos: 1,
          clientId: 'escalation',
          retained: false,
          noticeTopic: 'shop/alarms',
        },
        isEnabled: true,
      },
    })
    connectionId = connection.id
  }, 120_000)
  afterAll(async () => {
    await phone?.endAsync(true)
    await product?.close()
    await mosquitto?.close()
  })

  it('is on the phone once, also when the broker comes back only after it was sent', async () => {
    await passOnAfter(5)
    await listen()
    await mosquitto.stop()
    const { id } = await raise('Coolant is low')
    // it was passed on: it waits in the outbox for the broker
    await until('its passing on', 60_000, async () => (await messageOf('Coolant is low')).escalatedTo === 'Shop broker' || undefined)
    await mosquitto.start()
    await expect.poll(() => heard.length, { timeout: 90_000 }).toBe(1)
    expect(heard[0]).toMatchObject({ title: 'Coolant is low', priority: 'alarm', text: 'Fill it up.', key: expect.stringContaining(id) })
  }, 240_000)

  it('is not sent when somebody has seen it in time', async () => {
    // time enough for whoever sees it, on a busy machine too
    await passOnAfter(10)
    const seen = await raise('The door is open')
    await product.client.call(acknowledgeMessage, { params: { messageId: seen.id } })
    await raise('The air is off')
    // the later one has come, so the earlier one would have
    await expect.poll(() => heard.map(({ title }) => title), { timeout: 60_000 }).toEqual(['Coolant is low', 'The air is off'])
  }, 180_000)
})
