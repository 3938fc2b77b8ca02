/**
 * The back-up before the schema is changed. Nobody is there to say a passphrase: it is locked with a key of this installation, which lies
 * in its data directory. So it is for going back on this host; what is kept elsewhere is locked with a passphrase that people know.
 */
import { join } from 'node:path'
import { messageOf, UserError } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import { type Config, dataPaths } from '../config.ts'
import { backupName } from './format.ts'
import { listKept, removeKept, writeFacts } from './kept.ts'
import { installationKey } from './lock.ts'
import { askBackup } from './process.ts'
import type { Written } from './write.ts'

const KEPT = 3

export interface BeforeUpgradeOptions {
  database: string
  config: Pick<Config, 'dataDir' | 'filesDir' | 'secretKey' | 'upgradeBackup'>
  /** Of the program that is about to change it. */
  version: string
  log: Logger
}

/** @throws UserError backup-before-upgrade with the cause, and what to do; the database is as it was */
export async function backUpBeforeUpgrade({ database, config, version, log }: BeforeUpgradeOptions): Promise<void> {
  if (config.upgradeBackup === 'off') {
    log.warn({}, 'the database is upgraded without a back-up, as CELLWRIGHT_UPGRADE_BACKUP says')
    return
  }
  const { backups, backupKey } = dataPaths(config)
  const name = backupName(new Date())
  const { dataDir, filesDir, secretKey } = config
  try {
    const written = (await askBackup(
      {
        what: 'write',
        file: join(backups, name),
        lock: { identity: await installationKey(backupKey) },
        database,
        dataDir,
        ...(filesDir === undefined ? {} : { filesDir }),
        ...(secretKey === undefined ? {} : { secretKey }),
        version,
        why: 'upgrade',
      },
      { signal: new AbortController().signal },
    )) as Written
    await writeFacts(backups, name, { why: 'upgrade', by: 'Cellwright', version, sha256: written.sha256, verifiedAt: new Date().toISOString() })
    log.info({ name, bytes: written.bytes }, 'backed up before the upgrade')
    const older = (await listKept(backups)).filter(({ why }) => why === 'upgrade').slice(KEPT)
    for (const each of older) await removeKept(backups, each.name)
  } catch (cause) {
    // a person's to put right: the launcher prints it and does not try again
    throw new UserError({
      code: 'backup-before-upgrade',
      message: `This program would bring the database up to date, and the back-up that has to be made before failed: ${messageOf(cause)} Nothing was changed. Put that right and start again; CELLWRIGHT_UPGRADE_BACKUP=off upgrades without one.`,
      cause,
    })
  }
}
