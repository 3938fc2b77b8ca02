/** Runs the flow tests that have to pass before a deploy, and refuses it when one does not. */
import { availableParallelism } from 'node:os'
import { messageOf, UserError } from '../../base/errors.ts'
import type { FlowNode, FlowTest, FlowTestOutcome } from '../api/index.ts'
import type { Caller } from '../auth/caller.ts'
import type { DeployGate } from '../flows/contract.ts'
import { maySee, outcomeWithoutContents } from './contents.ts'
import type { Passed } from './passed.ts'
import type { Resolver } from './resolve.ts'
import type { TestRule } from './rule.ts'
import type { Runner } from './runner.ts'
import { type FlowTests, isPassed, outcomeOf } from './tests.ts'

/** Each is a runtime and a few guards: machines that are real come first. */
const AT_ONCE = availableParallelism() >= 6 ? 2 : 1
/** Kept tests are run for whoever deploys, with what is recorded in them. */
const FOR_ANYBODY = { capabilities: new Set(['flows.messages'] as const) }

export interface Gate extends DeployGate {
  /** Gives up a deploy of that person while its tests run. @throws UserError `deploy-not-testing` */
  stop(deployId: string, caller: Caller): void
  close(): void
}

export function createGate(deps: {
  tests: Pick<FlowTests, 'list'>
  rule: Pick<TestRule, 'get'>
  resolver: Pick<Resolver, 'resolve'>
  runner: Pick<Runner, 'run' | 'surroundings'>
  passed: Passed
}): Gate {
  const { tests, rule, resolver, runner, passed } = deps
  const under = new Map<string, { userId: string; ending: AbortController }>()

  const wanted = async (flows: readonly FlowNode[]): Promise<FlowTest[]> => {
    const { shop, flowIds } = await rule.get()
    if (!shop && flowIds.length === 0) return []
    const tabs = new Set(flows.filter(({ type, disabled }) => type === 'tab' && disabled !== true).map(({ id }) => id))
    return (await tests.list()).filter(({ flowId }) => tabs.has(flowId) && (shop || flowIds.includes(flowId)))
  }

  const rehearse = async (test: FlowTest, flows: readonly FlowNode[], signal: AbortSignal): Promise<FlowTestOutcome> => {
    const { id, name, flowId, steps, answers, expect } = test
    try {
      const resolved = await resolver.resolve({ flows: [...flows], steps, answers, expect }, FOR_ANYBODY)
      const key = passed.keyOf(resolved, expect, await runner.surroundings())
      const passedAt = passed.at(key)
      if (passedAt !== undefined) return { id, name, flowId, state: 'passed', passedAt, unmet: [], steps: [] }
      const report = await runner.run(resolved, { signal })
      signal.throwIfAborted()
      if (isPassed(report)) passed.note(key)
      return outcomeOf(test, report)
    } catch (error) {
      signal.throwIfAborted()
      return { id, name, flowId, state: 'broken', text: messageOf(error), unmet: [], steps: [] }
    }
  }

  return {
    async wanted(flows) {
      return (await wanted(flows)).map(({ id, name, flowId }) => ({ id, name, flowId }))
    },
    async check({ flows, caller, deployId, onOutcomes }) {
      const all = await wanted(flows)
      if (all.length === 0) return
      const ending = new AbortController()
      const { signal } = ending
      const key = deployId ?? crypto.randomUUID()
      under.set(key, { userId: caller.userId, ending })
      const outcomes = all.map(({ id, name, flowId }): FlowTestOutcome => ({ id, name, flowId, state: 'waits', unmet: [], steps: [] }))
      // everybody who has the designer open is told how far it is, and nothing of what is in messages
      const tell = () => onOutcomes(outcomes.map((outcome) => ({ ...outcome, unmet: [] })))
      try {
        const left = all.entries()
        const work = async () => {
          for (const [index, test] of left) {
            signal.throwIfAborted()
            const { id, name, flowId } = test
            outcomes[index] = { id, name, flowId, state: 'runs', unmet: [], steps: [] }
            tell()
            outcomes[index] = await rehearse(test, flows, signal)
            tell()
          }
        }
        tell()
        const workers = await Promise.allSettled(Array.from({ length: AT_ONCE }, work))
        for (const worker of workers) if (worker.status === 'rejected') throw worker.reason
      } finally {
        under.delete(key)
      }
      const bad = outcomes.filter(({ state }) => state !== 'passed')
      if (bad.length === 0) return
      throw new UserError({
        code: 'flow-tests-failed',
        status: 422,
        message: `${bad.length === 1 ? '1 flow test' : `${bad.length} flow tests`} of ${outcomes.length} did not pass: ${bad.map(({ name }) => name).join(', ')}. Nothing was changed.`,
        details: { tests: maySee(caller) ? outcomes : outcomes.map(outcomeWithoutContents) },
      })
    },
    stop(deployId, { userId }) {
      const found = under.get(deployId)
      if (found?.userId !== userId)
        throw new UserError({ code: 'deploy-not-testing', status: 404, message: 'This deploy is not at its tests (any more), or it is somebody else’s.' })
      found.ending.abort(new UserError({ code: 'deploy-stopped', status: 409, message: 'The deploy was given up while its tests ran. Nothing was changed.' }))
    },
    close() {
      for (const { ending } of under.values()) ending.abort(new UserError({ code: 'closing', status: 503, message: 'The gateway is ending.' }))
    },
  }
}
