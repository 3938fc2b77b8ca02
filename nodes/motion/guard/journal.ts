/**
 * What the guard did and what the controller said, on disk: the proof after the fact, and the memory that
 * keeps a job from being run twice. Two kinds of file: `journal-000001.log` and on (everything, rotated by
 * size) and `jobs.log` (only begin and end of each job, never rotated).
 */
import { mkdir, readdir, rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf, OperationalError } from '../../../base/errors.ts'
import { checker } from '../../../base/schema.ts'
import { JobEnd } from './contract.ts'
import { encodeRecord, type JournalWriter, openJournalFile, readJournalFile, replaceFile } from './journal-file.ts'
import { endOfPast, type JobStart, type JournalRecord, type PastJob, type UnfinishedJob } from './journal-records.ts'

const endChecker = checker(JobEnd)
/** Ends kept in memory for `jobStatus`, and whole in `jobs.log`; older ones are looked up on disk. */
const ENDS_IN_MEMORY = 200
/** Answers within so long are written as one. */
const ANSWERS_MS = 5
/** No job begins with less room on the disk. */
const LEAST_ROOM_BYTES = 4 * 1024 * 1024
/** Jobs long ago, in one record. */
const PAST_IN_RECORD = 200

export interface JournalOptions {
  dir: string
  /** @defaultValue 16 MB, then the next file begins */
  maxBytes?: number
  /** Then the oldest is deleted. @defaultValue all: they are evidence, and who keeps the whole installation says how long they stay */
  keepFiles?: number
  /** Beyond this, `jobs.log` is written anew with the jobs long ago in short. @defaultValue 4 MB */
  maxJobsBytes?: number
  /** A write failed (a full disk); the records are kept and tried again with the next ones. */
  onError: (error: unknown) => void
  /** A write went well. */
  onWritten?: () => void
}

export class Journal {
  readonly #dir: string
  readonly #maxBytes: number
  readonly #keepFiles: number
  /** Beyond this `jobs.log` is written anew. */
  #jobsLimit: number
  readonly #onError: (error: unknown) => void
  readonly #onWritten: () => void
  #main!: JournalWriter
  #jobs!: JournalWriter
  #number = 1
  #rotation: Promise<void> | undefined
  #shortening: Promise<void> | undefined
  #isClosing = false
  #answered: Extract<JournalRecord, { kind: 'acknowledged' }> | undefined
  #answeredTimer: NodeJS.Timeout | undefined
  #lastTrust: Extract<JournalRecord, { kind: 'trust' }> | undefined
  readonly #seen = new Set<string>()
  readonly #ends = new Map<string, JobEnd>()
  /** What the journal knows of the time before this process. */
  readonly before: { unfinished: UnfinishedJob | undefined; isPositionTrusted: boolean; distrustText: string; isFirstStart: boolean } = {
    unfinished: undefined,
    isPositionTrusted: true,
    distrustText: '',
    isFirstStart: true,
  }

  private constructor(options: Required<JournalOptions>) {
    this.#dir = options.dir
    this.#maxBytes = options.maxBytes
    this.#keepFiles = options.keepFiles
    this.#jobsLimit = options.maxJobsBytes
    this.#onError = options.onError
    this.#onWritten = options.onWritten
  }

  /**
   * Opens the journal in `dir`, reads what it says of the past and ends a torn tail.
   */
  static async open(options: JournalOptions): Promise<Journal> {
    const journal = new Journal({
      maxBytes: 16 * 1024 * 1024,
      keepFiles: Number.POSITIVE_INFINITY,
      maxJobsBytes: 4 * 1024 * 1024,
      onWritten: () => {},
      ...options,
    })
    await journal.#open()
    return journal
  }

  /** Where this machine's files are. */
  get dir(): string {
    return this.#dir
  }

  async #open(): Promise<void> {
    await mkdir(this.#dir, { recursive: true, mode: 0o700 })
    const starts = new Map<string, JobStart>()
    for await (const record of this.#records(join(this.#dir, 'jobs.log'))) {
      if (record.kind === 'job-start') {
        this.#seen.add(record.job.jobId)
        starts.set(record.job.jobId, record.job)
      } else if (record.kind === 'job-end' && endChecker.is(record.end)) {
        starts.delete(record.end.jobId)
        this.#remember(record.end)
      } else if (record.kind === 'job-withdrawn') {
        starts.delete(record.jobId)
        this.#seen.delete(record.jobId)
      } else if (record.kind === 'jobs-past') for (const [jobId] of record.jobs) this.#seen.add(jobId)
    }
    const files = await this.#files()
    this.#number = files.at(-1)?.number ?? 1
    this.before.isFirstStart = files.length === 0
    // jobs run one at a time: only the youngest can be without an end
    const start = [...starts.values()].at(-1)
    if (start) this.before.unfinished = { start, linesSent: 0, linesAcknowledged: 0 }
    let hasTrust = false
    let tornBytes = 0
    for (const { path } of files.toReversed()) {
      const { trust, hasJobStart } = await this.#readPast(path, (bytes) => {
        if (path === files.at(-1)?.path) tornBytes += bytes
      })
      if (trust && !hasTrust) {
        hasTrust = true
        this.before.isPositionTrusted = trust.isTrusted
        this.before.distrustText = trust.text
      }
      if (hasTrust && (!this.before.unfinished || this.before.unfinished.linesSent > 0 || hasJobStart)) break
    }
    this.#main = await openJournalFile(this.#path(this.#number), { onError: this.#onError, onWritten: () => this.#written() })
    this.#jobs = await openJournalFile(join(this.#dir, 'jobs.log'), { onError: this.#onError })
    if (this.#jobs.sizeBytes > this.#jobsLimit) await this.#shortenJobs().catch(this.#onError)
    if (tornBytes > 0) this.append({ kind: 'torn', bytes: tornBytes })
  }

  /** Takes the last counts of the unfinished job and the last word on the position out of one file. */
  async #readPast(
    path: string,
    onDamaged: (bytes: number) => void,
  ): Promise<{ trust: Extract<JournalRecord, { kind: 'trust' }> | undefined; hasJobStart: boolean }> {
    let trust: Extract<JournalRecord, { kind: 'trust' }> | undefined
    let hasJobStart = false
    let progress: UnfinishedJob['progress']
    const { unfinished } = this.before
    for await (const record of this.#records(path, onDamaged)) {
      if (record.kind === 'trust') trust = record
      if (record.kind === 'job-start' && record.job.jobId === unfinished?.start.jobId) hasJobStart = true
      if (!unfinished || !('jobId' in record) || record.jobId !== unfinished.start.jobId) continue
      if (record.kind === 'program') unfinished.linesSent = Math.max(unfinished.linesSent, record.sent)
      else if (record.kind === 'progress') progress = { line: record.line, text: record.text }
      else if (record.kind === 'acknowledged') unfinished.linesAcknowledged = Math.max(unfinished.linesAcknowledged, record.acknowledged)
    }
    // files are read from the youngest on
    if (unfinished && progress) unfinished.progress ??= progress
    return { trust, hasJobStart }
  }

  async *#records(path: string, onDamaged?: (bytes: number) => void): AsyncGenerator<JournalRecord> {
    try {
      for await (const line of readJournalFile(path)) {
        if ('record' in line) yield line.record as JournalRecord
        else onDamaged?.(line.damagedBytes)
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }

  /** Puts a fact in line to be written. */
  append(record: JournalRecord): void {
    if (record.kind === 'trust') this.#lastTrust = record
    // answers come in bunches, each of which says all that those before it said
    if (record.kind === 'acknowledged') {
      this.#answered = record
      this.#answeredTimer ??= setTimeout(() => this.#writeAnswered(), ANSWERS_MS)
      return
    }
    this.#writeAnswered()
    this.#write(record)
  }

  #writeAnswered(): void {
    clearTimeout(this.#answeredTimer)
    this.#answeredTimer = undefined
    const record = this.#answered
    this.#answered = undefined
    if (record) this.#write(record)
  }

  #write(record: JournalRecord): void {
    this.#main.append({ at: Date.now(), ms: Math.round(performance.now()), ...record })
  }

  /** Begins to bring everything so far to the disk; an error is told to `onError`. */
  syncSoon(): void {
    this.#writeAnswered()
    this.#main.sync().catch(() => {})
  }

  /** A job with this id was begun once, by this process or one before it. */
  hasSeen(jobId: string): boolean {
    return this.#seen.has(jobId)
  }

  /** @returns how a job ended; undefined for one that did not, or was never seen */
  async jobEnd(jobId: string): Promise<JobEnd | undefined> {
    const known = this.#ends.get(jobId)
    if (known || !this.#seen.has(jobId)) return known
    let found: JobEnd | undefined
    await this.#shortening
    for await (const record of this.#records(join(this.#dir, 'jobs.log'))) {
      if (record.kind === 'job-end' && record.end.jobId === jobId && endChecker.is(record.end)) found = record.end
      else if (record.kind === 'jobs-past') {
        const past = record.jobs.find(([id]) => id === jobId)
        if (past) found = endOfPast(past)
      }
    }
    return found
  }

  /**
   * Resolves when the begin is on the disk: only then may a line be sent.
   * @throws OperationalError `journal-failed`
   */
  async startJob(job: JobStart): Promise<void> {
    await this.#shortening
    await this.#requireRoom()
    this.append({ kind: 'job-start', job })
    this.#jobs.append({ at: Date.now(), kind: 'job-start', job })
    try {
      // what it does must be written down too: its begin alone may still find a place where nothing else does
      await Promise.all([this.#jobs.sync(), this.#main.sync()])
    } catch (error) {
      // the begin may come to the disk yet, when there is room
      this.append({ kind: 'job-withdrawn', jobId: job.jobId })
      this.#jobs.append({ at: Date.now(), kind: 'job-withdrawn', jobId: job.jobId })
      throw new OperationalError({
        code: 'journal-failed',
        message: `The job was not started, since its begin cannot be written down: ${messageOf(error)}. Make room on the disk and start again.`,
        cause: error,
      })
    }
    this.#seen.add(job.jobId)
  }

  /** A begin alone may still find a place where what follows it does not. @throws OperationalError `journal-failed` */
  async #requireRoom(): Promise<void> {
    // a file system that does not tell: the writes do
    const room = await statfs(this.#dir).catch(() => undefined)
    if (!room || room.bavail * room.bsize >= LEAST_ROOM_BYTES) return
    throw new OperationalError({
      code: 'journal-failed',
      message: `The job was not started, since what it does cannot be written down: less than ${LEAST_ROOM_BYTES / 1024 / 1024} MB are free. Make room on the disk and start again.`,
    })
  }

  endJob(end: JobEnd): void {
    this.#remember(end)
    this.append({ kind: 'job-end', end })
    this.#jobs.append({ at: Date.now(), kind: 'job-end', end })
    this.#jobs.sync().then(
      () => this.#shortenIfLong(),
      () => {},
    )
    this.syncSoon()
  }

  async close(): Promise<void> {
    this.#isClosing = true
    this.#writeAnswered()
    await this.#rotation
    await this.#shortening
    await this.#jobs.close()
    await this.#main.close()
  }

  #shortenIfLong(): void {
    if (this.#shortening || this.#isClosing || this.#jobs.sizeBytes < this.#jobsLimit) return
    this.#shortening = this.#shortenJobs()
      .catch(this.#onError)
      .finally(() => {
        this.#shortening = undefined
      })
  }

  /**
   * Writes `jobs.log` anew: the latest jobs whole, of those before them the id and how they ended. No id is ever forgotten, or
   * a job could run twice. The new file takes the old one's place in one step; a kill at any moment leaves one of the two.
   */
  async #shortenJobs(): Promise<void> {
    const path = join(this.#dir, 'jobs.log')
    const old = this.#jobs
    // nothing may be written to a file that is being replaced: what comes meanwhile waits in memory
    const waiting: object[] = []
    this.#jobs = {
      append: (record) => waiting.push(record),
      sync: () => Promise.resolve(),
      sizeBytes: 0,
      close: () => Promise.resolve(),
    }
    await old.close()
    try {
      const past: PastJob[] = []
      const whole = new Map<string, { start?: object; end?: object }>()
      for await (const record of this.#records(path)) {
        if (record.kind === 'jobs-past') past.push(...record.jobs)
        else if (record.kind === 'job-start') whole.set(record.job.jobId, { ...whole.get(record.job.jobId), start: record })
        else if (record.kind === 'job-withdrawn') whole.delete(record.jobId)
        else if (record.kind === 'job-end' && endChecker.is(record.end)) {
          const { jobId, state, endedAt, linesAcknowledged, totalLines } = record.end
          whole.set(jobId, { ...whole.get(jobId), end: record })
          if (this.#ends.has(jobId)) continue
          whole.delete(jobId)
          past.push([jobId, state, endedAt, linesAcknowledged, totalLines])
        }
      }
      const lines: string[] = []
      for (let i = 0; i < past.length; i += PAST_IN_RECORD) lines.push(encodeRecord({ kind: 'jobs-past', jobs: past.slice(i, i + PAST_IN_RECORD) }))
      for (const { start, end } of whole.values()) for (const record of [start, end]) if (record) lines.push(encodeRecord(record))
      await replaceFile(path, lines)
    } finally {
      this.#jobs = await openJournalFile(path, { onError: this.#onError })
      for (const record of waiting) this.#jobs.append(record)
    }
    await this.#jobs.sync()
    // what must be kept may be as long as that: not again at every job
    this.#jobsLimit = Math.max(this.#jobsLimit, 2 * this.#jobs.sizeBytes)
  }

  #remember(end: JobEnd): void {
    this.#seen.add(end.jobId)
    this.#ends.set(end.jobId, end)
    if (this.#ends.size > ENDS_IN_MEMORY) {
      const [oldest] = this.#ends.keys()
      if (oldest !== undefined) this.#ends.delete(oldest)
    }
  }

  #path(number: number): string {
    return join(this.#dir, `journal-${String(number).padStart(6, '0')}.log`)
  }

  async #files(): Promise<{ number: number; path: string }[]> {
    const names = await readdir(this.#dir)
    return names
      .map((name) => Number(/^journal-(\d{6,})\.log$/.exec(name)?.[1] ?? Number.NaN))
      .filter((number) => !Number.isNaN(number))
      .sort((a, b) => a - b)
      .map((number) => ({ number, path: this.#path(number) }))
  }

  #written(): void {
    this.#onWritten()
    this.#rotateIfFull()
  }

  #rotateIfFull(): void {
    if (this.#rotation || this.#isClosing || this.#main.sizeBytes < this.#maxBytes) return
    this.#rotation = this.#rotate()
      .catch(this.#onError)
      .finally(() => {
        this.#rotation = undefined
      })
  }

  async #rotate(): Promise<void> {
    const next = await openJournalFile(this.#path(this.#number + 1), { onError: this.#onError, onWritten: () => this.#written() })
    const full = this.#main
    this.#main = next
    this.#number += 1
    // the last word on the position must outlive the files that are deleted
    if (this.#lastTrust) this.append(this.#lastTrust)
    await full.close()
    const files = await this.#files()
    for (const { path } of files.slice(0, Math.max(0, files.length - this.#keepFiles))) await rm(path, { force: true })
  }
}
