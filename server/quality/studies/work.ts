/** Readings of a study, one after the other: whoever adds to it holds its lock until the commit. */
import { sql } from 'kysely'
import { newId } from '../../../base/ids.ts'
import type { StudyReading } from '../../api/index.ts'
import type { Db, Who } from '../contract.ts'
import type { StudiesDeps } from './contract.ts'
import { readingsIn } from './csv.ts'
import { appraisersOf, orderOf, type Place, partsOf, placeKey } from './plan.ts'
import { readingsOf, studyById } from './read.ts'
import { csvInvalid, entryIdUsed, noReading, placeTaken, placeUnknown, readingCorrected, studyClosed, unitDiffers, valueInvalid } from './refusals.ts'

export interface NewReading extends Place {
  entryId: string
  value: number
  unit?: string
  source: StudyReading['source']
  runId?: string
}
export interface Kept {
  reading: StudyReading
  readings: number
  of: number
}

/** Until the transaction ends. */
export async function lockStudy(db: Db, studyId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`study ${studyId}`}, 0))`.execute(db)
}

export type StudyWork = ReturnType<typeof createStudyWork>

export function createStudyWork({ db, changed }: Pick<StudiesDeps, 'db'> & { changed: () => void }) {
  /** In a transaction; pages are told when it is committed. */
  async function committing<T>(work: (within: Db) => Promise<T>): Promise<T> {
    const answer = await db.transaction().execute(work)
    changed()
    return answer
  }

  const by = ({ name, id }: Who) => ({ by: name, byId: id ?? null })
  const inWords = ({ appraiser, trial, part }: Place) => `Part ${part}, ${appraiser}, trial ${trial}`

  async function readingAt(at: Db, studyId: string, place: Place): Promise<StudyReading> {
    const found = (await readingsOf(at, studyId)).find((one) => placeKey(one) === placeKey(place))
    if (!found) throw noReading()
    return found
  }

  /** @throws UserError study-place-unknown */
  function checkPlace(design: Parameters<typeof partsOf>[0], { appraiser, trial, part }: Place): void {
    if (!partsOf(design).includes(part)) throw placeUnknown(`part "${part}"`)
    if (!appraisersOf(design).includes(appraiser)) throw placeUnknown(`appraiser "${appraiser}"`)
    if (trial > design.trials) throw placeUnknown(`trial ${trial}`)
  }

  /** Within the lock. `place` is chosen once it is known what is there. */
  async function addWithin(
    within: Db,
    studyId: string,
    given: Omit<NewReading, keyof Place>,
    choose: (there: StudyReading[]) => Place,
    who: Who,
  ): Promise<Kept> {
    const { entryId, value, unit, source, runId } = given
    if (!Number.isFinite(value)) throw valueInvalid()
    const study = await studyById(within, studyId)
    const known = await within.selectFrom('gageReading').selectAll().where('entryId', '=', entryId).executeTakeFirst()
    if (known) {
      if (known.studyId !== studyId || known.value !== value) throw entryIdUsed()
      return { reading: await readingAt(within, studyId, known), readings: study.readings, of: study.of }
    }
    if (study.state === 'closed') throw studyClosed()
    const { design } = study.definition
    if (unit !== undefined && unit !== study.definition.unit) throw unitDiffers(unit, study.definition.unit)
    const there = await readingsOf(within, studyId)
    const { appraiser, trial, part } = choose(there)
    checkPlace(design, { appraiser, trial, part })
    if (there.some((one) => placeKey(one) === placeKey({ appraiser, trial, part }))) throw placeTaken(inWords({ appraiser, trial, part }))
    await within
      .insertInto('gageReading')
      .values({ id: newId('rdg'), studyId, entryId, part, appraiser, trial, value, source, runId: runId ?? null, ...by(who) })
      .execute()
    return { reading: await readingAt(within, studyId, { appraiser, trial, part }), readings: study.readings + 1, of: study.of }
  }

  return {
    add: (studyId: string, reading: NewReading, who: Who): Promise<Kept> =>
      committing(async (within) => {
        await lockStudy(within, studyId)
        return addWithin(within, studyId, reading, () => reading, who)
      }),

    /** At the next place, of this appraiser where one is named. @throws UserError study-place-taken when everything is measured */
    addNext: (studyId: string, { appraiser, ...reading }: Omit<NewReading, keyof Place> & { appraiser?: string }, who: Who): Promise<Kept> =>
      committing(async (within) => {
        await lockStudy(within, studyId)
        const { design } = (await studyById(within, studyId)).definition
        if (appraiser !== undefined && !appraisersOf(design).includes(appraiser)) throw placeUnknown(`appraiser "${appraiser}"`)
        const choose = (there: StudyReading[]) => {
          const taken = new Set(there.map(placeKey))
          const next = orderOf(design, studyId).find((place) => (appraiser === undefined || place.appraiser === appraiser) && !taken.has(placeKey(place)))
          if (!next) throw placeTaken(appraiser === undefined ? 'Everything' : `Everything of ${appraiser}`)
          return next
        }
        return addWithin(within, studyId, reading, choose, who)
      }),

    /** All rows or none. */
    importCsv: (studyId: string, { csv, isTrial }: { csv: string; isTrial: boolean }, who: Who) =>
      committing(async (within) => {
        await lockStudy(within, studyId)
        const study = await studyById(within, studyId)
        if (study.state === 'closed') throw studyClosed()
        const { design } = study.definition
        const { readings, problems } = readingsIn(csv)
        const there = new Map((await readingsOf(within, studyId)).map((one) => [placeKey(one), one.value]))
        const lines = new Map<string, number>()
        const fresh: { place: Place; value: number }[] = []
        let known = 0
        for (const { line, part, appraiser, trial, value } of readings) {
          const place = { part, appraiser: appraiser ?? (design.kind === 'bias' ? design.appraiser : ''), trial }
          const key = placeKey(place)
          const before = lines.get(key)
          const value0 = there.get(key)
          if (!partsOf(design).includes(part)) problems.push({ line, text: `The study has no part "${part}".` })
          else if (!appraisersOf(design).includes(place.appraiser)) problems.push({ line, text: `The study has no appraiser "${place.appraiser}".` })
          else if (trial > design.trials) problems.push({ line, text: `The study has ${design.trials} trials, and this is trial ${trial}.` })
          else if (before !== undefined) problems.push({ line, text: `${inWords(place)} is in line ${before} too.` })
          else if (value0 !== undefined && value0 !== value)
            problems.push({ line, text: `${inWords(place)} was measured as ${value0}. Correct it there, with a reason.` })
          else if (value0 !== undefined) known += 1
          else fresh.push({ place, value })
          lines.set(key, line)
        }
        problems.sort((a, b) => a.line - b.line)
        if (problems.length > 0 && !isTrial)
          throw csvInvalid(
            `Nothing was taken over. Line ${problems[0]?.line}: ${problems[0]?.text}${problems.length > 1 ? ` And ${problems.length - 1} more.` : ''}`,
          )
        if (!isTrial && fresh.length)
          await within
            .insertInto('gageReading')
            .values(
              fresh.map(({ place: { part, appraiser, trial }, value }) => ({
                id: newId('rdg'),
                studyId,
                entryId: newId('ent'),
                part,
                appraiser,
                trial,
                value,
                source: 'import' as const,
                ...by(who),
              })),
            )
            .execute()
        return { added: fresh.length, known, problems: problems.slice(0, 50) }
      }),

    correct: (readingId: string, { entryId, value, reason }: { entryId: string; value: number; reason: string }, who: Who) =>
      committing(async (within) => {
        if (!Number.isFinite(value)) throw valueInvalid()
        const row = await within.selectFrom('gageReading').selectAll().where('id', '=', readingId).executeTakeFirst()
        if (!row) throw noReading()
        const { studyId, part, appraiser, trial } = row
        await lockStudy(within, studyId)
        const known = await within.selectFrom('gageReading').selectAll().where('entryId', '=', entryId).executeTakeFirst()
        if (known) {
          if (placeKey(known) !== placeKey(row) || known.value !== value) throw entryIdUsed()
          return { studyId, reading: await readingAt(within, studyId, row) }
        }
        if ((await studyById(within, studyId)).state === 'closed') throw studyClosed()
        if ((await readingAt(within, studyId, row)).id !== readingId) throw readingCorrected()
        await within
          .insertInto('gageReading')
          .values({ id: newId('rdg'), studyId, entryId, part, appraiser, trial, value, source: 'form', reason, ...by(who) })
          .execute()
        return { studyId, reading: await readingAt(within, studyId, row) }
      }),
  }
}
