import { expect, onTestFinished, test } from 'vitest'
import { ownTime } from '../../../../base/own-time.ts'
import { controls, RESET, type Rig, type RigOptions, rig, settingsFor, until, wire } from './rig.ts'

const SLOW: RigOptions = { machine: { timeScale: 1 } }
/** Nothing here takes so long: it ends when it is told to. */
const LONG_MS = 60_000
const jog = (
  it: Rig,
  direction: Record<string, number>,
  { feedMmPerMin = 3000, ttlMs = LONG_MS, lease }: { feedMmPerMin?: number; ttlMs?: number; lease?: number } = {},
) => it.guard.jogStart({ direction, feedMmPerMin, ttlMs, by: 'Anna', ...(lease === undefined ? {} : { lease }) })
const jogs = (it: Rig) => wire(it.machine).match(/\$J=/g)?.length ?? 0
const cancels = (it: Rig) => wire(it.machine).match(/\x85/g)?.length ?? 0
/** Until no piece is on its way: for one that is, a cancel may have to be written twice. */
const answered = (it: Rig) => {
  const talk = () => it.guard.traffic(0).filter(({ direction, text }) => (direction === 'sent' && text.startsWith('$J=')) || text === 'ok')
  return until(() => talk().at(-1)?.text === 'ok' && it.guard.state().controller === 'jog', 'every piece was answered')
}
const takesLine = (it: Rig) =>
  it.guard.command('G4 P0', 'Anna').then(
    ({ answer }) => answer === 'ok',
    () => false,
  )
const standing = (it: Rig) => until(() => it.guard.state().controller === 'idle' && it.guard.state().lease === undefined, 'it stands and is free')

/** Of a jog that is to outlive it by its heartbeat. */
const LIFE_MS = 3000

/** Beats until told to stop. */
function beating(it: Rig, token: number): () => void {
  const timer = setInterval(() => {
    try {
      it.guard.jogBeat(token)
    } catch {
      // it has ended: the test sees that in what it looks at
      clearInterval(timer)
    }
  }, 80)
  onTestFinished(() => clearInterval(timer))
  return () => clearInterval(timer)
}

test('without a heartbeat the jog stands within its time to live and the braking time, and no piece of it runs later', async () => {
  const it = await rig(SLOW)
  await jog(it, { X: 1 }, { ttlMs: 300 })
  const sinceBegun = ownTime()
  await it.machine.waitFor((machine) => machine.receivedText().includes('\x85') && machine.now().state === 'Idle')
  // 3000 mm/min at 400 mm/s²: an eighth of a second
  expect(sinceBegun()).toBeLessThan(300 + 125 + 600)
  await standing(it)
  expect(it.machine.now().carriage[0]).toBeGreaterThan(0)
  const [place, pieces] = [it.machine.now().carriage, jogs(it)]
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(it.machine.now().carriage).toEqual(place)
  expect(jogs(it)).toBe(pieces)
  expect(it.guard.state().isPositionTrusted).toBe(true)
  expect(() => it.guard.jogBeat(1)).toThrow(expect.objectContaining({ code: 'lease-stale' }))
})

test('with a heartbeat it goes on, at its feed, with little sent ahead of it', async () => {
  const it = await rig(SLOW)
  const { token } = await jog(it, { X: 1, Y: 0.5 }, { ttlMs: LIFE_MS })
  const stop = beating(it, token)
  const since = performance.now()
  await until(() => it.machine.now().carriage[0] > 40 && performance.now() - since > LIFE_MS * 1.2, 'it goes on')
  // between two pieces that come late it may stand for a moment
  await until(() => it.guard.state().controller === 'jog', 'it jogs')
  expect(it.guard.state().lease).toMatchObject({ kind: 'jog', holder: 'Anna', token })
  expect(Math.max(...it.states.map(({ feedMmPerMin }) => feedMmPerMin))).toBeGreaterThan(2900)
  const targets = [...wire(it.machine).matchAll(/\$J=G53G90G21X([\d.]+)/g)].map(([, x]) => Number(x))
  // 3.1 mm to brake, and what it goes in a good quarter of a second
  expect(targets.at(-1)! - it.machine.now().carriage[0]).toBeLessThan(20)
  stop()
  it.guard.jogEnd(token)
  await standing(it)
})

test('ending it stops it at once; ending it again, or an older one, does nothing', async () => {
  const it = await rig(SLOW)
  const { token } = await jog(it, { X: 1 })
  await until(() => it.guard.state().feedMmPerMin > 2000, 'it is fast')
  const sinceEnd = ownTime()
  it.guard.jogEnd(token)
  await it.machine.waitFor((machine) => machine.receivedText().includes('\x85') && machine.now().state === 'Idle')
  expect(sinceEnd()).toBeLessThan(700)
  await standing(it)
  const before = cancels(it)
  it.guard.jogEnd(token)
  const next = await jog(it, { X: -1 })
  it.guard.jogEnd(token)
  expect(next.token).toBeGreaterThan(token)
  await until(() => it.guard.state().controller === 'jog', 'it still jogs')
  expect(cancels(it)).toBe(before)
  it.guard.jogEnd(next.token)
  await standing(it)
  expect(cancels(it)).toBeGreaterThan(before)
})

test('it ends at the end of the travel and before a keep-out box, and is refused where it stands there already', async () => {
  const it = await rig({
    settings: () => ({
      ...settingsFor({ kind: 'virtual', timeScale: 20 }),
      guarding: { keepOut: [{ id: 'vice', name: 'Vice', min: [30, -10, -80], max: [60, 200, 50], isActive: true }] },
    }),
  })
  const { token } = await jog(it, { X: 1 })
  await until(() => Math.abs(it.machine.now().carriage[0] - 29.95) < 0.01, 'it stands before the box')
  it.guard.jogEnd(token)
  await standing(it)
  await expect(jog(it, { X: 1 })).rejects.toMatchObject({ code: 'keep-out', message: expect.stringContaining('"Vice"') })
  await expect(jog(it, { Y: -1 })).rejects.toMatchObject({ code: 'outside-envelope' })
  await expect(jog(it, { X: 0 })).rejects.toMatchObject({ code: 'line-refused' })
  await expect(jog(it, { A: 1 })).rejects.toMatchObject({ code: 'not-supported' })
})

test.each(['hold', 'stop'] as const)('a %s wins at once, and the jog does not begin again', async (what) => {
  const it = await rig(SLOW)
  const { token } = await jog(it, { X: 1 })
  await until(() => it.guard.state().feedMmPerMin > 2000, 'it is fast')
  if (what === 'hold') it.guard.hold('Eve')
  else it.guard.stop('Eve', false)
  await standing(it)
  // a piece that was on its way is there by now
  const pieces = jogs(it)
  expect(() => it.guard.jogBeat(token)).toThrow(expect.objectContaining({ code: 'lease-stale' }))
  const place = it.machine.now().carriage
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(it.machine.now().carriage).toEqual(place)
  expect(jogs(it)).toBe(pieces)
  // a stop resets the controller, which may come after it stood
  if (what === 'stop') await until(() => wire(it.machine).includes(RESET), 'it was reset')
  await standing(it)
  expect(it.guard.state().isPositionTrusted).toBe(true)
})

test('a lost link ends the jog; what comes back does not move', async () => {
  const it = await rig(SLOW)
  const { token } = await jog(it, { X: 1 })
  await until(() => it.guard.state().feedMmPerMin > 2000, 'it is fast')
  await it.machine.unplug()
  await until(() => it.guard.state().link === 'lost', 'the link is lost')
  expect(() => it.guard.jogBeat(token)).toThrow(expect.objectContaining({ code: 'lease-stale' }))
  // what was in the controller runs out: a few millimetres
  await it.machine.waitFor((machine) => machine.now().state === 'Idle')
  const place = it.machine.now().carriage
  expect(place[0]).toBeLessThan(60)
  await it.machine.plug()
  await it.guard.virtualPortChanged(it.machine.port)
  await until(() => it.guard.state().link === 'connected' && it.guard.state().controller === 'idle', 'it is back')
  await new Promise((resolve) => setTimeout(resolve, 200))
  expect(it.machine.now().carriage).toEqual(place)
  expect(it.guard.state().isPositionTrusted).toBe(false)
})

test('a guard that slept while a jog braked sees it standing, and holds nothing', async () => {
  // the machine goes on meanwhile
  const it = await rig({ machine: { timeScale: 1, longestStepMs: Number.POSITIVE_INFINITY } })
  const { token } = await jog(it, { X: 1 })
  await until(() => it.guard.state().feedMmPerMin > 2000, 'it is fast')
  it.guard.jogEnd(token)
  await until(() => cancels(it) > 0 && it.guard.state().feedMmPerMin < 2900, 'it brakes')
  const wakesAt = performance.now() + 1500
  while (performance.now() < wakesAt);
  await standing(it)
  expect(controls(it.machine)).toBe('')
})

test('while a jog has the machine nobody else gets it', async () => {
  const it = await rig(SLOW)
  const { token } = await jog(it, { X: 1 })
  await expect(it.guard.act({ kind: 'jog', by: { Y: 1 }, feedMmPerMin: 100 }, { by: 'Eve' })).rejects.toMatchObject({ code: 'machine-busy' })
  await expect(jog(it, { Y: 1 })).rejects.toMatchObject({ code: 'machine-busy', message: expect.stringContaining('Anna jogs it') })
  expect(() => it.guard.takeLease({ holder: 'flow', ttlMs: 1000, by: 'x' })).toThrow(expect.objectContaining({ code: 'machine-busy' }))
  it.guard.jogEnd(token)
  await standing(it)
})

test('the byte that cancels a jog is written for a jog only, and once', async () => {
  const it = await rig(SLOW)
  it.guard.jogEnd(12)
  await it.guard.act({ kind: 'line', line: 'G1 X3 F3000' }, { by: 'Eve' })
  expect(wire(it.machine)).not.toContain('\x85')
  const { token } = await jog(it, { X: 1 })
  await answered(it)
  it.guard.jogEnd(token)
  await standing(it)
  expect(cancels(it)).toBe(1)
})

test.each(['grblhal', 'fluidnc'] as const)('on %s, too, a jog without a heartbeat stands, and the next one begins', async (personality) => {
  const it = await rig({ machine: { timeScale: 1, personality } })
  await jog(it, { X: 1 }, { ttlMs: 200 })
  await standing(it)
  const place = it.machine.now().carriage
  expect(place[0]).toBeGreaterThan(0)
  await new Promise((resolve) => setTimeout(resolve, 200))
  expect(it.machine.now().carriage).toEqual(place)
  const { token } = await jog(it, { X: -1 })
  it.guard.jogEnd(token)
  await standing(it)
  expect(Object.values(it.machine.harmful)).not.toContainEqual(expect.not.closeTo(0))
})

test('ended at every moment of its beginning, a jog leaves an idle machine that takes the next one', async () => {
  const it = await rig(SLOW)
  await it.guard.act({ kind: 'jog', by: { X: 20 }, feedMmPerMin: 5000 }, { by: 'Anna' })
  for (let ms = 0; ms < 60; ms += 7) {
    const { token } = await jog(it, { X: ms % 2 ? 1 : -1, Y: 1 })
    await new Promise((resolve) => setTimeout(resolve, ms))
    if (ms % 3 === 0) it.guard.hold('Eve')
    else it.guard.jogEnd(token)
    await until(async () => {
      const { isStanding, controller, lease } = it.guard.state()
      // a hold that comes just as the jog ends holds an idle machine
      if (isStanding && controller === 'hold') await it.guard.resume('Eve').catch(() => {})
      return controller === 'idle' && lease === undefined && (await takesLine(it))
    }, 'it stands and is free')
  }
})
