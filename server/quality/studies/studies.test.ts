import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  addStudyReading,
  changeStudy,
  closeStudy,
  correctStudyReading,
  createStudy,
  exportStudy,
  getStudy,
  importStudyReadings,
  listStudies,
  reopenStudy,
  type Study,
  type StudyDefinition,
  type StudyReading,
  type StudyView,
} from '../../api/index.ts'
import { startTestStore, type TestStore } from '../../store/testing.ts'
import { callerOf } from '../lots/testing.ts'
import { pdfOf } from '../reports/index.ts'
import { createStudies, type StudiesPart } from './index.ts'
import { studyDocument } from './report.ts'

let store: TestStore
let studies: StudiesPart
let call: ReturnType<typeof callerOf>
const told: unknown[] = []
const published: unknown[] = []
beforeAll(async () => {
  store = await startTestStore()
  studies = createStudies({
    db: store.store.db,
    audit: { record: () => {} },
    shop: () => 'Werk Süd',
    live: { publish: (_, news) => void published.push(news) },
    happenedWithin: async (_, happenings) => () => void told.push(...happenings),
  })
  call = callerOf(studies.routes)
})
afterAll(() => store?.close())

// AIAG MSA, 4th edition: 10 parts, 3 appraisers, 3 trials
const AIAG = {
  A: ['.29 -.56 1.34 .47 -.80 .02 .59 -.31 2.26 -1.36', '.41 -.68 1.17 .50 -.92 -.11 .75 -.20 1.99 -1.25', '.64 -.58 1.27 .64 -.84 -.21 .66 -.17 2.01 -1.31'],
  B: ['.08 -.47 1.19 .01 -.56 -.20 .47 -.63 1.80 -1.68', '.25 -1.22 .94 1.03 -1.20 .22 .55 .08 2.12 -1.62', '.07 -.68 1.34 .20 -1.28 .06 .83 -.34 2.19 -1.50'],
  C: [
    '.04 -1.38 .88 .14 -1.46 -.29 .02 -.46 1.77 -1.49',
    '-.11 -1.13 1.09 .20 -1.07 -.67 .01 -.56 1.45 -1.77',
    '-.15 -.96 .67 .11 -1.45 -.49 .21 -.49 1.87 -2.16',
  ],
}
const publishedValue = ({ appraiser, trial, part }: { appraiser: string; trial: number; part: string }) =>
  Number(AIAG[appraiser as 'A'][trial - 1]?.split(' ')[Number(part) - 1])
const design: Extract<StudyDefinition['design'], { kind: 'crossed' }> = {
  kind: 'crossed',
  parts: Array.from({ length: 10 }, (_, i) => String(i + 1)),
  appraisers: ['A', 'B', 'C'],
  trials: 3,
  method: 'anova',
  errorTerm: 'interaction',
  poolingAlpha: 0.05,
  constants: 'exact',
  ndcFactor: 'sqrt2',
  spread: 6,
}
const definition: StudyDefinition = {
  name: 'Caliper 12',
  gauge: 'C-12',
  characteristic: 'width',
  unit: 'mm',
  decimals: 2,
  design,
  limits: { acceptablePercent: 10, unacceptablePercent: 30, ndc: 5, of: 'study', source: 'AIAG MSA, 4th edition' },
}
let count = 0
const nextNumber = () => {
  count += 1
  return count
}
const id = () => `entry-${String(nextNumber()).padStart(5, '0')}`
const plan = async (more: Partial<StudyDefinition> = {}) =>
  (await call(createStudy, { body: { definition: { ...definition, name: `Study ${nextNumber()}`, ...more } } })) as Study
const view = async (studyId: string) => (await call(getStudy, { params: { id: studyId } })) as StudyView
const read = (studyId: string, place: object, value: number, more: object = {}) =>
  call(addStudyReading, { params: { id: studyId }, body: { entryId: id(), value, source: 'form', ...place, ...more } })
const csvOf = (appraisers = ['A', 'B', 'C']) =>
  [
    'part;appraiser;trial;value',
    ...appraisers.flatMap((appraiser) =>
      [1, 2, 3].flatMap((trial) =>
        design.parts.map((part) => `${part};${appraiser};${trial};${String(publishedValue({ appraiser, trial, part })).replace('.', ',')}`),
      ),
    ),
  ].join('\r\n')
const fill = (studyId: string, csv = csvOf(), isTrial = false) => call(importStudyReadings, { params: { id: studyId }, body: { csv, isTrial } })

test('the published study comes out as published, from readings entered one by one in the order of the plan, and the rest by a table', async () => {
  const { id: studyId } = await plan()
  const { missing } = await view(studyId)
  for (const place of missing.slice(0, 35)) await read(studyId, place, publishedValue(place))
  expect(await fill(studyId)).toMatchObject({ added: 55, known: 35 })
  expect(published).toContainEqual({ kind: 'changed', what: 'study' })
  const { study, result } = await view(studyId)
  expect(study).toMatchObject({ state: 'measured', readings: 90, of: 90 })
  expect(result).toMatchObject({ kind: 'crossed', method: 'anova', ndc: 4, proposal: 'conditional' })
  expect(result?.kind === 'crossed' && result.grrPercent).toBeCloseTo(27.86, 2)
})

test('by averages and ranges, and by the equipment as error term, as published too', async () => {
  const ranges = await plan({ design: { ...design, method: 'average-and-range', constants: 'aiag' } })
  await fill(ranges.id)
  const { result } = await view(ranges.id)
  expect(result?.kind === 'crossed' && result.grrPercent).toBeCloseTo(26.67805, 5)
  expect(result).toMatchObject({ ndc: 5, ranges: { meanRange: expect.closeTo(0.341666667, 8) } })
  const anova = await plan({ design: { ...design, errorTerm: 'equipment', poolingAlpha: 0 } })
  await fill(anova.id)
  const { result: second } = await view(anova.id)
  const f = second?.kind === 'crossed' ? second.table?.find(({ source }) => source === 'appraiser')?.f : undefined
  expect(f).toBeCloseTo(34.44, 2)
})

test('the order is random, the same for everybody who looks, and each appraiser measures every part once in each trial', async () => {
  const { id: studyId } = await plan()
  const { missing } = await view(studyId)
  expect((await view(studyId)).missing).toEqual(missing)
  const rounds = Array.from({ length: 9 }, (_, i) => missing.slice(i * 10, i * 10 + 10))
  expect(rounds.map(([first]) => `${first?.trial}${first?.appraiser}`)).toEqual(['1A', '1B', '1C', '2A', '2B', '2C', '3A', '3B', '3C'])
  for (const round of rounds) expect(round.map(({ part }) => part).sort()).toEqual([...design.parts].sort())
  expect(new Set(rounds.map((round) => round.map(({ part }) => part).join())).size).toBeGreaterThan(6)
})

test('a reading is there once: repeated it is the same, and its place is taken for another', async () => {
  const { id: studyId } = await plan()
  const place = { appraiser: 'A', trial: 1, part: '3' }
  const entryId = id()
  const first = await read(studyId, place, 1.34, { entryId })
  expect(await read(studyId, place, 1.34, { entryId })).toEqual(first)
  await expect(read(studyId, place, 1.35, { entryId })).rejects.toMatchObject({ code: 'entry-id-used' })
  await expect(read(studyId, place, 1.34)).rejects.toMatchObject({ code: 'study-place-taken' })
  await expect(read(studyId, { ...place, part: '11' }, 1)).rejects.toMatchObject({ code: 'study-place-unknown' })
  await expect(read(studyId, { ...place, trial: 4 }, 1)).rejects.toMatchObject({ code: 'study-place-unknown' })
  await expect(read(studyId, { ...place, part: '4' }, Number.NaN)).rejects.toMatchObject({ code: 'value-invalid' })
  await expect(read(studyId, { ...place, part: '4' }, 1, { unit: 'inch' })).rejects.toMatchObject({ code: 'unit-differs' })
  expect((await view(studyId)).readings).toHaveLength(1)
})

test('the same place entered twice at once is one reading', async () => {
  const { id: studyId } = await plan()
  const place = { appraiser: 'A', trial: 1, part: '3' }
  const answers = await Promise.allSettled([1, 2, 3, 4].map((value) => read(studyId, place, value)))
  expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  expect((await view(studyId)).study.readings).toBe(1)
})

test('a wrong reading is corrected with a reason, and what was entered stays', async () => {
  const { id: studyId } = await plan()
  const { reading } = (await read(studyId, { appraiser: 'A', trial: 1, part: '3' }, 13.4)) as { reading: StudyReading }
  const body = { entryId: id(), value: 1.34, reason: 'point forgotten' }
  expect(await call(correctStudyReading, { params: { id: reading.id }, body })).toMatchObject({
    value: 1.34,
    corrected: [{ value: 13.4, reason: 'point forgotten' }],
  })
  await expect(call(correctStudyReading, { params: { id: reading.id }, body: { ...body, entryId: id() } })).rejects.toMatchObject({
    code: 'study-reading-corrected',
  })
  await expect(store.store.db.updateTable('gageReading').set({ value: 1 }).execute()).rejects.toThrow('append-only')
})

test('a table is taken over whole or not at all, and says which line is wrong', async () => {
  const { id: studyId } = await plan()
  const bad = 'Teil\tPrüfer\tMessung\tWert\n1\tA\t1\t1,5\n99\tA\t1\t1\n2\tA\t1\tabc\n1\tA\t1\t2\n'
  expect(await fill(studyId, bad, true)).toMatchObject({ added: 1, problems: [{ line: 3 }, { line: 4 }, { line: 5 }] })
  await expect(fill(studyId, bad)).rejects.toMatchObject({ code: 'csv-invalid' })
  expect((await view(studyId)).study.readings).toBe(0)
  await expect(fill(studyId, 'a,b\n1,2')).rejects.toMatchObject({ code: 'csv-invalid' })
  expect(await fill(studyId, csvOf(['A']))).toMatchObject({ added: 30, known: 0 })
  const file = (await call(exportStudy, { params: { id: studyId } })) as string
  expect(await fill(studyId, file)).toMatchObject({ added: 0, known: 30 })
})

test('a study is closed by a person once everything is measured, told to flows, and opened again with a reason', async () => {
  const { id: studyId, definition: mine } = await plan()
  const close = (revision = 1) => call(closeStudy, { params: { id: studyId }, body: { verdict: 'conditional', text: 'only for width', revision } })
  await fill(studyId, csvOf(['A', 'B']))
  await expect(close()).rejects.toMatchObject({ code: 'study-incomplete' })
  await fill(studyId, csvOf(['C']))
  expect(await close()).toMatchObject({ state: 'closed', closing: { verdict: 'conditional', by: 'Ann', revision: 1 } })
  expect(told.at(-1)).toMatchObject({ what: { source: 'quality-study', studyId }, payload: { verdict: 'conditional', gauge: 'C-12', ndc: 4 } })
  await expect(close()).rejects.toMatchObject({ code: 'study-closed' })
  await expect(call(changeStudy, { params: { id: studyId }, body: { definition: mine, revision: 1, reason: 'other limits' } })).rejects.toMatchObject({
    code: 'study-closed',
  })
  expect(await call(reopenStudy, { params: { id: studyId }, body: { reason: 'second opinion' } })).toMatchObject({ state: 'measured' })
  const { events } = await view(studyId)
  expect(events.map(({ kind }) => kind)).toEqual(['reopened', 'closed'])
})

test('what was measured fixes the plan; how it is judged may change, as a revision', async () => {
  const { id: studyId, definition: mine } = await plan()
  await read(studyId, { appraiser: 'A', trial: 1, part: '3' }, 1)
  const change = (more: Partial<StudyDefinition>, revision: number) =>
    call(changeStudy, { params: { id: studyId }, body: { definition: { ...mine, ...more }, revision, reason: 'asked by the customer' } })
  await expect(change({ design: { ...design, trials: 2 } }, 1)).rejects.toMatchObject({ code: 'study-has-readings' })
  expect(await change({ design: { ...design, method: 'average-and-range' } }, 1)).toMatchObject({ revision: 2 })
  await expect(change({}, 1)).rejects.toMatchObject({ code: 'study-changed' })
  await expect(change({ limits: { ...mine.limits, of: 'tolerance' } }, 2)).rejects.toMatchObject({ code: 'study-plan-invalid' })
  expect((await view(studyId)).revisions.map(({ revision, reason }) => [revision, reason])).toEqual([
    [2, 'asked by the customer'],
    [1, 'Planned'],
  ])
})

test('readings that are all the same give no result, and say why', async () => {
  const { id: studyId } = await plan({ design: { ...design, parts: ['1', '2'], appraisers: ['A', 'B'], trials: 2 } })
  for (const place of (await view(studyId)).missing) await read(studyId, place, 5)
  const { result, problem } = await view(studyId)
  expect(result).toBeUndefined()
  expect(problem).toMatchObject({ code: 'no-variation' })
  await expect(call(closeStudy, { params: { id: studyId }, body: { verdict: 'rejected', text: 'no digits', revision: 1 } })).rejects.toMatchObject({
    code: 'study-no-result',
  })
})

test('the report is a document with the figures, the verdict and every reading, in both languages', async () => {
  const { id: studyId } = await plan()
  await fill(studyId)
  const seen = await view(studyId)
  const of = (language: 'en' | 'de') => studyDocument(seen, { language, paper: 'a4', shop: 'Werk Süd', by: 'Ann', at: new Date(0) })
  const words = JSON.stringify(of('en').content)
  for (const said of ['27.86', 'Conditionally accepted', 'Gage R&R', 'Not closed', '2.26']) expect(words).toContain(said)
  expect(JSON.stringify(of('de').content)).toContain('27,86')
  expect((await pdfOf(of('de'))).subarray(0, 5).toString()).toBe('%PDF-')
})

test('bias against known values, with linearity as soon as there are two', async () => {
  const parts = [2, 4, 6].map((reference) => ({ name: `ref ${reference}`, reference }))
  const { id: studyId } = await plan({ design: { kind: 'bias', parts, appraiser: 'A', trials: 2, confidence: 0.95 } })
  const csv = ['part,trial,value', ...parts.flatMap(({ name, reference }) => [1, 2].map((trial) => `${name},${trial},${reference * 1.1 + trial / 1000}`))].join(
    '\n',
  )
  await fill(studyId, csv)
  const { result } = await view(studyId)
  if (result?.kind !== 'bias') throw new Error('no result')
  expect(result.linearity?.slope.value).toBeCloseTo(0.1, 6)
  expect(result.proposal).toBe('conditional')
})

test('a flow puts each reading at the next place of its appraiser', async () => {
  const { id: studyId } = await plan()
  const { missing } = await view(studyId)
  const next = missing.filter(({ appraiser }) => appraiser === 'B').slice(0, 2)
  for (const place of next) {
    const answer = await studies.rpc.requests.addStudyReading({ nodeId: 'n1', studyId, entryId: id(), value: 1, appraiser: 'B' })
    expect(answer).toMatchObject(place)
  }
  const first = await studies.rpc.requests.addStudyReading({ nodeId: 'n1', studyId, entryId: id(), value: 1 })
  expect(first).toMatchObject({ ...missing[0], readings: 3, of: 90 })
})

test('the list tells how far each study is, newest first', async () => {
  const { id: studyId } = await plan()
  const [first] = (await call(listStudies)) as Study[]
  expect(first).toMatchObject({ id: studyId, state: 'planned', readings: 0, of: 90, revision: 1 })
})
