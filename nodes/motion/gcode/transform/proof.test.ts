import { describe, expect, it } from 'vitest'
import { askedLike, shapeOf } from './asked-move.ts'
import { TransformFailed } from './index.ts'
import { Proof } from './proof.ts'
import { neutralModel, ProgramReading } from './reading.ts'

const program = ['G21 G90 G94', 'M3 S1000', 'G0 Z5', 'G0 X0 Y0', 'G1 Z-1 F100', 'G1 X10 F600', 'G2 X20 Y10 I0 J10', 'M8', 'G1 X30 M9', 'G4 P1', 'M5', 'M30']

/** Proves `made` to do what `program` does. */
function prove(made: readonly (readonly string[])[]): number {
  const reading = new ProgramReading(neutralModel())
  const proof = new Proof({ rules: 'linuxcnc', toleranceMm: 0.01 })
  program.forEach((text, index) => {
    const line = reading.read(text)
    const asked = line.motions.map((motion) => askedLike(motion, { from: motion.from, to: motion.to, shape: shapeOf(motion), isInverseTime: false }))
    proof.take({ lines: [...(made[index] ?? [])], asked, sources: [line] })
  })
  proof.end(reading.modal)
  return proof.largestDeviationMm
}

const with_ = (index: number, ...lines: string[]) => program.map((line, at) => (at === index ? lines : [line]))

describe('the proof', () => {
  it('passes a program that does the same', () => {
    expect(prove(program.map((line) => [line]))).toBe(0)
  })
  it('passes lines that are cut up, and an arc made of lines near enough', () => {
    expect(prove(with_(5, 'G1 X4 F600', 'X7 Y0.003', 'X10 Y0'))).toBeCloseTo(0.003, 4)
    const chords = (count: number) =>
      Array.from({ length: count }, (_, i) => {
        const angle = -Math.PI / 2 - (1.5 * Math.PI * (i + 1)) / count
        return `${i === 0 ? 'G1 ' : ''}X${(10 + 10 * Math.cos(angle)).toFixed(4)} Y${(10 + 10 * Math.sin(angle)).toFixed(4)}`
      })
    // 10 mm · (1 - cos of half a chord's angle)
    expect(prove(with_(6, ...chords(60)))).toBeCloseTo(0.0077, 3)
    expect(() => prove(with_(6, ...chords(40)))).toThrow(/0\.017\d mm from the one asked for/)
  })
  it.each<[string, (readonly string[])[], RegExp]>([
    ['an end somewhere else', with_(5, 'G1 X10.02 F600'), /mm from the one asked for/],
    ['a detour', with_(5, 'G1 X5 Y0.1 F600', 'X10 Y0'), /mm from the one asked for/],
    ['a way back and forth', with_(5, 'G1 X9 F600', 'X1', 'X10'), /mm from the one asked for/],
    ['the other way round an arc', with_(6, 'G3 X20 Y10 I0 J10'), /mm from the one asked for/],
    ['a whole turn more', with_(6, 'G2 X20 Y10 I0 J10 P2'), /mm from the one asked for/],
    ['a missing move', with_(5), /moves 0 times here where 1 were asked for/],
    ['a move more', with_(7, 'M8', 'G1 X21'), /moves 1 times here where 0/],
    ['a cut as a rapid', with_(5, 'G0 X10'), /A rapid was made of a cut/],
    ['another feed', with_(5, 'G1 X10 F601'), /The feed became 601/],
    ['another speed', with_(1, 'M3 S1001'), /are not what they were/],
    ['the spindle off', with_(1, 'S1000'), /are not what they were/],
    ['no coolant', with_(7), /are not what they were/],
    ['coolant off behind the move', with_(8, 'G1 X30', 'M9'), /before a move would happen after it/],
    ['another dwell', with_(9, 'G4 P2'), /are not what they were/],
    ['something no controller takes', with_(5, 'G1 X10 F600 Q'), /would not be taken by a controller/],
    ['other units at the end', with_(9, 'G4 P1', 'G20'), /ends in another state/],
  ])('fails for %s', (_, made, reason) => {
    const attempt = () => prove(made)
    expect(attempt).toThrow(TransformFailed)
    expect(attempt).toThrow(reason)
  })
  it('names the line of the old program', () => {
    expect(() => prove(with_(5, 'G1 X11 F600'))).toThrow(/^Line 6: /)
  })
})
