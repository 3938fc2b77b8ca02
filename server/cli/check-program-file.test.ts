import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkProgramFile } from './check-program-file.ts'

let dir: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'check-program-'))
})
afterAll(() => rm(dir, { recursive: true, force: true }))

async function file(name: string, text: string): Promise<string> {
  const path = join(dir, name)
  await writeFile(path, text)
  return path
}

const GOOD = 'G21 G90\nT1 M6\nM3 S1000\nG0 X10 Y10 Z5\nG1 Z-1 F100\nX20\nG0 Z5\nM30\n'
const MACHINE = {
  name: 'Router',
  link: { kind: 'tcp', host: 'localhost', port: 23 },
  envelopeMm: { min: [0, 0, -80], max: [400, 300, 20] },
  whenRequesterGone: 'finish',
}

test('tells what a good program does, in numbers', async () => {
  const found = await checkProgramFile(await file('good.nc', GOOD), {})
  expect(found).toMatchObject({
    isRunnable: true,
    lines: 8,
    bytes: GOOD.length,
    dialect: 'grbl',
    isEnvelopeChecked: false,
    findings: [],
    extentsMm: { min: [10, 10, -1], max: [20, 10, 5] },
  })
  expect(found.estimateS).toBeGreaterThan(5)
})

test('holds it against the settings of a machine', async () => {
  const machineFile = await file('machine.json', JSON.stringify({ id: 'm1', ...MACHINE, guarding: { maxFeedMmPerMin: 50 } }))
  const program = await file('fast.nc', GOOD)
  await expect(checkProgramFile(program, { machineFile })).rejects.toMatchObject({
    code: 'line-refused',
    message: expect.stringMatching(/Line 5, column 8: The feed/),
  })
  const plain = await file('plain.json', JSON.stringify(MACHINE))
  await expect(checkProgramFile(program, { machineFile: plain, workOffset: '385,0,0' })).rejects.toMatchObject({ code: 'outside-envelope' })
  expect(await checkProgramFile(program, { machineFile: plain, workOffset: '5,5,0' })).toMatchObject({ isEnvelopeChecked: true })
})

test('tells every error, up to ten in words and all in the details', async () => {
  const program = await file('bad.nc', `G21\n${'G1 Q\n'.repeat(12)}M30\n`)
  const error = await checkProgramFile(program, {}).then(
    () => undefined,
    (thrown: Error & { details: { report: { findings: unknown[] } } }) => thrown,
  )
  expect(error?.message.split('\n')).toHaveLength(12)
  expect(error?.message).toContain('… and 2 more.')
  expect(error?.details.report.findings).toHaveLength(12)
})

test('reads it for the controller that is named', async () => {
  const program = await file('cycles.nc', 'G21 G90 M3 S1 F100\nG0 Z5\nG81 X1 Z-1 R1\nM30\n')
  expect(await checkProgramFile(program, { dialect: 'grblHAL' })).toMatchObject({ lines: 4, isExpanded: false })
  expect(await checkProgramFile(program, {})).toMatchObject({ lines: 8, isExpanded: true })
  await expect(checkProgramFile(program, { dialect: 'marlin' })).rejects.toMatchObject({ code: 'dialect-unknown' })
})

test.each([
  ['there is no file', 'missing.nc', undefined, 'file-missing'],
  ['nothing to send', 'empty.nc', '(nothing)\n', 'program-empty'],
  ['no text', 'binary.nc', '\u0000\u0001\n', 'program-invalid'],
])('refuses it when %s', async (_why, name, text, code) => {
  const path = text === undefined ? join(dir, name) : await file(name, text)
  await expect(checkProgramFile(path, {})).rejects.toMatchObject({ code })
})

test('refuses a work offset that is none', async () => {
  const program = await file('offset.nc', GOOD)
  for (const workOffset of ['1,2', '1,2,x', '1,,3', '1,2,3,4'])
    await expect(checkProgramFile(program, { workOffset })).rejects.toMatchObject({ code: 'work-offset-invalid' })
})
