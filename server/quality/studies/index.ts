/** Gauge studies: plan, readings, result, verdict. */
import { newId } from '../../../base/ids.ts'
import {
  addStudyReading,
  changeStudy,
  closeStudy,
  correctStudyReading,
  createStudy,
  exportStudy,
  getStudy,
  getStudyReport,
  importStudyReadings,
  listStudies,
  reopenStudy,
  type StudyDefinition,
} from '../../api/index.ts'
import { handle, type RouteHandler } from '../../http/handler.ts'
import { json } from '../../store/index.ts'
import { type Db, type Who, whoIs } from '../contract.ts'
import { csvOf, pdfOf, sendReport } from '../reports/index.ts'
import type { StudiesCore, StudiesDeps } from './contract.ts'
import { checkPlan, checkTolerance } from './plan.ts'
import { readingsOf, studiesOf, studyById, studyView } from './read.ts'
import { hasReadings, incomplete, noResult, studyChanged, studyClosed, studyExists, studyOpen } from './refusals.ts'
import { studyDocument } from './report.ts'
import { studyRequests } from './rpc.ts'
import { createStudyWork, lockStudy } from './work.ts'

export interface StudiesPart {
  routes: RouteHandler[]
  rpc: { requests: ReturnType<typeof studyRequests> }
  core: StudiesCore
}

export function createStudies({ db, audit, live, shop, happenedWithin }: StudiesDeps): StudiesPart {
  const changed = () => live.publish('quality', { kind: 'changed', what: 'study' })
  const work = createStudyWork({ db, changed })

  async function savePlan(
    within: Db,
    { studyId, revision, definition, reason }: { studyId: string; revision: number; definition: StudyDefinition; reason: string },
    who: Who,
  ) {
    checkPlan(definition)
    checkTolerance(definition)
    const { name } = definition
    const other = (await studiesOf(within)).find((study) => study.id !== studyId && study.definition.name.toLowerCase() === name.toLowerCase())
    if (other) throw studyExists(other.definition.name)
    await within
      .insertInto('gageStudyRevision')
      .values({ studyId, revision, name, definition: json(definition), reason, by: who.name, byId: who.id ?? null })
      .execute()
  }

  /** The place of the next event. */
  async function nextPlace(at: Db, studyId: string): Promise<number> {
    const row = await at.selectFrom('gageStudyEvent').select('place').where('studyId', '=', studyId).orderBy('place', 'desc').limit(1).executeTakeFirst()
    return (row?.place ?? 0) + 1
  }

  const routes = [
    handle(listStudies, () => studiesOf(db)),
    handle(getStudy, ({ params: { id } }) => studyView(db, id)),
    handle(createStudy, async ({ body: { definition, reason = 'Planned' }, caller }) => {
      const studyId = newId('std')
      await db.transaction().execute(async (within) => {
        await lockStudy(within, 'names')
        await savePlan(within, { studyId, revision: 1, definition, reason }, whoIs(caller))
      })
      changed()
      audit.record({ caller, action: 'quality.study-plan', target: studyId, detail: { name: definition.name, reason } })
      return studyById(db, studyId)
    }),
    handle(changeStudy, async ({ params: { id }, body: { definition, revision, reason }, caller }) => {
      await db.transaction().execute(async (within) => {
        await lockStudy(within, 'names')
        await lockStudy(within, id)
        const before = await studyById(within, id)
        if (before.revision !== revision) throw studyChanged()
        if (before.state === 'closed') throw studyClosed()
        if (before.readings > 0 && measured(before.definition) !== measured(definition)) throw hasReadings()
        await savePlan(within, { studyId: id, revision: revision + 1, definition, reason }, whoIs(caller))
      })
      changed()
      audit.record({ caller, action: 'quality.study-plan', target: id, detail: { name: definition.name, revision: revision + 1, reason } })
      return studyById(db, id)
    }),
    handle(addStudyReading, ({ params: { id }, body, caller }) => work.add(id, body, whoIs(caller))),
    handle(importStudyReadings, async ({ params: { id }, body, caller }) => {
      const answer = await work.importCsv(id, body, whoIs(caller))
      if (!body.isTrial) audit.record({ caller, action: 'quality.study-import', target: id, detail: { added: answer.added } })
      return answer
    }),
    handle(correctStudyReading, async ({ params: { id }, body, caller }) => {
      const { studyId, reading } = await work.correct(id, body, whoIs(caller))
      audit.record({ caller, action: 'quality.study-correct', target: studyId, detail: { part: reading.part, value: body.value, reason: body.reason } })
      return reading
    }),
    handle(closeStudy, async ({ params: { id }, body: { verdict, text, revision }, caller }) => {
      const who = whoIs(caller)
      const { committed, detail } = await db.transaction().execute(async (within) => {
        await lockStudy(within, id)
        const { study, result, problem } = await studyView(within, id)
        const { definition, readings, of } = study
        if (study.revision !== revision) throw studyChanged()
        if (study.state === 'closed') throw studyClosed()
        if (readings < of) throw incomplete(of - readings)
        if (!result) throw noResult(problem?.text ?? '')
        const place = await nextPlace(within, id)
        const row = { id: newId('std'), studyId: id, place, kind: 'closed' as const, verdict, revision, readings, summary: json(result), text }
        await within
          .insertInto('gageStudyEvent')
          .values({ ...row, by: who.name, byId: who.id ?? null })
          .execute()
        const { name, gauge, characteristic } = definition
        const figures = result.kind === 'crossed' ? { grrPercent: result.grrPercent, ndc: result.ndc } : { bias: result.bias }
        const payload = { studyId: id, study: name, gauge, characteristic, verdict, text, by: who.name, ...figures }
        const happening = { key: `${id} ${place}`, text: `${name}: ${verdict}`, topic: gauge, payload, what: { source: 'quality-study' as const, studyId: id } }
        return { committed: await happenedWithin(within, [happening]), detail: { name, verdict, ...figures } }
      })
      committed()
      changed()
      audit.record({ caller, action: 'quality.study-close', target: id, detail })
      return studyById(db, id)
    }),
    handle(reopenStudy, async ({ params: { id }, body: { reason }, caller }) => {
      const who = whoIs(caller)
      await db.transaction().execute(async (within) => {
        await lockStudy(within, id)
        const { state, revision, readings } = await studyById(within, id)
        if (state !== 'closed') throw studyOpen()
        const row = { id: newId('std'), studyId: id, place: await nextPlace(within, id), kind: 'reopened' as const, revision, readings, text: reason }
        await within
          .insertInto('gageStudyEvent')
          .values({ ...row, by: who.name, byId: who.id ?? null })
          .execute()
      })
      changed()
      audit.record({ caller, action: 'quality.study-reopen', target: id, detail: { reason } })
      return studyById(db, id)
    }),
    handle(getStudyReport, async ({ params: { id }, query: { language, paper }, caller, response }) => {
      const view = await studyView(db, id)
      const at = new Date()
      const body = await pdfOf(studyDocument(view, { language, paper, shop: shop(), by: caller.name, at }))
      sendReport(response, { name: `${view.study.definition.name} ${at.toISOString().slice(0, 10)}`, type: 'pdf', body })
    }),
    handle(exportStudy, async ({ params: { id }, response }) => {
      const study = await studyById(db, id)
      const readings = await readingsOf(db, id)
      const body = await csvOf([
        ['part', 'appraiser', 'trial', 'value', 'unit', 'source', 'by', 'at', 'corrected'],
        ...readings.map(({ part, appraiser, trial, value, source, by, at, corrected }) => [
          part,
          appraiser,
          trial,
          value,
          study.definition.unit,
          source,
          by,
          at,
          corrected?.map((before) => `${before.value}: ${before.reason}`).join('; '),
        ]),
      ])
      sendReport(response, { name: `${study.definition.name} readings`, type: 'csv', body })
    }),
  ]
  return { routes, rpc: { requests: studyRequests({ work }) }, core: { study: (id) => studyView(db, id) } }
}

/** What readings stand for: it stays once there are some. */
function measured({ design, unit }: StudyDefinition): string {
  const { parts, trials } = design
  return JSON.stringify([design.kind, unit, parts, trials, design.kind === 'crossed' ? design.appraisers : design.appraiser])
}
