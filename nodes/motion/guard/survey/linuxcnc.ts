/** Opens a link that no machine uses, asks LinuxCNC what it is, and closes it. Does not ask for the right to command. */
import { messageOf, OperationalError } from '../../../../base/errors.ts'
import { addAnswers, lockOf, RARE_QUESTIONS, STATUS_QUESTIONS, stateOf, UNKNOWN_LINUXCNC } from '../../linuxcnc/index.ts'
import type { MachineLink } from '../../machine.ts'
import type { Survey } from '../../survey.ts'
import { stateText } from '../event.ts'
import { openLink, targetOf } from '../links/index.ts'
import { greet } from '../linuxcnc/greeting.ts'
import { LinuxcncTalk } from '../linuxcnc/talk.ts'

const ANSWER_MS = 3000

/** @throws OperationalError `link-failed`, `no-controller`, `linuxcnc-refused`, `linuxcnc-units` */
export async function surveyLinuxcnc(link: MachineLink, signal: AbortSignal): Promise<Survey> {
  if (link.kind !== 'tcp')
    throw new OperationalError({
      code: 'no-controller',
      message: 'LinuxCNC is reached over TCP (linuxcncrsh, port 5007). Choose a network link with its address.',
      status: 422,
    })
  let lostReason: string | undefined
  const talk = new LinuxcncTalk(
    {
      onReceived: () => {},
      onSent: () => {},
      onLost: (reason) => {
        lostReason = reason
      },
    },
    ANSWER_MS,
  )
  const wire = await openLink(targetOf(link, undefined), { onData: talk.receive, onLost: (reason) => talk.lost(reason) }, signal)
  talk.attach(wire)
  const onAbort = () => void talk.close()
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await describe(talk)
  } catch (error) {
    if (lostReason === undefined) throw error
    throw new OperationalError({
      code: 'no-controller',
      message: `LinuxCNC was not found at ${wire.where}: ${lostReason || messageOf(error)}. Check that linuxcncrsh runs there, and its port.`,
      status: 422,
    })
  } finally {
    signal.removeEventListener('abort', onAbort)
    await talk.close()
  }
}

async function describe(talk: LinuxcncTalk): Promise<Survey> {
  const greeting = await greet(talk, undefined, false)
  const { facts, envelopeMm } = greeting
  const answers = new Map<string, string>()
  for (const name of [...STATUS_QUESTIONS, ...RARE_QUESTIONS]) {
    const text = await talk.get(name)
    if (text !== undefined) answers.set(name, text)
  }
  const status = addAnswers(UNKNOWN_LINUXCNC, answers, facts)
  const lock = lockOf(status)
  const remarks = [
    'Its network protocol has no encryption, and its passwords go in clear text: keep it in a network of its own.',
    'Programs are run from a file, so LinuxCNC must see the data directory of this computer under the same path.',
  ]
  if (!envelopeMm) remarks.push('It does not tell the limits of its axes. Enter the travel by hand, from MIN_LIMIT and MAX_LIMIT in its INI file.')
  if (lock) remarks.push(`${lock.text}. ${lock.whatToDo}`)
  if (!status.isHomed.every(Boolean)) remarks.push('It is not homed.')
  if (facts.mmPerUnit !== 1) remarks.push('It counts in other units than millimetres; everything is shown in millimetres here.')
  return {
    firmware: `LinuxCNC (${facts.server})`,
    dialect: 'linuxcnc',
    abilities: {
      dialect: 'linuxcnc',
      axes: facts.axes,
      hasHoming: true,
      hasSoftLimits: true,
      maxRateMmPerMin: greeting.maxRateMmPerMin,
      accelerationMmPerS2: greeting.accelerationMmPerS2,
      travelMm: envelopeMm ? envelopeMm.max.map((max, axis) => max - (envelopeMm.min[axis] ?? 0)) : [],
    },
    settings: [],
    state: lock ? lock.text : stateText(stateOf(status, { isMoving: false, isHoming: false }).state),
    ...(envelopeMm ? { envelopeMm } : {}),
    remarks,
  }
}
