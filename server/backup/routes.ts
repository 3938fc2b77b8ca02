/** Back-ups over the API. */
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { toErrorMessage } from '../../base/errors.ts'
import {
  beginRestored,
  deleteBackup,
  downloadBackup,
  getBackups,
  makeBackup,
  setBackupPlan,
  stopBackup,
  testBackupPlace,
  verifyBackupRoute,
} from '../api/index.ts'
import { handle, type RouteHandler } from '../http/handler.ts'
import type { BackupDesk, BackupsDeps } from './contract.ts'
import { requireKept } from './kept.ts'
import { inWords } from './places/index.ts'
import { changedPlan, checkPlace, isSamePlace, readPlan, secretsOf, writePlan } from './plan.ts'
import { askBackup } from './process.ts'

export function backupRoutes(deps: Pick<BackupsDeps, 'store' | 'audit' | 'secrets' | 'paths' | 'log'> & { desk: BackupDesk }): RouteHandler[] {
  const { desk, audit, secrets, paths, log } = deps
  const { db } = deps.store
  return [
    handle(getBackups, () => desk.state()),
    handle(makeBackup, ({ body, caller }) => desk.make(body.passphrase, caller)),
    handle(stopBackup, ({ caller }) => ({ wasRunning: desk.stop(caller) })),
    handle(verifyBackupRoute, ({ params, body, caller }) => desk.verify(params.name, body.passphrase, caller)),
    handle(downloadBackup, async ({ params: { name }, caller, response }) => {
      const { file, bytes } = await requireKept(paths.backups, name)
      // before the first byte: who broke off has had a part of it
      audit.record({ caller, action: 'backup.download', target: name, detail: { bytes } })
      response
        .status(200)
        .setHeader('Content-Type', 'application/octet-stream')
        .setHeader('Content-Length', bytes)
        .setHeader('Content-Disposition', `attachment; filename="${name}"`)
        .setHeader('Cache-Control', 'no-store')
      try {
        await pipeline(createReadStream(file), response)
      } catch (error) {
        // the browser hears it from the length that it was told
        log.info({ err: error, name }, 'the download of a back-up broke off')
        response.destroy()
      }
      return ''
    }),
    handle(deleteBackup, async ({ params, caller }) => {
      await desk.remove(params.name, caller)
      return desk.state()
    }),
    handle(setBackupPlan, async ({ body, caller }) => {
      const plan = changedPlan(await readPlan(db), body, caller.name, secrets)
      await writePlan(db, plan)
      const { isOn, atTime, place, keepDaily, keepWeekly, keepMonthly } = plan
      const hasNew = { ...(body.passphrase === undefined ? {} : { newPassphrase: true }), ...(body.secret === undefined ? {} : { newSecret: true }) }
      audit.record({
        caller,
        action: 'backup.plan',
        target: isOn ? atTime : 'off',
        detail: { place: inWords(place) || place.kind, keepDaily, keepWeekly, keepMonthly, ...hasNew },
      })
      desk.changed()
      return desk.state()
    }),
    handle(testBackupPlace, async ({ body: { place, secret } }) => {
      checkPlace(place)
      const plan = await readPlan(db)
      // what is kept is for the place that it was given for
      const kept = isSamePlace(plan.place, place) ? secretsOf(plan, secrets).secret : undefined
      const used = secret ?? kept
      let hostKey: string | undefined
      try {
        await askBackup(
          { what: 'try', place, ...(used === undefined ? {} : { secret: used }) },
          {
            signal: desk.signal,
            onHostKey: (shown) => {
              hostKey = shown
            },
          },
        )
        return { isFine: true, ...(hostKey === undefined ? {} : { hostKey }) }
      } catch (error) {
        const { kind, code, message } = toErrorMessage(error)
        if (kind === 'bug') throw error
        return { isFine: false, code, text: message, ...(hostKey === undefined ? {} : { hostKey }) }
      }
    }),
    handle(beginRestored, async ({ caller }) => {
      await desk.begin(caller)
      return desk.state()
    }),
  ]
}
