import { expect, test } from 'vitest'
import fc from '../test/property.ts'
import { rounds } from '../test/rounds.ts'
import { parseJsonInSlices, stringifyInSlices } from './json-slices.ts'

const outcome = async (work: () => unknown) => {
  try {
    return { value: await work() }
  } catch {
    return 'refused'
  }
}
const both = async (bytes: Buffer, sliceBytes: number) => [
  await outcome(() => parseJsonInSlices(bytes, sliceBytes)),
  await outcome(() => JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))),
]
const space = fc.constantFrom('', ' ', '\n  ', '\t')
const manyOrFew = fc.oneof(fc.jsonValue(), fc.array(fc.jsonValue(), { maxLength: 20 }))
const body = fc
  .tuple(fc.dictionary(fc.string(), fc.oneof(manyOrFew, fc.dictionary(fc.string(), manyOrFew))), fc.constantFrom(undefined, 1, '\t'), space)
  .map(([value, indent, around]) => around + JSON.stringify(value, null, indent) + around)
const text = fc.oneof(
  body,
  fc.json(),
  fc.array(fc.jsonValue(), { maxLength: 30 }).map((list) => JSON.stringify(list)),
)

test('gives what JSON.parse gives, whatever the slices', async () => {
  await fc.assert(
    fc.asyncProperty(text, fc.integer({ min: 0, max: 40 }), async (json, sliceBytes) => {
      const [ours, right] = await both(Buffer.from(json), sliceBytes)
      expect(ours).toEqual(right)
    }),
    { numRuns: rounds(500) },
  )
})

test('refuses what JSON.parse refuses', async () => {
  const damage = fc.tuple(text, fc.nat(), fc.constantFrom('', ',', ']', '}', '[', '{', '"', '\\', ' ', '0', 'x', ',,', '\ufeff'), fc.nat({ max: 3 }))
  await fc.assert(
    fc.asyncProperty(damage, fc.integer({ min: 0, max: 20 }), async ([json, at, insert, remove], sliceBytes) => {
      const where = at % (json.length + 1)
      const [ours, right] = await both(Buffer.from(json.slice(0, where) + insert + json.slice(where + remove)), sliceBytes)
      expect(ours).toEqual(right)
    }),
    { numRuns: rounds(2000) },
  )
})

test('refuses bytes that are not UTF-8, and a missing element at a slice’s edge', async () => {
  for (const bytes of [
    Buffer.from([0x5b, 0x22, 0xff, 0x22, 0x5d]),
    ...['[1,]', '[,1]', '[1,,2]', '[1, ,2]', '{"a":[1,]}', '[1'].map((json) => Buffer.from(json)),
  ])
    for (const sliceBytes of [0, 1, 2, 3]) expect(await outcome(() => parseJsonInSlices(bytes, sliceBytes))).toBe('refused')
})

test('a key that is __proto__ stays a key', async () => {
  const value = (await parseJsonInSlices(Buffer.from('{"__proto__":[1,2,3,4,5,6,7,8]}'), 2)) as object
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
  expect(Object.keys(value)).toEqual(['__proto__'])
})

test('writes what JSON.stringify writes', async () => {
  const large = fc.array(fc.oneof(fc.jsonValue(), fc.constant(undefined), fc.date({ noInvalidDate: true })), { minLength: 200, maxLength: 220 })
  const part = fc.oneof(large, fc.jsonValue(), fc.constant(undefined))
  const value = fc.oneof(large, fc.dictionary(fc.string(), fc.oneof(part, fc.dictionary(fc.string(), fc.oneof(part, fc.dictionary(fc.string(), part))))))
  await fc.assert(
    fc.asyncProperty(value, async (any) => {
      expect((await stringifyInSlices(any)).toString()).toBe(JSON.stringify(any))
    }),
    { numRuns: rounds(200) },
  )
})

test('large flows leave the event loop free', async () => {
  const flows = Array.from({ length: 40_000 }, (_, i) => ({ id: `n${i}`, type: 'function', func: 'return msg;'.repeat(30), wires: [[`n${i + 1}`]] }))
  const bytes = Buffer.from(JSON.stringify({ flows, kind: 'full' }))
  const inOnePiece = process.cpuUsage()
  JSON.parse(bytes.toString('utf8'))
  const { user, system } = process.cpuUsage(inOnePiece)
  const whole = (user + system) / 1000
  // own time at the processor: a busy machine holds everybody up; and no longer than by the clock, since other threads collect garbage
  let longest = 0
  let at = performance.now()
  let last = process.cpuUsage()
  let isDone = false
  const watch = () => {
    const { user, system } = process.cpuUsage(last)
    longest = Math.max(longest, Math.min((user + system) / 1000, performance.now() - at))
    at = performance.now()
    last = process.cpuUsage()
    if (!isDone) setImmediate(watch)
  }
  setImmediate(watch)
  await new Promise((resolve) => setImmediate(resolve))
  const value = (await parseJsonInSlices(bytes)) as { flows: unknown[] }
  const written = await stringifyInSlices(value)
  isDone = true
  expect(written.equals(bytes)).toBe(true)
  expect(value.flows).toHaveLength(40_000)
  // a ratio in the same run
  expect(longest).toBeLessThan(Math.max(whole / 2, 25))
})
