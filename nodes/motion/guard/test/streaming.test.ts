import { open } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { rig, tempDir, until, wire, writeProgram, zigzag } from './rig.ts'

test('streams a program of 2,000 lines to its end with a flat window and counts every line', async () => {
  const it = await rig({ machine: { timeScale: 200 } })
  const program = await writeProgram(await tempDir(), zigzag(2000))
  const { jobId, totalLines } = await it.start(program)
  const end = await it.end(jobId)
  expect(end).toMatchObject({ state: 'completed', linesSent: 2003, linesAcknowledged: 2003, totalLines: 2003, isPositionTrusted: true })
  expect(totalLines).toBe(2003)
  // every line arrived once, in order, and the controller never lost a byte
  const lines = program.text
    .split('\n')
    .map((line) => line.replaceAll(' ', ''))
    .filter((line) => line && !line.startsWith('('))
  const heard = it.machine.answered.map(({ line }) => line).filter((line) => !line.startsWith('$'))
  expect(heard).toEqual([...lines, 'G4P0.01'])
  expect(it.machine.now().lostBytes).toEqual(expect.objectContaining(Object.fromEntries(Object.keys(it.machine.now().lostBytes).map((key) => [key, 0]))))
  // never more outstanding than Grbl's 128 bytes less one take: with the shortest line of 4 bytes 31 lines
  const outstanding = it.states.flatMap(({ job }) => (job ? [job.linesSent - job.linesAcknowledged] : []))
  expect(Math.max(...outstanding)).toBeLessThanOrEqual(31)
  expect(it.guard.state()).toMatchObject({ controller: 'idle', isStanding: true, notices: [] })
  expect(it.guard.state()).not.toHaveProperty('job')
})

test('a job is at its end only when the machine stands, not when the last line is acknowledged', async () => {
  const it = await rig({ machine: { timeScale: 5 } })
  const program = await writeProgram(await tempDir(), 'G21 G90\nG1 F3000 X200\nM30\n')
  const { jobId } = await it.start(program)
  const end = await it.end(jobId)
  expect(end.state).toBe('completed')
  expect(it.machine.now()).toMatchObject({ isMoving: false })
  expect(it.guard.state().machinePositionMm[0]).toBe(200)
})

test('nothing after M30 or the second % is sent', async () => {
  const it = await rig()
  const { jobId } = await it.start(await writeProgram(await tempDir(), '%\nG21\nG0 X5\nM30\nG0 X50\n%\nG0 X100\n'))
  expect(await it.end(jobId)).toMatchObject({ state: 'completed', totalLines: 3 })
  expect(wire(it.machine)).not.toContain('X50')
  expect(it.guard.state().machinePositionMm[0]).toBe(5)
})

test('a line that writes the EEPROM has the buffer to itself', async () => {
  const it = await rig()
  const { jobId } = await it.start(await writeProgram(await tempDir(), 'G21\nG0 X1\nG0 X2\nG10 L20 P1 X0\nG0 X3\nG0 X4\nG54\nG0 X5\n'))
  expect((await it.end(jobId)).state).toBe('completed')
  // when such a line came in, every line before it had been answered, and none came until its own answer
  for (const alone of ['G10L20P1X0', 'G54']) {
    const at = it.machine.received.find(({ bytes }) => bytes.toString().includes(`${alone}\n`))!
    expect(at.bytes.toString().replaceAll('?', '')).toBe(`${alone}\n`)
    const index = it.machine.answered.findIndex(({ line }) => line === alone)
    expect(it.machine.answered[index - 1]!.atMs).toBeLessThanOrEqual(at.atMs)
    const next = it.machine.received.find(({ bytes, atMs }) => atMs > at.atMs && /[GM]\d/.test(bytes.toString()))!
    expect(next.atMs).toBeGreaterThanOrEqual(it.machine.answered[index]!.atMs)
  }
})

test('a line the controller refuses stops the job: hold, standing, reset, with the line named', async () => {
  const it = await rig({ machine: { timeScale: 2 } })
  const text = ['G21 G90', 'G1 F2000 X50', 'X60', 'G4 P0.4', 'X70', ...Array.from({ length: 200 }, (_, i) => `X${70 + i}`)].join('\n')
  const { jobId } = await it.start(await writeProgram(await tempDir(), text))
  // while it dwells, its answer is turned into a refusal
  await until(() => it.machine.answered.at(-1)?.line === 'X60', 'the dwell is next')
  it.machine.loseAnswers(1)
  it.machine.sayRaw('error:38\r\n')
  const end = await it.end(jobId)
  expect(end).toMatchObject({ state: 'failed', isPositionTrusted: true })
  expect(end.text).toMatch(/^Line 4 "G4P0.4" was refused by the controller: The tool number is too large \(error:38\)\./)
  expect(end.text).toMatch(/The position was kept\.$/)
  const heard = wire(it.machine)
  expect(heard.slice(heard.indexOf('!'))).toBe('!\x18')
  // lines behind the refused one were in the controller already: the reset has thrown them away
  await until(() => it.guard.state().controller === 'idle', 'idle again')
  expect(it.guard.state().machinePositionMm[0]).toBeLessThan(80)
  expect(it.guard.state().notices.join()).toMatch(/G4P0.4/)
})

test('the same job is never run twice, also by a guard that came after', async () => {
  const it = await rig()
  const program = await writeProgram(await tempDir(), 'G21\nG0 X5\n')
  const { jobId } = await it.start(program)
  await expect(it.start(program, { jobId })).rejects.toMatchObject({ code: 'job-seen' })
  await it.end(jobId)
  await expect(it.start(program, { jobId })).rejects.toMatchObject({ code: 'job-seen' })
  expect(await it.guard.jobStatus(jobId)).toMatchObject({ state: 'completed' })
  const next = await it.restart()
  await expect(next.start(program, { jobId })).rejects.toMatchObject({ code: 'job-seen' })
  expect(await next.guard.jobStatus(jobId)).toMatchObject({ state: 'completed' })
  expect(await next.guard.jobStatus('job_never')).toBeNull()
})

test('while a job has the machine, jobs, jogs, commands, homing and settings are refused', async () => {
  const it = await rig({ machine: { timeScale: 2 } })
  const program = await writeProgram(await tempDir(), 'G21 G90\nG1 F2000 X100\nX0\n')
  const { jobId } = await it.start(program)
  await expect(it.start(program)).rejects.toMatchObject({ code: 'machine-busy' })
  await expect(it.guard.command('$J=G91X1F100', 'tester')).rejects.toMatchObject({ code: 'machine-busy' })
  await expect(it.guard.command('G0X1', 'tester')).rejects.toMatchObject({ code: 'machine-busy' })
  await expect(it.guard.home('tester')).rejects.toMatchObject({ code: 'machine-busy' })
  await expect(it.guard.unlock('tester')).rejects.toMatchObject({ code: 'machine-busy' })
  await expect(
    it.guard.configure({ name: 'x', link: { kind: 'virtual', timeScale: 1 }, envelopeMm: { min: [0, 0, 0], max: [1, 1, 1] }, whenRequesterGone: 'hold' }),
  ).rejects.toMatchObject({
    code: 'machine-busy',
  })
  expect((await it.end(jobId)).state).toBe('completed')
  expect(wire(it.machine)).not.toContain('$J')
})

test.each([
  ['G21\nG0 X401\n', 'outside-envelope'],
  [`G21\nG0 X${'1'.repeat(10_000)}\n`, 'line-refused'],
  ['G21\nM6 T1\n', 'line-refused'],
])('a program that is not good is refused whole, and nothing of it is sent', async (text, code) => {
  const it = await rig()
  const before = wire(it.machine)
  await expect(it.start(await writeProgram(await tempDir(), text))).rejects.toMatchObject({ code })
  expect(
    wire(it.machine)
      .slice(before.length)
      .replace(/\$#\n|\$G\n/g, ''),
  ).toBe('')
  expect(it.guard.state()).not.toHaveProperty('job')
  // the machine is free again
  const { jobId } = await it.start(await writeProgram(await tempDir(), 'G21\nG0 X5\n'))
  expect((await it.end(jobId)).state).toBe('completed')
})

test('the envelope is that of the machine, with the work offset the controller holds', async () => {
  const it = await rig()
  await it.guard.command('G10 L2 P1 X390', 'tester')
  await expect(it.start(await writeProgram(await tempDir(), 'G21\nG0 X11\n'))).rejects.toMatchObject({ code: 'outside-envelope' })
  const { jobId } = await it.start(await writeProgram(await tempDir(), 'G21\nG0 X9\n'))
  expect((await it.end(jobId)).state).toBe('completed')
  expect(it.guard.state()).toMatchObject({ machinePositionMm: [399, 0, 0], workPositionMm: [9, 0, 0] })
})

test('a file that changes while it runs stops the machine before a changed line goes out', async () => {
  const it = await rig({ machine: { timeScale: 100 } })
  const program = await writeProgram(await tempDir(), zigzag(6000))
  const { jobId } = await it.start(program)
  await until(() => (it.guard.state().job?.linesAcknowledged ?? 0) > 5, 'some lines')
  const file = await open(program.path, 'r+')
  await file.write('G0Z-70\n', 100_000)
  await file.close()
  const end = await it.end(jobId)
  expect(end.state).toBe('failed')
  expect(end.text).toMatch(/content has changed/)
  expect(wire(it.machine)).not.toContain('Z-70')
})

test('a command is checked like a program and answered in words', async () => {
  const it = await rig()
  await expect(it.guard.command('G0 X500', 'tester')).rejects.toMatchObject({ code: 'outside-envelope' })
  await expect(it.guard.command('G0 X1 ~', 'tester')).rejects.toMatchObject({ code: 'line-refused' })
  await expect(it.guard.command(`G0 X${'1'.repeat(10_000)}`, 'tester')).rejects.toMatchObject({ code: 'line-refused' })
  await expect(it.guard.command('G0 X1\nG0 X2', 'tester')).rejects.toMatchObject({ code: 'line-refused' })
  await expect(it.guard.command('$RST=*', 'tester')).rejects.toMatchObject({ code: 'line-refused' })
  await expect(it.guard.command('$J=G91 X-5 F100', 'tester')).rejects.toMatchObject({ code: 'outside-envelope' })
  await expect(it.guard.command('$J=G91 X5', 'tester')).rejects.toMatchObject({ code: 'line-refused' })
  expect((await it.guard.command('$G', 'tester')).answer).toMatch(/^\[GC:G0 G54 .*\]\nok$/)
  expect((await it.guard.command('$9999=1', 'tester')).answer).toMatch(/^.*error:3/)
  expect(await it.guard.command('$J=G91 X5 F1000', 'tester')).toEqual({ answer: 'ok' })
  await until(() => it.guard.state().machinePositionMm[0] === 5 && it.guard.state().controller === 'idle', 'the jog is over')
})
