import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { AIAG_LINEARITY, AIAG_RR } from '../../nodes/quality/engine/reference/sets/gage.ts'
import { PISTON_RINGS_TRIAL } from '../../nodes/quality/engine/reference/sets/piston-rings.ts'
import { addCapabilityCommand } from './commands/capability.ts'
import { addGageCommand } from './commands/gage.ts'
import { addSamplingCommand } from './commands/sampling.ts'
import { createOutput } from './output.ts'

let dir: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'study-cli-'))
})
afterAll(() => rm(dir, { recursive: true, force: true }))

async function file(name: string, text: string): Promise<string> {
  const path = join(dir, name)
  await writeFile(path, text)
  return path
}

/** What the command prints to its standard output. */
async function run(words: string[], isJson = false): Promise<string> {
  let printed = ''
  const stream = { write: (text: string) => (printed += text), isTTY: false } as unknown as NodeJS.WriteStream
  const program = new Command().exitOverride().configureOutput({ writeErr: () => {} })
  const shell = { output: () => createOutput(isJson, { out: stream, err: stream }), client: () => expect.fail('no server is needed') }
  for (const add of [addCapabilityCommand, addGageCommand, addSamplingCommand]) add(program, shell as never)
  await program.parseAsync(['node', 'cellwright', ...words])
  return printed
}
const json = async (...words: string[]) => JSON.parse(await run(words, true))

const rings = `subgroup,value\n${PISTON_RINGS_TRIAL.flatMap((values, i) => values.map((value) => `${i + 1},${value}`)).join('\n')}\n`
const study = `part,appraiser,trial,value\n${AIAG_RR.map(({ part, appraiser, trial, value }) => `${part},${appraiser},${trial},${value}`).join('\n')}\n`

describe('capability', () => {
  test('of subgroups, in JSON and in words', async () => {
    const path = await file('rings.csv', rings)
    const found = await json('capability', path, '--lsl', '73.95', '--usl', '74.05', '--target', '74')
    expect(found).toMatchObject({ count: 125, subgroups: 25, within: { estimator: 'rbar' } })
    expect(found.cpk.value).toBeCloseTo(1.66317, 4)
    expect(found.ppk.value).toBeCloseTo(1.61616, 5)
    const told = await run(['capability', path, '--lsl', '73.95', '--usl', '74.05'])
    expect(told).toContain('rings.csv: 125 values in 25 subgroups.')
    expect(told).toMatch(/Cpk +1\.6632 +1\.448/)
    expect(told).not.toContain('Cpm')
  })

  test('single values of a spreadsheet with decimal commas', async () => {
    const path = await file('flow.csv', 'value;note\n49,6;a\n47,6;b\n49,9;c\n')
    expect(await json('capability', path, '--usl', '60')).toMatchObject({ count: 3, within: { estimator: 'mr-mean' }, cp: null })
  })

  test('what is excluded counts for nothing', async () => {
    const path = await file('excluded.csv', 'value,excluded\n10,\n11,no\n90,dropped\n12,\n10,\n')
    const found = await json('capability', path, '--usl', '20')
    expect(found).toMatchObject({ count: 4, max: 12 })
    // no moving range over the gap: 1 and 2
    expect(found.within.sigma).toBeCloseTo(1.5 * (Math.sqrt(Math.PI) / 2), 12)
  })

  test.each([
    ['text', 'value\n1\nx\n', 'Line 3: value is not a number: "x".'],
    ['a subgroup that comes back', 'subgroup,value\na,1\na,2\nb,3\na,4\n', 'Line 5: subgroup a ended already on line 3.'],
    ['all the same', 'value\n5\n5\n5\n', 'All 3 values are 5'],
    ['nothing', '', 'is empty'],
  ])('refuses %s', async (_, text, message) => {
    await expect(run(['capability', await file('bad.csv', text), '--lsl', '0'])).rejects.toThrow(message)
  })

  test('refuses a tolerance that is none', async () => {
    const path = await file('rings.csv', rings)
    await expect(run(['capability', path])).rejects.toThrow('neither a lower nor an upper limit')
    await expect(run(['capability', path, '--lsl', '75', '--usl', '74'])).rejects.toThrow('wrong way round')
  })
})

describe('gage', () => {
  test("AIAG's study by both methods", async () => {
    const path = await file('study.csv', study)
    expect(await json('gage', path)).toMatchObject({ method: 'anova', parts: 10, appraisers: 3, trials: 3, ndc: 4, verdict: 'conditional' })
    const ranges = await json('gage', path, '--method', 'average-and-range', '--aiag-constants', '--ndc-factor', '1.41', '--tolerance', '8')
    expect(ranges.grrPercent).toBeCloseTo(26.678, 3)
    expect(ranges.ndc).toBe(5)
    expect(ranges.lines[0].tolerancePercent).toBeCloseTo(100 * 6 * (0.30577 / 8), 1)
    const told = await run(['gage', path])
    expect(told).toContain('study.csv: 10 parts, 3 appraisers, 3 trials.')
    expect(told).toContain('The interaction is pooled')
    expect(told).toMatch(/part to part +1\.0423 +92\.24 +96\.04/)
    expect(told).toContain('Distinct categories: 4 (AIAG asks for 5 or more).')
  })

  test('bias and linearity', async () => {
    const path = await file('masters.csv', `part,reference,value\n${AIAG_LINEARITY.map((one) => `${one.part},${one.reference},${one.value}`).join('\n')}\n`)
    const found = await json('gage', path, '--bias')
    expect(found.linearity.slope.value).toBeCloseTo(-0.131667, 6)
    expect(await run(['gage', path, '--bias'])).toMatch(/bias = 0\.73667 \+ -0\.13167 x reference[\s\S]*linearity is not acceptable/)
  })

  test('names the line of a cell that is there twice, and which one is missing', async () => {
    const twice = await file('twice.csv', `${study}1,A,1,0.3\n`)
    await expect(run(['gage', twice])).rejects.toThrow('Line 92: Part 1, appraiser A, trial 1 is there twice.')
    const gap = await file('gap.csv', study.split('\n').toSpliced(1, 1).join('\n'))
    await expect(run(['gage', gap])).rejects.toThrow('Missing: part 1, appraiser A, trial 1')
  })
})

describe('sampling', () => {
  test('a plan, its risks, its curve', async () => {
    const found = await json('sampling', '--lot', '2000', '--aql', '1.0', '--oc')
    expect(found).toMatchObject({ codeLetter: 'K', sample: 125, accept: 3, reject: 4, model: 'binomial' })
    expect(found.acceptedAtAql).toBeCloseTo(0.96255094, 8)
    expect(found.curve).toHaveLength(21)
    const told = await run(['sampling', '--lot', '2000', '--aql', '1', '--severity', 'reduced'])
    expect(told).toContain('Inspect 50.')
    expect(told).toContain('Accept with up to 1 nonconforming, reject from 4; in between accept')
    expect(await run(['sampling', '--lot', '5', '--aql', '0.4', '--oc'])).toContain('Inspect the whole lot of 5.')
    expect(await json('sampling', '--lot', '20', '--aql', '65')).toMatchObject({ model: 'poisson' })
  })

  test('what the tables do not have is refused with what they have', async () => {
    await expect(run(['sampling', '--lot', '2000', '--aql', '1.2'])).rejects.toThrow('no AQL of 1.2')
    await expect(run(['sampling', '--lot', '1', '--aql', '1'])).rejects.toThrow('whole number from 2')
    await expect(run(['sampling', '--lot', '10', '--aql', '1', '--level', 'IV'])).rejects.toThrow('Allowed choices')
  })
})
