/** A shop whose notifications go to real receivers on this computer, for tests. */
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { RuleSettings, WebhookSettings } from '../api/index.ts'
import { CERTIFICATE } from '../templates/testing.ts'
import { type Answer, startTestGateway, type TestGateway } from '../testing.ts'
import type { NotificationTesting } from './index.ts'

export interface Shop extends TestGateway {
  /** Asks as somebody who is signed in by password. */
  as(userName: string, path: string, options?: { method?: string; body?: unknown }): Promise<Answer>
  /** A person with the password {@link PASSWORD}. @returns their id */
  person(userName: string, role: string): Promise<string>
  /** A program that broke: as a machine's queue would have written it. @returns the id of the job */
  brokenJob(name?: string, options?: { machineId?: string }): Promise<string>
  rule(settings: Partial<RuleSettings> & Pick<RuleSettings, 'to'>): Promise<string>
  /** Forgets what happened and whom it was for. */
  forget(): Promise<void>
  hook(settings: Partial<WebhookSettings> & Pick<WebhookSettings, 'url'>): Promise<{ id: string; secret: string }>
}

const PASSWORD = 'a long enough password'
export const NOBODY = { people: [], roles: [], addresses: [], webhooks: [], connections: [] }
const QUICK = [30, 30, 30, 30, 30, 30, 30, 30, 30]

export async function startShop(testing: NotificationTesting = {}): Promise<Shop> {
  const test = await startTestGateway({
    env: { CELLWRIGHT_OWNER: `anna:${PASSWORD}` },
    gateway: {
      testing: {
        notifications: { lookMs: 100, pushCa: CERTIFICATE, pauses: { mail: QUICK, webhook: QUICK, push: QUICK, connection: QUICK }, ...testing },
      },
    },
  })
  const cookies = new Map<string, string>()
  let jobs = 0
  const shop: Shop = Object.assign(Object.create(Object.getPrototypeOf(test)), {})
  Object.defineProperties(shop, Object.getOwnPropertyDescriptors(test))
  Object.assign(shop, {
    async as(userName, path, options = {}) {
      const known = cookies.get(userName)
      const answer = known && (await test.page(path, { ...options, headers: { cookie: known } }))
      if (answer && answer.status !== 401) return answer
      const cookie = await test.signIn(userName, PASSWORD)
      cookies.set(userName, cookie)
      return test.page(path, { ...options, headers: { cookie } })
    },
    async person(userName, role) {
      const { json } = await test.admin('/api/accounts', { method: 'POST', body: { userName, name: `${userName} Müller`, role, password: PASSWORD } })
      return json.id as string
    },
    async brokenJob(name = 'flange.nc', { machineId } = {}) {
      jobs += 1
      const id = `job_test${jobs}_${Date.now()}`
      await test.query(
        `insert into job (id, kind, queue, name, state, "machineId", "startedAt", "endedAt", reason, request, "requestedBy")
         values ($1, 'program', 'machine-m1', $2, 'interrupted', $3, now(), now(), 'The link was lost.', '{}', 'x')`,
        [id, name, machineId ?? null],
      )
      return id
    },
    async rule(settings) {
      const body = { name: 'Rule', isOn: true, events: [], atLeast: 'info', machines: [], language: 'en', gatherS: 0, ...settings }
      const answer = await test.admin('/api/notifications/rules', { method: 'POST', body })
      if (answer.status !== 200) throw new Error(answer.text)
      return answer.json.rules.at(-1).id as string
    },
    async forget() {
      await test.query(`delete from job where id like 'job_test%'`)
      // what was being read meanwhile is written before this is dealt with
      await test.query(
        `insert into "notificationEvent" (id, key, type, severity, data, at) values ('ntf_mark', 'mark', 'disk.ok', 'info', '{"path":"/","freeBytes":1}', now())`,
      )
      await until(async () => (await test.query(`select from "notificationEvent" where id = 'ntf_mark' and "routedAt" is not null`)).length)
      await test.query('delete from "notificationEvent"')
    },
    async hook(settings) {
      const body = { name: 'Hook', isOn: true, events: [], allowsPrivate: true, ca: '', ...settings }
      const answer = await test.admin('/api/webhooks', { method: 'POST', body })
      if (answer.status !== 200) throw new Error(answer.text)
      return { id: answer.json.webhook.id as string, secret: answer.json.secret as string }
    },
  } satisfies Pick<Shop, 'as' | 'person' | 'brokenJob' | 'rule' | 'hook' | 'forget'>)
  // from now on what happens is told
  await until(async () => (await test.query('select from "notificationMark"')).length > 0)
  return shop
}

/** Waits for what comes a moment later. */
export async function until<T>(look: () => Promise<T | undefined | false> | T | undefined | false, what = 'it did not come'): Promise<T> {
  const end = performance.now() + 30_000
  for (;;) {
    const found = await look()
    if (found) return found
    if (performance.now() > end) throw new Error(what)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

export interface Received {
  headers: Record<string, string>
  text: string
}

/** A program that receives webhooks. */
export async function receiver(answer?: (request: IncomingMessage, text: string, count: number) => number | undefined | Promise<number | undefined>) {
  const received: Received[] = []
  const listener: RequestListener = (request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      void (async () => {
        const text = Buffer.concat(parts).toString('utf8')
        received.push({ headers: request.headers as Record<string, string>, text })
        const status = (await answer?.(request, text, received.length)) ?? 204
        response.writeHead(status, status >= 300 && status < 400 ? { location: '/elsewhere' } : {}).end()
      })()
    })
  }
  const server = createServer(listener)
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/hook`,
    port,
    received,
    close: () =>
      new Promise<void>((closed) => {
        server.closeAllConnections()
        server.close(() => closed())
      }),
  }
}
