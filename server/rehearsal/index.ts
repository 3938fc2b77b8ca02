/**
 * Rehearsals: a draft is run in a process of its own (`host/`), over virtual machines and stand-ins. The gateway judges who may,
 * gives the host what it knows of the real machines and of earlier runs, keeps the last reports in memory, and has the tests that
 * are kept with the flows run before a deploy.
 */
import type { Kysely } from 'kysely'
import { messageOf, OperationalError, UserError } from '../../base/errors.ts'
import { newId } from '../../base/ids.ts'
import type { Logger } from '../../base/log.ts'
import { checker } from '../../base/schema.ts'
import {
  type ConnectionSamples,
  caseFromRun,
  type FlowNode,
  FlowTest,
  getFlowTestRule,
  getRehearsal,
  listFlowTests,
  listRecorded,
  listSamples,
  putFlowTest,
  type Rehearsal,
  type RehearsalRequest,
  removeFlowTest,
  setFlowTestRule,
  startRehearsal,
  stopFlowTests,
  stopRehearsal,
} from '../api/index.ts'
import type { Audit } from '../audit/contract.ts'
import type { Caller } from '../auth/caller.ts'
import type { DeployGate } from '../flows/contract.ts'
import type { FlowsPart } from '../flows/index.ts'
import { handle, type RouteHandler } from '../http/handler.ts'
import type { Machines, Programs } from '../machines/contract.ts'
import type { RunsPart } from '../runs/index.ts'
import type { Database, Store } from '../store/index.ts'
import { createVersions, type KeptVersions, requireContent } from '../versions/index.ts'
import { holdsRecorded, maySee, reportWithoutContents, testWithoutContents } from './contents.ts'
import { createGate } from './gate.ts'
import { createPassed } from './passed.ts'
import type { RehearsalPlan } from './plan.ts'
import { createRecordings } from './recorded.ts'
import { createResolver, type Resolved } from './resolve.ts'
import { createTestRule } from './rule.ts'
import { createRunner } from './runner.ts'
import { createFlowTests, type FlowTests, isPassed } from './tests.ts'

export type { FlowTests } from './tests.ts'

/** Each is a runtime and a few guards: more would slow the machines that are real. */
const AT_ONCE = 2
/** Reports that are kept, of all people. */
const KEPT = 20
/** A page asks several times a second, one in the background once a minute: whoever does not ask for so long has gone. */
const FORGOTTEN_MS = 90_000
const keptTest = checker(FlowTest)

export interface RehearsalPart {
  routes: RouteHandler[]
  /** Tests before a deploy. */
  gate: DeployGate
  /** Kept tests for other parts; a list of them goes without what was recorded here. */
  tests: FlowTests
  close(): Promise<void>
}

interface Kept {
  userId: string
  view: Rehearsal
  ending: AbortController
  ended: Promise<void>
  askedAt: number
}

export function createRehearsals(deps: {
  store: Store
  log: Logger
  audit: Audit
  flows: Pick<FlowsPart, 'requireDeployable' | 'current'>
  machines: Pick<Machines, 'list'>
  programs: Pick<Programs, 'list' | 'find' | 'path'>
  runs: Pick<RunsPart, 'flush' | 'pins'>
  /** With what their connectors could bring and answer. */
  connections: () => Promise<ConnectionSamples[]>
  /** G-code that a template brings. @defaultValue none does */
  programsOf?: (template: { id: string; version?: string }) => Promise<ReadonlyMap<string, Buffer>>
  allowedModules: () => readonly string[]
  /** Node-RED's user directory: palette modules that were installed. */
  paletteDir: string
  /** For rehearsals alone, with a short path. */
  workDir: string
  /** Versions of settings. @defaultValue a keeper of its own */
  versions?: Pick<KeptVersions, 'keep' | 'own'>
  /** @defaultValue {@link FORGOTTEN_MS} */
  forgottenMs?: number
}): RehearsalPart {
  const { log, audit, flows, runs, connections, forgottenMs = FORGOTTEN_MS } = deps
  const { db } = deps.store
  const tests = createFlowTests(db)
  const versions = deps.versions ?? createVersions(db)
  const rule = createTestRule(db, versions)
  const recordings = createRecordings({ db, flush: () => runs.flush(), pins: runs.pins, currentFlows: () => flows.current() })
  const resolver = createResolver({ recordings, pins: runs.pins, tests: () => tests.list(), samples: connections })
  const runner = createRunner({
    programsOf: async () => new Map(),
    ...deps,
    characteristics: (flows) => measuredBy(db, flows),
    connections: async () =>
      (await connections()).map(({ connectionId: id, name, connector, confirmation }) => ({
        id,
        name,
        connector,
        ...(confirmation === undefined ? {} : { confirmation }),
      })),
  })
  const passed = createPassed()
  const gate = createGate({ tests, rule, resolver, runner, passed })
  const kept = new Map<string, Kept>()

  const conduct = async (own: Kept, { resolved, request }: { resolved: Resolved; request: RehearsalRequest }, isHidden: boolean): Promise<void> => {
    const { expect = [] } = request
    try {
      const key = expect.length > 0 ? passed.keyOf(resolved, expect, await runner.surroundings()) : undefined
      const report = await runner.run(resolved, {
        signal: own.ending.signal,
        onDoing(doing) {
          own.view = { ...own.view, state: 'active', doing }
        },
      })
      if (key !== undefined && isPassed(report)) passed.note(key)
      own.view = { ...own.view, state: 'ended', doing: report.text, report: isHidden ? reportWithoutContents(report) : report }
    } catch (error) {
      if (!(error instanceof UserError || error instanceof OperationalError)) log.error({ err: error }, 'a rehearsal failed')
      own.view = { ...own.view, state: 'ended', doing: 'It could not be rehearsed.', error: messageOf(error) }
    }
  }

  const begin = async (request: RehearsalRequest, caller: Caller): Promise<Rehearsal> => {
    const active = [...kept.values()].filter(({ view }) => view.state !== 'ended')
    if (active.length >= AT_ONCE)
      throw new UserError({
        code: 'rehearsal-busy',
        status: 429,
        message: `${active.length} rehearsals are under way (${active.map(({ view }) => view.by).join(', ')}). Wait until one has ended.`,
        details: { retryAfterS: 5 },
      })
    await flows.requireDeployable(request.flows as FlowNode[], caller)
    const resolved = await resolver.resolve(request, caller)
    const view: Rehearsal = { id: newId('evt'), state: 'preparing', doing: 'Getting ready', startedAt: new Date().toISOString(), by: caller.name }
    const own: Kept = { userId: caller.userId, view, ending: new AbortController(), ended: Promise.resolve(), askedAt: Date.now() }
    kept.set(view.id, own)
    own.ended = conduct(own, { resolved, request }, holdsRecorded(request) && !maySee(caller))
    for (const [id, { view: old }] of kept) {
      if (kept.size <= KEPT) break
      if (old.state === 'ended') kept.delete(id)
    }
    audit.record({ caller, action: 'rehearsal.start', target: view.id, detail: { nodes: request.flows.length, steps: request.steps.length } })
    return view
  }

  const stop = ({ ending }: Kept, why: string) => ending.abort(new UserError({ code: 'rehearsal-stopped', message: why }))
  // a page that was closed asks no more
  const looking = setInterval(() => {
    for (const own of kept.values())
      if (own.view.state !== 'ended' && Date.now() - own.askedAt > forgottenMs) stop(own, 'It was stopped: nobody asked for its result any more.')
  }, forgottenMs / 6)
  looking.unref()

  /** One's own: what is in the messages of others is not for everybody. @throws UserError `rehearsal-not-found` */
  const find = (id: string, caller: Caller): Kept => {
    const found = kept.get(id)
    if (!found || found.userId !== caller.userId)
      throw new UserError({
        code: 'rehearsal-not-found',
        status: 404,
        message: 'There is no such rehearsal any more. Only the last ones are kept; rehearse again.',
      })
    found.askedAt = Date.now()
    return found
  }
  const shownTo = (caller: Caller) => (maySee(caller) ? <T>(test: T) => test : testWithoutContents)
  /** What one cannot see one cannot keep. @throws UserError `not-allowed` */
  const mayChange = async (id: string, caller: Caller): Promise<void> => {
    const before = await tests.get(id)
    if (before && holdsRecorded(before) && !maySee(caller))
      throw new UserError({
        code: 'not-allowed',
        status: 403,
        message: 'This test holds something recorded. Changing it takes the right to see what is in messages.',
      })
  }

  const change = async (test: FlowTest, kept: Parameters<typeof tests.put>[2], caller: Caller): Promise<FlowTest> => {
    await mayChange(test.id, caller)
    const changed = await tests.put(await resolver.keep(test, caller), caller.name, kept)
    audit.record({ caller, action: 'flow-test.change', target: changed.id, detail: { name: changed.name, flowId: changed.flowId } })
    return changed
  }
  versions.own(
    { kind: 'flow-test' },
    {
      // what it holds may be out of messages
      sees: 'flows.messages',
      changes: 'flows.deploy',
      async restore({ caller, version, reason }) {
        const test = keptTest.parse({ id: version.subject, ...requireContent(version) }, 'The kept version')
        await change(test, { author: caller, reason, restoredFrom: version.id }, caller)
      },
    },
  )

  return {
    gate,
    tests: { ...tests, list: async () => (await tests.list()).map(testWithoutContents) },
    routes: [
      handle(startRehearsal, ({ body, caller }) => begin(body, caller)),
      handle(getRehearsal, ({ params, caller }) => find(params.rehearsalId, caller).view),
      handle(stopRehearsal, ({ params, caller }) => {
        const found = find(params.rehearsalId, caller)
        stop(found, 'It was stopped.')
        return found.view
      }),
      handle(listFlowTests, async ({ caller }) => (await tests.list()).map(shownTo(caller))),
      handle(putFlowTest, async ({ params, body, caller }) => {
        const { reason, ...wanted } = body
        return shownTo(caller)(await change({ id: params.testId, ...wanted }, { author: caller, reason }, caller))
      }),
      handle(removeFlowTest, async ({ params, caller }) => {
        const test = await tests.remove(params.testId, caller)
        audit.record({ caller, action: 'flow-test.remove', target: test.id, detail: { name: test.name, flowId: test.flowId } })
        return { ok: true as const }
      }),
      handle(listRecorded, ({ params, query }) => recordings.list(params.nodeId, query)),
      handle(listSamples, () => connections()),
      handle(caseFromRun, ({ params }) => recordings.caseOf(params.runId)),
      handle(getFlowTestRule, () => rule.get()),
      handle(setFlowTestRule, async ({ body, caller }) => {
        const set = await rule.set(body, caller)
        audit.record({ caller, action: 'flow-test.rule', detail: set })
        return set
      }),
      handle(stopFlowTests, ({ params, caller }) => {
        gate.stop(params.deployId, caller)
        return { ok: true as const }
      }),
    ],
    async close() {
      clearInterval(looking)
      gate.close()
      await runner.close()
      await Promise.all([...kept.values()].map(({ ended }) => ended))
    },
  }
}

/** What the nodes of these flows measure, as the list of characteristics has it. */
async function measuredBy(db: Kysely<Database>, flows: readonly FlowNode[]): Promise<NonNullable<RehearsalPlan['characteristics']>> {
  const ids = flows.flatMap(({ type, characteristicId }) =>
    type === 'cw-measure' && typeof characteristicId === 'string' && characteristicId ? [characteristicId] : [],
  )
  if (!ids.length) return []
  const rows = await db.selectFrom('characteristic').select(['id', 'definition']).where('id', 'in', ids).execute()
  return rows.map(({ id, definition: { name, unit, decimals, nominal, lower, upper } }) => ({ id, name, unit, decimals, nominal, lower, upper }))
}
