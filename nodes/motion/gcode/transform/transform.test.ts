import { describe, expect, it } from 'vitest'
import type { HeightMap } from '../../action.ts'
import type { ProgramTransform } from '../../program.ts'
import { heightAt } from './height-map.ts'
import { TransformFailed, transformProgram, transformProgramSync } from './index.ts'
import { motionsOf, transform } from './test/programs.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const head = 'G21 G90 G17\nG0 Z5\nG0 X0 Y0\n'
/** The lines behind the head. */
const made = (...args: Parameters<typeof transform>) => transform(...args).lines.slice(3)

describe('moving a program', () => {
  it('adds to absolute words only and keeps everything else', () => {
    const text = '%\n(part 7)\nN1 G21 G90 G17\nT1 M6\nS8000 M3\nG0 Z5.000\nG00 X1 Y2 ; there\ng1 z-1.50 f200\nG91 X5 (step)\nG90\nM5\nM30\n%\n'
    expect(transform(text, { kind: 'offset', byMm: [10, -2, 0.25] }).text).toBe(
      '%\n(part 7)\nN1 G21 G90 G17\nT1 M6\nS8000 M3\nG0 Z5.250\nG00 X11 Y0 ; there\ng1 z-1.25 f200\nG91 X5 (step)\nG90\nM5\nM30\n%\n',
    )
  })
  it('writes in the units of the line', () => {
    expect(made(`${head}G20 G1 X1 F10\n`, { kind: 'offset', byMm: [25.4, 0, 0] })).toEqual(['G20 G1 X2 F10'])
  })
  it('leaves places of the machine where they are', () => {
    expect(made(`${head}G53 G0 Z0\nG28 G91 Z0\nG90 G0 X5 Y5\n`, { kind: 'offset', byMm: [1, 1, 0] })).toEqual(['G53 G0 Z0', 'G28 G91 Z0', 'G90 G0 X6 Y6'])
  })
  it('goes home over the place said, also from there', () => {
    expect(made(`${head}G28 Z5\nG0 Z7\nG28 Z5\n`, { kind: 'offset', byMm: [0, 0, 2] })).toEqual(['G28 Z7', 'G0 Z9', 'G28 Z7'])
  })
  it('keeps the line ends, and the lack of the last one', () => {
    expect(transform('G21 G90\r\nG0 X1\r\nM30', { kind: 'offset', byMm: [1, 0, 0] }).text).toBe('G21 G90\r\nG0 X2\r\nM30')
  })
  it('leaves lines behind the end of the program alone', () => {
    expect(made(`${head}M30\nX5\nnonsense [\n`, { kind: 'offset', byMm: [1, 0, 0] })).toEqual(['M30', 'X5', 'nonsense ['])
  })
  it('says when nothing was moved because the program says no absolute place', () => {
    const { notes, text } = transform('G21 G91 F100\nG1 X5\nG1 Y5\n', { kind: 'offset', byMm: [10, 0, 0] })
    expect(text).toBe('G21 G91 F100\nG1 X5\nG1 Y5\n')
    expect(notes.join()).toMatch(/never says where it is in X/)
  })
  it('says when several work offsets are used', () => {
    expect(transform(`${head}G55 G0 X1 Y1\n`, { kind: 'offset', byMm: [1, 0, 0] }).notes.join()).toMatch(/several work offsets/)
  })
})

describe('turning a program', () => {
  it('turns axes into axes at quarter turns', () => {
    expect(made(`${head}G1 X10 F100\nY5\nG2 X15 Y10 I5\n`, { kind: 'rotate', angleDeg: 90, aboutMm: [0, 0] })).toEqual([
      'G1 Y10 F100',
      'X-5',
      'G2 X-10 Y15 I0 J5',
    ])
  })
  it('adds the other axis where both change, and keeps arcs', () => {
    const lines = made(`${head}G1 X10 F100\nG3 X0 Y10 R10\nG91 G1 X1\nX1\n`, { kind: 'rotate', angleDeg: 30, aboutMm: [0, 0] })
    expect(lines[0]).toBe('G1 X8.6603 Y5 F100')
    expect(lines[1]).toBe('G3 X-5 Y8.6603 I-8.6603 J-5')
    // increments come from where the program really stands, so that roundings do not add up
    expect(lines.slice(2)).toEqual(['G91 G1 X0.866 Y0.5', 'X0.8661 Y0.5'])
  })
  it('makes lines of arcs in an upright plane', () => {
    const text = `${head}G1 X0 Z0 F100\nG18 G2 X10 Z0 R5\n`
    const { report, text: turned } = transform(text, { kind: 'rotate', angleDeg: 45, aboutMm: [0, 0] })
    expect(motionsOf(turned).some(({ kind }) => kind === 'arc')).toBe(false)
    expect(report.largestDeviationMm).toBeLessThan(report.toleranceMm)
    const bottom = Math.min(
      ...motionsOf(turned)
        .map(({ to }) => to[2]!)
        .slice(4),
    )
    expect(bottom).toBeCloseTo(-5, 2)
  })
  it('refuses what depends on a place the program has not said', () => {
    const turn: ProgramTransform = { kind: 'rotate', angleDeg: 30, aboutMm: [0, 0] }
    expect(() => transform('G21 G90\nG0 X5\n', turn)).toThrow(/Line 2: .*X depends on Y/)
    expect(() => transform(`${head}G53 G0 X0\nG0 Y5\n`, turn)).toThrow(/Line 5: /)
    expect(() => transform(`${head}G55\nG0 X5\n`, turn)).toThrow(TransformFailed)
    expect(() => transform(`${head}G28 X5\n`, turn)).toThrow(/would send that axis home/)
    expect(made(`${head}G55\nG0 X5 Y5\n`, turn)).toHaveLength(2)
  })
  it('takes the way a CAM system writes a mill program', () => {
    const text = [
      ...['%', 'O1001 (BRACKET)', 'N10 G90 G94 G17', 'N15 G21', 'N20 G53 G0 Z0.', '', '(FACE)', 'N25 T1 M6', 'N30 S5000 M3', 'N35 G54', 'N40 G0 X10. Y10.'],
      ...['N45 G43 Z15. H1', 'N50 G1 Z-1. F333.', 'N55 X20.', 'N60 G2 X30. Y20. I0. J10.', 'N65 G0 Z15.', 'N70 M9', 'N75 G53 G0 Z0.', 'N80 M30', '%'],
    ].join('\n')
    const { lines } = transform(text, { kind: 'rotate', angleDeg: 180, aboutMm: [0, 0] })
    expect(lines.slice(0, 6)).toEqual(['%', 'O1001 (BRACKET)', 'N10 G90 G94 G17', 'N15 G21', 'N20 G53 G0 Z0.', '(FACE)'])
    expect(lines.slice(9, 14)).toEqual(['N40 G0 X-10. Y-10.', 'N45 G43 Z15. H1', 'N50 G1 Z-1. F333.', 'N55 X-20.', 'N60 G2 X-30. Y-20. I0. J-10.'])
  })
  it('refuses to follow G92 in mid-program, and takes it at the begin', () => {
    const turn: ProgramTransform = { kind: 'rotate', angleDeg: 90, aboutMm: [0, 0] }
    expect(() => transform(`${head}G1 X5 F100\nG92 X0\n`, turn)).toThrow(/Line 5: .*G92/)
    expect(transform('G21 G90 G92 X0 Y0 Z0\nG1 X10 F100\n', turn).lines).toEqual(['G21 G90 G92 X0 Y0 Z0', 'G1 Y10 F100'])
  })
})

describe('mirroring a program', () => {
  it('turns arcs the other way round, in every plane that has the axis', () => {
    const text = `${head}G1 X10 F100\nG2 X20 Y10 I0 J10\nX30 Y20 I10 J0\nG19 G3 Y30 Z5 J5\nG18 G02 X40 Z5 I5\n`
    expect(made(text, { kind: 'mirror', axis: 'X', atMm: 0 })).toEqual([
      'G1 X-10 F100',
      'G3 X-20 Y10 I0 J10',
      'X-30 Y20 I-10 J0',
      'G19 G3 Y30 Z5 J5',
      'G18 G03 X-40 Z5 I-5',
    ])
  })
  it('says the direction anew where only the plane changed', () => {
    const text = `${head}G1 X10 F100\nG2 X20 Y10 I0 J10\nG19 Y20 Z5 J5\n`
    expect(made(text, { kind: 'mirror', axis: 'X', atMm: 0 }).at(-1)).toBe('G19 G2 Y20 Z5 J5')
  })
  it('mirrors at a line', () => {
    expect(made(`${head}G1 X10 F100\n`, { kind: 'mirror', axis: 'X', atMm: 20 })).toEqual(['G1 X30 F100'])
  })
})

describe('scaling a program', () => {
  it('keeps arcs that stay round', () => {
    expect(made(`${head}G2 X10 Y10 I10 F100\n`, { kind: 'scale', factor: [2, 2, 1], aboutMm: [0, 0, 0] })).toEqual(['G2 X20 Y20 I20 F100'])
  })
  it('makes lines of arcs that become ellipses', () => {
    const { text, report } = transform(`${head}G1 X10 F100\nG3 X10 Y0 I-10\n`, { kind: 'scale', factor: [2, 1, 1], aboutMm: [0, 0, 0] })
    const ends = motionsOf(text).slice(3)
    for (const { to } of ends) expect((to[0]! / 20) ** 2 + (to[1]! / 10) ** 2).toBeCloseTo(1, 3)
    expect(report.largestDeviationMm).toBeLessThan(0.005)
  })
  it('takes a move that rounding makes too short to count', () => {
    const text = `${head}G91 G19 G2 Y-0.000601 Z-0.004864 J-0.02 K0 F600\nG90 G0 Z5\nG0 Y0\n`
    expect(transform(text, { kind: 'scale', factor: [0.5, 0.5, 0.5], aboutMm: [0, 0, 5] }).lines.at(-1)).toBe('G0 Y0')
  })
  it('refuses inverse time, where a feed is a time', () => {
    expect(() => transform(`${head}G93\nG1 X10 F5\n`, { kind: 'scale', factor: [2, 2, 2], aboutMm: [0, 0, 0] })).toThrow(/Line 5: .*inverse time/)
  })
})

describe('levelling a program', () => {
  const map: HeightMap = {
    minMm: [0, 0],
    maxMm: [40, 40],
    columns: 3,
    rows: 3,
    heightsMm: [0, 0.2, 0.1, 0.1, 0.5, -0.3, 0, 0, 0.2],
  }
  const level = { kind: 'level', map, toleranceMm: 0.01 } as const
  const start = 'G21 G90 G17\nG0 X0 Y0\nG0 Z5\n'

  it('adds the height of the surface everywhere, to the tolerance', () => {
    const { text } = transform(`${start}G1 Z-1 F100\nG1 X40 Y40 F500\nG2 X20 Y20 R30\nG1 X0 Y10\nG0 Z5\n`, level)
    const motions = motionsOf(text)
    for (const { kind, to } of motions.slice(3, -1)) if (kind !== 'rapid') expect(to[2]! + 1).toBeCloseTo(heightAt(map, to[0]!, to[1]!), 3)
    expect(motions.at(-1)!.to[2]!).toBeCloseTo(5 + heightAt(map, 0, 10), 3)
    expect(motions.filter(({ kind }) => kind === 'arc').length).toBeGreaterThan(2)
    expect(motions.length).toBeLessThan(60)
  })
  it('cuts a move only where the surface bends', () => {
    const ramp: HeightMap = { minMm: [0, 0], maxMm: [10, 10], columns: 2, rows: 2, heightsMm: [0, 1, 0, 1] }
    expect(transform(`${start}G1 Z-1 F100\nG1 X10 F500\n`, { kind: 'level', map: ramp, toleranceMm: 0.01 }).lines.slice(3)).toEqual([
      'G1 Z-1 F100',
      'G1 X10 Z0 F500',
    ])
  })
  it('stops and comments stay with the move they belong to', () => {
    const { lines } = transform(`${start}G1 Z-1 F100\nN7 G1 X40 Y40 F500 M8 (across)\nG1 X0 Y0 M0\n`, level)
    expect(lines[4]).toMatch(/^N7 G1 X[\d.]+ Y[\d.]+ Z-[\d.]+ F500 M8 \(across\)$/)
    expect(lines.at(-1)).toBe('M0')
  })
  it('lifts rapids by the highest place where it is not known what lies below', () => {
    expect(transform('G21 G90\nG0 Z5\nG0 X20 Y20\nG1 Z0 F100\n', level).lines).toEqual(['G21 G90', 'G0 Z5.5', 'G0 X20 Y20', 'G1 Z0.5 F100'])
  })
  it('takes increments', () => {
    const { text } = transform(`${start}G1 Z0 F100\nG91\nX20\nY20\nX20\n`, level)
    const last = motionsOf(text).at(-1)!
    expect(last.to[2]).toBeCloseTo(heightAt(map, 40, 20), 3)
  })
  it('keeps the feed of inverse time moves when it cuts them', () => {
    const { text } = transform(`${start}G1 Z-1 F100\nG93\nG1 X40 Y40 F10\n`, level)
    const cut = motionsOf(text).slice(4)
    expect(cut.length).toBeGreaterThan(2)
    for (const { feedMmPerMin } of cut) expect(feedMmPerMin).toBeCloseTo(10 * Math.hypot(40, 40), 0)
  })
  it('says from which line on the map does not reach', () => {
    const { notes } = transform(`${start}G1 Z-1 F100\nG1 X10 F500\nG1 X60\n`, level)
    expect(notes.join()).toMatch(/From line 6 on/)
  })
  it('refuses probing, cuts from nowhere and maps that are none', () => {
    expect(() => transform(`${start}G38.2 Z-5 F50\n`, level)).toThrow(/Line 4: .*probes/)
    expect(() => transform('G21 G90 F100\nG1 X5\n', level)).toThrow(/Line 2: .*not said in X, Y and Z/)
    expect(() => transform(start, { ...level, map: { ...map, rows: 4 } })).toThrow(/needs 12 heights/)
  })
})

describe('optimising a program', () => {
  const all = { kind: 'optimise', toleranceMm: 0.005, dropsRedundantWords: true, mergesLines: true, fitsArcs: true } as const

  it('makes one line of cuts in line, and keeps what stands between others', () => {
    const text = `${head}G1 X1 F100\nX2 Y0.001\nG1 X3 Y0 F100\nX4\n(halfway)\nX5\nM8\nX6\nX7 F200\nX8\nG0 Z6\n`
    expect(made(text, all)).toEqual(['G1 X4 F100', '(halfway)', 'X5', 'M8', 'X6', 'X8 F200', 'G0 Z6'])
  })
  it('does not merge where the path turns back', () => {
    expect(made(`${head}G1 X5 F100\nX1\nX3\n`, all)).toEqual(['G1 X5 F100', 'X1', 'X3'])
  })
  it('merges increments', () => {
    expect(made(`${head}G91\nG1 X1.5 F100\nX1.25\nX2 Y1\n`, { ...all, dropsRedundantWords: false })).toEqual(['G91', 'G1 X2.75 F100', 'X2 Y1'])
  })
  it('drops words that change nothing, and forgets after tool changes, stops and places of the machine', () => {
    const text = `${head}G1 X1 Y0 F100\nG1 X1 Y3 F100\nM0\nG1 X1 Y4 F100\nG53 G0 Z0\nG1 X1 Y5 F100\nG1 X1 Y5\n`
    expect(made(text, { ...all, mergesLines: false, fitsArcs: false })).toEqual(['G1 X1 F100', 'Y3', 'M0', 'G1 X1 Y4 F100', 'G53 G0 Z0', 'G1 X1 Y5'])
  })
  it('fits arcs to chains of short lines, straight parts stay straight', () => {
    const arc = Array.from({ length: 60 }, (_, i) => {
      const angle = (Math.PI * (i + 1)) / 60
      return `X${(20 - 10 * Math.cos(angle)).toFixed(4)} Y${(10 * Math.sin(angle)).toFixed(4)}`
    })
    const text = `${head}G1 X10 Y0 F100\n${arc.join('\n')}\nX30 Y-20\nX5\n`
    const lines = made(text, { ...all, toleranceMm: 0.02 })
    expect(lines).toHaveLength(4)
    expect(lines[0]).toBe('G1 X10 F100')
    expect(lines[1]).toBe('G2 X30.0000 Y0.0000 I10')
    expect(lines.slice(2)).toEqual(['G1 Y-20', 'X5'])
  })
  it('fits helices where the height changes evenly', () => {
    const helix = Array.from({ length: 40 }, (_, i) => {
      const angle = (1.2 * Math.PI * (i + 1)) / 40
      return `X${(10 * Math.cos(angle)).toFixed(4)} Y${(10 * Math.sin(angle)).toFixed(4)} Z${(-(i + 1) * 0.05).toFixed(4)}`
    })
    const lines = made(`${head}G1 X10 Z0 F100\n${helix.join('\n')}\n`, { ...all, toleranceMm: 0.05 })
    expect(lines.filter((line) => line.startsWith('G3') && line.includes('Z-2'))).toHaveLength(1)
  })
  it('at tolerance 0 only merges what lies exactly in line', () => {
    expect(made(`${head}G1 X1 F100\nX2\nX3 Y0.001\n`, { ...all, toleranceMm: 0 })).toEqual(['G1 X2 F100', 'X3 Y0.001'])
  })
})

describe('a transform', () => {
  it('refuses a program with errors and names the line', () => {
    const attempt = () => transform('G21 G90\nG1 X5\n', { kind: 'offset', byMm: [1, 0, 0] })
    expect(attempt).toThrow(/Line 2: No feed/)
    try {
      attempt()
    } catch (error) {
      expect(error).toMatchObject({ code: 'transform-failed', line: 2 })
    }
  })
  it('writes out canned cycles first and says so', () => {
    const { lines, notes } = transform(`${head}(holes)\nG81 X5 Y5 Z-3 R1 F100 (first)\nX10\nG80 ; done\nM30\n(end)\n`, { kind: 'offset', byMm: [100, 0, 0] })
    expect(notes.join()).toMatch(/written out/)
    expect(lines.join('\n')).not.toContain('G81')
    expect(lines.filter((line) => /[(;]/.test(line))).toEqual(['(holes)', '(first)', 'G80 ; done', '(end)'])
    const holes = motionsOf(lines.join('\n')).filter(({ kind }) => kind === 'feed')
    expect(holes.map(({ to }) => to.slice(0, 3))).toEqual([
      [105, 5, -3],
      [110, 5, -3],
    ])
  })
  it('counts on nothing that a line with "/" says', () => {
    const turn: ProgramTransform = { kind: 'rotate', angleDeg: 30, aboutMm: [0, 0] }
    expect(() => transform(`${head}/G0 X5 Y5\nG0 X6\n`, turn)).toThrow(/Line 5: .*X depends on Y/)
    expect(made(`${head}/G0 X5 Y5\nG0 X10 Y0\n`, turn)[1]).toBe('G0 X8.6603 Y5')
    // which motion it is stays as open as it was, or is asked for where it would mean something else
    const mirror: ProgramTransform = { kind: 'mirror', axis: 'X', atMm: 0 }
    expect(made(`${head}G1 X5 F100\n/G0 Z9\nX6\n`, mirror)).toEqual(['G1 X-5 F100', '/G0 Z9', 'X-6'])
    const round = Array.from({ length: 8 }, (_, i) => `X${(10 * Math.sin(i / 10)).toFixed(3)} Y${(10 - 10 * Math.cos(i / 10)).toFixed(3)}`)
    const optimise: ProgramTransform = { kind: 'optimise', toleranceMm: 0.02, dropsRedundantWords: true, mergesLines: true, fitsArcs: true }
    const curve = `${head}G1 F100\n${round.join('\n')}\n`
    expect(made(`${curve}/G1 X9\nX10\n`, optimise).slice(-3)).toEqual([expect.stringMatching(/^G3 /), '/G1 X9', 'G1 X10'])
    expect(() => made(`${curve}/G0 Z9\nX10\n`, optimise)).toThrow(/Line 14: .*depends on whether the line with "\/"/)
    expect(made(`${head}G1 X3 F100\n/G3 X4 Y2 R5\nG1 X5\n`, mirror).at(-1)).toBe('G1 X-5')
  })
  it('writes out subprograms and expressions', () => {
    const { lines } = transform(`${head}#1=5\nM98 P10 L2\nM30\nO10\nG91 G1 X[#1*2] F100\nG90\nM99\n`, { kind: 'rotate', angleDeg: 90, aboutMm: [0, 0] })
    expect(lines.slice(3)).toEqual(['G91G1Y10F100', 'G90', 'G91G1Y10F100', 'G90', 'M30'])
  })
  it('keeps comments where only checksums are left away', () => {
    const sum = (line: string) => `${line}*${[...line].reduce((value, character) => value ^ character.charCodeAt(0), 0)}`
    const { lines, notes } = transform(['G21 G90 (start)', sum('N1 G0 X1 Y1'), sum('N2 M3 S5')].join('\n'), { kind: 'offset', byMm: [1, 0, 0] })
    expect(lines).toEqual(['G21 G90 (start)', 'N1 G0 X2 Y1', sum('N2 M3 S5')])
    expect(notes).toEqual([])
  })
  it('keeps bytes of comments that are not ASCII', () => {
    const text = `${head}G1 X1 F100 (Größe Ø5)\n`
    expect(transform(text, { kind: 'offset', byMm: [1, 0, 0] }).text).toContain('G1 X2 F100 (Größe Ø5)')
  })
  it('takes pieces cut anywhere, at once or in between other work', async () => {
    const text = bytes(`${head}G1 X1 F100\r\nX2\nX3 Y1\n`)
    const change: ProgramTransform = { kind: 'offset', byMm: [1, 2, 3] }
    const whole = transformProgramSync(text, change)
    const cut = Array.from(text, (_, i) => text.subarray(i, i + 1))
    async function* slowly() {
      for (const piece of cut) yield piece
    }
    expect(transformProgramSync(cut, change).pieces).toEqual(whole.pieces)
    expect((await transformProgram(slowly(), change)).pieces).toEqual(whole.pieces)
    expect((await transformProgram(text, change)).report).toEqual(whole.report)
  })
  it('leaves an empty program empty', () => {
    expect(transform('', { kind: 'offset', byMm: [1, 2, 3] }).text).toBe('')
    expect(transform('\n\n', { kind: 'offset', byMm: [1, 2, 3] }).text).toBe('\n\n')
  })
})
