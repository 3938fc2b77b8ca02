/** Back-ups as the gateway keeps them: one at a time a host, made by a process of their own. README.md says what is in one. */
import { createHash } from 'node:crypto'
import { statfs } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { DateTime } from 'luxon'
import { messageOf, OperationalError, toErrorMessage, UserError } from '../../base/errors.ts'
import type { BackupState, BackupsState, BackupWork } from '../api/index.ts'
import type { Caller } from '../auth/caller.ts'
import type { BackupDesk, Backups, BackupsDeps } from './contract.ts'
import { type BackupWhy, backupName, type Progress } from './format.ts'
import { listKept, readFacts, removeHalves, removeKept, requireKept, writeFacts } from './kept.ts'
import { installationKey, type Lock, requirePassphrase } from './lock.ts'
import { inWords } from './places/index.ts'
import { addRun, broughtTo, isDue, lastDue, lastOutcome, lastRuns, type Plan, readPlan, secretsOf, shown } from './plan.ts'
import { askBackup } from './process.ts'
import type { BackupQuestion, Sent } from './question.ts'
import { readMark, writeMark } from './restored.ts'
import { type Keep, outdated } from './retention.ts'
import { backupRoutes } from './routes.ts'
import type { Written } from './write.ts'

export type { Backups, BackupsDeps } from './contract.ts'

const LOOK_MS = 300_000
const SYSTEM = 'Cellwright'
/** What was brought elsewhere stays here as its newest only. */
const NEWEST: Keep = { keepDaily: 1, keepWeekly: 0, keepMonthly: 0 }

/** At a place that others use too: of this host, and the same each time, so that halves of uploads that broke off do not gather there. */
const partName = (dataDir: string) => `cellwright-${createHash('sha256').update(`${hostname()} ${dataDir}`).digest('hex').slice(0, 12)}.part`

export function createBackups(deps: BackupsDeps): Backups {
  const { store, log, live, audit, secrets, hosts, config, paths, version, maintain, tellLauncher } = deps
  const { db } = store
  const folder = paths.backups
  const ending = new AbortController()
  const failed: Parameters<Backups['onFailed']>[0][] = []
  let revision = 0
  let summary: BackupState | undefined
  let lastCheck: BackupsState['lastCheck']
  let current: { work: BackupWork; stopping: AbortController; stoppedBy?: string; done: Promise<void> } | undefined

  const told = () => ({ revision, ...(current ? { work: current.work } : {}) })
  const changed = () => {
    revision += 1
    live.publish('backup', told())
  }
  live.provide('backup', told)
  const summarize = async () => {
    const last = await lastOutcome(db)
    summary = { isScheduled: (await readPlan(db)).isOn, ...last }
  }
  hosts.bus.on('backup-changed', () => {
    changed()
    void summarize().catch(() => {}) // the next change looks again
  })
  const changedForAll = () => {
    changed()
    summarize().catch((error: unknown) => log.warn({ err: error }, 'how it stands with back-ups could not be read'))
    hosts.bus.tell('backup-changed', {})
  }

  /** @throws UserError backup-running */
  const begin = (
    facts: Pick<BackupWork, 'what' | 'why' | 'name' | 'by'>,
    run: (tell: (progress: Progress) => void, signal: AbortSignal) => Promise<void>,
  ): BackupWork => {
    if (current)
      throw new UserError({
        code: 'backup-running',
        status: 409,
        message: `${current.work.by} has begun one already, and one works at a time. Wait for its end, or stop it.`,
      })
    const stopping = new AbortController()
    const signal = AbortSignal.any([stopping.signal, ending.signal])
    const work: BackupWork = { ...facts, startedAt: new Date().toISOString(), step: facts.what === 'verify' ? 'checking' : 'database', done: 0 }
    const tell = ({ step, done, total }: Progress) => {
      if (!current || step === 'restoring' || step === 'schema') return
      const { total: _, ...rest } = current.work
      current.work = { ...rest, step, done, ...(total === undefined ? {} : { total }) }
      live.publish('backup', told())
    }
    const done = run(tell, signal)
      .catch((error: unknown) => log.error({ err: error }, 'how a back-up came out could not be kept'))
      .finally(() => {
        current = undefined
        changedForAll()
      })
    current = { work, stopping, done }
    changed()
    return work
  }

  const fail = (why: BackupWhy, error: unknown, who: { caller?: Caller; who?: string }, name: string): { code: string; text: string } => {
    const { code, message } = toErrorMessage(error)
    log.error({ err: error, why }, 'a back-up failed')
    audit.record({ ...who, action: 'backup.failed', target: name, detail: { why, code, text: message } })
    for (const listener of failed) listener({ why, code, text: message, host: hosts.name, name, at: new Date().toISOString() })
    return { code, text: message }
  }

  const make = (options: { why: BackupWhy; lock: Lock; by: string; caller?: Caller; plan?: Plan }): BackupWork => {
    const { why, lock, by, caller, plan } = options
    const startedAt = new Date()
    const name = backupName(startedAt)
    const file = join(folder, name)
    const who = caller ? { caller } : { who: SYSTEM }
    const facts = { why, by, host: hosts.name, startedAt, name }
    return begin({ what: 'backup', why, name, by }, async (onProgress, signal) => {
      const { filesDir, secretKey, dataDir } = config
      const question: BackupQuestion = {
        what: 'write',
        file,
        lock,
        database: store.database,
        dataDir,
        ...(filesDir === undefined ? {} : { filesDir }),
        ...(secretKey === undefined ? {} : { secretKey }),
        version,
        why,
      }
      let note: { code?: string; text?: string } = {}
      try {
        const written = (await askBackup(question, { signal, onProgress })) as Written
        const { bytes, sha256 } = written
        await writeFacts(folder, name, { why, by, version, sha256, verifiedAt: new Date().toISOString() })
        audit.record({ ...who, action: 'backup.make', target: name, detail: { why, bytes, sha256, rows: written.rows, files: written.files } })
        const destination = plan ? inWords(plan.place) : ''
        if (plan && plan.place.kind !== 'kept') {
          const { secret } = secretsOf(plan, secrets)
          const known = await broughtTo(db, destination)
          const { keepDaily, keepWeekly, keepMonthly } = plan
          const { trouble } = (await askBackup(
            {
              what: 'send',
              place: plan.place,
              ...(secret === undefined ? {} : { secret }),
              name,
              file,
              bytes,
              sha256,
              part: partName(config.dataDir),
              known,
              keep: { keepDaily, keepWeekly, keepMonthly },
            },
            { signal, onProgress },
          )) as Sent
          if (trouble !== undefined) {
            log.warn({ destination, trouble }, 'a back-up was brought to its place; what is too old there could not be removed')
            note = { code: 'place-not-cleared', text: `It was brought there. What is too old there could not be removed: ${trouble}` }
          }
        }
        await addRun(db, { ...facts, state: 'done', bytes, sha256, ...(destination ? { destination } : {}), ...note })
        if (plan) await clearUp(plan.place.kind === 'kept' ? plan : NEWEST)
      } catch (error) {
        if (signal.aborted) {
          await removeHalves(folder)
          const text = ending.signal.aborted ? 'Cellwright was ended meanwhile.' : `Stopped by ${current?.stoppedBy ?? SYSTEM}.`
          if (!ending.signal.aborted) await addRun(db, { ...facts, state: 'stopped', code: 'stopped', text })
          return
        }
        await addRun(db, { ...facts, state: 'failed', ...fail(why, error, who, name) })
        // what could not be brought there is kept here, and tried anew every hour: it must not fill the disk
        if (plan) await clearUp(plan)
      }
    })
  }

  const clearUp = async (keep: Keep): Promise<void> => {
    // one that was found damaged takes no good one's place
    const scheduled = (await listKept(folder)).filter(({ why, problem }) => why === 'schedule' && problem === undefined).map(({ name }) => name)
    for (const name of outdated(scheduled, keep))
      await removeKept(folder, name).catch((error: unknown) => log.warn({ err: error, name }, 'a back-up that is too old could not be removed'))
  }

  const beginDue = async (): Promise<string> => {
    const plan = await readPlan(db)
    if (current || !(await isDue(db, plan))) return current ? 'One works just now.' : 'None is due.'
    try {
      const { passphrase } = secretsOf(plan, secrets)
      if (passphrase === undefined)
        throw new OperationalError({ code: 'backup-plan-incomplete', message: 'The schedule has no passphrase. Say it again on the settings page.' })
      make({ why: 'schedule', lock: { passphrase }, by: SYSTEM, plan })
      return 'A back-up has begun.'
    } catch (error) {
      await addRun(db, {
        why: 'schedule',
        state: 'failed',
        by: SYSTEM,
        host: hosts.name,
        startedAt: new Date(),
        ...fail('schedule', error, { who: SYSTEM }, 'schedule'),
      })
      changedForAll()
      return `It failed: ${messageOf(error)}`
    }
  }
  // whose turn it is to look may be any host; the one that leads makes it
  hosts.bus.on('backup-due', () => {
    if (hosts.leads) void beginDue().catch((error: unknown) => log.error({ err: error }, 'a back-up that is due could not be begun'))
  })
  maintain({
    name: 'backup',
    everyMs: LOOK_MS,
    async run() {
      if (hosts.leads) return beginDue()
      hosts.bus.tell('backup-due', {})
      return `Host "${hosts.leader ?? '?'}" leads and was told.`
    },
  })

  const desk: BackupDesk = {
    changed: changedForAll,
    signal: ending.signal,
    async state() {
      const plan = await readPlan(db)
      const disk = await statfs(config.dataDir)
      const mark = await readMark(paths.restored)
      const nextAt = plan.isOn ? lastDue(plan, DateTime.now()).plus({ days: 1 }).toUTC().toISO() : null
      return {
        ...(current ? { work: current.work } : {}),
        files: await listKept(folder),
        folder,
        host: hosts.name,
        freeBytes: disk.bavail * disk.bsize,
        plan: shown(plan, secrets),
        ...(nextAt ? { nextAt } : {}),
        runs: await lastRuns(db),
        ...(lastCheck ? { lastCheck } : {}),
        ...(mark ? { restored: { at: mark.at, backupAt: mark.backupAt, as: mark.as, host: mark.host, isHeld: mark.isHeld } } : {}),
      }
    },
    make: (passphrase, caller) => make({ why: 'person', lock: { passphrase: requirePassphrase(passphrase) }, by: caller.name, caller }),
    async verify(name, passphrase, caller) {
      const { file } = await requireKept(folder, name)
      const facts = await readFacts(folder, name)
      const lock: Lock = passphrase === undefined ? { identity: await installationKey(paths.backupKey) } : { passphrase }
      return begin({ what: 'verify', why: facts.why, name, by: caller.name }, async (onProgress, signal) => {
        const { problem: _, ...rest } = facts
        try {
          await askBackup({ what: 'verify', file, lock }, { signal, onProgress })
          await writeFacts(folder, name, { ...rest, verifiedAt: new Date().toISOString() })
          lastCheck = { name, isWhole: true, at: new Date().toISOString() }
          audit.record({ caller, action: 'backup.verify', target: name, detail: { isWhole: true } })
        } catch (error) {
          if (signal.aborted) return
          const { code, message } = toErrorMessage(error)
          // a passphrase that was mistyped says nothing about the file
          lastCheck = { name, isWhole: false, code, text: message, at: new Date().toISOString() }
          if (code === 'backup-locked') return
          await writeFacts(folder, name, { ...rest, problem: message })
          fail(facts.why, error, { caller }, name)
        }
      })
    },
    stop(caller) {
      if (!current) return false
      current.stoppedBy = caller.name
      audit.record({ caller, action: 'backup.stop', target: current.work.name })
      current.stopping.abort()
      return true
    },
    async remove(name, caller) {
      if (current?.work.name === name)
        throw new UserError({ code: 'backup-running', status: 409, message: 'This back-up is being worked on. Stop that first.' })
      const { bytes } = await requireKept(folder, name)
      await removeKept(folder, name)
      audit.record({ caller, action: 'backup.delete', target: name, detail: { bytes } })
      changed()
    },
    async begin(caller) {
      const mark = await readMark(paths.restored)
      if (!mark?.isHeld) throw new UserError({ code: 'restored-not-held', status: 409, message: 'The flows of this host are not held because of a restore.' })
      await writeMark(paths.restored, { ...mark, isHeld: false })
      audit.record({ caller, action: 'backup.begin', target: mark.backupAt })
      tellLauncher({ kind: 'leave-safe-mode' })
      changed()
    },
  }

  return {
    routes: backupRoutes({ ...deps, desk }),
    get summary() {
      return summary
    },
    onFailed: (listener) => void failed.push(listener),
    async start() {
      await removeHalves(folder)
      await summarize()
      // this computer may be off at night: then it is made in the morning
      if (hosts.leads) await beginDue()
      const mark = await readMark(paths.restored)
      if (!mark || mark.isRecorded) return
      audit.record({ who: SYSTEM, action: 'backup.restored', target: mark.backupAt, detail: { as: mark.as, host: mark.host, restoredAt: mark.at } })
      await writeMark(paths.restored, { ...mark, isRecorded: true })
    },
    async close() {
      ending.abort()
      await current?.done
    },
  }
}
