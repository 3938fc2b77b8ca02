import { spawn } from 'node:child_process'
import { appendFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { Journal } from '../../../nodes/motion/guard/journal.ts'
import { timeOf } from './journal.ts'

const MAIN = join(import.meta.dirname, '..', 'main.ts')

async function dataDir() {
  const data = await mkdtemp(join(tmpdir(), 'journal-cli-'))
  onTestFinished(() => rm(data, { recursive: true, force: true }))
  return { data, dir: join(data, 'journals', 'mill-1') }
}

function cli(data: string, ...args: string[]) {
  const child = spawn(process.execPath, [MAIN, 'journal', ...args], { env: { ...process.env, CELLWRIGHT_DATA: data }, stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  let out = ''
  let err = ''
  child.stdout.on('data', (text) => {
    out += text
  })
  child.stderr.on('data', (text) => {
    err += text
  })
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  return { child, ended, out: () => out, err: () => err }
}

/** A job as a guard writes it down. */
async function written(dir: string) {
  const journal = await Journal.open({ dir, onError: () => {} })
  journal.append({ kind: 'guard', what: 'started', pid: 4711, isRestart: false })
  journal.append({ kind: 'link', what: 'open', text: '/dev/ttyUSB0' })
  await journal.startJob({ jobId: 'job_1', programName: 'part.nc', sha256: 'ab', by: 'Anna', totalLines: 2, startedAt: new Date().toISOString(), token: 12 })
  journal.append({
    kind: 'program',
    jobId: 'job_1',
    lines: [
      [1, 'G21'],
      [3, 'G1X1F100'],
    ],
    sent: 2,
  })
  journal.append({ kind: 'acknowledged', jobId: 'job_1', line: 1, acknowledged: 1 })
  journal.append({ kind: 'state', state: 'run', positionMm: [0.5, 0, 0] })
  journal.append({ kind: 'request', what: 'hold', by: 'Ben' })
  journal.append({ kind: 'realtime', byte: 'feedHold' })
  journal.append({ kind: 'received', text: 'ALARM:1\x1b[31m' })
  return journal
}

test('tells everything in the order it was, with who and under which token', async () => {
  const { data, dir } = await dataDir()
  await (await written(dir)).close()
  await appendFile(join(dir, 'journal-000001.log'), 'c0ffee00 99 {"at":17')
  const all = cli(data, 'mill-1')
  expect(await all.ended, all.err()).toBe(0)
  const lines = all.out().trimEnd().split('\n')
  expect(lines.map((line) => line.slice(25))).toEqual([
    'guard     started (process 4711)',
    'link      open: /dev/ttyUSB0',
    'job       part.nc begins (job_1, 2 lines)  by Anna, token 12',
    'sent      G21  (line 1)',
    'sent      G1X1F100  (line 3)',
    'answered  line 1  (1 in all)',
    'state     run at 0.500 0.000 0.000 mm',
    'request   hold  by Ben',
    'sent      [feedHold]',
    'received  ALARM:1·[31m',
    expect.stringMatching(/^journal {3}a line of 20 bytes in journal-000001.log is not whole/),
  ])
  const json = cli(data, 'mill-1', '--json', '--job', 'job_1')
  expect(await json.ended).toBe(0)
  expect((JSON.parse(json.out()) as { kind: string }[]).map(({ kind }) => kind)).toEqual(['job-start', 'program', 'acknowledged', 'torn-line'])
})

test('replays the wire in real seconds, and answers what the machine was doing at a time', async () => {
  const { data, dir } = await dataDir()
  await (await written(dir)).close()
  const replay = cli(data, 'mill-1', '--replay')
  expect(await replay.ended).toBe(0)
  // seconds since the guard began; before the first line the begin of the job is brought to the disk, which takes as long as it takes
  expect(replay.out()).toMatch(/^ +\d{1,2}\.\d{3} {2}→ G21 {2}\(line 1\)$/m)
  expect(replay.out()).toMatch(/← line 1/)
  expect(replay.out()).not.toMatch(/request/)
  const state = cli(data, 'mill-1', '--at', '0s')
  expect(await state.ended).toBe(0)
  expect(state.out()).toMatch(/controller {2}run at 0\.500 0\.000 0\.000 mm/)
  expect(state.out()).toMatch(/part\.nc \(job_1\), by Anna, token 12/)
  expect(state.out()).toMatch(/line 1 answered; 2 of 2 lines sent, 1 of them with the controller/)
  expect(state.out()).toMatch(/last asked {2}hold by Ben/)
  const early = cli(data, 'mill-1', '--at', '1d')
  expect(await early.ended).toBe(2)
  expect(early.err()).toMatch(/The journal begins after/)
})

test('follows a journal that is being written, until interrupted', async () => {
  const { data, dir } = await dataDir()
  const journal = await written(dir)
  const follow = cli(data, 'mill-1', '--follow', '--since', '0s')
  // again and again: nobody can see from here when it has begun to follow
  const told = () => {
    journal.append({ kind: 'received', text: 'later' })
    return follow.out()
  }
  await expect.poll(told, { timeout: 30_000, interval: 200 }).toMatch(/received {2}later/)
  follow.child.kill('SIGINT')
  expect(await follow.ended).toBe(0)
  await journal.close()
})

test('says what is wrong in plain words', async () => {
  const { data } = await dataDir()
  const missing = cli(data, 'nothing-here')
  expect(await missing.ended).toBe(2)
  expect(missing.err()).toMatch(/no journal of a machine "nothing-here"/)
  expect(() => timeOf('yesterday')).toThrow(expect.objectContaining({ code: 'bad-time' }))
  expect(timeOf('2m', 1_000_000)).toBe(880_000)
})
