import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { newId } from '../../../../base/ids.ts'
import type { MachineSettings, MachineState } from '../../machine.ts'
import type { JobEnd } from '../contract.ts'
import type { GuardEvent } from '../event.ts'
import { Journal } from '../journal.ts'
import { LinuxcncController } from '../linuxcnc/controller.ts'
import type { GuardTimings } from '../timings.ts'
import { ENVELOPE, tempDir, until, writeProgram } from './rig.ts'
import { type RshOptions, RshServer } from './rsh-server.ts'

async function shop(options: RshOptions = {}, more: Partial<MachineSettings> = {}, timings: Partial<GuardTimings> = {}) {
  const rsh = new RshServer(options)
  const port = await rsh.listen()
  onTestFinished(() => rsh.close())
  return { rsh, ...(await guardOn(port, more, timings)) }
}

async function guardOn(port: number, more: Partial<MachineSettings> = {}, timings: Partial<GuardTimings> = {}) {
  const dir = await tempDir()
  const journal = await Journal.open({ dir: join(dir, 'journal'), onError: () => {} })
  const ends: JobEnd[] = []
  const events: GuardEvent[] = []
  const states: MachineState[] = []
  const settings: MachineSettings = {
    name: 'Mill',
    link: { kind: 'tcp', host: '127.0.0.1', port },
    envelopeMm: ENVELOPE,
    whenRequesterGone: 'finish',
    controller: 'linuxcnc',
    ...more,
  }
  const guard: LinuxcncController = new LinuxcncController({
    machineId: 'm1',
    settings,
    isRestart: false,
    journal,
    timings: { pollMovingMs: 20, pollWaitingMs: 10, pollIdleMs: 40, reconnectMinMs: 20, silenceMs: 1500, ...timings },
    onState: () => states.push(guard.state()),
    onJobEnded: (end) => ends.push(end),
    onEvent: (event) => events.push(event),
  })
  onTestFinished(async () => {
    await guard.close('The test ended')
    await journal.close()
  })
  guard.start()
  const ready = () => until(() => guard.state().controller !== 'unknown' && guard.state().reportedAt !== undefined, 'looked at')
  const idle = () => until(() => guard.state().controller === 'idle' && guard.state().isStanding, 'idle and standing')
  const start = async (text: string, options: { whenRequesterGone?: 'finish' | 'hold'; jobId?: string; blockDelete?: boolean; lease?: number } = {}) => {
    const program = await writeProgram(dir, text)
    const { jobId = newId('job'), whenRequesterGone = 'finish', blockDelete, lease } = options
    const request = { jobId, programName: 'part.ngc', path: program.path, sha256: program.sha256, by: 'tester', whenRequesterGone }
    const started = await guard.startJob({
      ...request,
      ...(blockDelete === undefined ? {} : { options: { blockDelete } }),
      ...(lease === undefined ? {} : { lease }),
    })
    return { jobId, ...started }
  }
  const end = async (jobId: string) => {
    await until(() => ends.some((each) => each.jobId === jobId), 'the end')
    return ends.find((each) => each.jobId === jobId) as JobEnd
  }
  return { guard, journal, ends, events, states, dir, ready, idle, start, end }
}

/** What was ordered, without questions and greetings. */
const orders = (rsh: RshServer) => rsh.heard.filter((line) => /^SET (?!ECHO|VERBOSE|ENABLE|WAIT_MODE|SET_WAIT|TIMEOUT)/.test(line)).map((line) => line.slice(4))

const CUT = ['G21 G90', 'G0 X0 Y0', ...Array.from({ length: 40 }, (_, i) => `G1 X${10 + (i % 2) * 20} Y${i} F3000`), 'M2', ''].join('\n')

for (const isModern of [true, false]) {
  const name = isModern ? 'the server of 2026' : 'the server of 2.9'

  test(`${name}: is found, its state, position and limits are shown, and nothing is ordered by that`, async () => {
    const { guard, rsh, idle } = await shop({ isModern, ini: { '[TRAJ]COORDINATES': 'X Y Z', '[AXIS_X]MIN_LIMIT': '0', '[AXIS_X]MAX_LIMIT': '400' } })
    await idle()
    rsh.position = [12.5, 3, -4]
    rsh.offset = [10, 0, 0]
    await until(() => guard.state().machinePositionMm[0] === 12.5, 'seen')
    await idle()
    expect(guard.state()).toMatchObject({
      link: 'connected',
      controller: 'idle',
      isPositionTrusted: true,
      machinePositionMm: [12.5, 3, -4],
      workPositionMm: [2.5, 3, -4],
      workOffsetMm: [10, 0, 0],
      firmware: 'LinuxCNC (EMCNETSVR 1.1)',
      abilities: { dialect: 'linuxcnc', axes: ['X', 'Y', 'Z'] },
      overridesPercent: { feed: 100, spindle: 100 },
      modal: expect.arrayContaining(['G21', 'G90', 'G54']),
    })
    expect(orders(rsh)).toEqual([])
  })

  test(`${name}: runs a checked program from its file, to its end`, async () => {
    const { guard, rsh, idle, start, end, dir } = await shop({ isModern })
    await idle()
    const { jobId, totalLines } = await start(CUT)
    expect(totalLines).toBe(43)
    await until(() => guard.state().job?.phase === 'streaming' && (guard.state().job?.currentLine ?? 0) > 5, 'runs')
    expect(guard.state()).toMatchObject({ controller: 'run', isStanding: false, lease: { kind: 'job', holder: 'tester' } })
    await expect(guard.command('G0X1', 'somebody')).rejects.toMatchObject({ code: 'machine-busy' })
    expect(await end(jobId)).toMatchObject({ state: 'completed', isPositionTrusted: true })
    expect(rsh.position[0]).toBe(30)
    expect(guard.state()).toMatchObject({ partsCount: 1, controller: 'idle' })
    expect(await guard.jobStatus(jobId)).toMatchObject({ state: 'completed' })
    await expect(start(CUT, { jobId })).rejects.toMatchObject({ code: 'job-seen' })
    // nothing is left behind
    await until(async () => (await readdir(join(dir, 'journal', 'linuxcnc'))).length === 0, 'the copy is gone')
  })

  test(`${name}: hold pauses, resume goes on, stop aborts and keeps the position`, async () => {
    const { guard, rsh, idle, start, end } = await shop({ isModern, speedMmPerMin: 1500 })
    await idle()
    const { jobId } = await start(CUT)
    await until(() => (guard.state().job?.currentLine ?? 0) > 2, 'runs')
    guard.hold('tester')
    await until(() => guard.state().controller === 'hold' && guard.state().isStanding, 'held')
    expect(guard.state().job?.phase).toBe('holding')
    const at = [...rsh.position]
    await new Promise((resolve) => setTimeout(resolve, 60))
    expect(rsh.position).toEqual(at)
    await guard.resume('tester')
    await until(() => guard.state().controller === 'run', 'runs again')
    guard.stop('tester', false)
    const ended = await end(jobId)
    expect(ended).toMatchObject({ state: 'stopped', isPositionTrusted: true })
    expect(ended.text).toMatch(/Stopped by tester at line \d+.*knows its position/)
    expect(rsh.isMoving).toBe(false)
    await idle()
    await expect(guard.resume('tester')).rejects.toMatchObject({ code: 'not-held' })
  })

  test(`${name}: an emergency stop locks; unlock switches on and moves nothing; homing makes the position good`, async () => {
    const { guard, rsh, ready, idle } = await shop({ isModern, isOn: false, isHomed: false, speedMmPerMin: 3000 })
    await ready()
    rsh.position = [30, 20, 10]
    await until(() => guard.state().machinePositionMm[0] === 30, 'seen')
    expect(guard.state()).toMatchObject({ controller: 'alarm', alarm: { text: 'The emergency stop is on' }, isPositionTrusted: false })
    await expect(guard.command('G0X1', 'tester')).rejects.toMatchObject({ code: 'machine-not-idle' })
    await guard.unlock('tester')
    await idle()
    expect(rsh.position).toEqual([30, 20, 10])
    await expect(guard.command('G0X1', 'tester')).rejects.toMatchObject({ code: 'position-not-trusted' })
    const homing = guard.home('tester')
    await until(() => guard.state().controller === 'home', 'homing')
    await homing
    expect(guard.state().isPositionTrusted).toBe(true)
    expect(rsh.position).toEqual([0, 0, 0])
    expect(rsh.homed).toEqual([true, true, true])
  })
}

test('a line is checked before it is sent, and LinuxCNC is put back into the modes it was in', async () => {
  const { guard, rsh, idle } = await shop()
  await idle()
  await expect(guard.command('G0 X5000', 'tester')).rejects.toMatchObject({ code: 'outside-envelope' })
  await expect(guard.command('G0 X1 (caf\xe9)', 'tester')).rejects.toMatchObject({ code: 'line-refused' })
  await expect(guard.command('G55 G0 X1', 'tester')).rejects.toMatchObject({ code: 'forbidden-code' })
  await expect(guard.command('$H', 'tester')).rejects.toMatchObject({ code: 'not-supported' })
  expect(orders(rsh)).toEqual([])
  await guard.command('G0 X5 Y6', 'tester')
  expect(rsh.position).toEqual([5, 6, 0])
  rsh.modal.isIncremental = true
  rsh.modal.isInches = true
  await until(() => guard.state().modal?.includes('G20') ?? false, 'modes seen')
  await guard.act({ kind: 'go-to', to: { X: 20 }, frame: 'machine', feedMmPerMin: 6000 }, { by: 'tester' })
  expect(rsh.position[0]).toBe(20)
  expect(rsh.modal).toMatchObject({ isIncremental: true, isInches: true })
})

test('what LinuxCNC says of a line comes back in its own words', async () => {
  const { guard, rsh, idle } = await shop()
  await idle()
  rsh.homed = [true, false, true]
  await until(() => !guard.state().isPositionTrusted, 'not homed')
  await expect(guard.command('M3 S1000', 'tester')).rejects.toMatchObject({ code: 'controller-refused', message: expect.stringMatching(/refused "MDI"/) })
})

test('a jog lasts as long as its heartbeat, at most to the end of the travel', async () => {
  const { guard, rsh, idle } = await shop()
  await idle()
  rsh.position = [50, 50, 0]
  await until(() => guard.state().machinePositionMm[0] === 50, 'seen')
  await idle()
  const { token } = await guard.jogStart({ direction: { X: 1 }, feedMmPerMin: 1200, ttlMs: 2500, by: 'tester' })
  expect(guard.state().lease).toMatchObject({ kind: 'jog' })
  await until(() => {
    guard.jogBeat(token)
    return (rsh.position[0] ?? 0) > 55
  }, 'it moves')
  await until(() => !rsh.isMoving, 'it stops without a beat')
  expect(() => guard.jogBeat(token)).toThrow(expect.objectContaining({ code: 'lease-stale' }))
  await idle()
  const back = await guard.jogStart({ direction: { Y: -1 }, feedMmPerMin: 60_000, ttlMs: 60_000, by: 'tester' })
  await until(() => !rsh.isMoving && guard.state().lease === undefined, 'at the end of the travel')
  expect(rsh.position[1]).toBeCloseTo(ENVELOPE.min[1] + 0.1, 3)
  guard.jogEnd(back.token)
})

test('a hold ends a jog, and aborts a homing that cannot be paused', async () => {
  const { guard, rsh, idle } = await shop({ speedMmPerMin: 600 })
  await idle()
  await guard.jogStart({ direction: { X: 1 }, feedMmPerMin: 600, ttlMs: 60_000, by: 'tester' })
  await until(() => rsh.isMoving, 'jogs')
  guard.hold('tester')
  await until(() => !rsh.isMoving, 'ended')
  rsh.position = [50, 50, 50]
  await until(() => guard.state().machinePositionMm[0] === 50, 'seen')
  await idle()
  const homing = guard.home('tester')
  homing.catch(() => {})
  await until(() => rsh.isMoving, 'homes')
  guard.hold('tester')
  await until(() => !rsh.isMoving, 'aborted')
  await expect(homing).rejects.toMatchObject({ code: 'stopped' })
  expect(orders(rsh)).toContain('ABORT')
})

test('a program that leaves the travel, or uses an offset nobody knows, is refused before LinuxCNC hears of it', async () => {
  const { rsh, idle, start } = await shop()
  await idle()
  await expect(start('G21 G90\nG0 X4000\nM2\n')).rejects.toMatchObject({ code: 'outside-envelope' })
  await expect(start('G21 G90\nG55\nG0 X1\nM2\n')).rejects.toMatchObject({
    code: 'work-offset-unknown',
    message: expect.stringMatching(/Select G55 on the machine first/),
  })
  expect(orders(rsh)).toEqual([])
})

test('a program LinuxCNC cannot read is refused in words that tell what to do', async () => {
  // as one that runs on another computer
  const { rsh, guard, idle, start } = await shop({ sees: () => false })
  await idle()
  await expect(start(CUT)).rejects.toMatchObject({
    code: 'program-not-visible',
    message: expect.stringMatching(/not found\).*must see the file as .*share the folder under the same path/),
  })
  expect(orders(rsh)).not.toContain('RUN')
  await idle()
  expect(guard.state()).not.toHaveProperty('job')
})

test('an error in the program ends the job as failed, in the words of LinuxCNC', async () => {
  const { rsh, idle, start, end } = await shop()
  await idle()
  const { jobId } = await start('G21 G90\nG0 X20\nG4 P8\nG0 X40\nM2\n')
  await until(() => rsh.position[0] === 20, 'runs')
  rsh.errors.push('Linear move on line 4 would exceed X limit')
  rsh.abortLocally()
  const ended = await end(jobId)
  expect(ended).toMatchObject({ state: 'failed' })
  expect(ended.text).toMatch(/would exceed X limit/)
})

test('a program that was ended at LinuxCNC itself is not told as completed', async () => {
  const { rsh, guard, idle, start, end } = await shop({ speedMmPerMin: 1500 })
  await idle()
  const { jobId } = await start(CUT)
  await until(() => (guard.state().job?.currentLine ?? 0) > 4, 'runs')
  rsh.abortLocally()
  const ended = await end(jobId)
  expect(ended.state).toBe('interrupted')
  expect(ended.text).toMatch(/not where the program ends/)
})

test('a lost link ends the job as interrupted; nothing is sent when it is back', async () => {
  const { rsh, guard, idle, start, end } = await shop({ speedMmPerMin: 1500 })
  await idle()
  const { jobId } = await start(CUT)
  await until(() => (guard.state().job?.currentLine ?? 0) > 2, 'runs')
  const before = orders(rsh).length
  rsh.cut()
  const ended = await end(jobId)
  expect(ended).toMatchObject({ state: 'interrupted' })
  expect(ended.text).toMatch(/has the whole program and may run on/)
  await until(() => guard.state().controller === 'run', 'seen again, still at work')
  expect(orders(rsh)).toHaveLength(before)
  await expect(start(CUT)).rejects.toMatchObject({ code: 'machine-not-idle' })
  guard.stop('tester', false)
  await idle()
})

test('a server that answers nothing any more is a lost link', async () => {
  // it would be opened again at once
  const { rsh, guard, idle } = await shop({}, {}, { reconnectMinMs: 60_000, reconnectMaxMs: 60_000 })
  await idle()
  rsh.isSilent = true
  await until(() => guard.state().link === 'lost', 'noticed')
  expect(guard.state().notices.join(' ')).toMatch(/does not answer any more/)
  expect(() => guard.hold('tester')).toThrow(expect.objectContaining({ code: 'link-down' }))
})

/** This process sleeps when the server hears this, before it is answered. */
function sleepAt({ heard }: RshServer, what: RegExp): void {
  heard.push = (...lines) => {
    if (lines.some((line) => what.test(line))) {
      Reflect.deleteProperty(heard, 'push')
      const wakesAt = performance.now() + 2000
      while (performance.now() < wakesAt);
    }
    return Array.prototype.push.apply(heard, lines)
  }
}

test('a guard that slept over an answer reads it before it takes the server for dead', async () => {
  const { rsh, guard, states, idle } = await shop()
  await idle()
  const seen = states.length
  const { heard } = rsh
  sleepAt(rsh, /^GET/)
  const before = heard.length
  await until(() => heard.length > before + 60, 'it is asked on')
  expect(states.slice(seen).map(({ link }) => link)).not.toContain('lost')
  expect(guard.state().link).toBe('connected')
})

test('a guard that slept in a stop looks whether the machine stands before it says that it does not', async () => {
  const axis = (letter: string) => [
    [`[AXIS_${letter}]MIN_LIMIT`, '-10'],
    [`[AXIS_${letter}]MAX_LIMIT`, '400'],
    [`[AXIS_${letter}]MAX_VELOCITY`, '50'],
    [`[AXIS_${letter}]MAX_ACCELERATION`, '500'],
  ]
  const { rsh, guard, idle, start, end } = await shop({ speedMmPerMin: 1500, ini: Object.fromEntries(['X', 'Y', 'Z'].flatMap(axis)) })
  await idle()
  const { jobId } = await start(CUT)
  await until(() => (guard.state().job?.currentLine ?? 0) > 2, 'runs')
  sleepAt(rsh, /ABORT/)
  guard.stop('tester', false)
  expect((await end(jobId)).text).toMatch(/knows its position/)
})

test('a wrong password is told, and shown nowhere', async () => {
  const { guard, journal } = await shop({}, { linuxcnc: { enablePassword: 'wrong-secret' } })
  await until(() => guard.state().notices.length > 0, 'told')
  expect(guard.state().notices.join(' ')).toMatch(/enable password.*is not the one/)
  expect(JSON.stringify(guard.traffic(0))).not.toMatch(/wrong-secret|HELLO EMC/)
  expect(JSON.stringify(guard.state())).not.toMatch(/wrong-secret/)
  await journal.close()
})

test('leases, interlocks and what LinuxCNC has no word for answer as with every controller', async () => {
  const { guard, rsh, idle, start, end } = await shop(
    { speedMmPerMin: 1500 },
    { guarding: { interlocks: [{ id: 'door', name: 'Door', ttlS: 60, whenUnsafe: 'hold' }] } },
  )
  await idle()
  await expect(guard.command('G0X1', 'tester')).rejects.toMatchObject({ code: 'interlock-open' })
  guard.setInterlock('door', true)
  const { token } = guard.takeLease({ holder: 'flow', ttlMs: 60_000, by: 'flow' })
  await expect(start(CUT)).rejects.toMatchObject({ code: 'machine-busy' })
  const { jobId } = await start(CUT, { lease: token })
  await until(() => guard.state().controller === 'run', 'runs')
  guard.setInterlock('door', false)
  await until(() => guard.state().controller === 'hold', 'held')
  await expect(guard.resume('tester')).rejects.toMatchObject({ code: 'interlock-open' })
  guard.setInterlock('door', true)
  await guard.resume('tester')
  guard.stop('tester', true)
  expect(await end(jobId)).toMatchObject({ state: 'stopped', isPositionTrusted: false })
  expect(rsh.isEstopped).toBe(true)
  guard.dropLease(token)
  await expect(guard.act({ kind: 'probe', probe: { cycle: 'tool-length', isReference: false } }, { by: 'x' })).rejects.toMatchObject({ code: 'not-supported' })
  await expect(guard.act({ kind: 'safety-door' }, { by: 'x' })).rejects.toMatchObject({ code: 'not-supported' })
  await expect(guard.act({ kind: 'override', rapid: 50 }, { by: 'x' })).rejects.toMatchObject({ code: 'not-supported' })
  await expect(guard.planStart()).rejects.toMatchObject({ code: 'not-supported' })
  expect(await guard.firmwareSettings()).toEqual([])
})

test('a program that begins a moment after LinuxCNC took it has not ended before', async () => {
  const { guard, rsh, ends, idle, start, end } = await shop({ speedMmPerMin: 1500, runsAfterMs: 300 })
  await idle()
  const { jobId } = await start(CUT)
  await until(() => rsh.isMoving && guard.state().controller === 'run', 'runs')
  expect(ends).toEqual([])
  expect(guard.state().job).toMatchObject({ jobId, phase: 'streaming' })
  guard.stop('tester', false)
  expect(await end(jobId)).toMatchObject({ state: 'stopped' })
})

test('an interlock that opens while something is about to begin keeps it from moving, or holds it', async () => {
  const { guard, rsh, idle, start, end } = await shop(
    { speedMmPerMin: 1500 },
    { guarding: { interlocks: [{ id: 'door', name: 'Door', ttlS: 60, whenUnsafe: 'hold' }] } },
  )
  await idle()
  guard.setInterlock('door', true)
  const moved = expect(guard.act({ kind: 'jog', by: { X: 50 }, feedMmPerMin: 1000 }, { by: 'x' })).rejects.toMatchObject({ code: 'stopped' })
  await until(() => rsh.heard.some((line) => line.startsWith('SET MDI')), 'ordered')
  guard.setInterlock('door', false)
  await until(() => !rsh.isMoving && guard.state().isStanding, 'stands')
  guard.stop('tester', false)
  await moved
  await idle()

  guard.setInterlock('door', true)
  const { jobId } = await start(CUT)
  await until(() => rsh.isMoving, 'runs')
  guard.hold('tester')
  await until(() => guard.state().controller === 'hold' && guard.state().isStanding, 'held')
  const resumed = guard.resume('tester').catch(() => {})
  await until(() => rsh.heard.some((line) => line.startsWith('SET RESUME')), 'told to go on')
  guard.setInterlock('door', false)
  await resumed
  await until(() => !rsh.isMoving && guard.state().controller === 'hold', 'held again')
  guard.stop('tester', false)
  expect(await end(jobId)).toMatchObject({ state: 'stopped' })
})

test('lines that begin with / are run or left out as the start asks, since LinuxCNC cannot be told', async () => {
  const text = 'G21 G90\nG0 X10\n/G0 X20\nM2\n'
  for (const [blockDelete, x] of [
    [true, 10],
    [false, 20],
  ] as const) {
    const { rsh, idle, start, end } = await shop()
    await idle()
    const { jobId } = await start(text, { blockDelete })
    expect(await end(jobId)).toMatchObject({ state: 'completed' })
    expect(rsh.position[0]).toBe(x)
  }
})
