/**
 * What everything in the gateway stands on: keys, the database, the audit trail, accounts, the door to the network, the other hosts, what a
 * shop has set, and the disk. The first part of the composition in `gateway.ts`.
 */
import { hostname } from 'node:os'
import type { Logger } from '../base/log.ts'
import { createAudit } from './audit/index.ts'
import { createAuth } from './auth/index.ts'
import { backUpBeforeUpgrade } from './backup/before-upgrade.ts'
import type { OnClose } from './closing.ts'
import { dataPaths } from './config.ts'
import { createEnvironmentMark } from './environment/index.ts'
import { openHosts, relayLive } from './hosts/index.ts'
import { createHttp } from './http/server.ts'
import type { GatewayInit } from './launcher/contract.ts'
import { openSecrets } from './secrets/index.ts'
import { createShopSettings } from './settings/index.ts'
import { openStore, readSchemaFacts } from './store/index.ts'
import { createSystem } from './system/index.ts'
import { measureDisk } from './system/metrics.ts'
import { createTls, servesTls } from './tls/index.ts'
import { beforeUpgrade } from './upgrade/index.ts'
import { createVersions } from './versions/index.ts'

export type Foundation = Awaited<ReturnType<typeof layFoundation>>

/** Opens each of them and says how it is closed; readiness and measures of them are told at the door, which is not open yet. */
export async function layFoundation(options: {
  init: GatewayInit
  log: Logger
  version: string
  pagesDir: string
  checkResponses: boolean | undefined
  onClose: OnClose
}) {
  const { init, log, version, pagesDir, checkResponses, onClose } = options
  const { config } = init
  const paths = dataPaths(config)
  const secrets = await openSecrets({ keysDir: paths.keys, key: config.secretKey })
  const store = await openStore({
    database: init.database,
    log,
    version,
    beforeUpgrade: beforeUpgrade({ hostFile: paths.host, backup: () => backUpBeforeUpgrade({ database: init.database, config, version, log }) }),
  })
  onClose('store', () => store.close())
  const versions = createVersions(store.db)
  const audit = createAudit({ db: store.db, log, secrets, versions, witnessFile: paths.auditWitness })
  onClose('audit', () => audit.close())
  const auth = await createAuth({ store, secrets, config, audit, log })
  onClose('auth', () => auth.close())
  const tls = servesTls(config) ? await createTls({ config, dir: paths.tls, log }) : undefined
  if (tls) onClose('tls', () => tls.close())
  const http = createHttp({ config, tls, auth, log, version, pagesDir, checkResponses: checkResponses ?? false })
  onClose('http', () => http.close())
  const hosts = await openHosts({ store, log, config, isAlone: init.isEmbeddedDatabase, file: paths.host, version })
  onClose('hosts', () => hosts.close())
  http.readiness('host', () => (hosts.isSuperseded ? `another gateway uses the name of this host, "${hosts.name}"` : undefined))
  const live = relayLive(http.live, hosts)
  auth.onLess(() => http.live.recheck())
  const environment = await createEnvironmentMark({ store, live, audit, log, hosts, versions, hostName: hostname() })
  const shopSettings = await createShopSettings({ store, live, audit, log, hosts, versions })
  const system = await createSystem({
    store,
    live,
    log,
    version,
    schema: await readSchemaFacts(store.db),
    dirs: [config.dataDir, paths.files],
    rule: { warnPercent: config.diskWarnPercent, stopPercent: config.diskStopPercent },
  })
  onClose('system', () => system.close())
  system.watchTls(() => tls?.facts().trouble)
  http.readiness('store', async () => ((await store.check()) ? undefined : 'the database does not answer'))
  http.readiness('disk', () => system.diskProblem())
  measureDisk(http.metrics.registry, system)
  return { secrets, store, versions, audit, auth, tls, http, hosts, live, environment, shopSettings, system }
}
