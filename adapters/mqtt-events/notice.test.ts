/** Messages that nobody acknowledged, published to a real broker: Mosquitto, where it is installed. */
import { connectAsync, type MqttClient } from 'mqtt'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Notice, RunningConnector } from '../contract.ts'
import { eventGateway } from '../testing-events.ts'
import { mqttEvents } from './index.ts'
import { broker, startBroker } from './testing.ts'

const NOTICE: Notice = { key: 'msg_1', priority: 'alarm', title: 'Fräse 1: a limit switch was hit', text: 'Unlock and home.', at: '2026-03-02T08:00:00.000Z' }
const eventually = <T>(fact: () => T) => expect.poll(fact, { timeout: 30_000 })

describe.skipIf(!broker)(broker ? 'a message for people, over MQTT' : 'a message for people, over MQTT: SKIPPED, no mosquitto here', () => {
  let mosquitto: Awaited<ReturnType<typeof startBroker>>
  let phone: MqttClient
  let heard: { topic: string; text: string; qos: number; isRetained: boolean }[]
  let gateway: ReturnType<typeof eventGateway>
  let running: RunningConnector

  const start = (noticeTopic?: string) =>
    mqttEvents.start({
      settings: {
        url: `mqtt://127.0.0.1:${mosquitto.port}`,
        ...{ topics: ['shop/#'], qos: 1, clientId: 'notices', retained: false },
        ...(noticeTopic === undefined ? {} : { noticeTopic }),
      },
      secrets: {},
      context: gateway.context,
    })
  const listen = async () => {
    const client = await connectAsync(`mqtt://127.0.0.1:${mosquitto.port}`, { reconnectPeriod: 200 })
    client.on('message', (topic, payload, { qos, retain }) => void heard.push({ topic, text: payload.toString('utf8'), qos, isRetained: retain }))
    await client.subscribeAsync('people/#', { qos: 1 })
    return client
  }

  beforeAll(async () => {
    mosquitto = await startBroker()
  })
  afterAll(() => mosquitto.close())
  beforeEach(async () => {
    heard = []
    gateway = eventGateway()
    phone = await listen()
  })
  afterEach(async () => {
    gateway.end()
    await running?.close()
    await phone.endAsync(true)
  })

  it('arrives once, whole, on its own topic, for who listens now and not for who comes tomorrow', async () => {
    running = await start('people/alarms')
    expect(await running.notify?.(NOTICE, new AbortController().signal)).toEqual({ reference: 'people/alarms' })
    await eventually(() => heard.length).toBe(1)
    expect(heard[0]).toMatchObject({ topic: 'people/alarms', qos: 1, isRetained: false })
    expect(JSON.parse(heard[0]?.text ?? '')).toEqual(NOTICE)
    const late = await listen()
    // what was said after it has come: so has everything before
    await phone.publishAsync('people/last', 'x', { qos: 1 })
    await eventually(() => heard.filter(({ topic }) => topic === 'people/last').length).toBe(2)
    expect(heard.filter(({ topic }) => topic === 'people/alarms')).toHaveLength(1)
    await late.endAsync(true)
  })

  it('is not kept here while the broker is away: it is refused, to be tried again', async () => {
    running = await start('people/alarms')
    const isBack = new Promise<void>((resolve) => phone.once('connect', () => resolve()))
    await mosquitto.stop()
    await eventually(() => gateway.states.at(-1)?.state).toBe('failing')
    await expect(running.notify?.(NOTICE, new AbortController().signal)).rejects.toMatchObject({ name: 'OperationalError', code: 'broker-away' })
    await mosquitto.start()
    await eventually(() => gateway.states.at(-1)?.state).toBe('running')
    await isBack
    // it does so by itself, too; here it is known when the broker has heard it
    await phone.subscribeAsync('people/#', { qos: 1 })
    // nothing of the refused one comes by itself
    await running.notify?.({ ...NOTICE, key: 'msg_2' }, new AbortController().signal)
    await eventually(() => heard.map(({ text }) => (JSON.parse(text) as Notice).key)).toEqual(['msg_2'])
  })

  it('needs a topic for messages', async () => {
    running = await start()
    await expect(running.notify?.(NOTICE, new AbortController().signal)).rejects.toMatchObject({ name: 'UserError', code: 'no-notices' })
  })
})
