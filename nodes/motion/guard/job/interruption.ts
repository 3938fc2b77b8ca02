/** The program is interrupted: run empty, ask a person or change the tool, put back what was disturbed, go on. */
import { messageOf } from '../../../../base/errors.ts'
import type { GuardCore } from '../core.ts'
import type { JobRun } from '../job-run.ts'
import { askUntilDone } from './ask.ts'
import { failJob } from './fail.ts'
import type { Interruption } from './line-queue.ts'
import { takeSnapshot } from './snapshot.ts'
import { hasMachine, JobIsOver, mustHaveMachine, mustStandReady, runEmpty, send } from './steps.ts'
import { changeByController, changeTool } from './tool-change.ts'
import { wayBack } from './way-back.ts'

/** Carries an interruption through. Never rejects: what goes wrong ends the job. */
export async function carryThrough(core: GuardCore, run: JobRun, step: Interruption): Promise<void> {
  try {
    core.view.changed()
    await runEmpty(core, run)
    const motionWord = await carryOut(core, run, step)
    mustHaveMachine(core, run)
    run.interruptionDone(step)
    run.goOn(motionWord)
    core.poller?.now()
    core.view.changed()
  } catch (error) {
    if (error instanceof JobIsOver || !hasMachine(core, run)) return
    failJob(core, run, `The program was interrupted and cannot go on: ${messageOf(error)}`)
  }
}

/** @returns the motion mode the next move needs in front of it */
async function carryOut(core: GuardCore, run: JobRun, step: Interruption): Promise<string> {
  if (step.kind === 'controller-change') return await changeByController(core, run, step)
  switch (step.stop) {
    case 'tool-change':
      return await changeTool(core, run, step)
    case 'program-stop':
    case 'optional-stop':
      return await waitAtStop(core, run, step)
    default:
      return step.stop satisfies never
  }
}

/** M0 and M1: everything stays as it is, spindle and coolant too. */
async function waitAtStop(core: GuardCore, run: JobRun, step: Extract<Interruption, { kind: 'stop' }>): Promise<string> {
  const before = await takeSnapshot(core, run.connection)
  mustHaveMachine(core, run)
  const word = step.stop === 'optional-stop' ? 'M1' : 'M0'
  const isLaser = core.identity?.settings.isLaser === true
  // a laser at constant power burns on where it stands; Grbl darkens it in a hold (laser_mode.md), and this is none
  if (isLaser && before.modal.spindle !== 5) await send(core, run, 'M5')
  const spindle = before.modal.spindle === 5 || isLaser ? '' : ' The spindle is on.'
  return await askUntilDone({
    core,
    run,
    event: 'program-waits',
    question: {
      kind: step.stop === 'optional-stop' ? 'optional-stop' : 'program-stop',
      text: `The program stops at line ${step.number} (${word})${step.note ? `: ${step.note}` : ''}.${spindle} Go on when everything is ready.`,
      line: step.number,
      answers: ['go-on', 'stop'],
    },
    async goOn(given) {
      await mustStandReady(core, run)
      return await wayBack({ core, run, before, onSetOut: () => given.accept() })
    },
  })
}
