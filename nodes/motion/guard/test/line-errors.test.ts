import { expect, test } from 'vitest'
import type { MachineState } from '../../machine.ts'
import { controls, inTheTurnThat, type Rig, rig, tempDir, until, wire, writeProgram } from './rig.ts'

async function question(it: Rig): Promise<NonNullable<NonNullable<MachineState['job']>['waitingFor']>> {
  await until(() => it.guard.state().job?.phase === 'waiting', 'the program waits')
  const waitingFor = it.guard.state().job?.waitingFor
  if (!waitingFor) throw new Error('it waits for nothing')
  return waitingFor
}

const lines = (it: Rig) => it.machine.answered.map(({ line }) => line).filter((line) => !line.startsWith('$'))
const start = async (it: Rig, text: string) => (await it.start(await writeProgram(await tempDir(), text))).jobId
const answer = (it: Rig, jobId: string, name: 'go-on' | 'skip-line' | 'stop') => it.guard.answerJob({ jobId, answer: name, by: 'tester' })

/** A program in which a dwell is turned into a refusal while it lasts; `behind` lines follow it. */
async function refusedDwell(policy: 'hold' | 'ask', behind: string[]) {
  const it = await rig({ machine: { timeScale: 2 }, guarding: { onLineError: policy } })
  const jobId = await start(it, ['G21 G90', 'G1 F3000 X5', 'G4 P0.6', ...behind].join('\n'))
  await until(() => it.machine.answered.at(-1)?.line === 'G1F3000X5', 'the dwell is next')
  it.machine.loseAnswers(1)
  it.machine.sayRaw('error:20\r\n')
  return { it, jobId }
}

test('hold: the machine is held with its position, and the program can only be stopped', async () => {
  const { it, jobId } = await refusedDwell(
    'hold',
    Array.from({ length: 60 }, (_, i) => `X${6 + i}`),
  )
  const asked = await question(it)
  expect(asked).toMatchObject({ kind: 'line-error', line: 3, answers: ['stop'] })
  expect(asked.text).toMatch(/^Line 3 "G4P0.6" was refused by the controller:/)
  expect(controls(it.machine)).toBe('!')
  expect(it.guard.state().isStanding).toBe(true)
  // a resume would let the rest of the buffer run
  await expect(it.guard.resume('tester')).rejects.toMatchObject({ code: 'not-held' })
  await expect(it.guard.command('G0X1', 'tester')).rejects.toMatchObject({ code: 'machine-busy' })
  await expect(answer(it, jobId, 'skip-line')).rejects.toMatchObject({ code: 'nothing-to-answer' })
  await answer(it, jobId, 'stop')
  expect(await it.end(jobId)).toMatchObject({ state: 'stopped', isPositionTrusted: true })
})

test('ask: with lines behind it in the controller, only going on without it or a stop is offered, and said so', async () => {
  const { it, jobId } = await refusedDwell(
    'ask',
    Array.from({ length: 60 }, (_, i) => `X${6 + i}`),
  )
  const asked = await question(it)
  expect(asked.answers).toEqual(['go-on', 'stop'])
  expect(asked.text).toMatch(/\d+ lines behind it are in the controller and run on without it/)
  await answer(it, jobId, 'go-on')
  expect(await it.end(jobId)).toMatchObject({ state: 'completed', linesAcknowledged: 63, totalLines: 63 })
  expect(lines(it).filter((line) => line.startsWith('X'))).toHaveLength(60)
  expect(it.guard.state().machinePositionMm[0]).toBe(65)
})

test('a guard that slept while the machine dwelt does not take the time for silence', async () => {
  const { it, jobId } = await refusedDwell(
    'ask',
    Array.from({ length: 60 }, (_, i) => `X${6 + i}`),
  )
  await question(it)
  await answer(it, jobId, 'go-on')
  await inTheTurnThat(() => it.guard.state().controller === 'idle')
  const wakesAt = performance.now() + 2500
  while (performance.now() < wakesAt);
  expect(await it.end(jobId)).toMatchObject({ state: 'completed' })
})

test('ask: a refused line with nothing behind it can be left out', async () => {
  const { it, jobId } = await refusedDwell('ask', [])
  expect((await question(it)).answers).toEqual(['skip-line', 'stop'])
  await answer(it, jobId, 'skip-line')
  expect(await it.end(jobId)).toMatchObject({ state: 'completed', linesAcknowledged: 3 })
})

test('ask on grblHAL, which refuses every line behind one: none of them is lost or run twice', async () => {
  const it = await rig({ machine: { personality: 'grblhal', timeScale: 20 }, guarding: { onLineError: 'ask' } })
  // our engine leaves canned cycles to grblHAL; this one was built without them
  const behind = Array.from({ length: 30 }, (_, i) => `G1 X${6 + i}`)
  const jobId = await start(it, ['G21 G90', 'G1 F3000 X5', 'G81 X5 Z-1 R1', 'G80', ...behind, 'M30'].join('\n'))
  const asked = await question(it)
  expect(asked).toMatchObject({ line: 3, answers: ['skip-line', 'stop'] })
  expect(asked.text).toMatch(/nothing behind this line was run/)
  await answer(it, jobId, 'skip-line')
  expect(await it.end(jobId)).toMatchObject({ state: 'completed', linesAcknowledged: 35, totalLines: 35 })
  const ran = it.machine.answered.filter(({ line, answer: said }) => said === 'ok' && /^G1X/.test(line)).map(({ line }) => line)
  expect(ran).toEqual(behind.map((line) => line.replace(' ', '')))
  expect(it.guard.state().machinePositionMm[0]).toBe(35)
  expect(wire(it.machine)).not.toContain('\x18')
})
