/**
 * The controller refused a line of the program. By policy the job is stopped, or held with a question. What Grbl has in its
 * buffer behind the line runs on as if nothing had been; grblHAL refuses every line behind it until a `$` command succeeds. So the
 * machine is held first, and what may be offered follows from what the lines behind it have been answered.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { fromErrorMessage, messageOf } from '../../../../base/errors.ts'
import { inWorker } from '../check/thread.ts'
import type { GuardCore } from '../core.ts'
import { hold, letGoOn } from '../hold-and-stop.ts'
import type { JobRun, LinesBehind, Question } from '../job-run.ts'
import { askUntilDone } from './ask.ts'
import { failJob } from './fail.ts'
import { hasMachine, JobIsOver, mustHaveMachine, runEmpty, send } from './steps.ts'

/** Holds, asks, goes on. Never rejects: what goes wrong ends the job. */
export async function lineRefused(
  core: GuardCore,
  run: JobRun,
  { text, number, fileLine }: { text: string; number: number; fileLine: number | undefined },
): Promise<void> {
  const behind: LinesBehind = { ran: 0, refused: [] }
  run.behind = behind
  run.interrupt()
  try {
    hold(core, 'job policy, as a line was refused')
    await untilStanding(core, run)
    await askUntilDone({
      core,
      run,
      event: 'program-waits',
      question: questionFor(core, run, { text, number, behind }),
      async goOn(given) {
        core.interlocks.mustBeSafe()
        await mustBeGoodWithout(core, run, fileLine)
        core.interlocks.mustBeSafe()
        given.accept()
        await goOnPast(core, run, behind)
      },
    })
    run.behind = undefined
    run.goOn()
    core.poller?.now()
    core.view.changed()
  } catch (error) {
    if (error instanceof JobIsOver || !hasMachine(core, run)) return
    failJob(core, run, `${text} ${messageOf(error)}`)
  }
}

function questionFor(core: GuardCore, run: JobRun, { text, number, behind }: { text: string; number: number; behind: LinesBehind }): Question {
  const question: Question = { kind: 'line-error', text, line: number, answers: ['stop'] }
  if (core.settings.guarding?.onLineError !== 'ask') return { ...question, text: `${text} The machine is held. Look at it, then stop the program.` }
  // nothing is left behind the line that could have been run or could still be
  if (behind.ran === 0 && run.unanswered === 0)
    return { ...question, text: `${text} The machine is held, and nothing behind this line was run. Leave it out, or stop.`, answers: ['skip-line', 'stop'] }
  const count = behind.ran + run.unanswered
  return {
    ...question,
    text: `${text} The machine is held. ${count} line${count === 1 ? '' : 's'} behind it are in the controller and run on without it when the program goes on.`,
    answers: ['go-on', 'stop'],
  }
}

/**
 * What comes behind a line may mean something else without it: another mode, another place to begin from.
 * @throws UserError what the check of the program without it says
 */
async function mustBeGoodWithout(core: GuardCore, run: JobRun, fileLine: number | undefined): Promise<void> {
  const order = fileLine === undefined ? undefined : run.orderWithout(fileLine)
  if (!order || fileLine === undefined) throw new Error('the program cannot be checked without the line')
  const { refusal } = await inWorker(order, run.abort.signal)
  mustHaveMachine(core, run)
  if (refusal) throw fromErrorMessage(refusal)
  run.leaveOut(fileLine)
}

/** Lets the controller run out what it has, and takes back what it refused only because of the first line. */
async function goOnPast(core: GuardCore, run: JobRun, behind: LinesBehind): Promise<void> {
  const { connection } = run
  await core.freshReport()
  mustHaveMachine(core, run)
  if (core.view.status.state === 'hold' || core.view.status.state === 'door') {
    await letGoOn(core, connection, () => hasMachine(core, run))
  }
  while (run.unanswered > 0) {
    await pause(core.timings.pollWaitingMs)
    mustHaveMachine(core, run)
  }
  // grblHAL forgets the error at the first $ command that succeeds
  await send(core, run, '$G')
  await runEmpty(core, run)
  if (behind.refused.length === 0) return
  if (behind.ran > 0) throw new Error('Lines behind it were run and others refused, so the rest cannot be put in order any more.')
  for (const line of behind.refused) run.sendAgain(line)
}

async function untilStanding(core: GuardCore, run: JobRun): Promise<void> {
  const giveUpAt = performance.now() + core.brakingMs()
  do {
    await core.freshReport()
    mustHaveMachine(core, run)
  } while (!(core.view.isReportedStanding && core.view.status.state !== 'idle') && performance.now() < giveUpAt)
}
