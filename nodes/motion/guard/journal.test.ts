import { appendFile, readdir, readFile, stat, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import fc from '../../../test/property.ts'
import type { JobEnd } from './contract.ts'
import { Journal } from './journal.ts'
import { decodeRecord, encodeRecord, openJournalFile, readJournalFile } from './journal-file.ts'
import { followJournal, type JournalEntry, readJournal } from './journal-reader.ts'
import type { JobStart } from './journal-records.ts'
import { Replay } from './journal-replay.ts'
import { tempDir, until } from './test/rig.ts'

const start = (jobId: string): JobStart => ({
  jobId,
  programName: 'part.nc',
  sha256: 'ab',
  by: 'tester',
  totalLines: 100,
  startedAt: '2026-01-02T03:04:05.000Z',
})
const ended = (jobId: string): JobEnd => ({
  jobId,
  state: 'completed',
  text: 'done',
  linesSent: 100,
  linesAcknowledged: 100,
  totalLines: 100,
  durationMs: 5,
  isPositionTrusted: true,
  endedAt: '2026-01-02T03:05:05.000Z',
})

async function open(dir: string, options: { maxBytes?: number; keepFiles?: number; maxJobsBytes?: number } = {}): Promise<Journal> {
  return Journal.open({
    dir,
    ...options,
    onError: (error) => {
      throw error
    },
  })
}

/** Waits until some file of the journal has this. */
const onDisk = (dir: string, text: string) =>
  until(async () => {
    const files = (await readdir(dir)).filter((name) => name.startsWith('journal-'))
    return (await Promise.all(files.map((name) => readFile(join(dir, name), 'utf8')))).some((content) => content.includes(text))
  }, `"${text}" is written`)

async function lines(path: string) {
  const found = []
  for await (const line of readJournalFile(path)) found.push(line)
  return found
}

test('any record survives the way to the disk and back; a damaged one is never taken for whole', () => {
  fc.assert(
    fc.property(fc.record({ kind: fc.string(), text: fc.string({ unit: 'binary' }) }), fc.nat(), (record, at) => {
      const line = encodeRecord(record).slice(0, -1)
      expect(line).not.toContain('\n')
      expect(decodeRecord(line)).toEqual(record)
      expect(decodeRecord(line.slice(0, at % line.length))).toBeUndefined()
    }),
  )
})

test('a job is remembered over restarts: seen, and how it ended', async () => {
  const dir = await tempDir()
  const first = await open(dir)
  expect(first.before.isFirstStart).toBe(true)
  await first.startJob(start('job_1'))
  first.endJob(ended('job_1'))
  await first.close()
  const second = await open(dir)
  expect(second.before).toMatchObject({ unfinished: undefined, isFirstStart: false })
  expect(second.hasSeen('job_1')).toBe(true)
  expect(second.hasSeen('job_2')).toBe(false)
  expect(await second.jobEnd('job_1')).toEqual(ended('job_1'))
  expect(await second.jobEnd('job_2')).toBeUndefined()
  await second.close()
})

test('a job that was running at a kill is found again with what was sent and acknowledged', async () => {
  const dir = await tempDir()
  const first = await open(dir)
  first.append({ kind: 'trust', isTrusted: true, text: '' })
  await first.startJob(start('job_1'))
  first.append({ kind: 'program', jobId: 'job_1', lines: [[1, 'G1X1']], sent: 12 })
  first.append({ kind: 'acknowledged', jobId: 'job_1', line: 9, acknowledged: 7 })
  first.syncSoon()
  const path = join(dir, 'journal-000001.log')
  await until(async () => (await readFile(path, 'utf8')).includes('acknowledged'), 'the journal is written')
  // no close: the process was killed
  const second = await open(dir)
  expect(second.before.unfinished).toEqual({ start: start('job_1'), linesSent: 12, linesAcknowledged: 7 })
  await second.close()
  await first.close()
})

test('a torn tail is recognised, ended cleanly, and what stands before it counts', async () => {
  const dir = await tempDir()
  const first = await open(dir)
  await first.startJob(start('job_1'))
  first.append({ kind: 'program', jobId: 'job_1', lines: [[1, 'G1X1']], sent: 5 })
  await first.close()
  const path = join(dir, 'journal-000001.log')
  const half = encodeRecord({ kind: 'program', jobId: 'job_1', lines: [], sent: 99 }).slice(0, 30)
  await appendFile(path, half)
  const second = await open(dir)
  expect(second.before.unfinished?.linesSent).toBe(5)
  second.append({ kind: 'received', text: 'after' })
  await second.close()
  const found = await lines(path)
  expect(found.filter((line) => 'damagedBytes' in line)).toEqual([{ damagedBytes: half.length }])
  const records = found.flatMap((line) => ('record' in line ? [line.record as { kind: string }] : []))
  expect(records.map((record) => record.kind).slice(-2)).toEqual(['torn', 'received'])
})

test('a torn begin of a job is no begin: nothing was sent before it was whole', async () => {
  const dir = await tempDir()
  const first = await open(dir)
  await first.startJob(start('job_1'))
  await first.close()
  const path = join(dir, 'jobs.log')
  await truncate(path, (await readFile(path)).length - 4)
  const second = await open(dir)
  expect(second.hasSeen('job_1')).toBe(false)
  await second.startJob(start('job_2'))
  await second.close()
  const third = await open(dir)
  expect(third.hasSeen('job_2')).toBe(true)
  await third.close()
})

test('garbage in the middle hides nothing that stands after it', async () => {
  const dir = await tempDir()
  await writeFile(
    join(dir, 'jobs.log'),
    `${encodeRecord({ kind: 'job-start', job: start('job_1') })}\0\0\xff garbage\n${encodeRecord({ kind: 'job-start', job: start('job_2') })}`,
  )
  const journal = await open(dir)
  expect([journal.hasSeen('job_1'), journal.hasSeen('job_2')]).toEqual([true, true])
  await journal.close()
})

test('rotates by size, keeps so many files, and never forgets jobs or the last word on the position', async () => {
  const dir = await tempDir()
  const first = await open(dir, { maxBytes: 4000, keepFiles: 3 })
  await first.startJob(start('job_1'))
  first.endJob(ended('job_1'))
  first.append({ kind: 'trust', isTrusted: false, text: 'home it' })
  await until(async () => {
    for (let i = 0; i < 10; i += 1) first.append({ kind: 'received', text: `line ${i} ${'x'.repeat(200)}` })
    return !(await readdir(dir)).includes('journal-000001.log')
  }, 'the oldest file is gone')
  await first.close()
  const files = (await readdir(dir)).filter((name) => name.startsWith('journal-'))
  expect(files.length).toBeLessThanOrEqual(3)
  expect(files).not.toContain('journal-000001.log')
  const second = await open(dir)
  expect(second.before).toMatchObject({ isPositionTrusted: false, distrustText: 'home it' })
  expect(second.hasSeen('job_1')).toBe(true)
  await second.close()
})

test('the list of jobs is shortened when it is long, and no job id is ever forgotten', async () => {
  const dir = await tempDir()
  let journal = await open(dir, { maxJobsBytes: 30_000 })
  for (let i = 0; i < 300; i += 1) {
    await journal.startJob(start(`job_${i}`))
    journal.endJob({ ...ended(`job_${i}`), state: i % 2 ? 'failed' : 'completed', linesAcknowledged: i })
  }
  await journal.startJob(start('job_running'))
  await journal.close()
  // it was shortened while jobs came and went
  expect((await stat(join(dir, 'jobs.log'))).size).toBeLessThan(300 * 450)
  for (let life = 0; life < 2; life += 1) {
    journal = await open(dir, { maxJobsBytes: 30_000 })
    for (let i = 0; i < 300; i += 1) expect(journal.hasSeen(`job_${i}`), `job_${i}`).toBe(true)
    expect(journal.hasSeen('job_300')).toBe(false)
    expect(journal.before.unfinished?.start.jobId).toBe('job_running')
    expect(await journal.jobEnd('job_3')).toMatchObject({ state: 'failed', linesAcknowledged: 3, totalLines: 100, text: expect.stringMatching(/long ago/) })
    expect(await journal.jobEnd('job_299')).toMatchObject({ state: 'failed', text: 'done' })
    expect(await journal.jobEnd('job_300')).toBeUndefined()
    await journal.close()
  }
})

test('a begin that came to the disk too late counts as none: the job was refused, and may be started yet', async () => {
  const dir = await tempDir()
  const writer = await openJournalFile(join(dir, 'jobs.log'), { onError: () => {} })
  writer.append({ at: 1, kind: 'job-start', job: start('job_1') })
  writer.append({ at: 2, kind: 'job-withdrawn', jobId: 'job_1' })
  await writer.close()
  const journal = await open(dir)
  expect(journal.hasSeen('job_1')).toBe(false)
  expect(journal.before.unfinished).toBeUndefined()
  await journal.close()
})

test('what a full disk did not take is kept, and what is too much is counted', async () => {
  const path = join(await tempDir(), 'full.log')
  await symlink('/dev/full', path)
  const errors: unknown[] = []
  const writer = await openJournalFile(path, { onError: (error) => errors.push(error) })
  for (let i = 0; i < 6000; i += 1) writer.append({ kind: 'received', text: 'x'.repeat(1000) })
  await expect(writer.sync()).rejects.toMatchObject({ code: 'ENOSPC' })
  expect(writer.sizeBytes).toBe(0)
  await writer.close()
  expect(errors.length).toBeGreaterThan(0)
})

test('the journal is read over its files, from a time on, with torn lines told', async () => {
  const dir = await tempDir()
  const journal = await open(dir, { maxBytes: 3000 })
  for (let i = 0; i < 60; i += 1) {
    journal.append({ kind: 'received', text: `line ${i} ${'x'.repeat(100)}` })
    if (i % 10 === 9) await onDisk(dir, `line ${i} `)
  }
  await journal.close()
  const files = (await readdir(dir)).filter((name) => name.startsWith('journal-'))
  expect(files.length).toBeGreaterThan(1)
  await appendFile(join(dir, files.at(-1) ?? ''), 'deadbeef 12 {"at":1')
  const all: JournalEntry[] = []
  for await (const entry of readJournal(dir)) all.push(entry)
  const texts = all.flatMap((entry) => (entry.kind === 'record' && entry.record.kind === 'received' ? [entry.record.text.split(' ')[1]] : []))
  expect(texts).toEqual(Array.from({ length: 60 }, (_, i) => String(i)))
  expect(all.at(-1)).toEqual({ kind: 'torn', file: files.at(-1), bytes: 19 })
  const last = all.findLast((entry) => entry.kind === 'record')
  const sinceMs = last?.kind === 'record' ? last.record.at : 0
  let count = 0
  for await (const _ of readJournal(dir, { sinceMs })) count += 1
  expect(count).toBeLessThan(all.length)
})

test('a journal is followed while it is written, over the end of a file', async () => {
  const dir = await tempDir()
  const journal = await open(dir, { maxBytes: 2000 })
  journal.append({ kind: 'received', text: 'before' })
  await journal.close()
  const again = await open(dir, { maxBytes: 2000 })
  const abort = new AbortController()
  const heard: string[] = []
  const following = (async () => {
    for await (const entry of followJournal(dir, { signal: abort.signal }))
      if (entry.kind === 'record' && entry.record.kind === 'received') heard.push(entry.record.text)
  })()
  await until(() => {
    again.append({ kind: 'received', text: 'is anybody there' })
    return heard.length > 0
  }, 'it is followed')
  for (let i = 0; i < 40; i += 1) {
    again.append({ kind: 'received', text: `line ${i} ${'y'.repeat(100)}` })
    if (i % 8 === 7) await onDisk(dir, `line ${i} `)
  }
  await until(() => heard.at(-1)?.startsWith('line 39') === true, 'all of it')
  abort.abort()
  await following
  const told = heard.filter((text) => text.startsWith('line'))
  expect(told.map((text) => text.split(' ')[1])).toEqual(Array.from({ length: 40 }, (_, i) => String(i)))
  await again.close()
})

test('of a journal that is followed, what comes to the old file when the next is there already is told, too', async () => {
  const dir = await tempDir()
  const write = (file: number, text: string) => appendFile(join(dir, `journal-00000${file}.log`), encodeRecord({ at: 1, kind: 'received', text }))
  await write(1, 'before')
  const abort = new AbortController()
  const heard: string[] = []
  const following = (async () => {
    for await (const entry of followJournal(dir, { signal: abort.signal }))
      if (entry.kind === 'record' && entry.record.kind === 'received') heard.push(entry.record.text)
  })()
  await until(async () => {
    await write(1, 'is anybody there')
    return heard.length > 0
  }, 'it is followed')
  await write(2, 'next')
  await until(() => heard.includes('next'), 'the next file')
  await write(1, 'late')
  await until(() => heard.includes('late'), 'the late record')
  abort.abort()
  await following
  expect(heard.filter((text) => text !== 'is anybody there')).toEqual(['next', 'late'])
})

test('what the machine was doing at a moment is put together from its records alone', () => {
  const replay = new Replay()
  const at = 1_000_000
  replay.feed({ at, kind: 'guard', what: 'started', pid: 1 })
  replay.feed({ at: at + 1, kind: 'link', what: 'open', text: '/dev/ttyUSB0' })
  replay.feed({ at: at + 2, kind: 'lease', what: 'taken', token: 7, holder: 'flow' })
  replay.feed({ at: at + 3, kind: 'job-start', job: { ...start('job_1'), token: 8, lease: 7 } })
  replay.feed({ at: at + 4, kind: 'program', jobId: 'job_1', lines: [[3, 'G1X1']], sent: 3 })
  replay.feed({ at: at + 5, kind: 'acknowledged', jobId: 'job_1', line: 2, acknowledged: 2 })
  replay.feed({ at: at + 6, kind: 'state', state: 'run', positionMm: [1, 2, 3] })
  expect(replay.state).toMatchObject({
    guard: 'running',
    link: 'open',
    controller: 'run',
    positionMm: [1, 2, 3],
    lease: { token: 7, holder: 'flow' },
    job: { sent: 3, acknowledged: 2, line: 2, start: { token: 8 } },
  })
  replay.feed({ at: at + 7, kind: 'link', what: 'lost', text: 'gone' })
  replay.feed({ at: at + 8, kind: 'job-end', end: ended('job_1') })
  expect(replay.state).toMatchObject({ controller: 'unknown', link: 'lost', job: undefined, lastEnd: { jobId: 'job_1' } })
  // another life of the guard knows nothing of the link
  replay.feed({ at: at + 9, kind: 'guard', what: 'started', pid: 2 })
  expect(replay.state).toMatchObject({ link: 'unknown', lease: undefined })
})
