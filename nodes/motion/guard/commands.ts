/** What a person asks of a machine without a job: one line, homing, unlock. */
import { messageOf, OperationalError, UserError } from '../../../base/errors.ts'
import { type Command, checkCommand, readCommand } from './command-line.ts'
import type { Connection } from './connection.ts'
import type { GuardCore } from './core.ts'
import { describeMessage } from './event.ts'
import { leaveCriticalAlarm } from './hold-and-stop.ts'
import { readSettingsAgain } from './identification.ts'
import { work } from './lease.ts'
import { notIdle } from './refusals.ts'

/** @returns `ok` or the error in words, after what the controller said before it */
export async function sendCommand(core: GuardCore, raw: string, by: string): Promise<{ answer: string }> {
  const command = readCommand(raw, core.facts().maxLineLength)
  if (command.kind === 'home') await home(core, by)
  else if (command.kind === 'unlock') await unlock(core, by)
  else return { answer: await work(core, 'command', (connection) => send(core, connection, command, by)) }
  return { answer: 'ok' }
}

/** Runs the homing cycle to its end. @throws UserError `machine-busy`, `machine-not-idle`, OperationalError `homing-failed` */
export async function home(core: GuardCore, by: string): Promise<void> {
  core.journal.append({ kind: 'request', what: 'home', by })
  await leaveCriticalAlarm(core)
  await work(core, 'homing', async (connection) => {
    await core.freshReport()
    const { state } = core.view.status
    if (state !== 'idle' && state !== 'alarm') throw notIdle(core.view)
    const homing = connection.request('$H')
    core.view.presumeState('home')
    const answer = await homing.catch((error) => {
      const { alarm } = core.view
      const why = alarm && alarm.code > 0 ? `${alarm.facts.text}. ${alarm.facts.whatToDo}` : messageOf(error)
      throw new OperationalError({ code: 'homing-failed', message: `Homing did not come to its end: ${why}`, cause: error })
    })
    if (!answer.isOk) {
      core.poller?.now()
      throw new OperationalError({ code: 'homing-failed', message: `The controller did not home: ${core.answerText(answer)}` })
    }
    core.setTrust(true, '')
    await core.freshReport()
  })
}

/** Leaves an alarm (`$X`), with a reset first where the alarm asks for one. Moves nothing. */
export async function unlock(core: GuardCore, by: string): Promise<void> {
  core.journal.append({ kind: 'request', what: 'unlock', by })
  await leaveCriticalAlarm(core)
  await work(core, 'unlocking', async (connection) => {
    const answer = await connection.request('$X')
    if (!answer.isOk) {
      const message = `The controller was not unlocked: ${core.answerText(answer)}`
      throw new UserError({ code: 'controller-refused', message, status: 409 })
    }
    await core.freshReport()
  })
}

async function send(core: GuardCore, connection: Connection, command: Exclude<Command, { kind: 'home' | 'unlock' }>, by: string): Promise<string> {
  core.journal.append({ kind: 'request', what: 'command', by, text: command.line.text })
  await core.freshReport()
  const { state } = core.view.status
  const isMotion = command.kind === 'jog' || command.kind === 'gcode'
  if (state !== 'idle' && (isMotion || state !== 'alarm')) throw notIdle(core.view)
  const identity = core.identified()
  if (isMotion) checkCommand(command, await core.checkSetup(connection, identity))
  const answer = await connection.request(command.line.text)
  if (command.kind === 'setting' && answer.isOk) await readSettingsAgain(core, connection)
  return [...answer.messages.flatMap(describeMessage), answer.isOk ? 'ok' : core.answerText(answer)].join('\n')
}
