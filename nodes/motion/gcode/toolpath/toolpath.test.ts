import { describe, expect, it } from 'vitest'
import { dialectFor } from '../dialects.ts'
import { model } from '../estimate/test/motions.ts'
import { readProgram } from '../reader.ts'
import { createToolpath, SEGMENT_KINDS, segmentIndex, segmentsOfLine, type Toolpath, type ToolpathOptions, transferables, verticesDone } from './index.ts'

function draw(text: string, options: ToolpathOptions = {}, overrides: Parameters<typeof model>[0] = {}): Toolpath {
  const machine = model({ dialect: dialectFor('grbl'), ...overrides })
  const collector = createToolpath(machine, options)
  const reader = readProgram(machine, collector.listener)
  reader.add(new TextEncoder().encode(text))
  expect(reader.end().errors).toBe(0)
  return collector.end()
}

/** All vertices with kind and line. */
function vertices(path: Toolpath, level = 0) {
  return path.levels[level]!.chunks.flatMap((chunk, index) =>
    Array.from(chunk.lines, (line, i) => ({
      at: [...chunk.positions.subarray(3 * i, 3 * i + 3)].map((value) => Math.round(value * 1e4) / 1e4 || 0),
      kind: SEGMENT_KINDS[chunk.kinds[i]!],
      line,
    })).slice(index === 0 ? 0 : 1),
  )
}

describe('a toolpath', () => {
  it('is one line of vertices with the kind and source line of each segment', () => {
    expect(vertices(draw('G21\nG0 X10\nG1 Y5 F100\n(c)\nG38.2 Z-1 F50\n'))).toEqual([
      { at: [0, 0, 0], kind: 'jump', line: 2 },
      { at: [10, 0, 0], kind: 'rapid', line: 2 },
      { at: [10, 5, 0], kind: 'feed', line: 3 },
      { at: [10, 5, -1], kind: 'probe', line: 5 },
    ])
  })
  it('flattens arcs so that no chord is farther off than wanted, in every plane', () => {
    for (const [plane, arc, centre] of [
      ['G17', 'X20 Y0 I10 J0', [10, 0, 0]],
      ['G18', 'X20 Z0 I10 K0', [10, 0, 0]],
      ['G19', 'Y20 Z0 J10 K0', [0, 10, 0]],
    ] as const) {
      const path = draw(`G21 ${plane} F100\nG2 ${arc}\n`, { chordToleranceMm: 0.05 })
      const points = vertices(path)
      expect(points.length).toBeGreaterThan(10)
      points.slice(1).forEach(({ at, kind }, i) => {
        const middle = at.map((value, axis) => (value + points[i]!.at[axis]!) / 2 - centre[axis]!)
        expect(kind).toBe('arc')
        expect(10 - Math.hypot(...middle)).toBeLessThan(0.051)
      })
    }
  })
  it('has bounds, and bounds of what is cut', () => {
    const path = draw('G21 G90\nG0 X-5 Z20\nG0 X0 Z1\nG1 Z-2 F100\nG2 X10 Y0 I5 J0\nG0 Z20\n')
    expect(path.bounds?.min.map(Math.round)).toEqual([-5, 0, -2])
    expect(path.cuttingBounds?.max[1]).toBeCloseTo(5, 1)
    expect(path.cuttingBounds?.max[2]).toBe(1)
    expect(draw('G21\n').bounds).toBeUndefined()
  })
  it('is drawn in machine coordinates, or in those of the work, where it jumps with the offset', () => {
    const workOffsetsMm = [
      [100, 0, 0],
      [200, 0, 0],
    ]
    const text = 'G21 G90\nG0 X1\nG1 X2 F100\nG55\nG1 X3\n'
    expect(vertices(draw(text, {}, { workOffsetsMm })).map(({ at }) => at[0])).toEqual([0, 101, 102, 203])
    const work = vertices(draw(text, { frame: 'work' }, { workOffsetsMm }))
    expect(work.map(({ at, kind }) => [at[0], kind])).toEqual([
      [-100, 'jump'],
      [1, 'rapid'],
      [2, 'feed'],
      [-98, 'jump'],
      [3, 'feed'],
    ])
  })
  it('marks tool changes and stops', () => {
    const path = draw('G21\nG0 X1\nM0\nT3 M6\n', {}, { dialect: dialectFor('grblhal', { changesTools: true }) })
    expect(path.marks).toEqual([
      { kind: 'stop', line: 3, tool: 0, atMm: [1, 0, 0] },
      { kind: 'tool-change', line: 4, tool: 3, atMm: [1, 0, 0] },
    ])
  })
  it('tells which part is done when a line is done, and which segments a line has', () => {
    const path = draw('G21 F100\nG1 X1\nG1 X2\n(c)\nG2 X4 I1 J0\nG1 X5\n')
    const level = path.levels[0]!
    const total = level.chunks[0]!.count
    expect(path.isTopDown).toBe(true)
    expect([0, 2, 3, 4, 6, 99].map((line) => verticesDone(path, level, line)[0])).toEqual([0, 2, 3, 3, total, total])
    expect(segmentsOfLine(level, 3)).toEqual([{ chunk: 0, from: 1, to: 2 }])
    expect(segmentsOfLine(level, 5)).toEqual([{ chunk: 0, from: 2, to: total - 2 }])
    expect(segmentsOfLine(level, 4)).toEqual([])
  })
  it('gives index buffers by kind, in the order of the program', () => {
    const chunk = draw('G21 F100\nG0 X1\nG1 X2\nG0 X3\nG1 X4\n').levels[0]!.chunks[0]!
    expect([...segmentIndex(chunk, ['feed'])]).toEqual([1, 2, 3, 4])
    expect([...segmentIndex(chunk, ['rapid', 'feed', 'arc', 'probe'])]).toEqual([0, 1, 1, 2, 2, 3, 3, 4])
  })
  it('goes between threads without a copy', () => {
    const path = draw('G21 F100\nG1 X1\nG1 X2\n')
    const moved = structuredClone(path, { transfer: transferables(path) })
    expect(moved.levels[0]!.chunks[0]!.positions).toHaveLength(9)
    expect(path.levels[0]!.chunks[0]!.positions).toHaveLength(0)
  })
})

describe('a long toolpath', () => {
  const lines = 200_000
  const spiral = [
    'G21 G90 F1000',
    ...Array.from({ length: lines }, (_, i) => `G1X${((i / 2000) * Math.cos(i / 50)).toFixed(3)}Y${((i / 2000) * Math.sin(i / 50)).toFixed(3)}`),
  ].join('\n')

  it('costs about 17 bytes a segment, in chunks that 16 bits can count', () => {
    const path = draw(spiral)
    const bytes = transferables({ ...path, levels: [path.levels[0]!] }).reduce((sum, buffer) => sum + buffer.byteLength, 0)
    expect(path.levels[0]!.segments).toBe(lines)
    expect(bytes / lines).toBeLessThan(17.1)
    expect(path.levels[0]!.chunks.map(({ count }) => count).every((count) => count <= 65_535)).toBe(true)
    // chunks go on where the one before ended
    const [first, second] = path.levels[0]!.chunks
    expect([...second!.positions.subarray(0, 3)]).toEqual([...first!.positions.subarray(-3)])
  })
  it('has a coarse level that stays within its tolerance', () => {
    const path = draw(spiral, { coarseSegments: 20_000 })
    const [fine, coarse] = path.levels
    expect(coarse!.segments).toBeLessThanOrEqual(20_000)
    expect(worstDistance(vertices(path, 0), vertices(path, 1))).toBeLessThanOrEqual(coarse!.toleranceMm + 1e-4)
    expect(fine!.toleranceMm).toBe(0)
  })
  it('is thinned out rather than eating the memory', () => {
    const path = draw(spiral, { maxSegments: 50_000 })
    const whole = draw(spiral)
    expect(path.levels[0]!.segments).toBeLessThanOrEqual(50_000)
    expect(path.levels[0]!.toleranceMm).toBeGreaterThan(0)
    expect(worstDistance(vertices(whole), vertices(path))).toBeLessThanOrEqual(path.levels[0]!.toleranceMm + 1e-4)
  })
})

/** Of the vertices of one path from another one that has some of them; both in order of their lines. */
function worstDistance(all: { at: number[]; line: number }[], some: { at: number[]; line: number }[]): number {
  let segment = 0
  let worst = 0
  for (const { at, line } of all) {
    while (segment < some.length - 2 && some[segment + 1]!.line < line) segment += 1
    const [from, to] = [some[segment]!.at, some[segment + 1]!.at]
    const way = to.map((value, axis) => value - from[axis]!)
    const squared = way.reduce((sum, value) => sum + value * value, 0)
    const share = squared === 0 ? 0 : Math.min(Math.max(way.reduce((sum, value, axis) => sum + value * (at[axis]! - from[axis]!), 0) / squared, 0), 1)
    worst = Math.max(worst, Math.hypot(...at.map((value, axis) => value - from[axis]! - share * way[axis]!)))
  }
  return worst
}
