/** What nodes share that give messages out and take them back: for each, loop, try, parallel, sequence, retry, lock, call flow. */
import type { TProperties } from 'typebox'
import { Choice, type Message, type NodeContext } from '../define-node/index.ts'
import type { Step, StepHandle, StepOwner, StepReturn, StepWake, Turn } from './services.ts'
import { innermost, into, marksFrom } from './stack.ts'
import { waitingStatus } from './words.ts'

type AfterRestart = 'fail' | 'again' | 'ask'

/** What becomes of what was in the flow when the runtime died. */
export const afterRestart = (what: string) =>
  Choice(['fail', 'again', 'ask'], {
    title: 'After a restart',
    help: `What happens when the flow runtime was restarted while ${what} was in the flow: nobody knows how far it came. With a node behind it that acts on a machine, a person is always asked.`,
    labels: { fail: 'count it as failed', again: 'do it again', ask: 'ask a person' },
    default: 'fail',
  })

/** What every scope keeps beside its own. */
export interface ScopeData {
  /** What is in the flow. */
  out: number[]
  /** A person is asked whether these, lost in a restart, are done again. */
  lost?: number[]
}

export interface Scope<Data extends ScopeData> {
  handle: StepHandle<Data>
  /** Takes a message that came back over a wire. */
  takesBack(message: Message): Promise<boolean>
  /** A message given out with this number. */
  give(step: Pick<Step<Data>, 'id'>, output: number, part: number, message: Message): void
  close(): void
}

/** How a scope goes on. */
interface ScopeRules<Data extends ScopeData> {
  afterRestart: AfterRestart
  /** What it gives out, in words: `item 4 of 9`. */
  partInWords(step: Step<Data>, part: number): string
  /** A part came back; it is no longer in `data.out`. */
  back(step: Step<Data>, back: StepReturn): Turn<Data> | Promise<Turn<Data>>
  /** Gives parts out once more that were lost. */
  again(step: Step<Data>, parts: number[]): Turn<Data>
  /** Parts were lost and are not done again; they are no longer in `data.out`. @defaultValue each comes back as a failure */
  givenUp?(step: Step<Data>, parts: number[], why: string): Turn<Data> | Promise<Turn<Data>>
  onWake?(step: Step<Data>, wake: StepWake): Turn<Data> | undefined | Promise<Turn<Data> | undefined>
  onUndoable?: NonNullable<StepOwner<Data>['onUndoable']>
  idle?: string
}

const RESTARTED = 'the flow runtime was restarted meanwhile; how far it came is not known'

/** What a scope needs of its node. */
type ScopeContext = Pick<NodeContext<TProperties>, 'id' | 'type' | 'name' | 'services' | 'send' | 'status' | 'fail' | 'onUncaughtError'>
/** What a failure needs of its node. */
type FailingContext = Pick<NodeContext<TProperties>, 'id' | 'type' | 'name' | 'services' | 'send' | 'fail' | 'hasOutputWire'>

/** Registers a node that gives messages out and takes them back. */
export function openScope<Data extends ScopeData>(context: ScopeContext, rules: ScopeRules<Data>): Scope<Data> {
  const { steps } = context.services

  async function takeBack(step: Step<Data>, back: StepReturn): Promise<Turn<Data> | undefined> {
    // given up or taken already
    if (!step.data.out.includes(back.part)) return undefined
    const data = { ...step.data, out: step.data.out.filter((part) => part !== back.part) }
    return rules.back({ ...step, data }, { ...back, message: marksFrom(back.message, step.message) })
  }

  const giveUp = async (step: Step<Data>, parts: number[], why: string): Promise<Turn<Data>> => {
    const data = { ...step.data, out: step.data.out.filter((part) => !parts.includes(part)), lost: undefined } as unknown as Data
    const now = { ...step, data }
    if (rules.givenUp) return rules.givenUp(now, parts, why)
    return rules.back(now, { part: parts[0] ?? 0, message: step.message, failure: why })
  }

  async function lost(step: Step<Data>, kept: readonly number[]): Promise<Turn<Data>> {
    const parts = step.data.out.filter((part) => !kept.includes(part))
    // all of it waits in steps inside: the turn itself notes that this life looks after it
    if (!parts.length) return {}
    const words = parts.map((part) => rules.partInWords(step, part)).join(', ')
    const isAsking = rules.afterRestart === 'ask' || (rules.afterRestart === 'again' && (await steps.motionBehind(context.id)))
    if (!isAsking) return rules.afterRestart === 'again' ? rules.again(step, parts) : giveUp(step, parts, `${words}: ${RESTARTED}`)
    return {
      data: { ...step.data, lost: parts },
      isOut: parts.length < step.data.out.length,
      dueAt: null,
      text: `a person has to say whether ${words} is done again`,
      ask: {
        title: `${context.name}: do ${words} again?`,
        text: 'The flow runtime was restarted while this was in the flow. Nobody knows how far it came: look at the machine and at the systems concerned first.',
        fields: [],
        choices: [
          { key: 'again', label: 'Do it again', kind: 'other' },
          { key: 'fail', label: 'Count it as failed', kind: 'no' },
        ],
        who: 'panel.press',
      },
    }
  }

  const owner: StepOwner<Data> = {
    nodeId: context.id,
    nodeType: context.type,
    name: context.name,
    onReturn: takeBack,
    onLost: lost,
    async onWake(step, wake) {
      const { lost: parts } = step.data
      if (wake.kind !== 'answer' || parts === undefined) return rules.onWake?.(step, wake)
      const data = { ...step.data, lost: undefined } as unknown as Data
      const turn = wake.choice === 'again' ? rules.again({ ...step, data }, parts) : await giveUp(step, parts, `given up by ${wake.by} after a restart`)
      return { ask: null, ...turn }
    },
    onChange: (open) => context.status(waitingStatus(open, { info: rules.idle ?? 'nothing under way' })),
    ...(rules.onUndoable ? { onUndoable: rules.onUndoable } : {}),
  }
  const handle = steps.register(owner)

  context.onUncaughtError(({ message, text, nodeName }) => {
    if (innermost(message)?.nodeId !== context.id) return
    steps.giveBack(message, `${nodeName}: ${text}`).catch((error) => context.fail(error, message))
  })

  return {
    handle,
    async takesBack(message) {
      if (innermost(message)?.nodeId !== context.id) return false
      await steps.giveBack(message)
      return true
    },
    give: (step, output, part, message) => context.send(output, into(copyOf(message), { id: step.id, nodeId: context.id, part })),
    close: () => handle.close(),
  }
}

/** A message of its own for each branch; the request and response of HTTP stay the same ones. */
function copyOf(message: Message): Message {
  const { req, res, ...rest } = message
  return { ...structuredClone(rest), ...(req === undefined ? {} : { req }), ...(res === undefined ? {} : { res }) }
}

/** A message that says what went wrong, as Node-RED's Catch node does. */
export function failed(message: Message, text: string, source: { id: string; type: string; name: string }, more: object = {}): Message {
  return { ...message, error: { message: text, source: { id: source.id, type: source.type, name: source.name }, ...more } }
}

/**
 * Sends what failed to its output. With nothing wired there, the failure is that of the step around it, else of the run (or
 * of the flow's Catch nodes): it is never lost.
 */
export function sendFailed(context: FailingContext, output: number, message: Message, text: string, more: object = {}): void {
  if (context.hasOutputWire(output)) context.send(output, failed(message, text, context, more))
  else if (innermost(message)) context.services.steps.giveBack(message, `${context.name}: ${text}`).catch((error) => context.fail(error, message))
  else context.fail(new Error(text), message)
}
