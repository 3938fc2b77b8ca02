/** A client of a broker: how it is set up, connected, and what its refusals mean. */
import { connect, type IPublishPacket, type MqttClient } from 'mqtt'
import { messageOf, OperationalError, UserError } from '../../base/errors.ts'
import { newId } from '../../base/ids.ts'
import { tlsOptions, tlsTrouble } from '../tls.ts'
import type { Settings } from './settings.ts'

const CONNECT_MS = 10_000
const RETRY_MS = 1000
const HUNG_UP = 'it does not answer'

/** Deals with a message; `done` lets the next one come, `acknowledge` tells the broker that it arrived. */
export type Handle = (packet: IPublishPacket, ways: { done: () => void; acknowledge: () => void }) => void

/** 5: MQTT 5. 4: MQTT 3.1.1 (its protocol level, 3.1.2.2). */
export type Version = 5 | 4

/**
 * Messages that an MQTT 5 broker may have under way to us before one is acknowledged (MQTT 5, 3.1.2.11.3). Mosquitto takes our word for
 * its own max_inflight_messages (20), and what is under way is not dropped, as what waits beyond max_queued_messages (1,000) is.
 */
export const RECEIVE_MAXIMUM = 20_000
/** MQTT 5, 3.1.2.11.2: the session does not end by itself. */
const NEVER = 0xffff_ffff

interface ClientOptions {
  /** The broker keeps what comes while it is away. */
  isLasting: boolean
  /** It is the client that the settings name, not another one beside it. @defaultValue when it handles messages */
  hasItsOwnId?: boolean
  /** Connects again by itself. @defaultValue when it handles messages */
  reconnects?: boolean
  handle?: Handle
}

/**
 * A client that is not connected yet.
 * @throws UserError certificate-wrong, user-name-missing
 */
export function newClient(settings: Settings, secrets: Record<string, string>, options: ClientOptions & { version: Version }): MqttClient {
  const { handle, isLasting, version, hasItsOwnId = handle !== undefined, reconnects = handle !== undefined } = options
  // MQTT 3.1.1, 3.1.2.9: no password without a user name
  if (secrets.password && !settings.userName)
    throw new UserError({ code: 'user-name-missing', message: 'MQTT takes a password only with a user name. Enter the user name, or remove the password.' })
  const client = connect(settings.url, {
    protocolVersion: version,
    // a look must not take over the session of the connection that runs
    clientId: hasItsOwnId ? settings.clientId : `${settings.clientId}-${newId('evt').slice(-8)}`,
    clean: !isLasting,
    ...(version === 5 ? { properties: { sessionExpiryInterval: isLasting ? NEVER : 0, receiveMaximum: RECEIVE_MAXIMUM } } : {}),
    ...(settings.userName ? { username: settings.userName } : {}),
    ...(secrets.password ? { password: secrets.password } : {}),
    ...tlsOptions(settings, secrets),
    connectTimeout: CONNECT_MS,
    reconnectPeriod: reconnects ? RETRY_MS : 0,
    // what the broker has kept comes with the connection: it must find us ready
    manualConnect: true,
  })
  // without a listener an error would end the process
  client.on('error', () => {})
  if (handle) client.handleMessage = (packet, done) => handleOne(client, packet as IPublishPacket, done, handle)
  return client
}

/**
 * A connected client: with MQTT 5 where the broker knows it, else with 3.1.1.
 * @throws UserError broker-refused, certificate-…; OperationalError broker-away
 */
export async function openClient(
  settings: Settings,
  secrets: Record<string, string>,
  options: ClientOptions,
): Promise<{ client: MqttClient; version: Version }> {
  const first = newClient(settings, secrets, { ...options, version: 5 })
  try {
    await connectTo(first, settings)
    return { client: first, version: 5 }
  } catch (error) {
    if (!(error instanceof OperationalError) || !mayBeOlder(error.cause)) throw error
    const client = newClient(settings, secrets, { ...options, version: 4 })
    await connectTo(client, settings)
    return { client, version: 4 }
  }
}

/** MQTT 3.1.1, table 3.1: 1 is "unacceptable protocol version" (in MQTT 5: 132); some brokers of that time only hang up. */
function mayBeOlder(cause: unknown): boolean {
  const code = (cause as { code?: unknown } | undefined)?.code
  return code === 1 || code === 132 || (cause as Error | undefined)?.message === HUNG_UP
}

/**
 * mqtt.js acknowledges a message (QoS 1) when `handleMessage` has called back, and brings the next one only then: a hundred
 * messages would be stored one by one. With an error in the callback it goes on without acknowledging (handlers/publish), which
 * then is ours to do.
 */
function handleOne(client: MqttClient, packet: IPublishPacket, done: (error?: Error) => void, handle: Handle): void {
  if (packet.qos === 0) {
    handle(packet, { done: () => done(), acknowledge: () => {} })
    return
  }
  const { messageId } = packet as { messageId?: number }
  handle(packet, {
    done: () => done(new Error('acknowledged later')),
    acknowledge() {
      // of a line that is gone: the broker sends the message again
      // biome-ignore lint/complexity/useLiteralKeys: the library declares it private
      if (messageId !== undefined && client.connected) client['_sendPacket']({ cmd: 'puback', messageId })
    },
  })
}

async function connectTo(client: MqttClient, settings: Settings): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      client.once('connect', () => resolve())
      client.once('error', reject)
      client.once('close', () => reject(new Error(HUNG_UP)))
      client.connect()
    })
  } catch (error) {
    await client.endAsync(true)
    const reason = messageOf(error) || String((error as { code?: unknown }).code)
    throw (
      refusalOf(error, settings) ??
      new OperationalError({
        code: 'broker-away',
        message: `The broker ${settings.url} cannot be reached: ${reason}. Check its address and port, and that it runs.`,
        details: { blanks: { where: settings.url, reason } },
        cause: error,
      })
    )
  }
}

/** What a person has to put right; undefined for a broker that is only away. */
export function refusalOf(error: unknown, { url }: Settings): UserError | undefined {
  const code = (error as { code?: unknown } | undefined)?.code
  const blanks = { where: url }
  // MQTT 3.1.1, table 3.1: 2 identifier rejected, 4 bad user name or password, 5 not authorized; MQTT 5: 133, 134, 135
  if (code === 4 || code === 5 || code === 134 || code === 135)
    return new UserError({
      code: 'broker-refused',
      message: `The broker ${url} refuses this user name or password. Correct them here or at the broker.`,
      details: { blanks },
      cause: error,
    })
  if (code === 2 || code === 133)
    return new UserError({
      code: 'client-refused',
      message: `The broker ${url} refuses this client id. Choose another one.`,
      details: { blanks },
      cause: error,
    })
  return tlsTrouble(error, url)
}

/** @throws UserError topic-refused; OperationalError broker-away */
export async function subscribe(client: MqttClient, settings: Settings, topics: readonly string[]): Promise<void> {
  try {
    await client.subscribeAsync([...topics], { qos: settings.qos as 0 | 1 })
  } catch (error) {
    // mqtt.js throws when one of them is refused (MQTT 3.1.1, 3.9.3: 128 is "failure")
    const { granted } = ((error as { packet?: unknown }).packet ?? {}) as { granted?: number[] }
    if (!granted)
      throw new OperationalError({
        code: 'broker-away',
        message: `The broker ${settings.url} went away: ${messageOf(error)}.`,
        details: { blanks: { where: settings.url, reason: messageOf(error) } },
        cause: error,
      })
    const refused = topics.filter((_, index) => (granted[index] ?? 0) >= 128).join(', ')
    throw new UserError({
      code: 'topic-refused',
      message: `The broker does not let this client listen to ${refused}. Correct the topics, or the rights of this user at the broker.`,
      details: { blanks: { topics: refused } },
    })
  }
}
