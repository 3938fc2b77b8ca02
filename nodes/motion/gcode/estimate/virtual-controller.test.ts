import { describe, expect, it } from 'vitest'
import { dialectFor } from '../dialects.ts'
import { readProgram } from '../reader.ts'
import { createProgramReport } from './index.ts'
import { model, runOnVirtualController } from './test/motions.ts'

/** As the virtual controller's settings have it. */
const demo = () => model({ dialect: dialectFor('grbl', { optionLetters: 'VNM' }), maxRateMmPerMin: [5000, 5000, 2000], accelerationMmPerS2: [400, 400, 200] })

function estimateOf(lines: readonly string[]): number {
  const machine = demo()
  const collector = createProgramReport(machine)
  const reader = readProgram(machine, collector.listener)
  reader.add(Buffer.from(`${lines.join('\n')}\n`))
  const report = collector.finish(reader.end())
  expect(report.findings.filter(({ severity }) => severity === 'error')).toEqual([])
  return report.estimateS
}

const header = ['G21G90G17G94', 'M3S8000', 'G0Z5']
const programs: Record<string, string[]> = {
  'a mixed program': [
    ...header,
    ...[0, 1, 2, 3, 4].flatMap((i) => [
      `G0X${i * 20}Y0`,
      'G1Z-1F200',
      `G1X${i * 20 + 15}F900`,
      `G2X${i * 20 + 15}Y10I0J5`,
      `G3X${i * 20}Y10I-7.5J2`,
      `G1Y0F${300 + 400 * i}`,
      'G4P0.2',
      'G0Z5',
    ]),
    'M5',
    'G0X0Y0',
    'M30',
  ],
  'a surface of short segments': [
    ...header,
    'G1Z0F500',
    ...Array.from(
      { length: 1500 },
      (_, i) => `G1X${(i * 0.08).toFixed(3)}Y${(3 * Math.sin(i / 15)).toFixed(3)}Z${(0.3 * Math.cos(i / 7) - 0.3).toFixed(3)}F2400`,
    ),
    'M30',
  ],
  'circles with more chords than the planner has blocks': [
    ...header,
    'G1Z-1F500',
    'G2X0Y0I30J0F3000',
    'G2X0Y0I2J0F3000',
    'G3X0Y0Z-3I0.5J0F1500',
    'G0Z5',
    'M30',
  ],
  'spindle, coolant and offsets between moves': [
    ...header,
    'G1X10F1000',
    'M8',
    'X20',
    'S9000',
    'X30',
    'G92X0',
    'X10',
    'M9',
    'G92.1',
    'G1X50',
    'G55',
    'G1X60',
    'G93',
    'X70F30',
    'Y5F60',
    'G94',
    'M30',
  ],
}

describe('the estimate beside the virtual controller', () => {
  for (const [name, lines] of Object.entries(programs)) {
    it(`agrees within 2 % on ${name}`, () => {
      const measured = runOnVirtualController(lines)
      const estimate = estimateOf(lines)
      expect(Math.abs(estimate / measured - 1), `${estimate.toFixed(2)} s estimated, ${measured.toFixed(2)} s taken`).toBeLessThan(0.02)
    })
  }
})
