import { Type } from 'typebox'
import { defineNode, type Message, Quantity } from '../define-node/index.ts'
import { afterRestart, failed, openScope, type ScopeData, sendFailed } from './scope.ts'
import type { Step, Turn } from './services.ts'
import { into, marksFrom } from './stack.ts'
import { undoFlow } from './undo.node.ts'
import { spanInWords } from './words.ts'

const [TRY, CATCH, FINALLY, DONE, FAILED] = [0, 1, 2, 3, 4]
type Phase = 'try' | 'undo' | 'catch' | 'finally'

interface Data extends ScopeData {
  phase: Phase
  /** What was done and can be undone, oldest first. */
  undo: { nodeId: string; message: Message }[]
  /** Counts what was given out. */
  count: number
  failure?: string
  /** What could not be undone. */
  leftovers: string[]
  /** Nothing has dealt with the failure. */
  isUnhandled: boolean
}

export default defineNode({
  type: 'cw-try',
  family: 'orchestration',
  label: 'try',
  summary: 'Runs a branch; when it fails, undoes what was done (newest first), then runs "catch", and "finally" in any case.',
  icon: 'try',
  inputs: 1,
  outputs: ['try', 'catch', 'finally', 'done', 'failed'],
  config: Type.Object({
    timeout: Quantity({
      title: 'The branch may take',
      unit: 's',
      help: '0: as long as it likes. Later it counts as failed.',
      minimum: 0,
      maximum: 31_536_000,
      default: 0,
    }),
    afterRestart: afterRestart('a branch'),
  }),
  setup(context) {
    const { timeout } = context.config
    const phaseInWords = ({ phase, undo }: Data) => (phase === 'undo' ? `undoing, ${undo.length} left` : `the branch "${phase}"`)

    /** Gives a message to a phase. */
    function begin(step: Step<Data>, phase: Phase, message: Message, give: (part: number) => void): Turn<Data> {
      const part = step.data.count + 1
      const data: Data = { ...step.data, phase, count: part, out: [part] }
      return { message, data, isOut: true, text: phaseInWords(data), dueAt: null, after: () => give(part) }
    }
    const give = (step: Step<Data>, output: number, message: Message) => (part: number) => scope.give(step, output, part, message)

    function finish(step: Step<Data>, message: Message): Turn<Data> {
      if (context.hasOutputWire(FINALLY)) return begin(step, 'finally', message, give(step, FINALLY, message))
      return end(step, message)
    }
    function end(step: Step<Data>, message: Message): Turn<Data> {
      const { failure, isUnhandled } = step.data
      if (!isUnhandled || failure === undefined)
        return {
          end: { outcome: 'done', text: failure === undefined ? 'done' : `failed and handled: ${failure}` },
          after: () => context.send(DONE, message),
        }
      return {
        end: { outcome: 'failed', text: failure },
        after: () => sendFailed(context, FAILED, message, failure, { notUndone: step.data.leftovers }),
      }
    }
    /** Undoes the newest, or goes on to the catch branch. */
    function undoNext(step: Step<Data>): Turn<Data> {
      const undo = [...step.data.undo]
      const last = undo.pop()
      if (!last) return handleFailure(step)
      const now = { ...step, data: { ...step.data, undo } }
      const message = failed(marksFrom(last.message, step.message), step.data.failure ?? 'failed', context)
      return begin(now, 'undo', step.message, (part) => {
        try {
          context.services.steps.callFlow(undoFlow(last.nodeId), into(message, { id: step.id, nodeId: context.id, part }))
        } catch (error) {
          context.services.steps
            .giveBack(into(message, { id: step.id, nodeId: context.id, part }), error instanceof Error ? error.message : String(error))
            .catch((later) => context.fail(later, message))
        }
      })
    }
    function handleFailure(step: Step<Data>): Turn<Data> {
      const { failure = 'failed', leftovers } = step.data
      const message = failed(step.message, failure, context, { notUndone: leftovers })
      if (context.hasOutputWire(CATCH)) return begin(step, 'catch', step.message, give(step, CATCH, message))
      return finish({ ...step, data: { ...step.data, isUnhandled: true } }, step.message)
    }

    function afterFailure(step: Step<Data>, why: string): Turn<Data> {
      const { data } = step
      switch (data.phase) {
        case 'try':
          return undoNext({ ...step, data: { ...data, failure: why } })
        case 'undo':
          return undoNext({ ...step, data: { ...data, leftovers: [...data.leftovers, why] } })
        case 'catch':
          return finish({ ...step, data: { ...data, failure: `${data.failure}; and the branch "catch" failed: ${why}`, isUnhandled: true } }, step.message)
        case 'finally':
          return end(
            { ...step, data: { ...data, failure: `${data.failure ? `${data.failure}; and ` : ''}the branch "finally" failed: ${why}`, isUnhandled: true } },
            step.message,
          )
      }
    }

    const scope = openScope<Data>(context, {
      afterRestart: context.config.afterRestart,
      partInWords: (step) => phaseInWords(step.data),
      back(step, { message, failure }) {
        if (failure !== undefined) return afterFailure(step, failure)
        switch (step.data.phase) {
          case 'try':
          case 'catch':
            return finish(step, message)
          case 'undo':
            return undoNext(step)
          case 'finally':
            return end(step, message)
        }
      },
      again(step) {
        const { message, data } = step
        switch (data.phase) {
          case 'try':
            // what the first try had noted to undo may not have been done to its end: it stays
            return begin(step, 'try', message, give(step, TRY, message))
          case 'undo':
            return afterFailure(step, 'an undo was broken off by a restart')
          case 'catch':
            return handleFailure(step)
          case 'finally':
            return begin(step, 'finally', message, give(step, FINALLY, message))
        }
      },
      onUndoable: (step, undo) => (step.data.phase === 'try' ? { data: { ...step.data, undo: [...step.data.undo, undo] } } : undefined),
      onWake: (step, wake) =>
        wake.kind === 'due' && step.data.phase === 'try'
          ? afterFailure({ ...step, data: { ...step.data, out: [] } }, `not back within ${spanInWords(timeout)}`)
          : undefined,
    })
    return {
      async input(message) {
        if (await scope.takesBack(message)) return
        const data: Data = { phase: 'try', undo: [], out: [1], count: 1, leftovers: [], isUnhandled: false }
        await scope.handle.open({
          message,
          kind: 'scope',
          data,
          text: phaseInWords(data),
          isOut: true,
          ...(timeout ? { dueAt: Date.now() + timeout * 1000, isElapsed: true } : {}),
          after: (step) => scope.give(step, TRY, 1, step.message),
        })
      },
      close: () => scope.close(),
    }
  },
})
