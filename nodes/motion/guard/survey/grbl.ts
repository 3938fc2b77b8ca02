/** Opens a link that no machine uses, asks a GRBL-family controller what it is, and closes it. Moves nothing. */
import { setTimeout as pause } from 'node:timers/promises'
import { OperationalError } from '../../../../base/errors.ts'
import type { FirmwareSetting } from '../../controller-talk.ts'
import {
  abilitiesOf,
  type ControllerFacts,
  type ControllerMessage,
  type ControllerSettings,
  type Envelope,
  envelopeOf,
  type FluidncAxis,
  fluidncEnvelope,
  type StatusReport,
  settingFacts,
} from '../../grbl/index.ts'
import type { MachineLink } from '../../machine.ts'
import type { Survey } from '../../survey.ts'
import { Connection } from '../connection.ts'
import { askNames, type Identity, identify } from '../controller-setup.ts'
import { stateText } from '../event.ts'
import { describeTarget, type LinkOptions, openLink, targetOf } from '../links/index.ts'

export interface SurveyTimings {
  /** How long a board that resets when its port opens may take until it speaks. */
  bootMs: number
  /** From the first `?` to the first report. */
  reportMs: number
  /** For everything it is asked about itself; at 9600 baud `$$` takes a second. */
  answerMs: number
}

const TIMINGS: SurveyTimings = { bootMs: 2500, reportMs: 4000, answerMs: 8000 }

interface Talk {
  connection: Connection
  where: string
  banners: ControllerMessage[]
  report: () => StatusReport | undefined
  /** Bytes came that make no sense: mostly a wrong baud rate. */
  heardNoise: () => boolean
  lostReason: () => string | undefined
}

/**
 * @throws OperationalError `link-failed`, `adapter-unclear`; `no-controller` when nobody there speaks GRBL
 */
export async function surveyGrbl(
  link: MachineLink,
  signal: AbortSignal,
  options: { timings?: Partial<SurveyTimings> | undefined; virtualPort?: string } & LinkOptions = {},
): Promise<Survey> {
  const timings = { ...TIMINGS, ...options.timings }
  const target = targetOf(link, options.virtualPort)
  const talk = await open(target, signal, options)
  const onAbort = () => void talk.connection.close()
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    if (link.kind === 'serial' && link.resetsOnOpen) await untilTrue(() => talk.banners.length > 0 || talk.report() !== undefined, timings.bootMs)
    const report = await firstReport(talk, describeTarget(target), timings)
    return await describe(talk, report, timings)
  } finally {
    signal.removeEventListener('abort', onAbort)
    await talk.connection.close()
  }
}

async function open(target: Parameters<typeof openLink>[0], signal: AbortSignal, options: LinkOptions): Promise<Talk> {
  const banners: ControllerMessage[] = []
  let report: StatusReport | undefined
  let noise = 0
  let lostReason: string | undefined
  const connection = new Connection({
    onMessage(message) {
      if (message.kind === 'status') report = message.report
      else if (message.kind === 'banner') banners.push(message)
      else if (message.kind === 'unknown') noise += 1
    },
    onProgramAnswer: () => {},
    onBanner: () => {},
    onStrayAnswer: () => {},
    onReceived: () => {},
    onSent: () => {},
    onProgramSent: () => {},
    onRealtime: () => {},
    onLost: (reason) => {
      lostReason = reason
    },
  })
  const link = await openLink(target, { onData: connection.receive, onLost: (reason) => connection.lost(reason) }, signal, options)
  connection.attach(link)
  return { connection, where: link.where, banners, report: () => report, heardNoise: () => noise > 0, lostReason: () => lostReason }
}

async function untilTrue(isTrue: () => boolean, timeoutMs: number): Promise<boolean> {
  const giveUpAt = performance.now() + timeoutMs
  while (!isTrue()) {
    if (performance.now() > giveUpAt) return false
    await pause(20)
  }
  return true
}

/** `?` does nothing but ask, whatever the controller is doing. */
async function firstReport(talk: Talk, where: string, { reportMs }: SurveyTimings): Promise<StatusReport> {
  const giveUpAt = performance.now() + reportMs
  while (performance.now() < giveUpAt) {
    const lost = talk.lostReason()
    if (lost !== undefined) throw noController(where, `the connection was lost at once (${lost})`, 'Check that nothing else uses it.')
    talk.connection.realtime('status')
    if (await untilTrue(() => talk.report() !== undefined || talk.lostReason() !== undefined, 500)) {
      const report = talk.report()
      if (report) return report
    }
  }
  if (talk.heardNoise())
    throw noController(where, 'something answers, but nothing that makes sense', 'The baud rate is probably another: 115200 is usual, 9600 on very old boards.')
  throw noController(
    where,
    'nothing there answers a status question',
    'Check power and cable and that it is the right port. A controller that is homing, or that a limit has locked, answers only after a reset.',
  )
}

function noController(where: string, what: string, whatToDo: string): OperationalError {
  return new OperationalError({ code: 'no-controller', message: `No controller was found at ${where}: ${what}. ${whatToDo}`, status: 422 })
}

async function describe(talk: Talk, report: StatusReport, timings: SurveyTimings): Promise<Survey> {
  const state = stateText(report.state)
  const reportedAxes = (report.machinePosition ?? report.workPosition)?.length
  // in every other state it answers late, with errors or not at all, and what it runs must not be disturbed
  if (report.state !== 'idle' && report.state !== 'alarm')
    throw noController(talk.where, `a controller is there, but it is busy. ${state}`, 'Wait until it is idle, then ask again; nothing was sent to it.')
  const timer = setTimeout(() => talk.connection.forget(), timings.answerMs)
  try {
    const identity = await identify(talk.connection, talk.banners, reportedAxes)
    const { facts, settings } = identity
    const named = await askNames(talk.connection, facts).catch(() => undefined)
    if (named) facts.named = named
    const envelopeMm = facts.dialect === 'fluidnc' ? await fluidncTravel(talk.connection, facts) : envelopeOf(facts, settings)
    return {
      firmware: facts.firmware,
      dialect: facts.dialect,
      abilities: abilitiesOf(facts, settings),
      settings: settingList(identity),
      state,
      ...(envelopeMm ? { envelopeMm } : {}),
      remarks: remarks({ facts, settings, envelopeMm, report }),
    }
  } finally {
    clearTimeout(timer)
  }
}

/** FluidNC tells each item of its configuration: `$/axes/x/max_travel_mm` is answered with `$/axes/x/max_travel_mm=300.000`. */
async function fluidncTravel(connection: Connection, facts: ControllerFacts): Promise<Envelope | undefined> {
  const ask = async (item: string): Promise<string | undefined> => {
    const answer = await connection.request(`$${item}`)
    if (!answer.isOk) return undefined
    const lines = answer.messages.flatMap((message) => (message.kind === 'unknown' ? [message.text] : []))
    return lines
      .map((line) => line.split('='))
      .find(([name]) => name?.replace(/^\$/, '').toLowerCase() === item)?.[1]
      ?.trim()
  }
  const axes: (FluidncAxis | undefined)[] = []
  for (const letter of facts.axes.slice(0, 3)) {
    const path = `/axes/${letter.toLowerCase()}`
    const travelMm = Number(await ask(`${path}/max_travel_mm`))
    const homedAtMm = Number(await ask(`${path}/homing/mpos_mm`))
    const direction = await ask(`${path}/homing/positive_direction`)
    const isKnown = travelMm > 0 && Number.isFinite(homedAtMm) && direction !== undefined
    axes.push(isKnown ? { travelMm, homedAtMm, homesToPositive: /^(true|1)$/i.test(direction) } : undefined)
  }
  return fluidncEnvelope(axes)
}

function settingList({ facts, settings }: Identity): FirmwareSetting[] {
  return [...settings.all].map(([number, value]) => ({ number, value, ...settingFacts(number, facts, facts.axes), isDrifted: false }))
}

function remarks(found: { facts: ControllerFacts; settings: ControllerSettings; envelopeMm: Envelope | undefined; report: StatusReport }): string[] {
  const { facts, settings, envelopeMm, report } = found
  const said: string[] = []
  if (!settings.hasHoming)
    said.push(
      'Homing is off ($22=0): the controller counts from wherever the machine stands when it is switched on, so the travel cannot be known and nothing keeps a program inside it but your own zero.',
    )
  else if (!envelopeMm) said.push('The controller does not tell its whole travel ($130 to $132). Measure it and enter it by hand.')
  if (!settings.hasSoftLimits)
    said.push("Soft limits are off ($20=0): the controller itself would run into the machine's ends. Programs are checked here all the same.")
  else if (facts.dialect === 'grblhal' && settings.hasHoming)
    said.push('Its soft limits count only once an axis was homed: before, grblHAL lets a move run beyond the travel.')
  if (!settings.hasHardLimits) said.push('Hard limits are off ($21=0): a limit switch that is hit in motion does not stop the machine.')
  if (settings.isReportingInches) said.push('It reports in inches ($13=1); everything is shown in millimetres here.')
  if (settings.isLaser) said.push('Laser mode is on ($32=1): the beam follows the feed, and M3 keeps it on while the machine stands.')
  const reports = Number(settings.all.get(10))
  if (facts.dialect !== 'fluidnc' && Number.isInteger(reports) && (reports & 2) === 0)
    said.push(`Its reports do not tell how full its buffers are ($10=${reports}): $10=${reports | 2} does, and an answer that got lost is noticed sooner then.`)
  if (facts.axes.length > 3) said.push(`It has ${facts.axes.length} axes: ${facts.axes.join(', ')}.`)
  if (report.pins.includes('D')) said.push('Its safety door input is on.')
  if (report.pins.includes('E')) said.push('Its emergency stop input is on.')
  const limits = [...report.pins].filter((pin) => facts.axes.includes(pin))
  if (limits.length > 0)
    said.push(`Limit switches are on right now: ${limits.join(', ')}. If the machine does not stand on them, they are wired or set the wrong way round ($5).`)
  if (report.state === 'alarm') said.push('It is locked: home it before anything else, or unlock it where it cannot be homed.')
  return said
}
