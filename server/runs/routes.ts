/** The run history's routes. */
import type { Kysely } from 'kysely'
import { UserError } from '../../base/errors.ts'
import {
  exportRun,
  type FlowNode,
  getRetention,
  getRun,
  getRunFlow,
  getRunMessages,
  listRunFlows,
  listRunPins,
  listRuns as listRunsRoute,
  listRunTriggers,
  pinStep,
  type Run,
  replayRun,
  searchRuns,
  setRetention,
  unpinStep,
} from '../api/index.ts'
import type { Audit } from '../audit/contract.ts'
import type { Runtime } from '../flows/contract.ts'
import { handle, type RouteHandler } from '../http/handler.ts'
import type { Database } from '../store/tables.ts'
import { drawnFlow } from './drawn-flow.ts'
import { readMessages } from './messages.ts'
import type { Pins } from './pins.ts'
import { findRuns, listRuns, recentFlows, recentTriggers } from './query.ts'
import type { Recorder } from './recorder-contract.ts'
import { checkWay, deliveriesOf, messagesFor, replayOf } from './replay.ts'
import { readRuns, rowToRun } from './rows.ts'
import type { Trimming } from './trimming.ts'

export interface RouteDeps {
  db: Kysely<Database>
  recorder: Pick<Recorder, 'flush' | 'open' | 'fail' | 'link'>
  pins: Pins
  runtime: Pick<Runtime, 'peer'>
  currentFlows: () => Promise<{ flows: FlowNode[] }>
  audit: Audit
  trimming: Pick<Trimming, 'set' | 'view'>
}

export function runRoutes({ db, recorder, pins, runtime, currentFlows, audit, trimming }: RouteDeps): RouteHandler[] {
  const runOf = async (runId: string): Promise<Run> => {
    await recorder.flush()
    const found = (await readRuns(db, [runId])).get(runId)
    if (!found) throw new UserError({ code: 'run-not-found', message: 'There is no such run, or it is older than what the history keeps.', status: 404 })
    return rowToRun(found)
  }

  return [
    handle(listRunsRoute, async ({ query }) => listRuns(db, query)),
    handle(searchRuns, async ({ query }) => findRuns(db, query)),
    handle(listRunTriggers, () => recentTriggers(db)),
    handle(listRunFlows, () => recentFlows(db)),
    handle(getRunFlow, async ({ params }) => drawnFlow(db, await runOf(params.runId))),
    handle(getRunMessages, async ({ params, query }) => {
      await runOf(params.runId)
      return readMessages(db, params.runId, query.seq?.split(',').map(Number))
    }),
    handle(exportRun, async ({ params }) => {
      const run = await runOf(params.runId)
      return { format: 'cellwright-run' as const, version: 1 as const, run, messages: await readMessages(db, run.id), flow: await drawnFlow(db, run) }
    }),
    handle(replayRun, async ({ params, body, caller }) => {
      const run = await runOf(params.runId)
      const steps = deliveriesOf(run, body.seq)
      const deliveries = messagesFor(
        steps,
        await readMessages(
          db,
          run.id,
          steps.map(({ seq }) => seq),
        ),
      )
      const { flows } = await currentFlows()
      checkWay({ flows, deliveries: steps, mayMove: body.mayMove === true, caller })
      const peer = runtime.peer()
      const again = replayOf(run)
      await recorder.open(again)
      const what = body.seq === undefined ? 'replayed' : `retried from step ${body.seq + 1}`
      await recorder.link(again.id, { kind: 'process', id: run.id, text: `${what} by ${caller.name}` })
      audit.record({ caller, action: 'run.replay', target: run.id, detail: { runId: again.id, seq: body.seq, mayMove: body.mayMove } })
      try {
        await peer.call('replay', { runId: again.id, triggerId: run.trigger.nodeId || (steps[0]?.nodeId ?? ''), deliveries }, { timeoutMs: 10_000 })
      } catch (error) {
        await recorder.fail(again.id, 'the flow runtime did not take the message')
        throw error
      }
      return { runId: again.id }
    }),
    handle(getRun, ({ params }) => runOf(params.runId)),
    handle(getRetention, () => trimming.view()),
    handle(setRetention, async ({ body: { limits, reason }, caller }) => {
      await trimming.set(limits, caller, reason)
      audit.record({ caller, action: 'run.retention', target: 'run history', detail: { limits, ...(reason ? { reason } : {}) } })
      return trimming.view()
    }),
    handle(listRunPins, () => pins.list()),
    handle(pinStep, async ({ params, body, caller }) => {
      const run = await runOf(body.runId)
      const step = deliveriesOf(run, body.seq)
      const [kept] = messagesFor(step, await readMessages(db, run.id, [body.seq]))
      const output = body.output ?? outputTo((await currentFlows()).flows, params.nodeId, step[0]?.nodeId)
      const pin = await pins.set({ nodeId: params.nodeId, output, msg: kept?.msg, runId: run.id, seq: body.seq, by: caller.name })
      audit.record({ caller, action: 'run.pin', target: params.nodeId, detail: { runId: run.id, seq: body.seq } })
      return pin
    }),
    handle(unpinStep, async ({ params, caller }) => {
      await pins.remove(params.nodeId)
      audit.record({ caller, action: 'run.unpin', target: params.nodeId })
      return { ok: true as const }
    }),
  ]
}

/** Which output of a node leads to another; the first, where none does (any more). */
function outputTo(flows: readonly FlowNode[], nodeId: string, target: string | undefined): number {
  const wires = flows.find(({ id }) => id === nodeId)?.wires
  const output = Array.isArray(wires) ? wires.findIndex((ends) => Array.isArray(ends) && ends.includes(target)) : -1
  return Math.max(0, output)
}
