import { appendFile, readdir, readFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { JobEnd } from './contract.ts'
import { type JobStart, Journal } from './journal.ts'
import { decodeRecord, encodeRecord, readJournalFile } from './journal-file.ts'
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

async function open(dir: string, options: { maxBytes?: number; keepFiles?: number } = {}): Promise<Journal> {
  return Journal.open({
    dir,
    ...options,
    onError: (error) => {
      throw error
    },
  })
}

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
  for (let i = 0; i < 200; i += 1) {
    first.append({ kind: 'received', text: `line ${i} ${'x'.repeat(200)}` })
    if (i % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 8))
  }
  await first.close()
  const files = (await readdir(dir)).filter((name) => name.startsWith('journal-'))
  expect(files.length).toBeLessThanOrEqual(3)
  expect(files).not.toContain('journal-000001.log')
  const second = await open(dir)
  expect(second.before).toMatchObject({ isPositionTrusted: false, distrustText: 'home it' })
  expect(second.hasSeen('job_1')).toBe(true)
  await second.close()
})
