/** The firmware's main program: reads lines as they come and answers each, until a reset ends it (grbl 1.1: protocol.c). */
import type { Core } from './core.ts'
import { ERROR, LineError } from './errors.ts'
import { executeGcode } from './execute-block.ts'
import { LineReader, type ReadLine } from './line-reader.ts'
import { checkpoint } from './steps.ts'
import { executeSystem, runStartupLines } from './system-commands.ts'
import type { Step } from './wait.ts'

type OnAnswer = (line: string, answer: string) => void

/** Returns only after a reset; then the firmware boots again. */
export function* mainProgram(core: Core, onAnswer: OnAnswer): Step {
  if (core.state.kind === 'alarm') core.message("'$H'|'$X' to unlock")
  else {
    if (core.machine.isDoorOpen) core.openDoor()
    yield* checkpoint()
    if (!core.isAborting) yield* runStartupLines(core)
  }
  for (;;) {
    while (!core.received.isEmpty) {
      const line = core.reader.push(core.received.shift())
      if (!line) continue
      yield* checkpoint()
      if (core.abort === 'reset') return
      if (core.abort === 'no') yield* answer(core, line, onAnswer)
      if (!endStop(core) && isAsleep(core)) core.message('Sleeping')
    }
    core.startQueued()
    yield { kind: 'bytes' }
    if (core.abort === 'reset') return
    endStop(core)
  }
}

/** Back in the loop after a stop: what was read of a line is gone. */
export function endStop(core: Core): boolean {
  if (core.abort !== 'stop') return false
  core.abort = 'no'
  core.reader = new LineReader(core.personality)
  return true
}

const isAsleep = (core: Core): boolean => core.state.kind === 'sleep'

function* answer(core: Core, line: ReadLine, onAnswer: OnAnswer): Step {
  let code = 0
  if (isBarred(core, line)) code = core.lastError
  else {
    try {
      yield* execute(core, line)
    } catch (error) {
      if (!(error instanceof LineError)) throw error
      code = error.code
    }
  }
  if (core.abort === 'reset' && core.isResetByByte && !core.personality.hasStrayOk) return
  core.lastError = code
  const said = code === 0 ? 'ok' : `error:${code}`
  core.say(said)
  onAnswer(line.text, said)
}

/** The last error stands in the way of a line of G-code. */
function isBarred({ personality, lastError, state }: Core, { text, isTooLong }: ReadLine): boolean {
  if (!personality.hasStickyErrors || lastError === 0 || isTooLong || text === '' || text.startsWith('$')) return false
  return state.kind !== 'alarm' && state.kind !== 'jog'
}

function* execute(core: Core, line: ReadLine): Step {
  if (line.isTooLong) throw new LineError(ERROR.lineTooLong)
  if (line.text === '') return
  if (line.text.startsWith('$')) return yield* executeSystem(core, line.text)
  if (core.state.kind === 'alarm' || core.state.kind === 'jog') throw new LineError(ERROR.locked)
  yield* executeGcode(core, line.text)
}
