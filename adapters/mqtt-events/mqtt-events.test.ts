/** Against a real broker: Mosquitto, where it is installed. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { connectAsync, type MqttClient } from 'mqtt'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { RunningConnector, TagValue } from '../contract.ts'
import { eventConformance } from '../event-conformance.ts'
import type { AnyConnector } from '../index.ts'
import { eventGateway } from '../testing-events.ts'
import { mqttEvents } from './index.ts'
import { broker, startBroker } from './testing.ts'

type Settings = Parameters<typeof mqttEvents.start>[0]['settings']
const eventually = <T>(fact: () => T) => expect.poll(fact, { timeout: 30_000 })
/** Makes certificates; it is with every system that has Mosquitto. */
const OPENSSL = process.env.OPENSSL ?? 'openssl'

describe.skipIf(!broker)(broker ? 'messages of an MQTT broker' : 'messages of an MQTT broker: SKIPPED, no mosquitto here', () => {
  let mosquitto: Awaited<ReturnType<typeof startBroker>>
  let count = 0
  let sender: MqttClient
  let gateway: ReturnType<typeof eventGateway>
  let running: RunningConnector | undefined
  const settings = (more: Partial<Settings> = {}): Settings => ({
    url: `mqtt://127.0.0.1:${mosquitto.port}`,
    topics: ['shop/+/done', 'alarms/#'],
    qos: 1,
    // each test has a session of its own at the broker
    clientId: `test-${count}`,
    retained: false,
    ...more,
  })
  beforeAll(async () => {
    mosquitto = await startBroker()
    sender = await connectAsync(`mqtt://127.0.0.1:${mosquitto.port}`, { reconnectPeriod: 200 })
  })
  afterAll(async () => {
    await sender.endAsync(true)
    await mosquitto.close()
  })
  beforeEach(async () => {
    gateway = eventGateway()
    count += 1
  })
  afterEach(async () => {
    await stop()
  })
  const start = async (more: Partial<Settings> = {}) => {
    running = await mqttEvents.start({ settings: settings(more), secrets: {}, context: gateway.context })
  }
  const stop = async () => {
    gateway.end()
    await running?.close()
    running = undefined
  }
  const heard = () => gateway.events.map(({ subject, payload }) => [subject, (payload as { message: unknown }).message])
  const say = (topic: string, message: string, retain = false) => sender.publishAsync(topic, message, { qos: 1, retain })

  it('come with their topic, as JSON or as text', async () => {
    await start()
    await say('shop/mill-1/done', '{"part":"plate"}')
    await say('shop/mill-1/other', 'not asked for')
    await say('alarms/fire/hall-2', 'now!')
    await eventually(heard).toEqual([
      ['shop/mill-1/done', { part: 'plate' }],
      ['alarms/fire/hall-2', 'now!'],
    ])
  })
  it('are kept by the broker until the gateway has stored them, over a restart of the connection', async () => {
    gateway.be(true)
    await start()
    await say('shop/a/done', '1')
    await eventually(() => gateway.tries()).toBeGreaterThan(0)
    await stop()
    await say('shop/b/done', '2')
    gateway = eventGateway()
    await start()
    await eventually(heard).toEqual([
      ['shop/a/done', 1],
      ['shop/b/done', 2],
    ])
  })
  it('that the broker keeps of a topic come only when asked for', async () => {
    await say('alarms/kept', 'old', true)
    await start()
    await say('alarms/new', 'new')
    await eventually(heard).toEqual([['alarms/new', 'new']])
    await say('alarms/kept', '', true)
  })
  it('come again by themselves after the broker was away', async () => {
    await start()
    await mosquitto.stop()
    await eventually(() => gateway.states.at(-1)?.state).toBe('failing')
    await mosquitto.start()
    await eventually(() => gateway.states.at(-1)?.state).toBe('running')
    await eventually(() => sender.connected).toBe(true)
    await say('shop/c/done', '"back"')
    await eventually(heard).toEqual([['shop/c/done', 'back']])
  })
  it('of topics that are not wanted any more are not told of, though the broker still has them in the session', async () => {
    await start()
    await stop()
    gateway = eventGateway()
    await start({ topics: ['shop/+/done'] })
    await say('alarms/old', '1')
    await say('shop/d/done', '2')
    await eventually(heard).toEqual([['shop/d/done', 2]])
  })
  it('that were stored while the line broke are told of once, though the broker sends them again', async () => {
    await start()
    const release = gateway.hold()
    await say('shop/once/done', '1')
    await eventually(() => gateway.tries()).toBe(1)
    await mosquitto.stop()
    await eventually(() => gateway.states.at(-1)?.state).toBe('failing')
    release()
    await eventually(heard).toEqual([['shop/once/done', 1]])
    await mosquitto.start()
    await eventually(() => gateway.states.at(-1)?.state).toBe('running')
    await eventually(() => sender.connected).toBe(true)
    await say('shop/twice/done', '2')
    await eventually(heard).toEqual([
      ['shop/once/done', 1],
      ['shop/twice/done', 2],
    ])
  })
  it('are kept for nobody when the connection was removed', async () => {
    await start()
    await stop()
    await mqttEvents.forget?.(settings(), {})
    await say('shop/late/done', '1')
    gateway = eventGateway()
    await start()
    await say('shop/new/done', '2')
    await eventually(heard).toEqual([['shop/new/done', 2]])
  })
  it('needs a broker that answers, and says what it saw', async () => {
    await sender.publishAsync('shop/kept/done', '1', { retain: true })
    const seen = await mqttEvents.check(settings(), {})
    await sender.publishAsync('shop/kept/done', '', { retain: true })
    expect(seen.map(({ code }) => code)).toEqual(['broker-version', 'mqtt-five', 'topics-granted', 'topics-heard'])
    expect(seen[0]?.text).toContain('mosquitto version')
    expect(seen[3]?.blanks?.topics).toBe('shop/kept/done')
    await expect(mqttEvents.check(settings({ url: 'mqtt://127.0.0.1:1' }), {})).rejects.toThrow(/cannot be reached/)
  })
})

describe.skipIf(!broker)('a Mosquitto with its default limits', () => {
  it('drops nothing of a burst while the store is slow, since MQTT 5 lets it send ahead', async () => {
    const mosquitto = await startBroker(undefined, '')
    const sender = await connectAsync(`mqtt://127.0.0.1:${mosquitto.port}`)
    const gateway = eventGateway()
    try {
      const url = `mqtt://127.0.0.1:${mosquitto.port}`
      const settings = { url, topics: ['shop/#'], qos: 1, clientId: 'burst', retained: false } as const
      const running = await mqttEvents.start({ settings: { ...settings, topics: [...settings.topics] }, secrets: {}, context: gateway.context })
      const release = gateway.hold()
      const names = Array.from({ length: 3000 }, (_, index) => `shop/${String(index).padStart(5, '0')}`)
      await Promise.all(names.map((topic) => sender.publishAsync(topic, 'x', { qos: 1 })))
      release()
      await eventually(() => gateway.events.length).toBe(names.length)
      expect(gateway.events.map(({ subject }) => subject)).toEqual(names)
      expect(gateway.problems).toEqual([])
      gateway.end()
      await running.close()
    } finally {
      await sender.endAsync(true)
      await mosquitto.close()
    }
  })
  it('says what it dropped while the connection was closed, as far as the broker tells', async () => {
    const mosquitto = await startBroker(undefined, 'max_queued_messages 10')
    const url = `mqtt://127.0.0.1:${mosquitto.port}`
    const sender = await connectAsync(url)
    const settings = { url, topics: ['shop/#'], qos: 1 as const, clientId: 'small', retained: false }
    const gateway = eventGateway()
    const running = await mqttEvents.start({ settings, secrets: {}, context: gateway.context })
    // another client that is away and whose messages the broker has no room for
    const other = await connectAsync(url, { clientId: 'other', clean: false })
    await other.subscribeAsync('shop/#', { qos: 1 })
    await other.endAsync(true)
    try {
      const drops = () => gateway.problems.filter((problem) => 'code' in problem && problem.code === 'broker-dropped')
      // the first word of the broker is where counting begins
      let sent = 0
      await expect
        .poll(
          async () => {
            for (let count = 0; count < 40; count += 1) await sender.publishAsync('shop/a', String(sent++), { qos: 1 })
            return drops().length
          },
          { timeout: 60_000, interval: 500 },
        )
        .toBeGreaterThan(0)
      expect(drops()[0]?.reason).toMatch(/has dropped \d+ messages .* all its clients/)
    } finally {
      gateway.end()
      await running.close()
      await sender.endAsync(true)
      await mosquitto.close()
    }
  })
})

describe('a broker that knows only MQTT 3.1.1', () => {
  it('is spoken to in MQTT 3.1.1, whether it says so or hangs up', async () => {
    for (const hangsUp of [true, false]) {
      const levels: number[] = []
      const server = createServer((socket) => {
        socket.on('error', () => {})
        socket.once('data', (first: Buffer) => {
          // MQTT 3.1.1, 3.1.2: the protocol level follows the name "MQTT"
          const level = first[first.indexOf('MQTT') + 4] ?? 0
          levels.push(level)
          if (level !== 4) {
            if (hangsUp) socket.destroy()
            else socket.end(Buffer.from([0x20, 2, 0, 1]))
            return
          }
          socket.write(Buffer.from([0x20, 2, 0, 0]))
          // every subscription is granted with QoS 1 (3.9)
          socket.on('data', (packet: Buffer) => {
            if (packet[0] === 0x82) socket.write(Buffer.from([0x90, 3, packet[2] ?? 0, packet[3] ?? 0, 1]))
          })
        })
      })
      await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
      const { port } = server.address() as { port: number }
      const gateway = eventGateway()
      const settings = { url: `mqtt://127.0.0.1:${port}`, topics: ['a'], qos: 1 as const, clientId: 'old', retained: false }
      const running = await mqttEvents.start({ settings, secrets: {}, context: gateway.context })
      gateway.end()
      await running.close()
      server.close()
      expect(levels).toEqual([5, 4])
    }
  })
})

describe('a look at a broker', () => {
  it('hears what comes after this process stood still for longer than it listens', async () => {
    const publish = (topic: string, message: string) => {
      const rest = Buffer.concat([Buffer.from([0, topic.length]), Buffer.from(topic + message)])
      return Buffer.concat([Buffer.from([0x30, rest.length]), rest])
    }
    const server = createServer((socket) => {
      let subscriptions = 0
      socket.on('error', () => {})
      socket.once('data', (first: Buffer) => {
        // MQTT 3.1.1 is shorter to speak: MQTT 5 is refused
        if (first[first.indexOf('MQTT') + 4] !== 4) return void socket.end(Buffer.from([0x20, 2, 0, 1]))
        socket.write(Buffer.from([0x20, 2, 0, 0]))
        socket.on('data', (packet: Buffer) => {
          if (packet[0] !== 0x82) return
          socket.write(Buffer.from([0x90, 3, packet[2] ?? 0, packet[3] ?? 0, 1]))
          subscriptions += 1
          if (subscriptions < 2) return
          setTimeout(() => {
            Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3_000)
            setTimeout(
              () => socket.write(Buffer.concat([publish('$SYS/broker/version', 'old 1.0'), ...['a', 'b', 'c'].map((topic) => publish(topic, '1'))])),
              20,
            )
          }, 50)
        })
      })
    })
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
    try {
      const { port } = server.address() as { port: number }
      const seen = await mqttEvents.check({ url: `mqtt://127.0.0.1:${port}`, topics: ['#'], qos: 1, clientId: 'look', retained: false }, {})
      expect(seen.map(({ code }) => code)).toEqual(['broker-version', 'mqtt-three', 'topics-granted', 'topics-heard'])
    } finally {
      server.close()
    }
  })
})

describe.skipIf(!broker)('live values of an MQTT broker', () => {
  it('are told at every change with quality and age, know that a kept message has none, and go bad with the line', async () => {
    const mosquitto = await startBroker()
    const url = `mqtt://127.0.0.1:${mosquitto.port}`
    let sender = await connectAsync(url)
    await sender.publishAsync('shop/kept', '{"celsius":41.5}', { qos: 1, retain: true })
    const gateway = eventGateway()
    const running = await mqttEvents.start({
      settings: { url, topics: ['shop/#'], qos: 1, clientId: 'tags', retained: false },
      secrets: {},
      context: gateway.context,
    })
    const now = new Map<string, TagValue>()
    try {
      await running.tags?.watch(['shop/kept', 'shop/now', 'other/topic'], (value) => void now.set(value.tag, value))
      await eventually(() => now.get('shop/kept')).toEqual({ tag: 'shop/kept', value: { celsius: 41.5 }, quality: 'good', at: null })
      expect(now.get('shop/now')).toEqual({ tag: 'shop/now', value: null, quality: 'bad', at: null })
      const before = Date.now()
      await sender.publishAsync('shop/now', '7', { qos: 1 })
      await eventually(() => now.get('shop/now')).toMatchObject({ value: 7, quality: 'good', at: expect.any(Number) })
      expect(now.get('shop/now')?.at ?? 0).toBeGreaterThanOrEqual(before)
      // of a topic that the connection is not set to, nothing is heard
      await sender.publishAsync('other/topic', '1', { qos: 1 })
      expect((await running.tags?.browse(new AbortController().signal))?.map(({ tag }) => tag)).toEqual(['shop/kept', 'shop/now'])
      expect(now.get('other/topic')).toMatchObject({ quality: 'bad', value: null })
      await sender.endAsync(true)
      await mosquitto.stop()
      await eventually(() => now.get('shop/now')).toMatchObject({ value: 7, quality: 'bad' })
      await mosquitto.start()
      sender = await connectAsync(url)
      // the broker kept this one; of the other nobody knows until it is said again
      await eventually(() => now.get('shop/kept')?.quality).toBe('good')
      expect(now.get('shop/now')?.quality).toBe('bad')
      await eventually(async () => {
        await sender.publishAsync('shop/now', '8', { qos: 1 })
        return now.get('shop/now')?.value
      }).toBe(8)
      expect(now.get('shop/now')?.quality).toBe('good')
    } finally {
      gateway.end()
      await running.close()
      await sender.endAsync(true)
      await mosquitto.close()
    }
  })
})

describe.skipIf(!broker)('an MQTT broker that is not for everybody', () => {
  const tools = broker ? join(dirname(dirname(broker)), 'bin', 'mosquitto_passwd') : ''
  const hasOpenssl = (() => {
    try {
      execFileSync(OPENSSL, ['version'], { stdio: 'ignore' })
      return true
    } catch {
      return false
    }
  })()
  const base = { topics: ['a/#'], qos: 1, clientId: 'test', retained: false } as const

  it.skipIf(!existsSync(tools))('refuses a wrong password in words that say what to do; a connection that stands says so too', async () => {
    const mosquitto = await startBroker((dir) => {
      execFileSync(tools, ['-b', '-c', join(dir, 'passwd'), 'shop', 'right'], { stdio: 'ignore' })
      return `allow_anonymous false\npassword_file ${join(dir, 'passwd')}\n`
    })
    const settings = { ...base, topics: [...base.topics], url: `mqtt://127.0.0.1:${mosquitto.port}`, userName: 'shop' }
    const gateway = eventGateway()
    try {
      await expect(mqttEvents.check(settings, { password: 'wrong' })).rejects.toMatchObject({ code: 'broker-refused', kind: 'user' })
      await expect(mqttEvents.check({ ...settings, userName: '' }, { password: 'right' })).rejects.toMatchObject({ code: 'user-name-missing' })
      await mqttEvents.check(settings, { password: 'right' })
      const running = await mqttEvents.start({ settings, secrets: { password: 'right' }, context: gateway.context })
      await mosquitto.stop()
      execFileSync(tools, ['-b', join(mosquitto.dir, 'passwd'), 'shop', 'other'], { stdio: 'ignore' })
      await mosquitto.start()
      await eventually(() => gateway.states.at(-1)?.code).toBe('broker-refused')
      gateway.end()
      await running.close()
    } finally {
      await mosquitto.close()
    }
  })

  it.skipIf(!hasOpenssl)('is trusted by its own certificate authority, and by nothing less', async () => {
    const openssl = (dir: string, ...args: string[]) => execFileSync(OPENSSL, args, { cwd: dir, stdio: 'ignore' })
    const mosquitto = await startBroker((dir) => {
      openssl(dir, 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'ca.key', '-out', 'ca.crt', '-days', '2', '-subj', '/CN=Shop CA')
      openssl(dir, 'req', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'server.key', '-out', 'server.csr', '-subj', '/CN=localhost')
      writeFileSync(join(dir, 'names'), 'subjectAltName=DNS:localhost\n')
      openssl(
        dir,
        'x509',
        '-req',
        '-in',
        'server.csr',
        '-CA',
        'ca.crt',
        '-CAkey',
        'ca.key',
        '-CAcreateserial',
        '-days',
        '2',
        '-extfile',
        'names',
        '-out',
        'server.crt',
      )
      return `allow_anonymous true\ncafile ${dir}/ca.crt\ncertfile ${dir}/server.crt\nkeyfile ${dir}/server.key\n`
    })
    const settings = { ...base, topics: [...base.topics], url: `mqtts://localhost:${mosquitto.port}` }
    const ca = readFileSync(join(mosquitto.dir, 'ca.crt'), 'utf8')
    try {
      await expect(mqttEvents.check(settings, {})).rejects.toMatchObject({ code: 'certificate-untrusted' })
      await expect(mqttEvents.check({ ...settings, url: `mqtts://127.0.0.1:${mosquitto.port}`, ca }, {})).rejects.toMatchObject({
        code: 'certificate-other-name',
      })
      await expect(mqttEvents.check({ ...settings, ca: '-----BEGIN CERTIFICATE-----\nno\n-----END CERTIFICATE-----' }, {})).rejects.toMatchObject({
        code: 'certificate-wrong',
      })
      expect((await mqttEvents.check({ ...settings, ca }, {}))[0]?.code).toBe('broker-version')
    } finally {
      await mosquitto.close()
    }
  })
})

if (broker)
  eventConformance(mqttEvents as unknown as AnyConnector, async () => {
    const mosquitto = await startBroker()
    const sender = await connectAsync(`mqtt://127.0.0.1:${mosquitto.port}`, { reconnectPeriod: 200 })
    return {
      settings: { url: `mqtt://127.0.0.1:${mosquitto.port}`, topics: ['shop/#'] },
      async happen(names) {
        await Promise.all(names.map((name) => sender.publishAsync(`shop/${name}`, 'x', { qos: 1 })))
      },
      nameOf: ({ subject }) => subject.slice('shop/'.length),
      isOrdered: true,
      vanish: () => mosquitto.stop(),
      comeBack: () => mosquitto.start(),
      keeps: true,
      async close() {
        await sender.endAsync(true)
        await mosquitto.close()
      },
    }
  })
