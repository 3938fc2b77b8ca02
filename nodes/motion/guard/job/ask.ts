/** Asks a person until the answer could be carried out. */
import { messageOf } from '../../../../base/errors.ts'
import type { GuardCore } from '../core.ts'
import { stop } from '../hold-and-stop.ts'
import { type GivenAnswer, type JobRun, nothingToAnswer, type Question } from '../job-run.ts'
import { hasMachine, JobIsOver, mustHaveMachine } from './steps.ts'

export interface Asking<T> {
  core: GuardCore
  run: JobRun
  question: Question
  event: 'tool-change' | 'program-waits'
  /** Carries out everything but `stop`. It accepts the answer as soon as nothing stands against it; what it throws is told. */
  goOn: (given: GivenAnswer) => Promise<T>
}

/**
 * @returns what `goOn` made of the answer
 * @throws JobIsOver when the job was stopped
 */
export async function askUntilDone<T>({ core, run, question, event, goOn }: Asking<T>): Promise<T> {
  let asked = question
  for (;;) {
    mustHaveMachine(core, run)
    const waiting = run.ask(asked)
    core.view.changed()
    core.event(event, asked.text)
    const given = await waiting.catch((error) => {
      throw new JobIsOver(messageOf(error))
    })
    const taken = { isAccepted: false }
    const answer: GivenAnswer = {
      ...given,
      accept() {
        taken.isAccepted = true
        run.returning()
        core.view.changed()
        given.accept()
      },
    }
    if (given.answer === 'stop') {
      stop(core, given.by, false)
      given.accept()
      throw new JobIsOver(`stopped by ${given.by}`)
    }
    try {
      const result = await goOn(answer)
      if (!taken.isAccepted) answer.accept()
      return result
    } catch (error) {
      given.refuse(error instanceof JobIsOver ? nothingToAnswer('The program has ended meanwhile.') : error)
      if (error instanceof JobIsOver || !hasMachine(core, run)) throw error
      // what went wrong on the way back is part of the question; a refusal the person has read already
      asked = taken.isAccepted ? { ...question, text: `${messageOf(error)} ${question.text}` } : question
    }
  }
}
