/**
 * What the parts of the simulated firmware share: its memory, its state, and the primitives that change
 * state. Output is text for the serial line; time passes only through `Firmware.elapse`.
 */
import { ALARM, type AlarmCode } from './errors.ts'
import { LineReader } from './line-reader.ts'
import type { Machine } from './machine.ts'
import { newParserState, type ParserState } from './modal.ts'
import { type BegunLine, Motion, type MotionEvent } from './motion.ts'
import { NO_OVERRIDES, Outputs, type Overrides, overridePercent } from './outputs.ts'
import { Parking } from './parking.ts'
import type { Personality } from './personality.ts'
import { ReceiveBuffer } from './receive-buffer.ts'
import { type Eeprom, isOutsideTravel } from './settings.ts'
import { isResetLosingPosition, type State } from './state.ts'
import { type Axis, type Vector, zero } from './vector.ts'

/** Seconds to get spindle and coolant going again after the door (config.h: SAFETY_DOOR_SPINDLE_DELAY, SAFETY_DOOR_COOLANT_DELAY). */
const DOOR_SPINDLE_S = 4
const DOOR_COOLANT_S = 1

/** What is looked for while lines run. */
type Feeler =
  | { kind: 'none' }
  | { kind: 'probe'; isAway: boolean }
  /** The switches of these axes end a homing move. */
  | { kind: 'switches'; axes: readonly Axis[] }

export interface CoreOptions {
  personality: Personality
  machine: Machine
  eeprom: Eeprom
  /** Built with parking (grbl 1.1 config.h PARKING_ENABLE). */
  hasParking: boolean
  write: (text: string) => void
  onEeprom: (eeprom: Eeprom) => void
  /** A line of the planner was begun. */
  onLine: (line: BegunLine) => void
}

export class Core {
  readonly personality: Personality
  readonly machine: Machine
  readonly motion: Motion
  readonly received: ReceiveBuffer
  /** What came of the line that is being read. */
  reader: LineReader
  eeprom: Eeprom
  state: State = { kind: 'idle' }
  parser: ParserState
  overrides: Overrides = { ...NO_OVERRIDES }
  readonly outputs: Outputs
  /** Spindle stop override (0x9E): the spindle was stopped in this hold. */
  isSpindleStopped = false
  feeler: Feeler = { kind: 'none' }
  /** A probe touched while a hold was braking: the rest of the move is not taken up again. */
  private isMoveCancelled = false
  probe: { position: Vector; isFound: boolean } = { position: zero(), isFound: false }
  /** A reset or stop is under way: every wait ends, the main program runs to its end or back to its loop. */
  abort: 'no' | 'reset' | 'stop' = 'no'
  /** It was a byte that asked for the reset under way. */
  isResetByByte = false
  /** Braking for {@link stop}. */
  private isStopping = false
  /** A soft limit brakes: standing then means Idle, not Hold. */
  isSoftLimit = false
  /** How the homing move in hand ended. */
  homingMove: 'going' | 'contact' | 'done' = 'done'
  /** Axes homed since power-on. */
  homed = new Set<Axis>()
  /** Number of the alarm that is on. */
  alarmCode: AlarmCode | null = null
  /** The answer to the last line, 0 for `ok` (grblHAL's sticky error). */
  lastError = 0
  /** Reports until WCO and Ov are due again. */
  wcoIn = 0
  overridesIn = 0
  /** The emergency stop is pressed (grblHAL). */
  isEmergencyStop = false
  private parking: Parking | undefined
  readonly hasParking: boolean
  private readonly write: (text: string) => void
  private readonly onEeprom: (eeprom: Eeprom) => void
  private readonly onLine: (line: BegunLine) => void

  constructor(options: CoreOptions) {
    this.personality = options.personality
    this.machine = options.machine
    this.eeprom = options.eeprom
    this.hasParking = options.hasParking
    this.write = options.write
    this.onEeprom = options.onEeprom
    this.onLine = options.onLine
    this.outputs = new Outputs({
      settings: () => this.eeprom.settings,
      spindlePercent: () => this.overrides.spindle,
      onChange: () => {
        this.overridesIn = 0
      },
    })
    this.received = new ReceiveBuffer(options.personality.rxBytes)
    this.reader = new LineReader(options.personality)
    this.parser = newParserState(this.eeprom.coordinates[0] ?? zero())
    this.motion = new Motion({
      settings: this.eeprom.settings,
      blocks: options.personality.plannerBlocks,
      findContact: (line) => {
        this.onLine(line)
        const { feeler } = this
        if (feeler.kind === 'switches') return this.machine.mmToLimit(line.from, line.unit, feeler.axes)
        const probe = feeler.kind === 'probe' ? this.machine.mmToProbe(line, feeler.isAway) : Number.POSITIVE_INFINITY
        const limit = this.eeprom.settings[21] && this.state.kind !== 'home' ? this.machine.mmToLimit(line.from, line.unit) : Number.POSITIVE_INFINITY
        return Math.min(probe, limit)
      },
    })
  }

  get isAborting(): boolean {
    return this.abort !== 'no'
  }

  /** Machine mm, wherever the motors are: in the program or on their way to the parking place. */
  get position(): Vector {
    return this.parking?.position ?? this.motion.position
  }
  get feedMmPerMin(): number {
    return this.parking?.feedMmPerMin ?? this.motion.feedMmPerMin
  }
  get isMoving(): boolean {
    return this.feedMmPerMin > 0
  }

  /** One line to the serial port. */
  say(line: string): void {
    this.write(`${line}\r\n`)
  }
  message(text: string): void {
    this.say(`[MSG:${this.personality.messagePrefix}${text}]`)
  }

  /** Everything but EEPROM, state and position as after power-on (main.c). */
  reinitialise(): void {
    this.abort = 'no'
    this.isResetByByte = false
    this.isStopping = false
    this.isSoftLimit = false
    this.feeler = { kind: 'none' }
    this.isMoveCancelled = false
    this.isSpindleStopped = false
    this.overrides = { ...NO_OVERRIDES }
    this.outputs.reset()
    this.probe = { position: zero(), isFound: false }
    this.lastError = 0
    this.wcoIn = 0
    this.overridesIn = 0
    this.forgetReceived()
    this.haltMotors()
    this.motion.setOverrides(this.overrides)
    this.parser = newParserState(this.eeprom.coordinates[0] ?? zero())
    this.parser.position = this.motion.position
  }

  /** What waits to be read is never answered. */
  forgetReceived(): void {
    this.received.clear()
    this.reader = new LineReader(this.personality)
  }

  /** Stops the motors at once and forgets the queue. */
  haltMotors(): void {
    const at = this.position
    this.parking = undefined
    this.motion.setPosition(at)
  }

  /** Takes on what the EEPROM is to hold from now on. */
  store(eeprom: Eeprom): void {
    this.eeprom = eeprom
    this.motion.setSettings(eeprom.settings)
    this.onEeprom(eeprom)
  }

  /** The next report carries the work offset. */
  noteOffsetChange(): void {
    this.wcoIn = 0
  }

  isOutsideTravel(target: Vector): boolean {
    const { axes } = this.machine
    return isOutsideTravel(this.eeprom.settings, target, this.personality.limitsHomedAxesOnly ? axes.filter((axis) => this.homed.has(axis)) : axes)
  }

  /** Cycle start, and what the firmware does by itself when nothing more is in the receive buffer. */
  cycleStart(): void {
    const { state } = this
    if (state.kind === 'door' && state.phase === 'closed') {
      this.restoreFromDoor()
    } else if (state.kind === 'tool') {
      this.state = { kind: 'idle' }
      this.startQueued()
    } else if (state.kind === 'idle' || (state.kind === 'hold' && state.isComplete)) {
      if (state.kind === 'hold' && this.personality.name === 'grblhal') this.say('[MSG:]')
      if (state.kind === 'hold' && this.isSpindleStopped) this.restoreSpindle()
      this.goOn()
    }
  }

  private goOn(): void {
    if (this.motion.isEmpty || this.isMoveCancelled) {
      this.state = { kind: 'idle' }
      this.isMoveCancelled = false
    } else {
      this.state = { kind: 'run', isCancelling: false }
      this.motion.start()
      this.applyLineSpindle()
    }
  }

  startQueued(): void {
    if (!this.motion.isEmpty && this.state.kind === 'idle') this.cycleStart()
  }

  feedHold(): void {
    const { state } = this
    if (state.kind === 'idle') this.state = { kind: 'hold', isComplete: true }
    else if (state.kind === 'jog') this.cancelJog()
    else if (state.kind === 'run' && !state.isCancelling) {
      this.state = { kind: 'hold', isComplete: false }
      this.motion.hold()
    }
  }

  /** 0x85, or a hold while jogging. */
  cancelJog(): void {
    if (this.state.kind !== 'jog' || this.state.isCancelling) return
    this.state = { ...this.state, isCancelling: true }
    this.motion.hold()
  }

  /** grblHAL's 0x19: the rest of the program is thrown away, the machine comes to rest and keeps its place. */
  stop(): void {
    this.forgetReceived()
    this.abort = 'stop'
    const { state } = this
    if (state.kind === 'alarm' || state.kind === 'sleep' || state.kind === 'check') return
    this.outputs.off()
    if (this.motion.feedMmPerMin > 0) {
      this.isStopping = true
      this.state = { kind: 'run', isCancelling: true }
      this.motion.hold()
    } else this.stopped()
  }

  private stopped(): void {
    this.isStopping = false
    this.haltMotors()
    this.feeler = { kind: 'none' }
    this.isMoveCancelled = false
    const { tool } = this.parser
    this.parser = newParserState(this.eeprom.coordinates[0] ?? zero())
    this.parser.tool = tool
    this.parser.position = this.motion.position
    this.state = this.machine.isDoorOpen ? { kind: 'door', phase: 'ajar' } : { kind: 'idle' }
    this.message('Stop')
  }

  /** 0x84 or the door switch. */
  openDoor(): void {
    const { state } = this
    const tell = () => this.message(this.personality.checkDoor)
    switch (state.kind) {
      case 'alarm':
      case 'check':
      case 'home':
        return
      case 'sleep':
        tell()
        return
      case 'jog':
        tell()
        this.cancelJog()
        this.state = { kind: 'jog', isCancelling: true, doorPending: true }
        return
      case 'run':
        tell()
        this.state = { kind: 'door', phase: 'braking' }
        this.motion.hold()
        return
      case 'hold':
        tell()
        if (state.isComplete) this.standAtDoor()
        else this.state = { kind: 'door', phase: 'braking' }
        return
      case 'door':
        tell()
        if (state.phase !== 'braking' && state.phase !== 'retracting') this.standAtDoor()
        return
      case 'tool':
      case 'idle':
        tell()
        this.standAtDoor()
    }
  }

  closeDoor(): void {
    if (this.state.kind === 'door' && this.state.phase === 'ajar') this.state = { kind: 'door', phase: 'closed' }
  }

  /** The machine stands: away with the tool where parking is built in, spindle and coolant off. */
  private standAtDoor(): void {
    this.isSpindleStopped = false
    if (this.canPark()) {
      this.parking ??= new Parking({ from: this.motion.position, settings: this.eeprom.settings, isHal: this.personality.name === 'grblhal' })
      if (this.parking.retract(() => this.outputs.off())) {
        this.state = { kind: 'door', phase: 'retracting' }
        return
      }
    }
    this.parkedAtDoor()
  }

  private parkedAtDoor(): void {
    this.outputs.off()
    this.state = { kind: 'door', phase: this.machine.isDoorOpen ? 'ajar' : 'closed' }
  }

  /** Parking needs homing and no laser (protocol.c). */
  private canPark(): boolean {
    const { settings } = this.eeprom
    const isOn = this.personality.name === 'grblhal' ? settings[41] !== 0 : this.hasParking
    return isOn && settings[22] !== 0 && settings[32] === 0
  }

  private restoreFromDoor(): void {
    if (this.parking?.descend()) {
      this.state = { kind: 'door', phase: 'restoring', secondsLeft: Number.POSITIVE_INFINITY }
      return
    }
    this.spinUp()
  }

  private spinUp(): void {
    const { spindle, coolant } = this.wantedOutputs()
    const secondsLeft = (spindle === 5 ? 0 : DOOR_SPINDLE_S) + (coolant.hasFlood || coolant.hasMist ? DOOR_COOLANT_S : 0)
    this.state = { kind: 'door', phase: 'restoring', secondsLeft }
  }

  /** Seconds until the parking axis has something to tell. */
  parkingSeconds(): number {
    return this.parking?.secondsToEvent() ?? Number.POSITIVE_INFINITY
  }

  passParking(seconds: number): void {
    if (!this.parking?.elapse(seconds)) return
    const { state } = this
    if (state.kind !== 'door') return
    if (state.phase === 'retracting') this.parkedAtDoor()
    else if (state.phase === 'restoring' && this.parking.isHome) {
      this.parking = undefined
      this.resumeAfterDoor()
    } else if (state.phase === 'restoring') this.spinUp()
  }

  /** Spindle and coolant are on again: down to the work where the tool was parked, then the cycle goes on. */
  doorRestored(): void {
    const { spindle, coolant } = this.wantedOutputs()
    this.outputs.turn(spindle, this.motion.current?.spindleRpm ?? this.parser.spindleRpm)
    this.outputs.cool(coolant.hasMist, coolant.hasFlood)
    if (this.parking?.plunge()) {
      this.state = { kind: 'door', phase: 'restoring', secondsLeft: Number.POSITIVE_INFINITY }
      return
    }
    this.parking = undefined
    this.resumeAfterDoor()
  }

  private resumeAfterDoor(): void {
    this.state = { kind: 'idle' }
    this.cycleStart()
  }

  /** What the motors report at the end of a stretch. */
  onMotion(event: MotionEvent): void {
    switch (event) {
      case 'line-done':
        this.applyLineSpindle()
        return
      case 'all-done':
        if (this.state.kind === 'home') this.homingMove = 'done'
        else if (this.isStopping) this.stopped()
        else if (this.state.kind === 'run' || this.state.kind === 'jog') this.state = { kind: 'idle' }
        return
      case 'held':
        this.onStanding()
        return
      case 'contact':
        this.onContact()
    }
  }

  private onContact(): void {
    if (this.state.kind === 'home') {
      // the steppers are killed at the switch (limits.c)
      this.motion.abort()
      this.homingMove = 'contact'
    } else if (this.feeler.kind === 'probe') {
      this.probe = { position: this.motion.position, isFound: true }
      this.feeler = { kind: 'none' }
      if (this.state.kind === 'run') this.state = { kind: 'run', isCancelling: true }
      else this.isMoveCancelled = true
      this.motion.hold()
    } else this.lock(ALARM.hardLimit)
  }

  private onStanding(): void {
    const { state } = this
    if (this.isStopping) this.stopped()
    else if (state.kind === 'hold') this.state = this.isSoftLimit ? { kind: 'idle' } : { kind: 'hold', isComplete: true }
    else if (state.kind === 'door') this.standAtDoor()
    else if (state.kind === 'run') this.state = { kind: 'idle' }
    else if (state.kind === 'jog') {
      this.motion.abort()
      this.parser.position = this.motion.position
      this.state = { kind: 'idle' }
      if (state.doorPending) this.standAtDoor()
    }
  }

  private wantedOutputs() {
    return { spindle: this.parser.modal.spindle, coolant: this.parser.modal.coolant }
  }

  /** 0x9E, in a hold only. */
  toggleSpindleStop(): void {
    if (this.state.kind !== 'hold' || !this.state.isComplete) return
    if (this.isSpindleStopped) this.restoreSpindle()
    else if (this.parser.modal.spindle !== 5) {
      this.outputs.turn(5, 0)
      this.isSpindleStopped = true
    }
  }

  private restoreSpindle(): void {
    this.isSpindleStopped = false
    this.message('Restoring spindle')
    this.outputs.turn(this.parser.modal.spindle, this.parser.spindleRpm)
  }

  /** Laser mode (`$32`) changes the power with the line, without waiting. */
  private applyLineSpindle(): void {
    const line = this.motion.current
    if (this.eeprom.settings[32] && line && this.parser.modal.spindle !== 5 && this.state.kind === 'run')
      this.outputs.turn(this.parser.modal.spindle, line.spindleRpm)
  }

  changeOverrides(change: Partial<Overrides>): void {
    const next = { ...this.overrides, ...change }
    const limited = { ...next, feed: overridePercent(next.feed), spindle: overridePercent(next.spindle) }
    const { feed, rapid, spindle } = this.overrides
    if (limited.feed === feed && limited.rapid === rapid && limited.spindle === spindle) return
    this.overrides = limited
    this.overridesIn = 0
    this.motion.setOverrides(limited)
    if (limited.spindle !== spindle && !this.isSpindleStopped && this.outputs.spindle !== 5)
      this.outputs.turn(this.parser.modal.spindle, this.parser.spindleRpm)
  }

  /** An alarm that leaves the firmware running. */
  alarm(code: AlarmCode): void {
    this.state = { kind: 'alarm', isLocked: false }
    this.alarmCode = code
    this.say(`ALARM:${code}`)
  }

  /** A critical alarm: everything stops at once, and only a reset is heard from now on. */
  lock(code: AlarmCode): void {
    this.haltMotors()
    this.outputs.reset()
    this.alarm(code)
    this.message('Reset to continue')
    this.state = { kind: 'alarm', isLocked: true }
  }

  /** Soft reset: stops all outputs and makes the main program run to its end. `code`: the alarm when the position is lost. */
  reset(code: AlarmCode = this.state.kind === 'home' ? ALARM.homingReset : ALARM.resetInMotion): void {
    this.outputs.reset()
    if (isResetLosingPosition(this.state) || this.parking?.isMoving) {
      this.haltMotors()
      this.alarm(code)
    }
    this.abort = 'reset'
  }
}
