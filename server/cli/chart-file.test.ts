import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ChartKind } from '../../nodes/quality/engine/charts/index.ts'
import { FLOW_RATE, ORANGE_JUICE } from '../../nodes/quality/engine/reference/sets/charts.ts'
import { PISTON_RINGS } from '../../nodes/quality/engine/reference/sets/piston-rings.ts'
import { chartKindFrom, chartOfFile } from './chart-file.ts'
import { chartOptionsFrom } from './chart-options.ts'
import { chartJson } from './chart-text.ts'

let dir: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'spc-cli-'))
})
afterAll(() => rm(dir, { recursive: true, force: true }))

async function file(name: string, text: string): Promise<string> {
  const path = join(dir, name)
  await writeFile(path, text)
  return path
}

const chart = async (kind: ChartKind, text: string) => chartJson(await chartOfFile(await file('data.csv', text), chartOptionsFrom(kind, { rules: 'nelson' })))

const rings = (phase: (sample: number) => string) =>
  `subgroup,value,phase\n${PISTON_RINGS.flatMap((values, i) => values.map((value) => `${i + 1},${value},${phase(i)}`)).join('\n')}\n`

describe('what a file holds', () => {
  test('single values, one to a row', async () => {
    const { count, charts } = await chart('i-mr', `value\n${FLOW_RATE.join('\n')}\n`)
    expect(count).toBe(10)
    expect(charts.map(({ name }) => name)).toEqual(['individuals', 'moving-range'])
    expect(charts[0]!.limits).toMatchObject({ center: 50.81, phase: null, from: 1, to: 10, isPerPoint: false })
    expect(charts[0]!.limits.upper).toBeCloseTo(55.8024, 4)
    expect(charts[0]!.limits.lower).toBeCloseTo(45.8176, 4)
    expect(charts[0]!.points[9]).toMatchObject({ at: 10, line: 11, value: 52.1 })
    expect(charts[1]!.points[0]!.value).toBeNull()
  })

  test('subgroups over several rows, with phases', async () => {
    const path = await file(
      'rings.csv',
      rings((i) => (i < 25 ? 'trial' : 'production')),
    )
    const { charts, phases } = chartJson(await chartOfFile(path, chartOptionsFrom('xbar-r', { rules: 'nelson-1', limitsFrom: 'trial' })))
    expect(phases).toMatchObject([
      { phase: 'trial', from: 1, to: 25 },
      { phase: 'production', from: 26, to: 40 },
    ])
    expect(charts[0]!.signals).toEqual({ 'nelson-1': [37, 38, 39] })
    expect(charts[0]!.patterns[0]).toEqual({ rule: 'nelson-1', at: 37, from: 37, side: 'upper', subgroup: '37' })
    expect(charts[0]!.points[36]).toMatchObject({ subgroup: '37', line: 182 })
    expect(charts[0]!.phases).toHaveLength(2)
    expect(charts[0]!.limits).toMatchObject({ phase: 'production' })
  })

  test('counts with their sizes, and exclusions with a reason', async () => {
    const text = `count,size,excluded\n${ORANGE_JUICE.map((count, i) => `${count},50,${i === 14 ? 'new batch' : i === 22 ? 'yes' : i === 3 ? 'no' : ''}`).join('\n')}\n`
    const { charts } = await chart('p', text)
    expect(charts[0]!.limits.center).toBeCloseTo(0.215, 12)
    expect(charts[0]!.points.filter(({ excluded }) => excluded).map(({ at }) => at)).toEqual([15, 23])
  })

  test('a spreadsheet with a byte order mark, semicolons, decimal commas and other case', async () => {
    const { charts } = await chart('i-mr', `\uFEFFPart;Value\r\nA;49,6\r\n\r\nB;47,6\r\n"C";1.5e1\r\n`)
    expect(charts[0]!.points.map(({ value, line }) => [value, line])).toEqual([
      [49.6, 2],
      [47.6, 4],
      [15, 5],
    ])
  })

  test('an EWMA of subgroups where there are some, of single values where not', async () => {
    expect((await chart('ewma', 'subgroup,value\na,1\na,3\nb,2\nb,6\n')).count).toBe(2)
    expect((await chart('ewma', 'value\n1\n3\n2\n6\n')).count).toBe(4)
  })
})

describe('what is wrong is told with its line', () => {
  test.each<[string, ChartKind, string, string, RegExp, number?]>([
    ['text', 'i-mr', 'value\n1\nabc\n', 'csv-value-invalid', /^Line 3: value is not a number: "abc"\.$/, 3],
    ['NaN', 'i-mr', 'value\nNaN\n', 'csv-value-invalid', /^Line 2: .*NaN/, 2],
    ['infinity', 'i-mr', 'value\n1\n\n-Infinity\n', 'csv-value-invalid', /^Line 4: value is infinite/, 4],
    ['a number out of range', 'i-mr', 'value\n1e999\n', 'csv-value-invalid', /too large/, 2],
    ['a hexadecimal number', 'c', 'count\n0x10\n', 'csv-value-invalid', /not a number/, 2],
    ['a decimal comma between commas', 'xbar-r', 'subgroup,value\n1,"2,5"\n', 'csv-value-invalid', /"2,5"/, 2],
    ['an empty cell', 'p', 'count,size\n1,50\n,50\n', 'csv-value-invalid', /^Line 3: count is empty\.$/, 3],
    ['a short row', 'p', 'count,size\n1\n', 'csv-value-invalid', /^Line 2: size is empty\.$/, 2],
    ['an open quote', 'i-mr', 'value\n"1\n', 'csv-invalid', /not valid CSV/],
    ['a missing column', 'xbar-r', 'value\n1\n', 'csv-columns-missing', /no column subgroup.*names value\./],
    ['a column twice', 'i-mr', 'value,Value\n1,2\n', 'csv-columns-missing', /names value twice/],
    ['nothing', 'i-mr', '', 'csv-empty', /is empty/],
    ['only a header', 'i-mr', 'value\n\n', 'csv-empty', /no rows/],
    ['a subgroup that comes back', 'xbar-r', 'subgroup,value\n1,2\n1,3\n2,4\n1,5\n', 'subgroup-invalid', /^Line 5: subgroup 1 ended already on line 3/, 5],
    ['a subgroup in two phases', 'xbar-r', 'subgroup,value,phase\n1,2,A\n1,3,B\n', 'subgroup-invalid', /^Line 3: subgroup 1 has another phase/, 3],
    ['a subgroup without a name', 'xbar-r', 'subgroup,value\n,2\n', 'subgroup-invalid', /^Line 2: subgroup is empty/, 2],
    ['more nonconforming than inspected', 'np', 'count,size\n3,50\n51,50\n', 'chart-count-above-size', /^Line 3: Subgroup 2 has 51/, 3],
    ['a negative count', 'c', 'count\n4\n-1\n', 'chart-negative-count', /^Line 3:/, 3],
    ['one value', 'i-mr', 'value\n4\n', 'chart-no-limits', /^Line 2: Sigma cannot be estimated/, 2],
  ])('%s', async (_, kind, text, code, message, line) => {
    await expect(chart(kind, text)).rejects.toMatchObject({ code, message: expect.stringMatching(message), ...(line ? { details: { line } } : {}) })
  })

  test('a subgroup of another size than asked', async () => {
    const path = await file('short.csv', 'subgroup,value\na,1\na,2\nb,3\n')
    await expect(chartOfFile(path, chartOptionsFrom('xbar-s', { rules: 'none', subgroupSize: 2 }))).rejects.toMatchObject({
      code: 'chart-wrong-size',
      message: 'Line 4: Subgroup 2 has 1 value instead of 2.',
      details: { line: 4, subgroup: 'b' },
    })
  })

  test('a file that is not there', async () => {
    await expect(chartOfFile(join(dir, 'none.csv'), { kind: 'i-mr' })).rejects.toMatchObject({ code: 'file-missing' })
  })
})

describe('options', () => {
  test('rules and their conventions', () => {
    expect(
      chartOptionsFrom('i-mr', { rules: 'western-electric, nelson-3', convention: ['nelson2Length=8', 'restartsAtMissing=false', 'beyond=inclusive'] }).rules,
    ).toEqual({
      on: ['western-electric-1', 'western-electric-2', 'western-electric-3', 'western-electric-4', 'nelson-3'],
      nelson2Length: 8,
      restartsAtMissing: false,
      beyond: 'inclusive',
    })
    expect(chartOptionsFrom('i-mr', { rules: 'none' }).rules?.on).toEqual([])
    for (const rules of ['nelson-9', 'all', 'constructor']) expect(() => chartOptionsFrom('i-mr', { rules })).toThrow(`no rule "${rules}"`)
    for (const convention of ['nelson2Length', 'on=nelson-1', 'a=b=c', '=8'])
      expect(() => chartOptionsFrom('i-mr', { rules: 'none', convention: [convention] })).toThrow('name=value')
  })

  test('limits that follow from center and sigma, or lines as they are', () => {
    expect(chartOptionsFrom('i-mr', { rules: 'none', center: 5, sigma: 1 }).given).toEqual({ center: 5, sigma: 1 })
    expect(chartOptionsFrom('xbar-r', { rules: 'none', center: 5, upper: 6 }).given).toEqual({
      center: 5,
      panels: { xbar: { center: 5, lower: null, upper: 6 } },
    })
    expect(() => chartOptionsFrom('i-mr', { rules: 'none', upper: 6 })).toThrow('--center')
    expect(() => chartOptionsFrom('i-mr', { rules: 'none', center: 5, sigma: 1, upper: 6 })).toThrow('--sigma')
  })

  test('a kind that there is not', () => {
    expect(chartKindFrom('I-MR')).toBe('i-mr')
    expect(() => chartKindFrom('pie')).toThrow('xbar-r, xbar-s, i-mr')
  })
})

describe('the command', () => {
  const cli = (...args: string[]) => {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts'), 'spc', ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
    const out: Buffer[] = []
    const err: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
    return new Promise<{ code: number | null; out: string; err: string }>((resolve) => {
      child.once('close', (code) => resolve({ code, out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString() }))
    })
  }

  test('prints a table for people, JSON for programs, and a refusal with exit code 2', async () => {
    const juice = await file('juice.csv', `count,size\n${ORANGE_JUICE.map((count) => `${count},50`).join('\n')}\n`)
    const bad = await file('bad.csv', 'value\n1\nx\n')
    const [text, json, refused, option] = await Promise.all([
      cli('p', juice),
      cli('p', juice, '--json'),
      cli('i-mr', bad, '--json'),
      cli('ewma', juice, '--lambda', 'much'),
    ])
    expect(text).toMatchObject({ code: 0, err: '' })
    expect(text.out).toMatch(/^juice\.csv: p, 30 points\.\n\nCHART .*\nshare nonconforming +1 to 30 +0\.2313333 +0\.05242755 +0\.4102391\n/)
    expect(text.out).toMatch(/\n15 +15 +16 +share nonconforming +0\.44 +nelson-1 +beyond a control limit, above\n/)
    expect(json.code).toBe(0)
    expect(JSON.parse(json.out)).toMatchObject({
      kind: 'p',
      charts: [{ name: 'p', limits: { center: expect.closeTo(0.2313333, 6) }, signals: { 'nelson-1': [15, 23] } }],
    })
    expect(refused).toMatchObject({ code: 2, err: '' })
    expect(JSON.parse(refused.out)).toMatchObject({ error: { code: 'csv-value-invalid', details: { line: 3, column: 'value' } } })
    expect(option).toMatchObject({ code: 2, out: '' })
  })
})
