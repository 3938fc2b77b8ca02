/** Several hosts on one database. `openHosts` is what the gateway's composition root calls. */
import type { Logger } from '../../base/log.ts'
import type { Config } from '../config.ts'
import type { Store } from '../store/index.ts'
import { createBus } from './bus.ts'
import { carryOverPostgres } from './carry-postgres.ts'
import { carryOverRedis } from './carry-redis.ts'
import { aloneHost } from './contract.ts'
import { readIdentity } from './name.ts'
import { createHosts, type HostRegistry, settleName } from './registry.ts'

export { createPlacing } from './placing.ts'
export { relayLive } from './relay.ts'
export { hostRoutes } from './routes.ts'

/**
 * Finds this host's name, and begins to hear the others. `start` of what it returns says that it lives.
 * @throws UserError host-name-taken, setting-invalid; OperationalError redis-away
 */
export async function openHosts(options: {
  store: Store
  log: Logger
  config: Pick<Config, 'dataDir' | 'hostName' | 'hostSilentS' | 'redisUrl' | 'hostUrl'>
  /** The database is this host's own: there can be no other. */
  isAlone: boolean
  /** Where the name is kept. */
  file: string
  version: string
}): Promise<HostRegistry> {
  const { store, log, config, isAlone, file, version } = options
  const identity = await settleName(store.db, await readIdentity({ file, given: config.hostName }), file)
  const open = () => (config.redisUrl === undefined ? carryOverPostgres({ store, log }) : carryOverRedis({ url: config.redisUrl, log }))
  const bus = isAlone ? aloneHost().bus : createBus({ name: identity.name, carrier: await open(), log })
  try {
    const hosts = await createHosts({ db: store.db, log, identity, bus, version, dataDir: config.dataDir, silentMs: config.hostSilentS * 1000 })
    if (config.hostUrl !== undefined) hosts.setUrl(config.hostUrl)
    return hosts
  } catch (error) {
    await bus.close()
    throw error
  }
}
