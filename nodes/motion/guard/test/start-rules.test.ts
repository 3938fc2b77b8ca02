import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { rigWithPendant } from './pendant.ts'
import { inTheTurnThat, type Rig, rig, tempDir, until, wire, writeProgram, zigzag } from './rig.ts'

const start = async (it: Rig, text: string, options = {}) => it.start(await writeProgram(await tempDir(), text), { options })
const lines = (it: Rig) => it.machine.answered.map(({ line }) => line).filter((line) => !line.startsWith('$'))

test('a machine that can home starts no program before it was homed, unless its settings say so', async () => {
  const homing = { machine: { settings: { 22: 1 } } }
  const it = await rig(homing)
  await it.guard.unlock('tester')
  await expect(start(it, 'G21\nG0 X1\n')).rejects.toMatchObject({ code: 'position-not-trusted' })
  const free = await rig({ ...homing, guarding: { mustBeHomed: false } })
  await free.guard.unlock('tester')
  const { jobId } = await start(free, 'G21\nG91\nG0 Z-1\n')
  expect((await free.end(jobId)).state).toBe('completed')
})

test.each([
  ['the tool the caller expects', 'G21\nG0 X1\n', { expectedTool: 2 }, 'wrong-tool'],
  ['the tool the program names before its first cut', 'G21\nT2\nG0 X1\nG1 X2 F100\n', {}, 'wrong-tool'],
  ['a tool the program changes to by itself', 'G21\nT2 M6\nG0 X1\n', {}, undefined],
  ['the tool that is in the spindle', 'G21\nT1\nG1 X2 F100\n', { expectedTool: 1 }, undefined],
])('the spindle must hold %s', async (_what, text, options, code) => {
  const it = await rig({ guarding: { toolChange: { kind: 'manual' } } })
  await it.guard.act({ kind: 'tool-is', tool: 1 }, { by: 'tester' })
  const begun = start(it, text, options)
  if (code) await expect(begun).rejects.toMatchObject({ code })
  else await begun
  if (code) expect(wire(it.machine)).not.toMatch(/G0|G1/)
})

test('a program only mentions a tool where nobody ever said what is in the spindle', async () => {
  const it = await rig()
  const { jobId } = await start(it, 'G21\nT2\nG1 X2 F1000\n')
  expect((await it.end(jobId)).state).toBe('completed')
  await expect(start(it, 'G21\nG0 X1\n', { expectedTool: 5 })).rejects.toMatchObject({ code: 'wrong-tool' })
})

test('somebody who moves the machine during the check is noticed before the first line', async () => {
  const { it, press } = await rigWithPendant()
  const program = await writeProgram(await tempDir(), zigzag(150_000))
  const questions = () => it.machine.answered.filter(({ line }) => line === '$G').length
  const before = questions()
  const begun = it.start(program)
  // the state is read, the program is being checked
  await inTheTurnThat(() => it.guard.state().job?.phase === 'checking' && questions() > before)
  // its answer goes to whoever asked
  it.machine.loseAnswers(1)
  press('G10L20P1X3\n')
  await expect(begun).rejects.toMatchObject({ code: 'machine-changed', message: expect.stringMatching(/offsets are others/) })
})

test('keep-out boxes, feeds, speeds, dwells and forbidden codes of the settings refuse a program with the line named', async () => {
  const it = await rig({
    guarding: {
      keepOut: [
        { id: 'vice', name: 'vice', min: [100, 100, -80], max: [150, 150, -10], isActive: true },
        { id: 'old', name: 'old vice', min: [200, 200, -80], max: [250, 250, -10], isActive: false },
      ],
      maxFeedMmPerMin: 2500,
      maxDwellS: 5,
      forbiddenCodes: ['M8', 'G38.2'],
    },
  })
  const refusals: [string, string, number][] = [
    ['G21 G90\nG0 X125 Y125\nG1 Z-20 F500\n', 'keep-out', 3],
    ['G21 G90\nG1 X5 F2501\n', 'feed-too-high', 2],
    ['G21\nG4 P6\n', 'dwell-too-long', 2],
    ['G21\nM8\n', 'forbidden-code', 2],
  ]
  for (const [text, code, line] of refusals) await expect(start(it, text)).rejects.toMatchObject({ code, details: expect.objectContaining({ line }) })
  expect(wire(it.machine)).not.toMatch(/G0|G1|G4|M8/)
  const { jobId } = await start(it, 'G21 G90\nG0 X225 Y225\nZ-20\n')
  expect((await it.end(jobId)).state).toBe('completed')
})

test('the dry check tells everything and sends nothing, also while a program runs', async () => {
  const it = await rig({ machine: { timeScale: 3 } })
  const good = await writeProgram(await tempDir(), zigzag(2000))
  const bad = await writeProgram(await tempDir(), 'G21 G90\nG0 X500\nG5.1\nG1 Y1\n')
  const { jobId } = await it.start(good)
  await until(() => (it.guard.state().job?.linesAcknowledged ?? 0) > 3, 'under way')
  const before = wire(it.machine)
  const report = await it.guard.checkProgram(good)
  expect(report).toMatchObject({ isRunnable: true, totalLines: 2003, sourceLines: 2004 })
  expect(report.estimateS).toBeGreaterThan(10)
  const refused = await it.guard.checkProgram(bad)
  expect(refused.isRunnable).toBe(false)
  expect(refused.findings.filter(({ severity }) => severity === 'error').map(({ code, line }) => [code, line])).toEqual(
    expect.arrayContaining([['outside-envelope', 2]]),
  )
  await expect(it.guard.checkProgram({ ...good, sha256: '0'.repeat(64) })).rejects.toMatchObject({ code: 'program-changed' })
  const ours = new Set(good.text.split('\n').map((line) => line.replaceAll(' ', '')))
  expect(lines(it).filter((line) => !ours.has(line))).toEqual([])
  expect(wire(it.machine).slice(before.length)).not.toContain('$')
  it.guard.stop('tester', false)
  await it.end(jobId)
})

test('while it runs the time that is left goes down to nothing, and the part is counted', async () => {
  const it = await rig({ machine: { timeScale: 10 } })
  const { jobId } = await start(it, zigzag(1500))
  await it.end(jobId)
  const told = it.states.flatMap(({ job }) => (job?.remainingS === undefined ? [] : [job.remainingS]))
  expect(told.length).toBeGreaterThan(5)
  expect(told[0]).toBeGreaterThan(10)
  expect(told.at(-1)).toBeLessThan(2)
  // the machine is ten times as fast as its settings say: the pace of the part done is seen, which took as long as the other half will
  const halfway = it.states.find(({ job }) => (job?.linesAcknowledged ?? 0) > 750)
  const tookS = (Date.parse(halfway?.at ?? '') - Date.parse(halfway?.job?.startedAt ?? '')) / 1000
  expect(halfway?.job?.remainingS).toBeLessThan(2 * tookS + 2)
  expect(it.guard.state().partsCount).toBe(1)
})

test('a program with cycles and subprograms runs on a controller that knows neither, and names its own lines', async () => {
  const it = await rig({ machine: { timeScale: 50 } })
  const text = 'G21 G90\nG0 X5 Y5 Z5\no100 sub\nG1 X[#1] F2000\no100 endsub\no100 call [20]\no100 call [30]\nG81 X40 Y5 Z-2 R1 F600\nG80\nM0\nG0 X0\nM30\n'
  const { jobId } = await start(it, text)
  await until(() => it.guard.state().job?.phase === 'waiting', 'M0')
  expect(it.guard.state().job?.waitingFor?.line).toBe(10)
  const dir = join(it.dir, 'journal')
  expect((await readFile(join(dir, 'jobs.log'), 'utf8')).includes(jobId)).toBe(true)
  await it.guard.answerJob({ jobId, answer: 'go-on', by: 'tester' })
  expect(await it.end(jobId)).toMatchObject({ state: 'completed' })
  expect(lines(it).join()).not.toMatch(/O100|#|G81|M0,/)
  expect(lines(it)).toEqual(expect.arrayContaining([expect.stringMatching(/^G1X20/), expect.stringMatching(/^G1X30/)]))
  await until(async () => !(await readdir(dir)).some((name) => name.startsWith('written-')), 'what was written out is removed')
})
