import { randomBytes } from 'node:crypto'
import { readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { UserError } from '../../../base/errors.ts'
import { checkProgram, removeWritten } from './check-program.ts'
import { createLineSplitter } from './program-lines.ts'
import { ProgramSource } from './program-source.ts'
import { FRESH_MODEL, type Program, tempDir, until, writeProgram, zigzag } from './test/rig.ts'

const check = async (program: Pick<Program, 'path' | 'sha256'>, signal = new AbortController().signal) => {
  const dir = await tempDir()
  const checked = await checkProgram({ ...program, model: FRESH_MODEL, dir, signal })
  onTestFinished(() => checked.program.dispose().catch(() => {}))
  return { ...checked, dir }
}

async function refusal(text: string | Buffer, sha256?: string): Promise<UserError> {
  const program = await writeProgram(await tempDir(), text)
  const error = await check({ ...program, ...(sha256 ? { sha256 } : {}) }).then(
    () => {
      throw new Error('was not refused')
    },
    (thrown) => thrown,
  )
  if (!(error instanceof UserError)) throw error
  return error
}

test('counts the lines that will be sent and tells the extents', async () => {
  const program = await writeProgram(await tempDir(), '%\n(head)\nG21 G90\n\nG0 X10 Y20\r\nG1 Z-5 F100\rM30\n%\nG0 X9999\n')
  const { report } = await check(program)
  expect(report.totalLines).toBe(4)
  expect(report.extentsMm).toEqual({ min: [10, 20, -5], max: [10, 20, 0] })
})

test.each([
  ['a line of 10 kB', `G21\nG1X${'1'.repeat(10_000)}\n`, 'line-refused', /^Line 2, column 4097: The line has more than/],
  ['a comment of 10 kB', `(${'x'.repeat(10_000)})\n`, 'line-refused', /^Line 1, /],
  ['a megabyte without a line end', Buffer.alloc(1_000_000, 0x31), 'line-refused', /^Line 1, /],
  ['noise', randomBytes(50_000).fill(0x80, 0, 1), 'line-refused', /^Line 1, /],
  ['a real-time character', 'G21\nG0X1\nG0X2!\n', 'line-refused', /^Line 3, column 5: "!" inside a line would hold/],
  ['a code that nobody knows', 'G21\nG5.1 X1\n', 'line-refused', /^Line 2, column 1: G5.1/],
  ['a $ command', 'G21\n$H\n', 'line-refused', /^Line 2, column 1: A \$ command/],
  ['a move out of the machine', 'G21\nG0 X10\nG0 X10 Y301\n', 'outside-envelope', /^Line 3 would leave the machine's travel: Y would reach 301.000/],
  ['nothing', '(only a comment)\n\n%\n', 'program-empty', /no line/],
])('refuses a program with %s, naming the place', async (_what, text, code, message) => {
  const error = await refusal(text)
  expect(error.code).toBe(code)
  expect(error.message).toMatch(message)
  expect(error.message.length).toBeLessThan(500)
})

test('refuses another file than the one that was meant, whatever else is wrong with it', async () => {
  expect((await refusal('G0 X1\n', '0'.repeat(64))).code).toBe('program-changed')
  expect((await refusal('G0 X9999 !\n', '0'.repeat(64))).code).toBe('program-changed')
})

test('a file that is not there is told of in words', async () => {
  await expect(check({ path: '/nowhere/part.nc', sha256: '' })).rejects.toMatchObject({ code: 'program-missing' })
})

test('a check can be given up, and never keeps the event loop for long', async () => {
  const program = await writeProgram(await tempDir(), zigzag(100_000))
  // what this thread worked from one turn of its loop to the next, ms: what a busy machine gave to others does not count
  const turns: number[] = []
  let before = process.threadCpuUsage()
  const timer = setInterval(() => {
    const { user, system } = process.threadCpuUsage(before)
    before = process.threadCpuUsage()
    turns.push((user + system) / 1000)
  }, 1)
  const { report } = await check(program)
  clearInterval(timer)
  expect(report.totalLines).toBe(100_003)
  // the guard's own thread does next to nothing meanwhile; the rest is what it needs now and then
  turns.sort((a, b) => a - b)
  expect(turns.length).toBeGreaterThan(10)
  expect(turns[Math.floor(turns.length * 0.9)]).toBeLessThan(20)
  const controller = new AbortController()
  const given = check(program, controller.signal)
  setImmediate(() => controller.abort(new Error('stop')))
  await expect(given).rejects.toThrow('stop')
})

test('what the controller does not know is written out for it, owner-only, with the lines it comes from, and is gone afterwards', async () => {
  const text = 'G21 G90\n#1 = 5\nG1 X[#1 * 2] F500\nG81 X20 Y5 Z-2 R1 F100\nG80\nM30\n'
  const { program, report, dir } = await check(await writeProgram(await tempDir(), text))
  expect(report).toMatchObject({ isExpanded: true, isRunnable: true, sourceLines: 6 })
  expect(program.form).toBe('written')
  expect(program.totalLines).toBe(report.totalLines)
  const [name = ''] = await readdir(dir)
  expect((await stat(join(dir, name))).mode & 0o777).toBe(0o600)
  const source = new ProgramSource(program, { onReadable: () => {}, onError: () => {} })
  const lines: [number, string][] = []
  while (!source.isAtEnd) {
    const { number, text: sent } = await source.next()
    lines.push([number, sent])
    source.take()
  }
  expect(lines[0]).toEqual([1, 'G21G90'])
  expect(lines.find(([number]) => number === 3)?.[1]).toMatch(/^G1X10(\.0*)?F500$/)
  expect(lines.filter(([number]) => number === 4).length).toBeGreaterThan(2)
  expect(lines.map(([, sent]) => sent).join()).not.toMatch(/#|G81/)
  await source.close()
  expect(await readdir(dir)).toEqual([])
  // left behind by a guard that was killed
  await writeFile(join(dir, name), '')
  await writeFile(join(dir, 'jobs.log'), '')
  await removeWritten(dir)
  expect(await readdir(dir)).toEqual(['jobs.log'])
})

test('a check that breaks is a refusal, and the guard lives on', async () => {
  const program = await writeProgram(await tempDir(), 'G21\nG0 X1\n')
  const model = { ...FRESH_MODEL, modal: undefined as unknown as (typeof FRESH_MODEL)['modal'] }
  const failed = checkProgram({ ...program, model, dir: await tempDir(), signal: new AbortController().signal })
  await expect(failed).rejects.toMatchObject({ code: 'check-failed', kind: 'operational' })
})

test('checks in a row share a thread; one that was given up or broke is not used again', async () => {
  const program = await writeProgram(await tempDir(), 'G21\nG0 X1\n')
  let started = 0
  const count = () => {
    started += 1
  }
  process.on('worker', count)
  onTestFinished(() => void process.off('worker', count))
  // whatever an earlier test left
  await check(program)
  let since: number
  do {
    await check(program)
    started = 0
    since = performance.now()
    for (let i = 0; i < 3; i += 1) await check(program)
    // where this process had no time, the thread has ended of itself
  } while (performance.now() - since > 1500)
  expect(started).toBe(0)
  const dir = await tempDir()
  await check(program)
  started = 0
  const controller = new AbortController()
  const given = checkProgram({ ...program, model: FRESH_MODEL, dir, signal: controller.signal })
  controller.abort(new Error('stop'))
  await expect(given).rejects.toThrow('stop')
  await check(program)
  expect(started).toBe(1)
  const model = { ...FRESH_MODEL, modal: undefined as unknown as (typeof FRESH_MODEL)['modal'] }
  await check(program)
  started = 0
  await expect(checkProgram({ ...program, model, dir, signal: new AbortController().signal })).rejects.toThrow()
  await check(program)
  expect(started).toBe(1)
})

test('lines are numbered the same however the bytes come in', () => {
  const text = 'a\r\nb\rc\n\nd\r\n\r\ne'
  const whole = [
    { number: 1, raw: 'a', at: 0 },
    { number: 2, raw: 'b', at: 3 },
    { number: 3, raw: 'c', at: 5 },
    { number: 4, raw: '', at: 7 },
    { number: 5, raw: 'd', at: 8 },
    { number: 6, raw: '', at: 11 },
    { number: 7, raw: 'e', at: 13 },
  ]
  for (let size = 1; size <= text.length; size += 1) {
    const splitter = createLineSplitter()
    const lines = []
    for (let i = 0; i < text.length; i += size) lines.push(...splitter.add(Buffer.from(text.slice(i, i + size))))
    lines.push(...splitter.end())
    expect(lines).toEqual(whole)
  }
})

test('a byte order mark is not part of the program', () => {
  expect(createLineSplitter().add(Buffer.from('\ufeffG0X1\n'))).toEqual([{ number: 1, raw: 'G0X1', at: 3 }])
})

test('reads the very lines that were checked, a few hundred ahead at most', async () => {
  const program = await writeProgram(await tempDir(), zigzag(5000))
  const { program: flat } = await check(program)
  const taken: string[] = []
  let failure: unknown
  const source = new ProgramSource(flat, { onReadable: () => {}, onError: (error) => (failure = error) })
  source.read()
  while (!source.isAtEnd) {
    await until(() => source.peek() !== undefined || failure !== undefined, 'the next line')
    if (failure) throw failure
    const line = source.peek()
    if (!line) continue
    taken.push(line.text)
    source.take()
  }
  await source.close()
  expect(taken).toEqual(
    program.text
      .split('\n')
      .map((line) => line.replaceAll(' ', ''))
      .filter((line) => line && !line.startsWith('(')),
  )
})
