import { expect, test } from 'vitest'
import { createOutbox } from './outbox.ts'

/** A port that takes a piece only when told to. */
function slowPort(bytesPerSecond?: number) {
  const taken: string[] = []
  const waiting: (() => void)[] = []
  const outbox = createOutbox({
    write: (bytes, done) => {
      taken.push(Buffer.from(bytes).toString())
      waiting.push(done)
    },
    ...(bytesPerSecond ? { bytesPerSecond } : {}),
    // no time passes
    now: () => 0,
  })
  return { outbox, taken, release: () => waiting.shift()?.() }
}

test('a real-time byte has at most one small piece in front of it', () => {
  const { outbox, taken, release } = slowPort()
  for (let i = 0; i < 100; i += 1) outbox.send(Buffer.from(`G1X${i}\n`))
  outbox.urgent(0x21)
  expect(taken).toEqual(['G1X0\n', '!'])
  release()
  expect(taken[2]?.length).toBeLessThanOrEqual(256)
})

test('gives out everything, in order', () => {
  const { outbox, taken, release } = slowPort()
  const lines = Array.from({ length: 200 }, (_, i) => `G1X${i}Y${'9'.repeat(i % 60)}\n`)
  outbox.send(Buffer.from('A'.repeat(1000)))
  for (const line of lines) outbox.send(Buffer.from(line))
  for (let i = 0; i < 300; i += 1) release()
  expect(taken.join('')).toBe('A'.repeat(1000) + lines.join(''))
  expect(Math.max(...taken.map((piece) => piece.length))).toBe(256)
})

test('lines thrown away are never written, the reset byte is', () => {
  const { outbox, taken, release } = slowPort()
  outbox.send(Buffer.from('G1X1\n'))
  outbox.send(Buffer.from('G1X2\n'))
  outbox.discard()
  outbox.urgent(0x18)
  release()
  release()
  expect(taken).toEqual(['G1X1\n', '\x18'])
})

test('keeps a real serial line only a few milliseconds ahead of the wire', () => {
  const { outbox, taken, release } = slowPort(11_520)
  outbox.send(Buffer.from('x'.repeat(4000)))
  for (let i = 0; i < 50; i += 1) release()
  // the kernel would have taken it all: 350 ms in front of a stop
  expect(taken.join('').length).toBeLessThanOrEqual(11_520 * 0.012)
  outbox.stop()
})

test('a paced line goes out whole', async () => {
  const taken: string[] = []
  const outbox = createOutbox({
    write: (bytes, done) => {
      taken.push(Buffer.from(bytes).toString())
      setImmediate(done)
    },
    bytesPerSecond: 100_000,
  })
  outbox.send(Buffer.from('y'.repeat(5000)))
  const since = performance.now()
  while (taken.join('').length < 5000 && performance.now() - since < 60_000) await new Promise((resolve) => setTimeout(resolve, 1))
  expect(taken.join('')).toBe('y'.repeat(5000))
  // 5000 bytes need 50 ms at this speed
  expect(performance.now() - since).toBeGreaterThan(35)
})
