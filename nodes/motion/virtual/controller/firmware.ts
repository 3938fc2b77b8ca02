/**
 * A GRBL 1.1h controller without wires and clock: bytes in, text out, time by the call. Written from the
 * firmware's documented behaviour (grbl 1.1: protocol.c, serial.c, system.c; doc/markdown), never from
 * what our guard sends.
 */
import { Core, checkpoint, type Step, type Wait } from './core.ts'
import { ALARM, type AlarmCode, ERROR, type ErrorCode, LineError } from './errors.ts'
import { executeGcode } from './execute-block.ts'
import { LineReader, type ReadLine } from './line-reader.ts'
import { type Envelope, Machine } from './machine.ts'
import type { Eeprom } from './settings.ts'
import { describeSetting, SETTING_CODES } from './settings.ts'
import { isSuspended, stateName } from './state.ts'
import { reportStatus } from './status-report.ts'
import { executeSystem, runStartupLines, VERSION } from './system-commands.ts'
import { type Vector, zero } from './vector.ts'

export interface FirmwareOptions {
  envelope: Envelope
  eeprom: Eeprom
  /** The EEPROM was unreadable and `eeprom` are defaults: the firmware says so before its banner. */
  isEepromBlank?: boolean
  /** Where the carriage stands, in the envelope's coordinates. */
  carriage: Vector
  /** What the firmware sends. */
  onOutput: (text: string) => void
  /** The EEPROM holds this from now on. */
  onEeprom?: (eeprom: Eeprom) => void
  /** A line was answered; for tests and logs. */
  onAnswer?: (line: string, answer: string) => void
}

/** Bytes that arrived and never reached the firmware's program. */
export interface LostBytes {
  overflow: number
  eeprom: number
}

export class Firmware {
  private readonly options: FirmwareOptions
  private readonly machine: Machine
  private core: Core
  private main: Step
  private reader = new LineReader()
  private wait: Wait = { kind: 'checkpoint' }
  private isStatusWanted = false
  private output = ''
  private lostInEeprom = 0

  /** Powers on: machine position 0 wherever the carriage stands; locked when homing is enabled. */
  constructor(options: FirmwareOptions) {
    this.options = options
    this.machine = new Machine(options.envelope, options.carriage)
    this.core = this.newCore(options.eeprom)
    if (options.isEepromBlank) {
      this.core.say(`error:${ERROR.eepromRead}`)
      for (const code of SETTING_CODES) this.core.say(describeSetting(this.core.eeprom.settings, code))
    }
    this.main = this.boot()
    this.run()
    this.flush()
  }

  /** The state as a report names it, for logs and tests. */
  get stateName(): string {
    return stateName(this.core.state)
  }
  /** Machine mm as the firmware counts. */
  get position(): Vector {
    return this.core.motion.position
  }
  /** Where the carriage really stands, in the envelope's coordinates. */
  get carriage(): Vector {
    return this.machine.carriageAt(this.core.motion.position)
  }
  get isMoving(): boolean {
    return this.core.motion.feedMmPerMin > 0
  }
  get lostBytes(): LostBytes {
    return { overflow: this.core.received.overflowed, eeprom: this.lostInEeprom }
  }

  /** Bytes arrive on the serial line. */
  receive(bytes: Uint8Array): void {
    for (const byte of bytes) {
      if (this.wait.kind === 'eeprom') {
        this.lostInEeprom++
        continue
      }
      if (byte >= 0x80 || REALTIME.includes(byte)) this.realtime(byte)
      else {
        // the program reads along while bytes come in; only a busy program lets the buffer fill up
        if (this.core.received.free === 0) this.run()
        this.core.received.push(byte)
        if (byte === 0x0a || byte === 0x0d) this.run()
      }
    }
    this.run()
    this.serveStatus()
    this.flush()
  }

  /** Seconds until something happens by itself; infinite when nothing will. */
  secondsToEvent(): number {
    return Math.min(this.core.motion.secondsToEvent(), this.waitSeconds(), this.doorSeconds())
  }

  /** Lets this many seconds pass. */
  elapse(seconds: number): void {
    let left = seconds
    for (;;) {
      const step = Math.min(left, this.secondsToEvent())
      const isWaitOver = this.waitSeconds() <= step
      const isDoorOver = this.doorSeconds() <= step
      this.pass(step)
      const event = this.core.motion.elapse(step)
      if (event) this.core.onMotion(event)
      if (isDoorOver) this.core.doorRestored()
      if (event || isWaitOver || isDoorOver) this.run()
      else break
      left -= step
    }
    this.serveStatus()
    this.flush()
  }

  /** Power off and on again, unasked: all but EEPROM is lost, position 0 where the carriage stands. */
  powerCycle(): void {
    const at = this.core.motion.position
    this.machine.rename(at, zero())
    this.core = this.newCore(this.core.eeprom)
    this.main = this.boot()
    this.run()
    this.flush()
  }

  /** An alarm from outside the program, e.g. 1 for a limit switch; 1 and 2 lock until a reset. */
  trip(code: AlarmCode): void {
    const { core } = this
    if (core.state.kind === 'alarm' && core.state.isLocked) return
    if (code === ALARM.hardLimit || code === ALARM.softLimit) core.lock(code)
    else {
      core.motion.abort()
      core.alarm(code)
    }
    this.run()
    this.flush()
  }

  /** The safety door's switch. */
  setDoor(isOpen: boolean): void {
    this.machine.isDoorOpen = isOpen
    if (isOpen) this.doorOpened()
    else this.core.closeDoor()
    this.run()
    this.flush()
  }

  /** Puts a touch plate under the probe, its surface at this machine Z; null takes it away. */
  setTouchPlate(z: number | null): void {
    this.machine.touchPlateZ = z
  }

  private newCore(eeprom: Eeprom): Core {
    const core = new Core({
      machine: this.machine,
      eeprom,
      write: (text) => {
        this.output += text
      },
      onEeprom: (changed) => this.options.onEeprom?.(changed),
    })
    if (eeprom.settings[22]) core.state = { kind: 'alarm', isLocked: false }
    return core
  }

  private flush(): void {
    if (!this.output) return
    const text = this.output
    this.output = ''
    this.options.onOutput(text)
  }

  /** main.c: after power-on and after every reset. */
  private boot(): Step {
    const { core } = this
    core.reinitialise()
    core.state = core.state.kind === 'alarm' || core.state.kind === 'sleep' ? { kind: 'alarm', isLocked: false } : { kind: 'idle' }
    this.reader = new LineReader()
    this.isStatusWanted = false
    this.wait = { kind: 'checkpoint' }
    core.say('')
    core.say(`Grbl ${VERSION} ['$' for help]`)
    return this.mainProgram()
  }

  private *mainProgram(): Step {
    const { core } = this
    if (core.state.kind === 'alarm') core.message("'$H'|'$X' to unlock")
    else {
      if (this.machine.isDoorOpen) core.openDoor()
      yield* checkpoint()
      if (!core.isAborting) yield* runStartupLines(core)
    }
    for (;;) {
      while (!core.received.isEmpty) {
        const line = this.reader.push(core.received.shift())
        if (!line) continue
        yield* checkpoint()
        if (core.isAborting) return
        yield* this.answer(line)
        if (this.isAsleep()) core.message('Sleeping')
      }
      core.startQueued()
      yield { kind: 'bytes' }
      if (core.isAborting) return
    }
  }

  private isAsleep(): boolean {
    return this.core.state.kind === 'sleep'
  }

  private *answer(line: ReadLine): Step {
    let code: ErrorCode | null = null
    try {
      yield* this.execute(line)
    } catch (error) {
      if (!(error instanceof LineError)) throw error
      code = error.code
    }
    const answer = code === null ? 'ok' : `error:${code}`
    this.core.say(answer)
    this.options.onAnswer?.(line.text, answer)
  }

  private *execute(line: ReadLine): Step {
    const { core } = this
    if (line.isTooLong) throw new LineError(ERROR.lineTooLong)
    if (line.text === '') return
    if (line.text.startsWith('$')) return yield* executeSystem(core, line.text)
    if (core.state.kind === 'alarm' || core.state.kind === 'jog') throw new LineError(ERROR.locked)
    yield* executeGcode(core, line.text)
  }

  /** Runs the main program as far as it gets; it returns only after a reset, and then boots again. */
  private run(): void {
    for (;;) {
      if (!this.core.isAborting && !this.isWaitOver()) return
      const next = this.main.next()
      if (next.done) this.main = this.boot()
      else this.wait = next.value
    }
  }

  private isWaitOver(): boolean {
    const { core, wait } = this
    if (wait.kind === 'eeprom' || wait.kind === 'homing') return wait.secondsLeft <= 0
    if (isSuspended(core.state)) return false
    switch (wait.kind) {
      case 'checkpoint':
        return true
      case 'bytes':
        return !core.received.isEmpty
      case 'room':
        core.startQueued()
        return !core.motion.isFull
      case 'synced':
        core.startQueued()
        return core.motion.isEmpty && core.state.kind !== 'run'
      case 'idle':
        return core.state.kind === 'idle'
      case 'dwell':
        return wait.secondsLeft <= 0
    }
  }

  /** Seconds the main program sleeps; infinite when it waits for something else. */
  private waitSeconds(): number {
    const { wait } = this
    if (wait.kind === 'eeprom' || wait.kind === 'homing') return Math.max(wait.secondsLeft, 0)
    if (wait.kind === 'dwell' && !isSuspended(this.core.state)) return Math.max(wait.secondsLeft, 0)
    return Number.POSITIVE_INFINITY
  }

  private doorSeconds(): number {
    const { state } = this.core
    return state.kind === 'door' && state.phase === 'restoring' ? Math.max(state.secondsLeft, 0) : Number.POSITIVE_INFINITY
  }

  private pass(seconds: number): void {
    const { wait } = this
    const { state } = this.core
    const snap = (left: number) => (left <= seconds ? 0 : left - seconds)
    if (wait.kind === 'eeprom' || wait.kind === 'homing' || (wait.kind === 'dwell' && !isSuspended(state)))
      this.wait = { ...wait, secondsLeft: snap(wait.secondsLeft) }
    if (state.kind === 'door' && state.phase === 'restoring') this.core.state = { ...state, secondsLeft: snap(state.secondsLeft) }
  }

  /** A report that was asked for, unless the firmware is deaf just now. */
  private serveStatus(): void {
    if (!this.isStatusWanted || this.isDeaf()) return
    this.isStatusWanted = false
    this.core.say(reportStatus(this.core))
  }

  private isDeaf(): boolean {
    const { state } = this.core
    return this.wait.kind === 'homing' || this.wait.kind === 'eeprom' || (state.kind === 'alarm' && state.isLocked)
  }

  /** A byte that the receive interrupt picks out of the stream; what is no command is thrown away. */
  private realtime(byte: number): void {
    const { core } = this
    if (byte === 0x18) {
      this.softReset()
      return
    }
    if (byte === QUESTION) {
      this.isStatusWanted = true
      return
    }
    if (byte === 0x84) {
      this.serveStatus()
      this.doorOpened()
      this.run()
      return
    }
    if (this.isDeaf()) return
    this.serveStatus()
    switch (byte) {
      case TILDE:
        core.cycleStart()
        break
      case EXCLAMATION:
        core.feedHold()
        break
      case 0x85:
        core.cancelJog()
        break
      case 0x9e:
        core.toggleSpindleStop()
        break
      case 0xa0:
      case 0xa1:
        this.toggleCoolant(byte === 0xa1)
        break
      default:
        this.override(byte)
    }
    this.run()
  }

  private softReset(): void {
    this.isStatusWanted = false
    this.core.reset()
    this.run()
  }

  private doorOpened(): void {
    if (this.core.state.kind === 'home') {
      this.core.reset(ALARM.homingDoor)
      this.run()
    } else this.core.openDoor()
  }

  private toggleCoolant(isMist: boolean): void {
    const { core } = this
    if (!['idle', 'run', 'hold', 'jog'].includes(core.state.kind)) return
    const { coolant } = core.parser.modal
    const next = isMist ? { ...coolant, hasMist: !coolant.hasMist } : { ...coolant, hasFlood: !coolant.hasFlood }
    core.parser.modal.coolant = next
    core.setCoolant(next.hasMist, next.hasFlood)
  }

  private override(byte: number): void {
    const { core } = this
    const { feed, spindle } = core.overrides
    const rapid = { 149: 100, 150: 50, 151: 25 }[byte]
    const step = { 0: 0, 1: 10, 2: -10, 3: 1, 4: -1 }[byte < 0x99 ? byte - 0x90 : byte - 0x99]
    if (rapid !== undefined) core.changeOverrides({ rapid })
    else if (byte >= 0x90 && byte <= 0x94 && step !== undefined) core.changeOverrides({ feed: step === 0 ? 100 : feed + step })
    else if (byte >= 0x99 && byte <= 0x9d && step !== undefined) core.changeOverrides({ spindle: step === 0 ? 100 : spindle + step })
  }
}

const QUESTION = 0x3f
const TILDE = 0x7e
const EXCLAMATION = 0x21
const REALTIME: readonly number[] = [0x18, QUESTION, TILDE, EXCLAMATION]
