/** What LinuxCNC is told without a program: one line, homing, power, a jog, and the actions made of them. */
import { fromErrorMessage, OperationalError, toErrorMessage, UserError } from '../../../../base/errors.ts'
import type { ActionResult, AxisValues, MachineAction } from '../../action.ts'
import { type Finding, readProgram } from '../../gcode/index.ts'
import { lockOf } from '../../linuxcnc/index.ts'
import { refusalOf } from '../check/refusal.ts'
import type { Asker } from '../holders.ts'
import type { JogRequest } from '../jog.ts'
import { leaseStale, notSupported, positionNotTrusted } from '../refusals.ts'
import type { LinuxcncCore } from './core.ts'
import { modelOf } from './model.ts'
import { stateWords } from './stopping.ts'
import { type LinuxcncWork, mustBeIdle, work } from './work.ts'

export type Fresh = () => Promise<void>

const WORK_OFFSETS = ['G54', 'G55', 'G56', 'G57', 'G58', 'G59', 'G59.1', 'G59.2', 'G59.3']
/** Homing of a large machine may take minutes; without any motion for so long it has failed. */
const HOMING_STILL_MS = 8000
const HOMING_MS = 10 * 60_000

/** Sends one line as MDI and waits until the machine stands again. */
export async function sendCommand(core: LinuxcncCore, raw: string, asker: Asker, fresh: Fresh): Promise<{ answer: string }> {
  const line = raw.trim()
  if (line.startsWith('$')) throw notSupported('LinuxCNC knows no $ lines. Its settings are in its INI file; homing and unlocking have their own buttons.')
  core.interlocks.mustBeSafe()
  await work(core, { what: 'command', ...asker }, async (at) => {
    note(core, 'command', asker, line)
    await fresh()
    mustBeIdle(core)
    checkLine(core, line)
    await mdi(core, at, line, fresh)
  })
  return { answer: 'ok' }
}

function note(core: LinuxcncCore, what: string, { by, lease }: Asker, text?: string): void {
  core.journal.append({ kind: 'request', what, by, ...(text === undefined ? {} : { text }), ...(lease === undefined ? {} : { lease }) })
}

/**
 * The same check as for a program, for one line.
 * @throws UserError `line-refused`, `outside-envelope`, `keep-out`, …, `position-not-trusted` for a move of a machine that is not homed
 */
function checkLine(core: LinuxcncCore, line: string): void {
  if (!/^[\x20-\x7e]{1,250}$/.test(line))
    throw new UserError({
      code: 'line-refused',
      message: 'The line holds characters outside plain ASCII, or is too long.',
      details: { line: 1, column: 1, reason: 'characters' },
    })
  const { model, unknownOffsets } = modelOf(core, { blockDelete: false })
  let first: Finding | undefined
  let moves = false
  // a single line may select an offset: that moves nothing, and the next look shows where it is
  const isSelection = unknownOffsets.some((name) => line.toUpperCase().replaceAll(' ', '') === name && name !== 'G28' && name !== 'G30')
  const reader = readProgram(
    { ...model, forbiddenCodes: isSelection ? (core.settings.guarding?.forbiddenCodes ?? []) : (model.forbiddenCodes ?? []) },
    {
      motion: () => {
        moves = true
      },
      finding(finding) {
        if (finding.severity === 'error') first ??= { ...finding }
      },
    },
  )
  reader.add(Buffer.from(`${line}\n`, 'latin1'))
  reader.end()
  if (first) throw fromErrorMessage(toErrorMessage(refusalOf(first, line)))
  if (moves && !core.isPositionTrusted) throw positionNotTrusted()
}

/**
 * One line, and its end: LinuxCNC says that it took it; that it is done shows only in its state.
 * @throws OperationalError `controller-refused` with LinuxCNC's own words
 */
async function mdi(core: LinuxcncCore, at: LinuxcncWork, line: string, fresh: Fresh): Promise<void> {
  const { talk } = at
  if (core.status.mode !== 'mdi') await talk.set('MODE MDI')
  // an error from before is not the answer to this line
  for (let i = 0; i < 10 && (await talk.get('ERROR')) !== 'OK'; i += 1);
  at.check()
  await talk.set(`MDI ${line}`)
  const since = performance.now()
  for (;;) {
    await fresh()
    if (core.talk !== talk) throw new OperationalError({ code: 'link-down', message: 'The link was lost before the line was seen done.' })
    const lock = lockOf(core.status)
    if (lock) throw new OperationalError({ code: 'controller-refused', message: `${lock.text}. ${lock.whatToDo}`, status: 409 })
    const error = await talk.get('ERROR')
    if (error !== undefined && error !== 'OK') throw new OperationalError({ code: 'controller-refused', message: `LinuxCNC says: ${error}`, status: 409 })
    if (core.status.program === 'idle' && core.stillLooks >= 2 && performance.now() - since > 150) break
    if (!at.isCurrent() && core.controller.state !== 'hold' && core.controller.state !== 'run') break
  }
  at.check()
}

/** Releases LinuxCNC's emergency stop and switches the machine on. Moves nothing. */
export async function unlock(core: LinuxcncCore, asker: Asker, fresh: Fresh): Promise<void> {
  await work(core, { what: 'unlocking', ...asker }, async ({ talk }) => {
    note(core, 'unlock', asker)
    await talk.set('ESTOP OFF')
    await talk.set('MACHINE ON')
    for (let looks = 0; looks < 20; looks += 1) {
      await fresh()
      if (!lockOf(core.status)) return
    }
    throw new UserError({ code: 'controller-refused', message: `LinuxCNC was not unlocked: ${stateWords(core)}`, status: 409 })
  })
}

/** Homes all joints, in the order of LinuxCNC's own settings. @throws OperationalError `homing-failed` */
export async function home(core: LinuxcncCore, asker: Asker, fresh: Fresh): Promise<void> {
  core.interlocks.mustBeSafe()
  await work(core, { what: 'homing', ...asker }, async (at) => {
    const { talk } = at
    note(core, 'home', asker)
    await fresh()
    if (lockOf(core.status) || core.isMoving || core.status.program !== 'idle')
      throw new UserError({ code: 'machine-not-idle', message: `The machine was not homed: ${stateWords(core)}`, status: 409 })
    await talk.set('MODE MANUAL')
    // joints are homed, not axes
    await talk.say('SET TELEOP_ENABLE OFF')
    at.check()
    const all = await talk.say('SET HOME -1')
    if (all.isOk) await untilHomed(core, at, fresh, () => core.isHomed)
    // an old server homes one joint at a time: Z first, out of the way
    else
      for (const joint of [2, 0, 1, ...core.status.isHomed.keys()].filter(
        (each, index, list) => list.indexOf(each) === index && each < core.status.isHomed.length,
      )) {
        at.check()
        await talk.set(`HOME ${joint}`)
        await untilHomed(core, at, fresh, () => core.status.isHomed[joint] === true)
      }
    core.setTrust(true, '')
    // axes, not joints, from here on
    await talk.say('SET TELEOP_ENABLE ON')
  })
}

async function untilHomed(core: LinuxcncCore, at: LinuxcncWork, fresh: Fresh, isDone: () => boolean): Promise<void> {
  const giveUpAt = performance.now() + HOMING_MS
  // a joint that was homed before is not homed any more as soon as it begins
  let stillSince = performance.now()
  let hasMoved = false
  for (;;) {
    await fresh()
    at.check()
    const lock = lockOf(core.status)
    if (lock) throw homingFailed(`${lock.text}. ${lock.whatToDo}`)
    if (core.isMoving) {
      hasMoved = true
      stillSince = performance.now()
    }
    const stillMs = performance.now() - stillSince
    if (isDone() && (hasMoved ? core.stillLooks >= 2 : stillMs > 500)) return
    const error = await at.talk.get('ERROR')
    if (error !== undefined && error !== 'OK') throw homingFailed(error)
    if (stillMs > HOMING_STILL_MS || performance.now() > giveUpAt) throw homingFailed('nothing moves any more, and not every joint is homed')
  }
}

function homingFailed(why: string): OperationalError {
  return new OperationalError({ code: 'homing-failed', message: `Homing did not come to its end: ${why.replace(/\.$/, '')}.` })
}

/** Everything that may be asked without a program; what linuxcncrsh has no word for is refused. */
export async function act(core: LinuxcncCore, action: MachineAction, asker: Asker, fresh: Fresh): Promise<ActionResult> {
  core.rate.take()
  const line = (text: string) => sendCommand(core, text, asker, fresh)
  const done = (text: string): ActionResult => ({ text })
  switch (action.kind) {
    case 'line':
      await line(action.line)
      return { text: 'The line was carried out.', answer: 'ok' }
    case 'home':
      if (action.axes) throw notSupported('LinuxCNC homes its joints in the order of its own settings. Home all of them.')
      await home(core, asker, fresh)
      return done('The machine is homed.')
    case 'unlock':
      await unlock(core, asker, fresh)
      return done('The machine is switched on.')
    case 'jog': {
      const distance = Math.hypot(...Object.values(action.by))
      if (distance === 0) return done('Nothing to jog.')
      await withModes(core, asker, fresh, `G91G1${wordsOf(action.by, '', STEP_DIGITS)}F${decimal(action.feedMmPerMin)}`)
      return done(`Jogged by ${wordsOf(action.by, ' ')} mm.`)
    }
    case 'go-to': {
      const words = wordsOf(action.to)
      await withModes(core, asker, fresh, `${action.frame === 'machine' ? 'G53' : ''}G90G1${words}F${decimal(action.feedMmPerMin)}`)
      return done(`It stands at ${wordsOf(action.to, ' ')}.`)
    }
    case 'set-here':
      await withModes(core, asker, fresh, `G10L20P${WORK_OFFSETS.indexOf(action.workOffset) + 1}${wordsOf(action.here)}`)
      return done(`${action.workOffset} was set.`)
    case 'set-offset':
      if (action.expectedMm) throw notSupported('LinuxCNC does not tell its offsets, so that it cannot be seen whether this one was moved.')
      await withModes(core, asker, fresh, `G10L2P${WORK_OFFSETS.indexOf(action.workOffset) + 1}${wordsOf(action.offsetMm)}`)
      return done(`${action.workOffset} was set.`)
    case 'select-offset':
      await line(action.workOffset)
      return done(`${action.workOffset} is in force.`)
    case 'clear-g92':
      await line('G92.1')
      return done('G92 is taken away.')
    case 'tool-length':
      await withModes(core, asker, fresh, action.lengthMm === null ? 'G49' : `G43.1Z${decimal(action.lengthMm)}`)
      return done(action.lengthMm === null ? 'No tool length is in force.' : `The tool length is ${decimal(action.lengthMm)} mm.`)
    case 'spindle':
      await line(action.turn === 'off' ? 'M5' : `${action.turn === 'cw' ? 'M3' : 'M4'}${action.rpm === undefined ? '' : `S${decimal(action.rpm)}`}`)
      return done(action.turn === 'off' ? 'The spindle was switched off.' : 'The spindle was switched on.')
    case 'tool-is':
      await line(`M61Q${action.tool}`)
      return done(`Tool ${action.tool} is in the spindle.`)
    case 'coolant':
      note(core, 'coolant', asker)
      await core.connected().set(`FLOOD ${action.isFloodOn ? 'ON' : 'OFF'}`)
      await core.connected().set(`MIST ${action.isMistOn ? 'ON' : 'OFF'}`)
      return done('The coolant was set.')
    case 'override': {
      if (action.rapid !== undefined) throw notSupported('linuxcncrsh has no order for the rapid override. It can be set at LinuxCNC itself.')
      note(core, 'override', asker, JSON.stringify({ feed: action.feed, spindle: action.spindle }))
      if (action.feed !== undefined) await core.connected().set(`FEED_OVERRIDE ${action.feed}`)
      if (action.spindle !== undefined) await core.connected().set(`SPINDLE_OVERRIDE ${action.spindle}${core.greeting?.facts.isModern ? ' 0' : ''}`)
      return done('The override was set.')
    }
    case 'reset-parts-count':
      note(core, 'reset parts count', asker)
      core.remembered.setPartsCount(0)
      core.changed()
      return done('The count begins at 0.')
    case 'probe':
      throw notSupported('Probing cycles are made for controllers of the GRBL family. On LinuxCNC run a probing program of its own (G38.2).')
    case 'safety-door':
      throw notSupported('LinuxCNC has no safety-door order: what its door does is wired in its HAL.')
    default:
      return action satisfies never
  }
}

/** A line in millimetres, absolute where it does not say otherwise; the modes are put back to what they were. */
async function withModes(core: LinuxcncCore, asker: Asker, fresh: Fresh, text: string): Promise<void> {
  core.interlocks.mustBeSafe()
  await work(core, { what: 'moving', ...asker }, async (at) => {
    note(core, 'command', asker, text)
    await fresh()
    mustBeIdle(core)
    const { codes } = core.status
    const keeps = ['G20', 'G91', 'G93', 'G95'].filter((code) => codes.includes(code))
    const motion = codes.find((code) => /^G(0|1|2|3|33|73|8\d|38\.\d)$/.test(code))
    const prefix = `G21G94${/G9[01]/.test(text) ? '' : 'G90'}`
    checkLine(core, `${prefix}${text}`)
    try {
      await mdi(core, at, `${prefix}${text}`, fresh)
    } finally {
      // G90 and G91 hold until they are changed: what was in force before is in force again
      const back = [...keeps, ...(codes.includes('G91') ? [] : ['G90']), ...(motion === 'G0' ? ['G0'] : [])].join('')
      if (back && at.isCurrent() && core.controller.state === 'idle') await mdi(core, at, back, fresh)
    }
  })
}

function wordsOf(values: AxisValues, between = '', digits?: number): string {
  return Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([letter, value]) => `${letter}${decimal(value as number, digits)}`)
    .join(between)
}

/** Four decimals of an inch are five of a millimetre. */
const STEP_DIGITS = 5
const decimal = (value: number, digits = 4) => String(Math.round(value * 10 ** digits) / 10 ** digits)

/** Kept to the end of the travel. */
const MARGIN_MM = 0.1

/**
 * Moves for as long as the heartbeat comes, at most to the end of the travel: every axis is given that distance, so that
 * LinuxCNC itself ends the jog if this process or the link does not.
 */
export async function jogStart(core: LinuxcncCore, request: JogRequest, fresh: Fresh): Promise<{ token: number }> {
  core.rate.take()
  core.interlocks.mustBeSafe()
  const { direction, feedMmPerMin, ttlMs, by, lease } = request
  const began = Promise.withResolvers<{ token: number }>()
  const asker: Asker = { by, lease }
  work(core, { what: 'jogging', ...asker }, async (at) => {
    note(core, 'jog', asker, JSON.stringify(direction))
    await fresh()
    mustBeIdle(core)
    const { talk } = at
    if (core.status.mode !== 'manual') await talk.set('MODE MANUAL')
    const isTeleop = /^(ON|YES)$/i.test((await talk.get('TELEOP_ENABLE')) ?? '')
    const axes = jogAxes(core, direction, feedMmPerMin, isTeleop)
    at.check()
    const over = Promise.withResolvers<void>()
    let timer: NodeJS.Timeout
    const end = () => {
      clearTimeout(timer)
      if (core.jog?.token === at.token) core.jog = undefined
      if (talk.isOpen) for (const { name } of axes) talk.say(`SET JOG_STOP ${name}`)
      over.resolve()
    }
    let endsAt = Number.POSITIVE_INFINITY
    const beat = () => {
      // after a sleep of this process old beats are read before the timer runs
      if (performance.now() > endsAt) {
        end()
        return false
      }
      clearTimeout(timer)
      endsAt = performance.now() + ttlMs
      timer = setTimeout(end, ttlMs)
      return true
    }
    core.jog = { token: at.token, end, beat }
    beat()
    try {
      for (const { name, speed, distance } of axes)
        await talk.set(distance === undefined ? `JOG ${name} ${decimal(speed)}` : `JOG_INCR ${name} ${decimal(speed)} ${decimal(distance)}`)
      began.resolve({ token: at.token })
      // it ends by itself where the travel does
      while (at.isCurrent() && core.jog?.token === at.token) {
        await Promise.race([over.promise, fresh()])
        if (core.stillLooks >= 3) break
      }
    } finally {
      end()
    }
    while (core.talk === talk && talk.isOpen && core.stillLooks < 1) await fresh()
  }).catch((error) => began.reject(error))
  return await began.promise
}

function jogAxes(core: LinuxcncCore, direction: AxisValues, feedMmPerMin: number, isTeleop: boolean) {
  const { facts } = core.greeting ?? {}
  if (!facts) throw new OperationalError({ code: 'link-down', message: 'LinuxCNC has not said yet what it is.' })
  const { envelopeMm } = core.settings
  const entries = Object.entries(direction).filter(([, value]) => value !== undefined && value !== 0) as [string, number][]
  const length = Math.hypot(...entries.map(([, value]) => value))
  let furthest = Number.POSITIVE_INFINITY
  const axes = entries.map(([letter, value]) => {
    const index = facts.axes.indexOf(letter)
    if (index < 0) throw notSupported(`This machine has no axis ${letter}.`)
    const [min, max, here] = [envelopeMm.min[index], envelopeMm.max[index], core.status.positionMm[index] ?? 0]
    if (core.isPositionTrusted && min !== undefined && max !== undefined) {
      const room = value > 0 ? max - MARGIN_MM - here : here - (min + MARGIN_MM)
      if (room <= 0)
        throw new UserError({ code: 'outside-envelope', message: `${letter} is at the end of its travel in this direction. Nothing was sent.`, status: 409 })
      furthest = Math.min(furthest, room / Math.abs(value))
    }
    return { name: isTeleop ? letter : String(index), letter, value }
  })
  return axes.map(({ name, letter, value }) => {
    const unit = ['A', 'B', 'C'].includes(letter) ? 1 : facts.mmPerUnit
    const speed = (Math.abs(value) / length) * feedMmPerMin * Math.sign(value)
    // before homing there is no travel: LinuxCNC jogs single joints then, for as long as it is told
    return { name, speed: speed / unit, distance: Number.isFinite(furthest) ? (Math.abs(value) * furthest) / unit : undefined }
  })
}

/** @throws UserError `lease-stale`: the jog has ended */
export function jogBeat(core: LinuxcncCore, token: number): void {
  if (core.jog?.token !== token || !core.jog.beat()) throw leaseStale()
}

export function jogEnd(core: LinuxcncCore, token: number): void {
  if (core.jog?.token === token) core.jog.end()
}
