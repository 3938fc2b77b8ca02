import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { UserError } from '../../../base/errors.ts'
import { checkProgram } from './check-program.ts'
import { createLineSplitter } from './program-lines.ts'
import { ProgramSource } from './program-source.ts'
import { FRESH_SETUP, type Program, tempDir, until, writeProgram, zigzag } from './test/rig.ts'

const check = (program: Pick<Program, 'path' | 'sha256'>, signal = new AbortController().signal) =>
  checkProgram({ ...program, setup: FRESH_SETUP, maxLineLength: 79, signal })

async function refusal(text: string | Buffer, sha256?: string): Promise<UserError> {
  const program = await writeProgram(await tempDir(), text)
  const error = await check({ ...program, ...(sha256 ? { sha256 } : {}) }).then(
    async ({ file }) => {
      await file.close()
      throw new Error('was not refused')
    },
    (thrown) => thrown,
  )
  if (!(error instanceof UserError)) throw error
  return error
}

test('counts the lines that will be sent and tells the extents', async () => {
  const program = await writeProgram(await tempDir(), '%\n(head)\nG21 G90\n\nG0 X10 Y20\r\nG1 Z-5 F100\rM30\n%\nG0 X9999\n')
  const { file, ...found } = await check(program)
  await file.close()
  expect(found.totalLines).toBe(4)
  expect(found.extentsMm).toEqual({ min: [10, 20, -5], max: [10, 20, 0] })
})

test.each([
  ['a line of 10 kB', `G21\nG1X${'1'.repeat(10_000)}\n`, 'line-refused', /^Line 2, column 4097: It has/],
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
  let turns = 0
  const count = setInterval(() => {
    turns += 1
  }, 1)
  const { file, totalLines } = await check(program)
  clearInterval(count)
  await file.close()
  expect(totalLines).toBe(100_003)
  // about 2.5 MB in pieces of 16 kB: timers run in between
  expect(turns).toBeGreaterThan(50)
  const controller = new AbortController()
  const given = check(program, controller.signal)
  setImmediate(() => controller.abort(new Error('stop')))
  await expect(given).rejects.toThrow('stop')
})

test('lines are numbered the same however the bytes come in', () => {
  const text = 'a\r\nb\rc\n\nd\r\n\r\ne'
  const whole = [
    { number: 1, raw: 'a' },
    { number: 2, raw: 'b' },
    { number: 3, raw: 'c' },
    { number: 4, raw: '' },
    { number: 5, raw: 'd' },
    { number: 6, raw: '' },
    { number: 7, raw: 'e' },
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
  expect(createLineSplitter().add(Buffer.from('\ufeffG0X1\n'))).toEqual([{ number: 1, raw: 'G0X1' }])
})

test('reads the very lines that were checked, a few hundred ahead at most', async () => {
  const program = await writeProgram(await tempDir(), zigzag(5000))
  const checked = await check(program)
  const taken: string[] = []
  let failure: unknown
  const source = new ProgramSource(checked, { onReadable: () => {}, onError: (error) => (failure = error) })
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
