/** What happens before a database in use is brought up to date. docs/upgrade.md tells people. */
import type { BeforeUpgrade } from '../store/migrate.ts'
import { refuseWhileOthersLive } from './other-hosts.ts'

/** @param options.hostFile `dataPaths().host` */
export function beforeUpgrade(options: { hostFile: string }): BeforeUpgrade {
  return (_upgrade, database) => refuseWhileOthersLive(database, options.hostFile)
}
