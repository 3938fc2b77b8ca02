/** `cellwright flow test`: rehearses the tests that are kept with the flows, one after the other. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Command } from 'commander'
import { UserError } from '../../../base/errors.ts'
import {
  type FlowNode,
  type FlowTest,
  getFlows,
  getRehearsal,
  listFlowTests,
  type Rehearsal,
  type RehearsalExpectation,
  startRehearsal,
} from '../../api/index.ts'
import type { Client } from '../client.ts'
import type { Shell } from './shell.ts'

const LOOK_MS = 300

interface Outcome {
  id: string
  name: string
  isPassed: boolean
  /** Why not. */
  reasons: string[]
  durationMs: number
  nodesReached: number
  nodesMissed: number
}

function inWords(expected: RehearsalExpectation): string {
  switch (expected.kind) {
    case 'message':
      return `a message out of output ${expected.port + 1} of ${expected.from}${expected.message ? ` with ${JSON.stringify(expected.message)}` : ''}`
    case 'call':
      return `a call by ${expected.nodeId}${expected.body === undefined ? '' : ` with ${JSON.stringify(expected.body)}`}`
    case 'motion':
      return `${expected.what ?? 'something'} on ${expected.machineId}${expected.state ? ` ${expected.state}` : ''}`
    case 'unreached':
      return `no message at ${expected.nodeId}`
    default:
      return expected satisfies never
  }
}

/** Of what was found only the values that were expected otherwise: a whole message is too long for a line. */
function differing(expected: RehearsalExpectation, found: unknown): string {
  const wanted = expected.kind === 'call' ? expected.body : expected.kind === 'message' ? expected.message : undefined
  const pick = (value: unknown, by: unknown): unknown => {
    if (typeof by !== 'object' || by === null || Array.isArray(by) || typeof value !== 'object' || value === null) return value
    const parts = Object.entries(by).flatMap(([name, each]) => {
      const own = (value as Record<string, unknown>)[name]
      return JSON.stringify(own) === JSON.stringify(each) ? [] : [[name, pick(own, each)]]
    })
    return Object.fromEntries(parts)
  }
  return JSON.stringify(wanted === undefined ? found : pick(found, wanted)) ?? 'nothing'
}

/** @throws UserError of the gateway: the test could not be rehearsed at all */
async function rehearse(api: Client, test: FlowTest, flows: FlowNode[], tell: (doing: string) => void): Promise<Outcome> {
  const { id, name, steps, answers, expect } = test
  let rehearsal: Rehearsal = await api.call(startRehearsal, { body: { flows, steps, answers, expect } })
  while (rehearsal.state !== 'ended') {
    tell(`${name}: ${rehearsal.doing}`)
    await pause(LOOK_MS)
    rehearsal = await api.call(getRehearsal, { params: { rehearsalId: rehearsal.id } })
  }
  const { report, error } = rehearsal
  const missed = (report?.expectations ?? []).flatMap(({ isMet, found }, index) => {
    const expected = expect[index]
    if (isMet || !expected) return []
    return [`expected ${inWords(expected)}${found === undefined ? ', there was none' : `, found ${differing(expected, found)}`}`]
  })
  const stuck = (report?.steps ?? []).filter(({ state }) => state === 'failed').map(({ text }) => text)
  const reasons = [...(error === undefined ? [] : [error]), ...stuck, ...(report?.state === 'stopped' ? [report.text] : []), ...missed]
  return {
    id,
    name,
    isPassed: reasons.length === 0,
    reasons,
    durationMs: report?.durationMs ?? 0,
    nodesReached: report?.coverage.nodes.length ?? 0,
    nodesMissed: report?.coverage.nodesMissed.length ?? 0,
  }
}

/** @param readFlows reads and checks a flow JSON file */
export function addFlowTestCommand(flow: Command, { client, output }: Shell, readFlows: (file: string) => Promise<FlowNode[]>): void {
  flow
    .command('test [file]')
    .description('rehearses the tests kept with the flows, on the deployed flows or those of a file; nothing real moves')
    .option('--name <text>', 'only tests whose name contains this')
    .action(async (file: string | undefined, { name }: { name?: string }) => {
      const api = client()
      const flows = file ? await readFlows(file) : ((await api.call(getFlows, {})).flows as FlowNode[])
      const wanted = (await api.call(listFlowTests, {})).filter((test) => name === undefined || test.name.includes(name))
      const outcomes: Outcome[] = []
      for (const test of wanted) outcomes.push(await rehearse(api, test, flows, (doing) => output().progress(doing)))
      output().table(
        outcomes,
        {
          TEST: (o) => o.name,
          RESULT: (o) => (o.isPassed ? 'passed' : 'failed'),
          'NODES REACHED': (o) => `${o.nodesReached} of ${o.nodesReached + o.nodesMissed}`,
          REHEARSED: (o) => `${Math.round(o.durationMs / 1000)} s`,
          WHY: (o) => o.reasons.join('; '),
        },
        'No test is kept with the flows. Rehearse a flow in the designer and keep it as a test.',
      )
      const failed = outcomes.filter(({ isPassed }) => !isPassed)
      if (failed.length)
        throw new UserError({
          code: 'flow-tests-failed',
          message: `${failed.length} of ${outcomes.length} tests failed: ${failed.map((each) => each.name).join(', ')}.`,
        })
    })
}
