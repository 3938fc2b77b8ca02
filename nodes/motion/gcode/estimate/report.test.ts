import { Value } from 'typebox/value'
import { describe, expect, it } from 'vitest'
import { ProgramReport } from '../../program.ts'
import { dialectFor } from '../dialects.ts'
import { readProgram } from '../reader.ts'
import { createProgramReport, type ProgramReportOptions, remainingAt } from './index.ts'
import { model } from './test/motions.ts'

function reportOf(text: string, options: ProgramReportOptions = {}, overrides: Parameters<typeof model>[0] = {}) {
  const machine = model({ dialect: dialectFor('grblhal', { changesTools: true }), ...overrides })
  const collector = createProgramReport(machine, options)
  const reader = readProgram(machine, collector.listener)
  reader.add(new TextEncoder().encode(text))
  const report = collector.finish(reader.end())
  return { report, collector }
}

describe('the report of a program', () => {
  it('has everything a person wants to know before a start', () => {
    const { report } = reportOf(
      'G21 G90 G54\nT1 M6\nS1000 M3\nG0 Z5\nG1 Z-1 F100\nG1 X30 F600\nG2 X40 Y10 I0 J10 F300\nG0 Z5\nT2 M6\nS2000\nG0 X0 Y0\nG1 Z-3.5 F50\nG0 Z5\nM30\n',
    )
    expect(Value.Check(ProgramReport, report)).toBe(true)
    expect(report.isRunnable).toBe(true)
    expect(report.sourceLines).toBe(14)
    expect(report.totalLines).toBe(14)
    const [first, second] = report.tools
    expect(first).toMatchObject({ tool: 1, firstLine: 4, feedMmPerMin: { min: 100, max: 600 }, spindleRpm: { min: 1000, max: 1000 }, minZMm: -1 })
    expect(first!.cuttingMm).toBeCloseTo(6 + 30 + 1.5 * Math.PI * 10, 6)
    expect(first!.rapidMm).toBeCloseTo(5 + 6, 6)
    expect(second).toMatchObject({ tool: 2, firstLine: 11, feedMmPerMin: { min: 50, max: 50 }, spindleRpm: { min: 2000, max: 2000 }, minZMm: -3.5 })
    expect(report.cuttingMm).toBeCloseTo(first!.cuttingMm + second!.cuttingMm, 9)
    expect(report.estimateS).toBeCloseTo(first!.seconds + second!.seconds, 9)
    expect(report.extentsMm).toEqual({ min: [0, 0, -3.5], max: [40, 20, 5] })
  })
  it('tells the lowest Z in work coordinates, upright arcs included', () => {
    const { report } = reportOf('G21 G90 G18 F100\nG1 X0 Z0\nG2 X20 Z0 I10 K0\n', {}, { workOffsetsMm: [[0, 0, -50]] })
    expect(report.tools[0]!.minZMm).toBeCloseTo(-10, 6)
  })
  it('shows the first 200 findings, errors first, and counts all', () => {
    const { report } = reportOf(`G21\nM3\n${'G1 X1 F-5\n'.repeat(150)}${'X2\n'.repeat(3)}${'G1 Q1\n'.repeat(150)}`)
    expect(report.isRunnable).toBe(false)
    expect(report.findings).toHaveLength(200)
    expect(report.findings.every(({ severity }) => severity === 'error')).toBe(true)
    expect(report.findingsTotal).toBeGreaterThanOrEqual(300)
  })
  it('gives times by sent line that go down to nothing, also where lines run more than once', () => {
    const sent: string[] = []
    const { report, collector } = reportOf(
      'G21 G90 F600\n(a)\nG1 X10\n\nG81 X20 Z-5 R1\nX30\nX40\nG80\nM30\n',
      { also: { output: (text) => sent.push(text) } },
      { dialect: dialectFor('grbl') },
    )
    const { bySentLine } = collector.timeline
    expect(report.isExpanded).toBe(true)
    expect(report.totalLines).toBe(sent.length)
    expect(remainingAt(bySentLine, 0)).toBeCloseTo(report.estimateS, 3)
    expect(remainingAt(bySentLine, sent.length)).toBe(0)
    let last = Number.POSITIVE_INFINITY
    for (let line = 0; line <= sent.length; line += 1) {
      expect(remainingAt(bySentLine, line)).toBeLessThanOrEqual(last)
      last = remainingAt(bySentLine, line)
    }
    const half = sent.indexOf('X30') >= 0 ? sent.indexOf('X30') : Math.floor(sent.length / 2)
    expect(remainingAt(bySentLine, half)).toBeGreaterThan(0)
    expect(remainingAt(bySentLine, half)).toBeLessThan(report.estimateS)
  })
  it('has no timeline where none was wanted', () => {
    const { collector } = reportOf('G21 F1\nG1 X1\n', { keepsTimeline: false })
    expect(collector.listener.output).toBeUndefined()
    expect(() => collector.timeline).toThrow(/keepsTimeline/)
  })
})
