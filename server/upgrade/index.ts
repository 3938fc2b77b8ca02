/** What happens before a database in use is brought up to date. docs/upgrade.md tells people. */
import type { BeforeUpgrade } from '../store/migrate.ts'
import { refuseWhileOthersLive } from './other-hosts.ts'

/** @param options.hostFile `dataPaths().host` @param options.backup what must have been made, as the database is now */
export function beforeUpgrade(options: { hostFile: string; backup: () => Promise<void> }): BeforeUpgrade {
  return async (_upgrade, database) => {
    await refuseWhileOthersLive(database, options.hostFile)
    await options.backup()
  }
}
