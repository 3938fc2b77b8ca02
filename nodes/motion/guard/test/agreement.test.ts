/** Our check against a controller that was written from the same papers by somebody else. */

import { expect, test } from 'vitest'
import fc from '../../../../test/property.ts'
import { rounds } from '../../../../test/rounds.ts'
import { type Finding, readProgram } from '../../gcode/index.ts'
import { prepareLine } from '../../grbl/index.ts'
import { startVirtualController } from '../../virtual/index.ts'
import { ENVELOPE, FRESH_MODEL } from './rig.ts'

const code = fc.constantFrom(
  'G0',
  'G1',
  'G2',
  'G3',
  'G17',
  'G18',
  'G19',
  'G20',
  'G21',
  'G40',
  'G49',
  'G53',
  'G54',
  'G55',
  'G61',
  'G80',
  'G90',
  'G91',
  'G91.1',
  'G92.1',
  'G93',
  'G94',
)
const more = fc.constantFrom('G4', 'G10L2P1', 'G10L20P2', 'G92', 'G43.1', 'M3', 'M4', 'M5', 'M8', 'M9', 'G28', 'G30', 'G28.1')
const value = fc.tuple(fc.constantFrom(...'XYZXYZFIJKRSPTN'), fc.integer({ min: -4, max: 40 })).map(([letter, n]) => `${letter}${n}`)
const line = fc
  .tuple(fc.array(code, { maxLength: 2 }), fc.option(more, { freq: 1 }), fc.array(value, { maxLength: 5 }))
  .map(([codes, extra, values]) => [...codes, ...(extra ? [extra] : []), ...values].join(' '))

/** The longest way at the slowest feed takes some seconds, at ten thousand times the speed. */
const LONGEST_MOVE_MS = 60_000

/** What the check makes of these lines, and what it would send. */
function checked(lines: string[]): { finding: Finding | undefined; positionMm: ArrayLike<number>; hasEnded: boolean; output: string[] } {
  const output: string[] = []
  let finding: Finding | undefined
  let hasEnded = false
  const reader = readProgram(FRESH_MODEL, {
    finding(found) {
      if (found.severity === 'error') finding ??= { ...found }
    },
    event(event) {
      if (event.kind === 'end') hasEnded = true
    },
    output(text) {
      output.push(text)
    },
  })
  reader.add(Buffer.from(`${lines.join('\n')}\n`))
  return { finding, positionMm: [...reader.state.positionMm], hasEnded, output }
}

test('whatever passes our check, the controller takes, and goes where we said it would', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(line, { minLength: 10, maxLength: 40 }), async (lines) => {
      // every line that our check lets pass after those before it
      const good: string[] = []
      let isEnded = false
      for (const raw of lines) {
        const text = prepareLine(raw, { number: 1, maxLength: 79 })?.text
        if (!text || isEnded) continue
        const { finding, hasEnded } = checked([...good, text])
        if (finding) continue
        good.push(text)
        isEnded = hasEnded
      }
      if (good.length === 0) return
      const machine = await startVirtualController({ timeScale: 10_000, envelopeMm: ENVELOPE, link: 'tcp' })
      try {
        const { connect } = await import('node:net')
        const [host, port] = machine.port.split(':') as [string, string]
        const socket = connect(Number(port), host).on('error', () => {})
        const expected = checked(good)
        for (const text of expected.output) {
          const before = machine.answered.length
          socket.write(`${text}\n`)
          await machine.waitFor(({ answered }) => answered.length > before, LONGEST_MOVE_MS)
          expect(machine.answered.at(-1), good.join(' | ')).toMatchObject({ answer: 'ok' })
        }
        await machine.waitFor((m) => !m.now().isMoving, LONGEST_MOVE_MS)
        const { position } = machine.now()
        // steps of 1/320 mm
        for (const axis of [0, 1, 2] as const)
          expect(Math.abs(position[axis] - (expected.positionMm[axis] ?? 0)), `${good.join(' | ')} axis ${axis}`).toBeLessThan(0.01)
        socket.destroy()
      } finally {
        await machine.close()
      }
    }),
    { numRuns: rounds(200) },
  )
})
