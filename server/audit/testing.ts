/** An audit log over a real database, for tests. */
import { Client } from 'pg'
import { createLog } from '../../base/log.ts'
import type { AnyRoute, BodyOf, QueryOf, ResponseOf } from '../api/index.ts'
import { capabilitiesOf } from '../api/index.ts'
import type { Caller } from '../auth/caller.ts'
import type { Context } from '../http/handler.ts'
import { startTestStore, type TestStore } from '../store/testing.ts'
import { createVersions } from '../versions/index.ts'
import { type AuditPart, createAudit } from './index.ts'

/** Derives like the secrets part: the same for the same purpose. */
export const testSecrets = (installation = '1') => ({ derive: () => installation.repeat(64).slice(0, 64) })

export const ann: Caller = {
  userId: 'u-ann',
  userName: 'ann',
  name: 'Ann',
  role: 'admin',
  capabilities: capabilitiesOf('admin'),
  via: 'session',
  session: 's-ann',
  origin: { address: '192.0.2.7' },
}

export interface TestAudit {
  shop: TestStore
  audit: AuditPart
  /** Another gateway on the same database. */
  another(options?: { witnessFile?: string; installation?: string }): AuditPart
  call<R extends AnyRoute>(route: R, input?: { query?: QueryOf<R>; body?: BodyOf<R>; caller?: Caller }, audit?: AuditPart): Promise<ResponseOf<R>>
  /** Acts as the owner of the database with every trigger off. */
  tamper(text: string, values?: unknown[]): Promise<void>
  close(): Promise<void>
}

export async function startTestAudit(): Promise<TestAudit> {
  const shop = await startTestStore()
  const log = createLog('test', 'silent')
  const parts: AuditPart[] = []
  const another: TestAudit['another'] = ({ witnessFile, installation } = {}) => {
    const part = createAudit({
      db: shop.store.db,
      log,
      secrets: testSecrets(installation),
      versions: createVersions(shop.store.db),
      ...(witnessFile ? { witnessFile } : {}),
    })
    parts.push(part)
    return part
  }
  const audit = another()
  return {
    shop,
    audit,
    another,
    async call(route, { query, body, caller = ann } = {}, part = audit) {
      const handler = part.handlers.find((one) => one.route.id === route.id)
      if (!handler) throw new Error(`Nobody answers ${route.id}`)
      return (await handler.run({ query, body, caller } as unknown as Context<AnyRoute>)) as never
    },
    async tamper(text, values) {
      const client = new Client({ connectionString: shop.database })
      await client.connect()
      try {
        await client.query('set session_replication_role = replica')
        await client.query(text, values)
      } finally {
        await client.end()
      }
    },
    async close() {
      await Promise.all(parts.map((part) => part.close()))
      await shop.close()
    },
  }
}
