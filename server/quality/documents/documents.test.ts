/** Documents of quality over the real store: numbers, states, a second person, revisions, what is due. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createLog } from '../../../base/log.ts'
import {
  type AnyRoute,
  type BodyOf,
  capabilitiesOf,
  getDocument,
  getDocumentList,
  getDocumentReport,
  getDocumentRevision,
  listDocumentNumbering,
  listDocumentRevisions,
  listDocuments,
  listDueDocuments,
  moveDocument,
  type NcrContent,
  openDocument,
  type ParamsOf,
  proposeControlPlanRows,
  type QualityDocument,
  type ResponseOf,
  type Role,
  saveDocument,
  setDocumentNumbering,
} from '../../api/index.ts'
import type { Caller } from '../../auth/caller.ts'
import { startTestStore, type TestStore } from '../../store/testing.ts'
import { keepVersion } from '../../versions/index.ts'
import { createDocuments, type DocumentsPart } from './index.ts'
import { documentContent } from './report.ts'

const person = (name: string, role: Role = 'engineer', more: Partial<Caller> = {}): Caller => ({
  userId: `u-${name}`,
  userName: name,
  name: name[0]?.toUpperCase() + name.slice(1),
  role,
  capabilities: capabilitiesOf(role),
  via: 'session',
  session: name,
  ...more,
})
const [ann, ben, olaf] = [person('ann'), person('ben'), person('olaf', 'operator')]

let store: TestStore
let documents: DocumentsPart
let today = new Date(2026, 2, 10, 12)
const raised: { name: string; key?: string | undefined }[] = []
const told: unknown[] = []
let cannotTell = false
const make = () =>
  createDocuments({
    store: store.store,
    log: createLog('test', 'silent'),
    live: { provide: () => undefined, publish: (_topic: string, change: unknown) => void told.push(change) } as never,
    audit: { record: () => undefined },
    versions: { keep: keepVersion, own: () => undefined },
    shop: () => 'Test shop',
    machines: () => [{ id: 'mill', name: 'The mill' }],
    steps: {
      async raiseEvent({ name, key }) {
        if (cannotTell) throw new Error('the database is away')
        raised.push({ name, key })
        return { woken: 0 }
      },
    },
    clock: () => today,
  })
beforeAll(async () => {
  store = await startTestStore()
  documents = make()
})
afterAll(() => store?.close())
beforeEach(() => {
  today = new Date(2026, 2, 10, 12)
  cannotTell = false
  raised.length = 0
})

async function call<R extends AnyRoute>(
  route: R,
  caller: Caller,
  input: { params?: ParamsOf<R>; body?: BodyOf<R>; query?: object } = {},
): Promise<ResponseOf<R>> {
  const handler = documents.routes.find((one) => one.route === route)
  if (!handler) throw new Error(`Nobody answers ${route.id}`)
  return (await handler.run({ query: { limit: 100, open: false, overdue: false, ...input.query }, ...input, caller } as never)) as never
}
let keys = 0
const NCR = {
  title: 'Bore too large',
  found: '12.06 mm',
  requirement: '12 +0.02/-0.02 mm',
  quantity: 3,
  containment: 'in the red box',
  foundIn: 'in-process',
  severity: 'major',
  serials: ['SN-7'],
  links: [{ kind: 'measurement', id: 'msr_1', text: 'bore 12.06 mm' }],
  dispositions: [],
} satisfies NcrContent
type Opened = QualityDocument & { content: Record<string, unknown> }
const open = (kind: 'ncr' | 'capa' | '8d' | 'control-plan', content: object, caller = ann, key = `key-of-page-${++keys}`) =>
  call(openDocument, caller, { body: { kind, content: content as Record<string, unknown>, key } }) as Promise<Opened>
const save = (document: QualityDocument, more: object, caller = ann) =>
  call(saveDocument, caller, {
    params: { id: document.id },
    body: { content: { ...document.content, ...more }, revision: document.revision },
  }) as Promise<Opened>
const move = (document: QualityDocument, name: string, caller = ann, reason?: string) =>
  call(moveDocument, caller, {
    params: { id: document.id },
    body: { move: name as never, revision: document.revision, ...(reason === undefined ? {} : { reason }) },
  }) as Promise<Opened>
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: { code?: string; message: string }) => error.code ?? error.message,
  )
const scrap = (quantity: number) => ({ id: 'a', what: 'scrap', quantity, instruction: 'mark it red' })
const proposed = async () => move(await save(await open('ncr', NCR), { dispositions: [scrap(3)] }), 'propose')

describe('numbers', () => {
  test('are given in order, each once, whoever opens at the same time, and begin anew with the year', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => open('ncr', NCR)))
    const numbers = all.map(({ number }) => Number(/^NCR-2026-(\d{4})$/.exec(number)?.[1])).sort((a, b) => a - b)
    expect(numbers).toEqual(Array.from({ length: 20 }, (_, n) => (numbers[0] as number) + n))
    today = new Date(2027, 0, 1, 0, 5)
    expect((await open('ncr', NCR)).number).toBe('NCR-2027-0001')
  })

  test('have no gap where opening failed, and the same key is the same document', async () => {
    const first = await open('capa', { title: 'Why bores grow' })
    expect(await codeOf(open('capa', { title: '' }))).toBe('invalid-input')
    expect(await codeOf(open('capa', { title: 'A day that is none', dueOn: '2026-02-31' }))).toBe('day-invalid')
    const again = await Promise.all([1, 2, 3].map(() => open('capa', { title: 'Once' }, ann, 'the-same-key')))
    expect(new Set(again.map(({ id }) => id)).size).toBe(1)
    expect(again[0]?.number).toBe(first.number.replace(/\d{4}$/, (last) => String(Number(last) + 1).padStart(4, '0')))
  })

  test('follow the pattern that a person set; one that could make two alike is refused', async () => {
    for (const pattern of ['PLAN', 'P{####}{####}', 'P-{DD}-{##}', 'P{YY}{###}', 'P-{##}7'])
      expect(await codeOf(call(setDocumentNumbering, ann, { params: { kind: 'control-plan' }, body: { pattern } }))).toBe('pattern-invalid')
    const set = await call(setDocumentNumbering, ann, {
      params: { kind: 'control-plan' },
      body: { pattern: 'Q/{YY}/{###}-plan', reason: 'as in the handbook' },
    })
    expect(set.next).toBe('Q/26/001-plan')
    expect((await open('control-plan', { title: 'Housing' })).number).toBe('Q/26/001-plan')
    expect((await call(listDocumentNumbering, ann)).find(({ kind }) => kind === 'control-plan')?.next).toBe('Q/26/002-plan')
    const kept = await store.store.db.selectFrom('keptVersion').select(['content', 'reason']).where('subject', '=', 'quality-numbering').execute()
    expect(kept).toEqual([
      { content: expect.objectContaining({ 'control-plan': 'Q/{YY}/{###}-plan', ncr: 'NCR-{YYYY}-{####}' }), reason: 'as in the handbook' },
    ])
  })
})

describe('a nonconformance report', () => {
  test('goes on by a disposition that somebody else than its proposer approves', async () => {
    const report = await proposed()
    expect(report).toMatchObject({ state: 'proposed', askedBy: 'Ann' })
    expect(report.moves.find((one) => one.move === 'approve')?.mayNot).toBe('own')
    expect(await codeOf(move(report, 'approve'))).toBe('own-request')
    expect(await codeOf(move(report, 'approve', olaf))).toBe('not-allowed')
    expect(await codeOf(move(report, 'approve', person('ben', 'engineer', { via: 'token' })))).toBe('approve-in-person')
    expect(await codeOf(move(report, 'approve', person('ben', 'engineer', { isLocked: true })))).toBe('approve-in-person')
    const disposed = await move(report, 'approve', ben)
    expect(disposed).toMatchObject({ state: 'disposed', decisions: [{ by: 'Ben', isYes: true }] })
    expect(raised).toEqual([{ name: 'quality-document', key: report.id }])
    const closed = await move(await save(disposed, { carriedOut: 'All three are in the bin.' }), 'close')
    expect(closed).toMatchObject({ state: 'closed', isFinal: true })
    expect(closed.moves.map((one) => one.move)).toEqual(['reopen'])
  })

  test('is refused with a reason, and can then be written again', async () => {
    const report = await proposed()
    expect(await codeOf(move(report, 'refuse', ben))).toBe('reason-missing')
    const refused = await move(report, 'refuse', ben, 'measure them again first')
    expect(refused).toMatchObject({ state: 'contained', decisions: [{ by: 'Ben', isYes: false, reason: 'measure them again first' }] })
    expect(await save(refused, { quantity: 4 })).toMatchObject({ content: { quantity: 4 } })
  })

  test('keeps what was proposed and approved: nothing of it changes behind the decision', async () => {
    const report = await proposed()
    expect(await codeOf(save(report, { dispositions: [{ ...scrap(3), what: 'use-as-is' }] }))).toBe('document-fixed')
    expect(await save(report, { owner: 'Carla' })).toMatchObject({ content: { owner: 'Carla' } })
    // the one who looks at an older revision decides nothing
    expect(await codeOf(move(report, 'approve', ben))).toBe('document-changed')
  })

  test('says what it lacks before it goes on', async () => {
    const empty = await open('ncr', { title: 'Something is wrong' }, olaf)
    expect(empty.moves.find((one) => one.move === 'contain')?.lacks).toEqual(['found', 'quantity', 'containment'])
    await expect(move(empty, 'contain', olaf)).rejects.toMatchObject({ code: 'document-incomplete', details: { lacks: ['found', 'quantity', 'containment'] } })
    const some = await save(empty, { ...NCR, dispositions: [scrap(2), { id: 'b', what: 'use-as-is', quantity: 2 }] })
    expect(some.moves.find((one) => one.move === 'propose')?.lacks).toEqual(['justification', 'dispositions-sum'])
  })

  test('may be opened, written and contained by an operator, no more', async () => {
    const report = await move(await open('ncr', NCR, olaf), 'contain', olaf)
    expect(report.state).toBe('contained')
    expect(await codeOf(move(await save(report, { dispositions: [scrap(3)] }, olaf), 'propose', olaf))).toBe('not-allowed')
    expect(await codeOf(open('capa', { title: 'Mine' }, olaf))).toBe('not-allowed')
  })

  test('tells flows what was decided also when nobody could be told at once', async () => {
    const report = await proposed()
    cannotTell = true
    await move(report, 'approve', ben)
    cannotTell = false
    // the gateway begins anew
    documents = make()
    await documents.start()
    documents.close()
    expect(raised).toContainEqual({ name: 'quality-document', key: report.id })
    raised.length = 0
    await documents.start()
    documents.close()
    expect(raised).toEqual([])
  })

  test('of a flow is one for each key, with its evidence', async () => {
    const { openNonconformance, nonconformanceNow } = documents.rpc.requests
    const ask = {
      nodeId: 'n1',
      runId: 'run_1',
      key: 'SN-9',
      content: { title: 'Out of tolerance', links: [{ kind: 'run' as const, id: 'run_1', text: 'the run' }] },
    }
    const [one, two] = await Promise.all([openNonconformance(ask), openNonconformance(ask)])
    expect(two).toEqual(one)
    expect(one).toMatchObject({ outcome: 'waits', dispositions: [] })
    expect(await nonconformanceNow({ id: one.id })).toEqual(one)
    expect(await openNonconformance({ ...ask, nodeId: 'n2' })).not.toMatchObject({ id: one.id })
    expect((await call(getDocument, ann, { params: { id: one.id } })).runId).toBe('run_1')
  })
})

describe('other documents', () => {
  const DONE = { id: 'a1', what: 'New boring bar', owner: 'Carla', dueOn: '2026-03-20' }

  test('a CAPA closes when its actions are done, it has helped, and a second person agrees', async () => {
    let capa = await open('capa', { title: 'Why bores grow', links: [] })
    expect(await codeOf(move(capa, 'plan'))).toBe('document-incomplete')
    capa = await save(capa, {
      problem: 'Bores grow over the day',
      rootCause: 'The bar wears',
      actions: [DONE],
      criterion: 'Cpk over 1.67',
      checkOn: '2026-05-01',
    })
    capa = await move(capa, 'plan')
    expect(await codeOf(move(capa, 'finish'))).toBe('document-incomplete')
    expect(await codeOf(save(capa, { rootCause: 'something else' }))).toBe('document-fixed')
    expect(capa.dueOn).toBe('2026-03-20')
    capa = await move(await save(capa, { actions: [{ ...DONE, doneOn: '2026-03-12' }] }), 'finish')
    expect(capa.dueOn).toBe('2026-05-01')
    capa = await move(await save(capa, { checked: 'Cpk 1.8 over four weeks' }), 'effective')
    expect(await codeOf(move(capa, 'approve'))).toBe('own-request')
    expect(await move(capa, 'approve', ben)).toMatchObject({ state: 'closed', isFinal: true })
  })

  test('an 8D goes through its disciplines in order, each when it is complete', async () => {
    let report = await open('8d', { title: 'Complaint 4711', customer: 'ACME' })
    const step = async (name: string, more: object) => {
      expect(await codeOf(move(report, name))).toBe('document-incomplete')
      report = await move(await save(report, more), name)
    }
    expect(await codeOf(move(report, 'to-d4'))).toBe('move-not-possible')
    const planned = [{ id: 'x', what: 'sort the stock', owner: 'Carla', dueOn: '2026-03-11' }]
    const done = [{ ...planned[0], doneOn: '2026-03-11' }]
    await step('to-d1', { emergency: 'Delivery stopped' })
    await step('to-d2', {
      team: [
        { id: '1', name: 'Ann', role: 'leader' },
        { id: '2', name: 'Carla' },
      ],
    })
    await step('to-d3', { what: 'Bore too large', where: 'assembly of ACME', quantity: 12 })
    await step('to-d4', { containment: planned })
    await step('to-d5', { rootCause: 'worn bar', escapeCause: 'sampled once a shift' })
    await step('to-d6', { corrective: planned, verification: 'twenty parts measured' })
    await step('to-d7', { corrective: done, validation: 'Cpk 1.8' })
    await step('to-d8', { prevention: planned })
    await step('submit', { closing: 'Thanks to all', containment: done, prevention: done })
    expect(await move(report, 'approve', ben)).toMatchObject({ state: 'closed' })
  })

  test('a control plan is made from the characteristics of a part, and says which of them have changed since', async () => {
    const { db } = store.store
    const definition = (name: string, more: object) =>
      JSON.stringify({
        name,
        part: 'P-1',
        unit: 'mm',
        decimals: 2,
        nominal: 12,
        lower: 11.98,
        upper: 12.02,
        chart: { kind: 'xbar-r', subgroupSize: 5, rules: [], autoLimitsAfter: 25 },
        sampling: { every: 'parts', count: 20 },
        ...more,
      })
    await db
      .insertInto('characteristic')
      .values([
        { id: 'chr_1', revision: 3, name: 'bore', part: 'P-1', definition: definition('bore', { feature: '7', operation: '20' }), origin: 'person' },
        { id: 'chr_2', revision: 1, name: 'length', part: 'P-1', definition: definition('length', { operation: '10', lower: null }), origin: 'person' },
        { id: 'chr_3', revision: 1, name: 'other', part: 'P-2', definition: definition('other', { part: 'P-2' }), origin: 'person' },
      ])
      .execute()
    const rows = await call(proposeControlPlanRows, ann, { query: { part: 'P-1' } })
    expect(rows).toMatchObject([
      { operation: '10', characteristic: 'length', specification: '12.00 (≤ 12.02) mm', characteristicId: 'chr_2' },
      {
        operation: '20',
        characteristic: '7 bore',
        specification: '12.00 (11.98 … 12.02) mm',
        sample: '5',
        frequency: '1 / 20 parts',
        control: 'X-bar/R chart',
      },
    ])
    let plan = await open('control-plan', { title: 'Housing', part: 'P-1', rows })
    expect(plan.moves.find((one) => one.move === 'submit')?.lacks).toEqual(['reaction'])
    plan = await move(await save(plan, { rows: rows.map((row) => ({ ...row, reaction: 'Stop, sort, tell the foreman' })) }), 'submit')
    plan = await move(plan, 'approve', ben)
    expect(plan).toMatchObject({ state: 'released', releases: 1, outdated: [] })
    await db.updateTable('characteristic').set({ revision: 4 }).where('id', '=', 'chr_1').execute()
    plan = (await call(getDocument, ann, { params: { id: plan.id } })) as Opened
    expect(plan.outdated).toEqual([{ rowId: rows[1]?.id, revision: 4, isRetired: false }])
    expect(await codeOf(save(plan, { team: 'somebody' }))).toBe('document-fixed')
    plan = await move(plan, 'revise', ann, 'the bore has changed')
    expect(await move(await move(plan, 'submit'), 'approve', ben)).toMatchObject({ state: 'released', releases: 2 })
  })
})

describe('history and lists', () => {
  test('every revision stays as it was, with who, when and why; the database refuses to change or remove any', async () => {
    const first = await open('ncr', NCR)
    const report = await save(first, { quantity: 5 }, ben)
    const revisions = await call(listDocumentRevisions, ann, { params: { id: report.id } })
    expect(revisions.map(({ revision, act, by }) => [revision, act, by])).toEqual([
      [2, 'save', 'Ben'],
      [1, 'open', 'Ann'],
    ])
    expect((await call(getDocumentRevision, ann, { params: { id: report.id, revision: 1 } })).content).toMatchObject({ quantity: 3 })
    // nothing changed: no revision
    expect(await save(report, {}, ben)).toMatchObject({ revision: 2 })
    const { db } = store.store
    await expect(db.updateTable('qualityDocumentRevision').set({ by: 'Eve' }).where('documentId', '=', report.id).execute()).rejects.toThrow('stay')
    await expect(db.deleteFrom('qualityDocumentRevision').where('documentId', '=', report.id).execute()).rejects.toThrow('stay')
    await expect(db.deleteFrom('qualityDocument').where('id', '=', report.id).execute()).rejects.toThrow('stay')
    await expect(db.updateTable('qualityDocument').set({ number: 'NCR-1' }).where('id', '=', report.id).execute()).rejects.toThrow('stay')
  })

  test('two who write at once do not overwrite each other', async () => {
    const report = await open('ncr', NCR)
    const outcomes = await Promise.all([codeOf(save(report, { quantity: 8 }, ann)), codeOf(save(report, { quantity: 9 }, ben))])
    expect(outcomes.sort()).toEqual(['document-changed', 'done'])
  })

  test('are searched by every word, by evidence, by state, and page by page', async () => {
    const a = await open('ncr', { ...NCR, title: 'Burr 100% on the Über-flange', links: [{ kind: 'signal', id: 'sig_77', text: 'beyond the limits' }] })
    await open('ncr', { ...NCR, title: 'Scratch on the flange' })
    const found = async (query: object) => (await call(listDocuments, ann, { query })).map(({ title }) => title)
    expect(await found({ search: 'FLANGE über' })).toEqual(['Burr 100% on the Über-flange'])
    expect(await found({ search: '100%' })).toEqual(['Burr 100% on the Über-flange'])
    expect(await found({ linkKind: 'signal', linkId: 'sig_77' })).toEqual(['Burr 100% on the Über-flange'])
    expect(await found({ search: 'flange', limit: 1 })).toEqual(['Scratch on the flange'])
    const [newest] = await call(listDocuments, ann, { query: { search: 'flange', limit: 1 } })
    expect(await found({ search: 'flange', before: newest?.id })).toEqual(['Burr 100% on the Über-flange'])
    const capa = await open('capa', { title: 'Against burrs', links: [{ kind: 'document', id: a.id, text: a.number }] })
    expect((await call(getDocument, ann, { params: { id: a.id } })).followed).toMatchObject([{ id: capa.id, number: capa.number }])
  })

  test('what is due is told item by item, overdue first, and nothing of what is over', async () => {
    const actions = [
      { id: 'a', what: 'late work', owner: 'Carla', dueOn: '2026-03-09' },
      { id: 'b', what: 'done work', owner: 'Carla', dueOn: '2026-03-01', doneOn: '2026-03-01' },
      { id: 'c', what: 'work of today', owner: 'Dan', dueOn: '2026-03-10' },
    ]
    const late = await open('capa', { title: 'Due things', actions })
    const gone = await open('ncr', { ...NCR, dueOn: '2026-01-01' })
    await move(gone, 'withdraw', ann, 'it was a wrong gauge')
    const due = (await call(listDueDocuments, ann)).filter(({ id }) => id === late.id || id === gone.id)
    expect(due.map(({ text, isOverdue }) => [text, isOverdue])).toEqual([
      ['late work', true],
      ['work of today', false],
    ])
    expect((await call(listDueDocuments, ann, { query: { overdue: true } })).filter(({ id }) => id === late.id).map(({ text }) => text)).toEqual(['late work'])
    expect((await call(listDocuments, ann, { query: { overdue: true } })).find(({ id }) => id === late.id)?.isOverdue).toBe(true)
  })
})

describe('reports', () => {
  test('a document is a PDF with all that its form shows, in both languages', async () => {
    const action = { id: 'a', what: 'New boring bar', owner: 'Carla', dueOn: '2026-03-20', doneOn: '2026-03-12', result: 'in use' }
    const report = await move(await proposed(), 'approve', ben)
    const capa = await open('capa', { title: 'Why bores grow', whys: ['it wears', 'nobody looks'], rootCause: 'wear', actions: [action], machineId: 'mill' })
    const eight = await open('8d', {
      title: 'Complaint',
      team: [{ id: '1', name: 'Ann', role: 'leader' }],
      what: 'Bore',
      containment: [action],
      since: '2026-03-01',
    })
    const row = { id: 'r', characteristic: 'bore', of: 'product', operation: '20', specification: '12', control: 'I-MR chart', reaction: 'Stop' }
    const plan = await open('control-plan', { title: 'Housing', part: 'P-1', rows: [row] })
    for (const document of [report, capa, eight, plan]) {
      const texts = JSON.stringify(
        documentContent({
          document,
          revisions: await call(listDocumentRevisions, ann, { params: { id: document.id } }),
          language: 'de',
          machines: new Map([['mill', 'Die Fräse']]),
        }),
      )
      expect(texts).toContain(document.number)
      expect(texts).toContain('eröffnet')
    }
    const sent: { body?: Buffer; headers: Record<string, string> } = { headers: {} }
    const response = {
      status: () => response,
      setHeader: (name: string, value: string) => {
        sent.headers[name] = value
        return response
      },
      end: (body: Buffer) => {
        sent.body = body
      },
    }
    const handler = documents.routes.find((one) => one.route === getDocumentReport)
    await handler?.run({ params: { id: report.id }, query: { language: 'en', paper: 'a4' }, caller: ann, response } as never)
    expect(sent.body?.subarray(0, 5).toString()).toBe('%PDF-')
    expect(sent.headers['Content-Disposition']).toContain(report.number)
    const said = JSON.stringify(documentContent({ document: report, revisions: [], language: 'en', machines: new Map() }))
    for (const words of ['12.06 mm', 'in the red box', 'scrap', 'mark it red', 'SN-7', 'bore 12.06 mm', 'approved', 'Ben']) expect(said).toContain(words)
    expect(JSON.stringify(documentContent({ document: capa, revisions: [], language: 'en', machines: new Map([['mill', 'The mill']]) }))).toContain('The mill')
  })
})

test('a list goes out as CSV, as it was narrowed down', async () => {
  await open('ncr', { ...NCR, title: 'Listed, "in quotes"', part: 'P-77' })
  await open('capa', { title: 'Not of that kind', part: 'P-77' })
  const handed: string[] = []
  const response = { status: () => response, setHeader: () => response, end: (text: string) => void handed.push(text) }
  const handler = documents.routes.find((one) => one.route === getDocumentList)
  await handler?.run({ query: { kind: 'ncr', search: 'p-77', open: true, overdue: false }, caller: ann, response } as never)
  const lines = (handed[0] ?? '').trim().split('\r\n')
  expect(lines).toHaveLength(2)
  expect(lines[0]).toContain('number,kind,state,title')
  expect(lines[1]).toContain('"Listed, ""in quotes"""')
})
