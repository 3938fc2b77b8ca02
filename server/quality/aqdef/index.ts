/** AQDEF: files for and from Q-DAS and everything that speaks its transfer format (measuring machines, SPC of customers). */
import { createHash } from 'node:crypto'
import { UserError } from '../../../base/errors.ts'
import { inSteps, type Steps } from '../../../base/steps.ts'
import { type AqdefImport, type AqdefProblem, type CharacteristicDefinition, exportAqdef, importAqdef, type Measurement } from '../../api/index.ts'
import type { Audit } from '../../audit/contract.ts'
import { handle, type RouteHandler } from '../../http/handler.ts'
import type { Store } from '../../store/index.ts'
import { type QualityCore, type Who, whoIs } from '../contract.ts'
import { isOfCounts } from '../definition.ts'
import { sendReport } from '../reports/index.ts'
import { type AqdefCharacteristic, type AqdefValue, decode, isCounted, numberOf, readAqdef, timeOf } from './read.ts'
import { encode, nameIn, type Written, writeAqdef } from './write.ts'

const MOST_CHARACTERISTICS = 50
/** Each value is entered, judged and stored as one from a form is. */
const MOST_VALUES = 20_000
const MOST_BYTES = 10_000_000
/** Rows asked of the database at once, and values looked at between which the event loop may go on. */
const ROWS = 1000
const PIECE = 100
const SHOWN_PROBLEMS = 200

export interface AqdefDeps {
  store: Pick<Store, 'db'>
  core: Pick<QualityCore, 'characteristics' | 'measurements' | 'chart' | 'enter' | 'addCharacteristic'>
  audit: Audit
}

type Outcome = AqdefImport['characteristics'][number]
/** A value as it is to be entered. */
interface Reading {
  line: number
  value: number
  size?: number
  at?: string
  serial?: string
  lot?: string
  comment?: string
  workOrder?: string
}

export function createAqdef({ store: { db }, core, audit }: AqdefDeps): { routes: RouteHandler[] } {
  let isImporting = false

  async function measurementsOf(characteristicId: string, most: number): Promise<Measurement[]> {
    const found: Measurement[] = []
    for (let before: number | undefined; found.length < most; ) {
      const piece = await core.measurements({ characteristicId, limit: Math.min(ROWS, most - found.length), ...(before === undefined ? {} : { before }) })
      found.push(...piece)
      before = piece.at(-1)?.seq
      if (piece.length < ROWS) break
    }
    return found.reverse()
  }

  async function written(id: string, definition: CharacteristicDefinition, last: number): Promise<Written> {
    const [measurements, { points }] = await Promise.all([measurementsOf(id, last), core.chart(id, { last })])
    return { definition, measurements, excluded: new Set(points.subgroup.filter((_, at) => points.excluded[at] === 1)) }
  }

  /** The one with the same name, part and unit; undefined: there is none. */
  async function match(described: Described): Promise<{ id: string; definition: CharacteristicDefinition } | undefined> {
    const rows = await db.selectFrom('characteristic').select(['id', 'name', 'part', 'definition']).where('isRetired', '=', false).execute()
    return rows.find(
      ({ name, part, definition }) => nameIn(name) === described.name && (part ?? undefined) === described.part && definition.unit === described.unit,
    )
  }

  async function enterAll(
    characteristic: { id: string; isOfCounts: boolean },
    readings: readonly Reading[],
    more: { who: Who; file: string; index: number; problems: AqdefProblem[] },
  ): Promise<{ entered: number; repeated: number }> {
    const { who, file, index, problems } = more
    let [entered, repeated] = [0, 0]
    for (const [place, { line, value, size, ...rest }] of readings.entries()) {
      try {
        const { isRepeat } = await core.enter(
          {
            ...rest,
            // the same value of the same file is the same entry
            entryId: `aqdef-${file}-${index}-${place}`,
            characteristicId: characteristic.id,
            values: [value],
            source: 'import',
            ...(characteristic.isOfCounts && size !== undefined ? { size } : {}),
          },
          who,
        )
        if (isRepeat) repeated += 1
        else entered += 1
      } catch (error) {
        if (!(error instanceof UserError)) throw error
        problems.push({ line, code: error.code, text: error.message })
        // nothing more of it is taken until somebody has said why: each line would only say the same
        if (error.code === 'characteristic-locked') break
      }
    }
    return { entered, repeated }
  }

  return {
    routes: [
      handle(exportAqdef, async ({ query: { ids, content, encoding, last }, response }) => {
        const wanted = [...new Set(ids.split(',').map((id) => id.trim()))].filter(Boolean)
        if (wanted.length > MOST_CHARACTERISTICS)
          throw new UserError({
            code: 'aqdef-too-long',
            status: 422,
            message: `At most ${MOST_CHARACTERISTICS} characteristics go into one file. Choose fewer.`,
          })
        const known = new Map((await core.characteristics(wanted)).map((one) => [one.id, one]))
        const all: Written[] = []
        for (const id of wanted) {
          const one = known.get(id)
          if (!one)
            throw new UserError({
              code: 'characteristic-not-found',
              status: 404,
              message: 'One of these characteristics is not there. Choose them from the list.',
            })
          all.push(content === 'description' ? { definition: one.definition, measurements: [], excluded: new Set() } : await written(id, one.definition, last))
        }
        const name = `${all.length === 1 ? (all[0]?.definition.name ?? '') : (all[0]?.definition.part ?? 'characteristics')} ${new Date().toISOString().slice(0, 10)}`
        sendReport(response, {
          name,
          type: ({ all: 'dfq', description: 'dfd', values: 'dfx' } as const)[content],
          body: encode(await inSteps(writeAqdef(all, content)), encoding),
        })
      }),
      handle(importAqdef, async ({ query: { dryRun, partly }, request, caller }): Promise<AqdefImport> => {
        if (isImporting)
          throw new UserError({
            code: 'aqdef-busy',
            status: 429,
            message: 'Another file is just being taken over. Try again when it is done.',
            details: { retryAfterS: 10 },
          })
        isImporting = true
        try {
          const bytes = await wholeOf(request)
          const file = createHash('sha256').update(bytes).digest('hex').slice(0, 24)
          const { characteristics, problems } = await inSteps(readAqdef(decode(bytes)))
          if (characteristics.length === 0 && problems.length === 0)
            problems.push({
              line: 1,
              code: 'nothing',
              text: 'No characteristic is described here. A file of values alone (.dfx) needs its description (.dfd): put it in front, in one file.',
            })
          const count = characteristics.reduce((sum, { values }) => sum + values.length, 0)
          if (count > MOST_VALUES)
            throw new UserError({
              code: 'aqdef-too-long',
              status: 422,
              message: `The file has ${count} values. At most ${MOST_VALUES} are taken over at once: divide it.`,
            })
          const plans = []
          for (const characteristic of characteristics) plans.push(await planOf(characteristic, problems))
          const answer = (outcomes: Outcome[]): AqdefImport => {
            const sorted = problems.toSorted((a, b) => a.line - b.line)
            return { characteristics: outcomes, problems: sorted.slice(0, SHOWN_PROBLEMS), problemCount: problems.length }
          }
          const looked = plans.map(({ outcome }) => outcome)
          if (dryRun) return answer(looked)
          if (problems.length && !partly) {
            const [first] = answer(looked).problems
            throw new UserError({
              code: 'aqdef-invalid',
              status: 422,
              message: `Line ${first?.line}: ${first?.text}${problems.length > 1 ? ` (and ${problems.length - 1} more)` : ''} Nothing was entered.`,
              details: { problems: answer(looked).problems, count: problems.length },
            })
          }
          const outcomes: Outcome[] = []
          for (const { outcome, definition, readings, isOfCounts: counts } of plans) {
            if (outcome.state === 'refused') {
              outcomes.push(outcome)
              continue
            }
            const who = whoIs(caller)
            const id = outcome.id ?? (definition && (await core.addCharacteristic(definition, who, { reason: 'Taken over from an AQDEF file' })).id)
            if (id === undefined) continue
            const done = await enterAll({ id, isOfCounts: counts }, readings, { who, file, index: outcome.index, problems })
            outcomes.push({ ...outcome, ...done, id, state: outcome.id === undefined ? 'made' : 'matched' })
          }
          audit.record({
            caller,
            action: 'quality.aqdef-import',
            target: `${outcomes.length} characteristics`,
            detail: { sha256: file, entered: outcomes.reduce((sum, { entered }) => sum + entered, 0), problems: problems.length },
          })
          return answer(outcomes)
        } finally {
          isImporting = false
        }
      }),
    ],
  }

  async function planOf(characteristic: AqdefCharacteristic, problems: AqdefProblem[]) {
    const described = describedBy(characteristic)
    const counts = isCounted(characteristic)
    const matched = await match(described)
    const before = problems.length
    const definition = matched ? undefined : definitionOf(characteristic, described, problems)
    if (matched && isOfCounts(matched.definition.chart) !== counts)
      problems.push({
        line: characteristic.line,
        code: 'chart-not-fitting',
        text: `“${described.name}” is ${counts ? 'counted in the file, but measured here' : 'measured in the file, but counted here'}.`,
      })
    const isRefused = problems.length > before || (!matched && !definition)
    const readings = await inSteps(readingsOf(characteristic.values, counts, problems))
    const outcome: Outcome = {
      index: characteristic.index,
      line: characteristic.line,
      name: described.name,
      ...(described.part === undefined ? {} : { part: described.part }),
      state: isRefused ? 'refused' : matched ? 'matched' : 'new',
      ...(matched ? { id: matched.id } : {}),
      values: readings.length,
      entered: 0,
      repeated: 0,
    }
    return { outcome, definition, readings, isOfCounts: counts }
  }
}

interface Described {
  name: string
  part: string | undefined
  unit: string
}

function describedBy({ index, fields, part }: AqdefCharacteristic): Described {
  const text = (key: string) => fields.get(key)?.value || undefined
  const partNumber = part.get('K1001')?.value || part.get('K1002')?.value
  return {
    name: nameIn(text('K2002') ?? text('K2001') ?? `Characteristic ${index}`),
    // a file cannot do without a part; ours can
    part: partNumber && partNumber !== '-' ? partNumber.slice(0, 120) : undefined,
    unit: (text('K2142') ?? '').slice(0, 20),
  }
}

/** What is to be added to the list; undefined with a problem named. */
function definitionOf(characteristic: AqdefCharacteristic, { name, part, unit }: Described, problems: AqdefProblem[]): CharacteristicDefinition | undefined {
  const { fields, line } = characteristic
  const before = problems.length
  const number = (key: string): number | undefined => {
    const field = fields.get(key)
    if (!field || field.value === '') return undefined
    const value = numberOf(field.value)
    if (value === undefined)
      problems.push({ line: field.line, code: 'not-a-number', text: `${key} of “${name}” is “${field.value.slice(0, 40)}”, which is no number.` })
    return value
  }
  if (isCounted(characteristic)) {
    problems.push({
      line,
      code: 'counts-not-made',
      text: `“${name}” is counted, not measured. Which chart it is for, the file does not say: add it to the list first, with the same name, part and unit.`,
    })
    return undefined
  }
  const given = number('K2101') ?? number('K2100')
  const [below, above] = [number('K2112'), number('K2113')]
  const lower = number('K2110') ?? (given === undefined || below === undefined ? null : given + below)
  const upper = number('K2111') ?? (given === undefined || above === undefined ? null : given + above)
  const nominal = given ?? (lower !== null && upper !== null ? (lower + upper) / 2 : undefined)
  if (nominal === undefined)
    problems.push({ line, code: 'nominal-missing', text: `“${name}” has no nominal value (K2101), and no two limits to have one between.` })
  if (lower !== null && upper !== null && lower > upper)
    problems.push({
      line: fields.get('K2110')?.line ?? line,
      code: 'tolerance-reversed',
      text: `The lower limit of “${name}” (${lower}) is above the upper one (${upper}).`,
    })
  const decimals = number('K2022') ?? 3
  const size = Math.round(number('K8500') ?? 1)
  if (problems.length > before || nominal === undefined) return undefined
  const feature = fields.get('K2001')?.value
  const revision = characteristic.part.get('K1004')?.value
  const operation = characteristic.part.get('K1086')?.value
  return {
    name,
    ...(part === undefined ? {} : { part }),
    ...(revision ? { partRevision: revision.slice(0, 40) } : {}),
    ...(operation ? { operation: operation.slice(0, 120) } : {}),
    ...(feature && feature !== name ? { feature: feature.slice(0, 120) } : {}),
    unit,
    decimals: Math.min(9, Math.max(0, Math.round(decimals))),
    nominal,
    lower,
    upper,
    chart:
      size >= 2 && size <= 100
        ? { kind: size <= 10 ? 'xbar-r' : 'xbar-s', subgroupSize: size, rules: ['nelson-1'], autoLimitsAfter: 25 }
        : { kind: 'i-mr', subgroupSize: 1, rules: ['nelson-1'], autoLimitsAfter: 25 },
    overdueGauge: 'flag',
    asks: [],
    uniqueSerials: false,
    afterSignal: 'nothing',
    afterOutOfTolerance: 'nothing',
    isRetired: false,
  }
}

function* readingsOf(values: readonly AqdefValue[], counts: boolean, problems: AqdefProblem[]): Steps<Reading[]> {
  const readings: Reading[] = []
  for (const [place, value] of values.entries()) {
    if (place % PIECE === 0) yield
    const reading = readingOf(value, counts, problems)
    if (reading) readings.push(reading)
  }
  return readings
}

/** Undefined for what does not count, and for what is wrong: then with a problem named. */
function readingOf({ line, fields }: AqdefValue, counts: boolean, problems: AqdefProblem[]): Reading | undefined {
  const attribute = fields.get('K0002')?.value
  if (attribute !== undefined && attribute !== '0') return undefined
  const field = fields.get(counts ? 'K0021' : 'K0001')
  if (!field) {
    problems.push({
      line,
      code: 'value-missing',
      text: `A value is missing here: something is said of one (${[...fields.keys()].join(', ')}), but not what it is.`,
    })
    return undefined
  }
  const value = numberOf(field.value)
  if (value === undefined) {
    problems.push({ line: field.line, code: 'not-a-number', text: `“${field.value.slice(0, 40)}” is no number.` })
    return undefined
  }
  const text = (key: string, most: number) => fields.get(key)?.value.slice(0, most) || undefined
  const time = fields.get('K0004')
  const at = time && timeOf(time.value)
  if (time && !at) {
    problems.push({ line: time.line, code: 'not-a-time', text: `“${time.value.slice(0, 40)}” is no time: it is written like 31.12.2026/14:05:00.` })
    return undefined
  }
  const size = counts ? numberOf(fields.get('K0020')?.value ?? '') : undefined
  const serial = text('K0014', 120)
  const lot = text('K0006', 121)?.replace(/^#/, '')
  const comment = text('K0009', 500)
  const workOrder = text('K0053', 120)
  return {
    line: field.line,
    value,
    ...(size === undefined ? {} : { size }),
    ...(at ? { at: at.toISOString() } : {}),
    ...(serial ? { serial } : {}),
    ...(lot ? { lot } : {}),
    ...(comment ? { comment } : {}),
    ...(workOrder ? { workOrder } : {}),
  }
}

/** @throws UserError aqdef-too-long */
async function wholeOf(request: AsyncIterable<unknown>): Promise<Buffer> {
  const pieces: Buffer[] = []
  let length = 0
  for await (const piece of request) {
    const bytes = piece as Buffer
    length += bytes.length
    if (length > MOST_BYTES) throw new UserError({ code: 'aqdef-too-long', status: 413, message: 'The file has more than 10 MB. Divide it.' })
    pieces.push(bytes)
  }
  return Buffer.concat(pieces)
}
