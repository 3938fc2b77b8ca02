/** Files of the Q-DAS ASCII transfer format: read as others write them, refused by line, and back again what was written. */
import { Readable, Writable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { atOnce } from '../../../base/steps.ts'
import fc from '../../../test/property.ts'
import { type AqdefImport, addMarks, exportAqdef, importAqdef, type Measurement } from '../../api/index.ts'
import { callerWith, ordinary, startTestQuality, type TestQuality } from '../testing.ts'
import { createAqdef } from './index.ts'
import { decode, numberOf, readAqdef as readingSteps, timeOf } from './read.ts'
import { encode, writeAqdef } from './write.ts'

const readAqdef = (text: string) => atOnce(readingSteps(text))

let its: TestQuality
let routes: ReturnType<typeof createAqdef>['routes']
beforeAll(async () => {
  its = await startTestQuality()
  routes = createAqdef({ store: its.store, core: its.quality.core, audit: { record: () => undefined } as never }).routes
})
afterAll(() => its?.close())

const take = async (content: string | Buffer, query: object = {}): Promise<AqdefImport> => {
  const handler = routes.find(({ route }) => route === importAqdef)
  const request = Readable.from([Buffer.from(content)])
  return (await handler?.run({ query: { dryRun: false, partly: false, ...query }, request, caller: callerWith() } as never)) as AqdefImport
}
const give = async (ids: readonly string[], query: object = {}): Promise<{ body: Buffer; name: string }> => {
  const pieces: Buffer[] = []
  let name = ''
  const response: object = Object.assign(
    new Writable({
      write(piece, _, done) {
        pieces.push(Buffer.from(piece))
        done()
      },
    }),
    {
      status: () => response,
      setHeader: (header: string, value: string) => {
        if (header === 'Content-Disposition') name = value
        return response
      },
    },
  )
  const handler = routes.find(({ route }) => route === exportAqdef)
  await handler?.run({ query: { ids: ids.join(','), content: 'all', encoding: 'utf-8', last: 1000, ...query }, response, caller: callerWith() } as never)
  return { body: Buffer.concat(pieces), name }
}
const refusal = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: { code?: string; message: string; details?: { problems?: { line: number; code: string }[] } }) => error,
  )

const head = [
  'K0100 1',
  'K1001/1 BRK-77',
  'K1002/1 Bracket',
  'K2001/1 4',
  'K2002/1 Bohrung Ø',
  'K2004/1 0',
  'K2022/1 2',
  'K2101/1 12',
  'K2110/1 11.9',
  'K2111/1 12,1',
  'K2142/1 mm',
]
const file = (...lines: string[]) => [...head, ...lines].join('\r\n')

describe('reading', () => {
  test('values as fields: a key that is there already begins the next value', () => {
    const { characteristics, problems } = readAqdef(file('K0001/1 12.01', 'K0004/1 01.02.2026/15:18:31', 'K0001/1 12.02', 'K0014/1 SN-2'))
    expect(problems).toEqual([])
    expect(characteristics).toHaveLength(1)
    expect(characteristics[0]?.values.map(({ line, fields }) => [line, fields.get('K0001')?.value, fields.get('K0014')?.value])).toEqual([
      [12, '12.01', undefined],
      [14, '12.02', 'SN-2'],
    ])
  })

  test('values in one line for all characteristics, with what is said of each behind it', () => {
    // as in the example of github.com/successfactory/aqdef-reader: sign 20 between fields, 15 between characteristics
    const values = '2.4996E+0002\u00140\u001417.05.2002/05:54:58\u0014\u0014#0490\u000F2.4957E+0002\u00140\u001417.05.2002/05:54:58'
    const { characteristics, problems } = readAqdef(file('K2002/2 Before drill', values, 'K0053/1 615 647', 'K0053/2 616').replace('K0100 1', 'K0100 2'))
    expect(problems).toEqual([])
    expect(characteristics.map(({ values: [value] }) => [value?.fields.get('K0001')?.value, value?.fields.get('K0053')?.value])).toEqual([
      ['2.4996E+0002', '615 647'],
      ['2.4957E+0002', '616'],
    ])
    expect(characteristics[0]?.values[0]?.fields.get('K0006')?.value).toBe('#0490')
    expect(numberOf('2.4996E+0002')).toBe(249.96)
  })

  test('several parts: characteristics are counted through and belong to the part before them', () => {
    const { characteristics } = readAqdef('K0100 3\nK1001/1 A\nK2002/1 a\nK1001/2 B\nK2002/2 b\nK2002/3 c\nK2142/0 mm\nK0001/3 1')
    expect(
      characteristics.map(({ part, fields, values }) => [part.get('K1001')?.value, fields.get('K2002')?.value, fields.get('K2142')?.value, values.length]),
    ).toEqual([
      ['A', 'a', 'mm', 0],
      ['B', 'b', 'mm', 0],
      ['B', 'c', 'mm', 1],
    ])
  })

  test('times as they are written here and there; what is none is none', () => {
    expect(timeOf('31.12.2026/14:05:00')).toEqual(new Date(2026, 11, 31, 14, 5))
    expect(timeOf('12/31/2026/14:05:07')).toEqual(new Date(2026, 11, 31, 14, 5, 7))
    expect(timeOf('2026-12-31 14:05')).toEqual(new Date(2026, 11, 31, 14, 5))
    expect(timeOf('31.12.02/14:05:00')).toEqual(new Date(2002, 11, 31, 14, 5))
    expect(timeOf('31.13.2026/14:05:00')).toBeUndefined()
  })

  test('UTF-8, UTF-16 and what Windows wrote before are told apart', () => {
    const text = 'K2002/1 Bohrung Ø\r\n'
    expect(decode(encode(text, 'windows-1252'))).toBe(text)
    expect(decode(encode(text, 'utf-8')).replace('\uFEFF', '')).toBe(text)
    expect(decode(Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')])).replace('\uFEFF', '')).toBe(text)
    expect(encode('Größe → 5 €', 'windows-1252').toString('latin1')).toBe('Gr\xf6\xdfe ? 5 \x80')
  })

  test('never throws, whatever the file holds', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        'K0100 2',
        'K2002/1 a',
        'K2002/0',
        'K0001/1 ',
        'K0001/9 1',
        'K2/',
        '\u000F\u0014',
        '1\u00140\u000F2',
        'K1001/99999999999 x',
        'K0001/1/2 3',
      ),
      fc.string(),
    )
    fc.assert(
      fc.property(fc.array(piece), (lines) => {
        const { characteristics } = readAqdef(lines.join('\r\n'))
        return characteristics.every(({ values }) => values.every(({ fields }) => fields.size > 0))
      }),
    )
  })
})

describe('taking over', () => {
  test('adds what is not there, enters its values as imported, and twice the same file is once', async () => {
    const text = file(
      'K0001/1 12.01',
      'K0004/1 01.02.2026/15:18:31',
      'K0006/1 #L7',
      'K0014/1 SN-1',
      'K0001/1 12,2',
      'K0014/1 SN-2',
      'K0001/1 99',
      'K0002/1 255',
      'K0014/1 SN-3',
    )
    const looked = await take(text, { dryRun: true })
    expect(looked).toMatchObject({ characteristics: [{ name: 'Bohrung Ø', part: 'BRK-77', state: 'new', values: 2, entered: 0 }], problems: [] })
    const { characteristics } = await take(text)
    expect(characteristics).toMatchObject([{ state: 'made', entered: 2, repeated: 0 }])
    const id = characteristics[0]?.id ?? ''
    expect((await its.get(id)).characteristic.definition).toMatchObject({
      name: 'Bohrung Ø',
      part: 'BRK-77',
      feature: '4',
      nominal: 12,
      lower: 11.9,
      upper: 12.1,
      decimals: 2,
      unit: 'mm',
    })
    expect(await its.quality.core.measurements({ characteristicId: id })).toMatchObject([
      { value: 12.2, serial: 'SN-2', isInTolerance: false, source: 'import' },
      { value: 12.01, serial: 'SN-1', lot: 'L7', at: new Date(2026, 1, 1, 15, 18, 31).toISOString(), isInTolerance: true },
    ])
    expect(await take(text)).toMatchObject({ characteristics: [{ id, state: 'matched', entered: 0, repeated: 2 }] })
    expect(await its.quality.core.measurements({ characteristicId: id })).toHaveLength(2)
  })

  test('refuses the whole file with the line of each fault, before anything is entered', async () => {
    const text = file('K0001/1 12.01', 'K0001/1 twelve', 'K0001/1 12', 'K0004/1 31.13.2026/1:00', 'K0001/7 3', 'rubbish')
      .replaceAll('BRK-77', 'BRK-78')
      .replace('K2101/1 12', 'K2101/1 oops')
    const error = await refusal(take(text))
    expect(error?.code).toBe('aqdef-invalid')
    expect(error?.details?.problems?.map(({ line, code }) => [line, code])).toEqual([
      [8, 'not-a-number'],
      [13, 'not-a-number'],
      [15, 'not-a-time'],
      [16, 'not-described'],
      [17, 'not-a-field'],
    ])
    expect(error?.message).toContain('Line 8:')
    const listed = await its.db.selectFrom('characteristic').select('id').where('part', '=', 'BRK-78').execute()
    expect(listed).toEqual([])
    // what is cut off says so
    expect((await refusal(take(file('K0001/1 1').replace('K0100 1', 'K0100 4'))))?.details?.problems).toMatchObject([{ line: 1, code: 'count-differs' }])
    expect((await refusal(take('')))?.code).toBe('aqdef-invalid')
  })

  test('in part leaves out what is wrong and names it', async () => {
    const text = file('K0001/1 12.01', 'K0001/1 twelve', 'K0001/1 12.03').replaceAll('BRK-77', 'BRK-79')
    expect(await take(text, { partly: true })).toMatchObject({
      characteristics: [{ state: 'made', entered: 2 }],
      problems: [{ line: 13, code: 'not-a-number' }],
    })
  })

  test('enters counts of a characteristic that is there, and makes none: the file does not say for which chart', async () => {
    const counts = ['K0100 1', 'K1001/1 C-1', 'K2002/1 scratches', 'K2004/1 1', 'K0020/1 50', 'K0021/1 3', 'K0020/1 40', 'K0021/1 1'].join('\n')
    expect((await refusal(take(counts)))?.details?.problems).toMatchObject([{ line: 3, code: 'counts-not-made' }])
    const id = await its.add({
      name: 'scratches',
      part: 'C-1',
      unit: '',
      nominal: null,
      lower: null,
      upper: 5,
      chart: { kind: 'p', subgroupSize: 1, rules: ['nelson-1'], autoLimitsAfter: null },
    })
    expect(await take(counts)).toMatchObject({ characteristics: [{ id, state: 'matched', entered: 2 }] })
    expect((await its.quality.core.measurements({ characteristicId: id })).map(({ value, size }) => [value, size])).toEqual([
      [1, 40],
      [3, 50],
    ])
  })
})

describe('there and back', () => {
  test('is the same in another shop: values, times to the second, serial numbers, lots, comments; what was excluded is marked and left out', async () => {
    const more = { part: 'RT-1', partRevision: 'C', operation: 'OP20', feature: '7', decimals: 4 }
    const [a, b] = [await its.add({ name: 'Bohrung Ø12 "H7"', ...more }), await its.add({ name: 'slot', ...more, feature: '8', upper: null })]
    for (let i = 0; i < 6; i += 1) {
      const at = new Date(2026, 3, 1, 8, i, 30).toISOString()
      await its.enter(a, 10 + i / 1000, { at, serial: `S${i}`, lot: 'L-9', comment: 'first line\nsecond' })
      await its.enter(b, 9.95 + i / 3, { at })
    }
    await its.call(addMarks, { params: { id: a }, body: { kind: 'exclude', subgroups: [3], text: 'chip' } })
    const { body, name } = await give([a, b])
    expect(name).toContain('.dfq')
    const other = await startTestQuality()
    try {
      const there = createAqdef({ store: other.store, core: other.quality.core, audit: { record: () => undefined } as never }).routes.find(
        ({ route }) => route === importAqdef,
      )
      const taken = (await there?.run({
        query: { dryRun: false, partly: false },
        request: Readable.from([body]),
        caller: callerWith(),
      } as never)) as AqdefImport
      expect(taken).toMatchObject({
        problems: [],
        characteristics: [
          { state: 'made', entered: 5 },
          { state: 'made', entered: 6 },
        ],
      })
      const facts = ({ value, at, serial, lot, comment }: Measurement) => ({ value, at, serial, lot, comment: comment?.replace('\n', ' ') })
      for (const [index, id] of [a, b].entries()) {
        const before = (await its.quality.core.measurements({ characteristicId: id })).filter(({ subgroup }) => id !== a || subgroup !== 3)
        const after = await other.quality.core.measurements({ characteristicId: taken.characteristics[index]?.id ?? '' })
        expect(after.map(facts)).toEqual(before.map(facts))
        const { name: called, nominal, lower, upper, decimals, unit, part, partRevision, operation, feature } = (await its.get(id)).characteristic.definition
        expect((await other.get(taken.characteristics[index]?.id ?? '')).characteristic.definition).toMatchObject({
          name: called,
          nominal,
          lower,
          upper,
          decimals,
          unit,
          part,
          partRevision,
          operation,
          feature,
        })
      }
    } finally {
      await other.close()
    }
  })

  test('as a pair of description and values it is the same file', async () => {
    const id = await its.add({ name: 'pair', part: 'P-1' })
    await its.enter(id, 10.01)
    const [description, values, all] = await Promise.all(['description', 'values', 'all'].map((content) => give([id], { content })))
    expect(description?.name).toContain('.dfd')
    expect(values?.name).toContain('.dfx')
    const text = ({ body }: { body: Buffer } = { body: Buffer.alloc(0) }) => body.toString().replace('\uFEFF', '')
    expect(text(description) + text(values)).toBe(text(all))
    expect((await refusal(give(['chr_none'])))?.code).toBe('characteristic-not-found')
  })

  test('no text of a person makes a line or a field of its own', () => {
    const definition = ordinary({ name: 'evil\r\nK0001/1 5', part: 'a\nK2002/1 b', chart: { kind: 'i-mr', subgroupSize: 1, rules: [], autoLimitsAfter: null } })
    const measured = { seq: 1, subgroup: 1, at: new Date().toISOString(), value: 1, comment: 'x\r\nK0001/1 9', lot: '\u000F1\u00142' } as Measurement
    const { characteristics, problems } = readAqdef(atOnce(writeAqdef([{ definition, measurements: [measured], excluded: new Set() }], 'all')))
    expect(problems).toEqual([])
    expect(characteristics).toHaveLength(1)
    expect(characteristics[0]?.values).toHaveLength(1)
  })
})
