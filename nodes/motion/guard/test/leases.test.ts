import { expect, onTestFinished, test } from 'vitest'
import { newId } from '../../../../base/ids.ts'
import { TokenCounter } from '../tokens.ts'
import { type Rig, rig, tempDir, until, writeProgram } from './rig.ts'

const LONG = 'G21 G90\nG1 F3000 X300\nY200\nX0\nY0\n'
const SLOW = { machine: { timeScale: 1 } }
/** Of a lease that is to run out in the middle of a motion: the motion must have begun within it. */
const LIFE_MS = 3000
const jogBy = (it: Rig, lease?: number) =>
  it.guard.act({ kind: 'jog', by: { X: 1 }, feedMmPerMin: 1000 }, { by: 'x', ...(lease === undefined ? {} : { lease }) })
async function start(it: Rig, lease?: number): Promise<string> {
  const program = await writeProgram(await tempDir(), LONG)
  const jobId = newId('job')
  await it.guard.startJob({ jobId, programName: 'part.nc', ...program, by: 'Eve', whenRequesterGone: 'finish', ...(lease === undefined ? {} : { lease }) })
  return jobId
}

test('a machine that is kept takes actions and programs of its holder only, until it is given back', async () => {
  const it = await rig()
  const { token } = it.guard.takeLease({ holder: 'cell 1', ttlMs: 60_000, by: 'flow' })
  expect(it.guard.state().lease).toMatchObject({ kind: 'held', holder: 'cell 1', token, until: expect.any(String) })
  await expect(jogBy(it)).rejects.toMatchObject({ code: 'machine-busy', message: expect.stringContaining('cell 1 has the machine') })
  await expect(start(it)).rejects.toMatchObject({ code: 'machine-busy', message: expect.stringContaining('cell 1') })
  await expect(it.guard.jogStart({ direction: { X: 1 }, feedMmPerMin: 100, ttlMs: 300, by: 'x' })).rejects.toMatchObject({ code: 'machine-busy' })
  await expect(it.guard.home('x')).rejects.toMatchObject({ code: 'machine-busy' })
  await expect(it.guard.command('G90', 'x')).rejects.toMatchObject({ code: 'machine-busy' })
  expect(() => it.guard.takeLease({ holder: 'cell 2', ttlMs: 5000, by: 'flow' })).toThrow(expect.objectContaining({ code: 'machine-busy' }))
  await jogBy(it, token)
  const jobId = await start(it, token)
  expect(it.guard.state()).toMatchObject({ lease: { kind: 'held', token }, job: { jobId } })
  await it.end(jobId)
  it.guard.dropLease(token)
  await jogBy(it)
  expect(it.guard.state().lease).toBeUndefined()
})

/** Beats until the lease is older than its time. @returns false where this process had no time to beat within it */
async function outlived(it: Rig, token: number, ttlMs: number): Promise<boolean> {
  const since = performance.now()
  for (let last = since; last - since < 2.5 * ttlMs; last = performance.now()) {
    await new Promise((resolve) => setTimeout(resolve, ttlMs / 5))
    if (performance.now() - last > 0.9 * ttlMs) return false
    it.guard.beatLease(token)
  }
  return true
}

test('a lease without a sign of life ends by itself, and its token is refused from then on', async () => {
  const it = await rig()
  const take = () => it.guard.takeLease({ holder: 'cell 1', ttlMs: 300, by: 'flow' }).token
  let token = take()
  while (!(await outlived(it, token, 300))) {
    await until(() => it.guard.state().lease === undefined, 'it ends')
    token = take()
  }
  expect(it.guard.state().lease).toMatchObject({ token })
  await until(() => it.guard.state().lease === undefined, 'it ends')
  await expect(jogBy(it, token)).rejects.toMatchObject({ code: 'lease-stale' })
  await expect(start(it, token)).rejects.toMatchObject({ code: 'lease-stale' })
  expect(() => it.guard.beatLease(token)).toThrow(expect.objectContaining({ code: 'lease-stale' }))
  const next = it.guard.takeLease({ holder: 'cell 1', ttlMs: 60_000, by: 'flow' })
  expect(next.token).toBeGreaterThan(token)
  await expect(jogBy(it, token)).rejects.toMatchObject({ code: 'lease-stale' })
  it.guard.dropLease(token)
  await jogBy(it, next.token)
})

test('a lease that runs out while its program moves holds the machine', async () => {
  const it = await rig(SLOW)
  const { token } = it.guard.takeLease({ holder: 'cell 1', ttlMs: LIFE_MS, by: 'flow' })
  const beats = setInterval(() => it.guard.beatLease(token), 100)
  onTestFinished(() => clearInterval(beats))
  await start(it, token)
  await until(() => it.guard.state().controller === 'run', 'it runs')
  clearInterval(beats)
  await until(() => it.guard.state().controller === 'hold', 'it is held')
  expect(it.guard.state().job).toMatchObject({ phase: 'holding' })
  expect(it.guard.state().lease).toMatchObject({ kind: 'job', holder: 'Eve' })
})

test('a lease that runs out while its move is under way stops the move; its further steps are not taken', async () => {
  const it = await rig(SLOW)
  const { token } = it.guard.takeLease({ holder: 'cell 1', ttlMs: LIFE_MS, by: 'flow' })
  const moved = it.guard.act({ kind: 'go-to', to: { X: 200, Z: -40 }, frame: 'machine', feedMmPerMin: 600 }, { by: 'x', lease: token })
  await expect(moved).rejects.toMatchObject({ code: 'stopped' })
  await until(() => it.guard.state().controller === 'idle' && it.guard.state().lease === undefined, 'it stands')
  expect(it.guard.state().machinePositionMm[0]).toBeLessThan(150)
  expect(it.guard.state().machinePositionMm[2]).toBe(0)
})

test('a program that runs has the machine: its lease is shown, and nobody can keep the machine beside it', async () => {
  const it = await rig(SLOW)
  const jobId = await start(it)
  expect(it.guard.state().lease).toMatchObject({ kind: 'job', holder: 'Eve', token: expect.any(Number) })
  expect(() => it.guard.takeLease({ holder: 'cell 1', ttlMs: 5000, by: 'flow' })).toThrow(expect.objectContaining({ code: 'machine-busy' }))
  it.guard.stop('x', false)
  await it.end(jobId)
})

test('tokens are higher than all before them, also over a restart of the guard and with a damaged file', async () => {
  const it = await rig()
  const { token } = it.guard.takeLease({ holder: 'a', ttlMs: 5000, by: 'x' })
  const next = await it.restart()
  expect(next.guard.takeLease({ holder: 'a', ttlMs: 5000, by: 'x' }).token).toBeGreaterThan(token)

  const path = `${await tempDir()}/tokens`
  let last = 0
  for (let life = 0; life < 3; life += 1) {
    const counter = new TokenCounter(path)
    for (let i = 0; i < 2500; i += 1) {
      const given = counter.next()
      expect(given).toBeGreaterThan(last)
      last = given
    }
  }
  const { writeFileSync } = await import('node:fs')
  writeFileSync(path, 'not a number')
  expect(new TokenCounter(path).next()).toBeGreaterThan(last)
})
