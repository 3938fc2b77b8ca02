/**
 * A controller of the GRBL family without wires and clock: bytes in, text out, time by the call. Written from the
 * firmware's documented behaviour (grbl 1.1: protocol.c, serial.c, system.c, doc/markdown; grblHAL and FluidNC where
 * they differ), never from what our guard sends.
 */
import { Core } from './core.ts'
import { ALARM, type AlarmCode, ERROR } from './errors.ts'
import type { FirmwareOptions, HarmfulBytes, LostBytes } from './firmware-options.ts'
import { Footprint } from './footprint.ts'
import { type Envelope, Machine } from './machine.ts'
import { endStop, mainProgram } from './main-program.ts'
import { describeModes } from './modal.ts'
import { overrideOf } from './outputs.ts'
import { PERSONALITIES, type Personality } from './personality.ts'
import { realtimeCommand } from './realtime.ts'
import type { Solid, Tool } from './scene.ts'
import { describeSetting, type Eeprom, settingCodes } from './settings.ts'
import { isSuspended, stateName } from './state.ts'
import { reportStatus } from './status-report.ts'
import { AXES, AXIS_LETTERS, type Point, vectorOf, zero } from './vector.ts'
import type { Step, Wait } from './wait.ts'

/** A rotary axis of which nothing is said. */
const ROTARY_DEGREES = 360

export class Firmware {
  readonly personality: Personality
  private readonly options: FirmwareOptions
  private readonly machine: Machine
  private core: Core
  private main: Step
  private wait: Wait = { kind: 'checkpoint' }
  private statusWanted: 'no' | 'plain' | 'full' = 'no'
  private homingReports = 0
  private output = ''
  private lostInEeprom = 0
  private linesLostInEeprom = 0
  private overflowedBefore = 0
  private readonly footprint: Footprint
  readonly harmful: HarmfulBytes = { macros: 0, unknown: 0, flushed: 0 }
  /** Simulated seconds since power-on. */
  seconds = 0
  private strandsNextJogCancel = false
  /** It says `Idle` and reads no line before a cycle start. */
  private isStranded = false
  /** When a critical alarm came that is still on. */
  private lockedAt: number | undefined
  /** How often the planner ran empty in the middle of a run, with nothing left to read. */
  starvations = 0

  /** Powers on: machine position 0 wherever the carriage stands; locked when homing is enabled. */
  constructor(options: FirmwareOptions) {
    this.options = options
    this.personality = PERSONALITIES[options.personality ?? 'grbl']
    const axisCount = options.axisCount ?? 3
    if (!this.personality.axisCounts.includes(axisCount)) throw new RangeError(`${this.personality.name} has no build with ${axisCount} axes.`)
    this.machine = new Machine({
      envelope: withRotaryAxes(options.envelope, axisCount),
      axisCount,
      carriage: vectorOf(options.carriage),
      scene: options.scene ?? { solids: [] },
    })
    this.core = this.newCore(options.eeprom)
    this.footprint = new Footprint(this.machine.carriageAt(zero()), (isMoving) => this.options.onMoving?.(isMoving, this.seconds))
    if (options.isEepromBlank) this.tellBlankEeprom()
    this.main = this.boot(true)
    this.run()
    this.flush()
  }

  /** The state as a report names it, for logs and tests. */
  get stateName(): string {
    return stateName(this.core.state)
  }
  /** Machine mm as the firmware counts. */
  get position(): Point {
    return this.machine.point(this.core.position)
  }
  /** Where the carriage really stands, in the envelope's coordinates. */
  get carriage(): Point {
    return this.machine.point(this.machine.carriageAt(this.core.position))
  }
  get isMoving(): boolean {
    return this.core.isMoving
  }
  get feedMmPerMin(): number {
    return this.core.feedMmPerMin
  }
  get lostBytes(): LostBytes {
    return { overflow: this.overflowedBefore + this.core.received.overflowed, eeprom: this.lostInEeprom, eepromLines: this.linesLostInEeprom }
  }
  /** Most bytes that ever waited in the receive buffer since power-on. */
  get fullestRx(): number {
    return this.core.received.fullest
  }
  get rxCount(): number {
    return this.personality.rxBytes - this.core.received.free
  }
  get plannedLines(): number {
    return this.core.motion.queuedLines
  }
  /** Everywhere the carriage has been since power-on: the corners of a box, in the envelope's coordinates. */
  get reached(): { min: Point; max: Point } {
    const { low, high } = this.footprint
    return { min: this.machine.point(low), max: this.machine.point(high) }
  }
  get isWritingEeprom(): boolean {
    return this.wait.kind === 'eeprom'
  }

  /** Bytes arrive on the serial line. */
  receive(bytes: Uint8Array): void {
    for (const byte of bytes) this.receiveByte(byte)
    this.run()
    this.serveStatus()
    this.track()
    this.flush()
  }

  private receiveByte(byte: number): void {
    const command =
      byte >= 0x40 && byte < 0x7e ? undefined : realtimeCommand(this.personality.name, byte, this.core.eeprom.settings[39] === 0 && this.isPrintableKept())
    if (this.wait.kind === 'eeprom' && this.personality.isDeafInEeprom) {
      this.lostInEeprom++
      if (!command) this.linesLostInEeprom++
      return
    }
    if (command) {
      this.realtime(command, byte)
      return
    }
    // the program reads along while bytes come in; only a busy program lets the buffer fill up
    if (this.core.received.free === 0) this.run()
    this.core.received.push(byte)
    if (byte === 0x0a || byte === 0x0d) this.run()
  }

  private isPrintableKept(): boolean {
    if (this.personality.name !== 'grblhal') return false
    this.run()
    return this.core.reader.isInCommandOrComment
  }

  /** Seconds until something happens by itself; infinite when nothing will. */
  secondsToEvent(): number {
    return Math.min(this.core.motion.secondsToEvent(), this.core.parkingSeconds(), this.waitSeconds(), this.doorSeconds())
  }

  /** Lets this many seconds pass. */
  elapse(seconds: number): void {
    let left = seconds
    for (;;) {
      const step = Math.min(left, this.secondsToEvent())
      const isWaitOver = this.waitSeconds() <= step
      const isDoorOver = this.doorSeconds() <= step
      const isParkingOver = this.core.parkingSeconds() <= step
      this.seconds += step
      this.pass(step)
      const wasRunning = this.core.state.kind === 'run'
      const event = this.core.motion.elapse(step)
      if (event) this.core.onMotion(event)
      this.core.passParking(step)
      if (isDoorOver) this.core.doorRestored()
      if (event || isWaitOver || isDoorOver || isParkingOver) {
        if (event === 'all-done' && wasRunning && this.core.state.kind === 'idle') {
          this.run()
          if (this.core.motion.isEmpty && this.wait.kind === 'bytes') this.starvations++
        } else this.run()
        this.track()
      } else break
      left -= step
    }
    this.serveStatus()
    this.flush()
  }

  /** Power off and on again, unasked: all but EEPROM is lost, position 0 where the carriage stands. */
  powerCycle(): void {
    this.restart(this.core.eeprom)
  }

  /** Power fails while EEPROM is written: it comes back with a wrong checksum and the firmware's defaults. */
  brownOut(defaults: Eeprom): void {
    this.restart(defaults, true)
    this.options.onEeprom?.(defaults)
  }

  private restart(eeprom: Eeprom, isEepromBlank = false): void {
    const at = this.core.position
    this.overflowedBefore += this.core.received.overflowed
    this.machine.rename(at, zero())
    this.core = this.newCore(eeprom)
    if (isEepromBlank) this.tellBlankEeprom()
    this.main = this.boot(true)
    this.run()
    this.track()
    this.flush()
  }

  private tellBlankEeprom(): void {
    this.core.say(`error:${ERROR.eepromRead}`)
    for (const code of settingCodes(this.personality, this.machine.axisCount)) this.core.say(describeSetting(this.core.eeprom.settings, code))
  }

  /** An alarm from outside the program, e.g. 1 for a limit switch; 1 and 2 lock until a reset. */
  trip(code: AlarmCode): void {
    const { core } = this
    if (core.state.kind === 'alarm' && core.state.isLocked) return
    if (code === ALARM.hardLimit || code === ALARM.softLimit) core.lock(code)
    // every other alarm ends a cycle of several moves by a reset (limits.c)
    else if (core.state.kind === 'home' || this.wait.kind === 'idle') core.reset(code)
    else {
      core.haltMotors()
      core.alarm(code)
    }
    this.run()
    this.track()
    this.flush()
  }

  /** The emergency stop's switch, where the firmware has an input for it (grblHAL): a reset does nothing while it is pressed. */
  setEmergencyStop(isPressed: boolean): void {
    if (this.personality.name !== 'grblhal') return
    this.core.isEmergencyStop = isPressed
    if (isPressed && !(this.core.state.kind === 'alarm' && this.core.state.isLocked)) this.core.lock(ALARM.emergencyStop)
    this.run()
    this.track()
    this.flush()
  }

  /** The safety door's switch. */
  setDoor(isOpen: boolean): void {
    this.machine.isDoorOpen = isOpen
    if (isOpen) this.doorOpened()
    else this.core.closeDoor()
    this.run()
    this.track()
    this.flush()
  }

  /** Puts a touch plate under the probe, its surface at this machine Z; null takes it away. */
  setTouchPlate(z: number | null): void {
    this.machine.touchPlateZ = z
  }
  setSolids(solids: Solid[]): void {
    this.machine.setSolids(solids)
  }
  setTool(tool: Tool): void {
    this.machine.setTool(tool)
  }
  /**
   * The next jog cancel comes in the moment in which the jog ends: the firmware then takes it for a hold, but says `Idle`
   * (grbl 1.1 protocol.c: EXEC_MOTION_CANCEL in STATE_IDLE sets `sys.suspend` and leaves `sys.state`).
   */
  strandJogCancel(): void {
    this.strandsNextJogCancel = true
  }
  /** A limit switch that is always pressed, or never again; undefined mends it. */
  setSwitchFault(letter: (typeof AXIS_LETTERS)[number], fault: 'stuck' | 'dead' | undefined): void {
    const axis = AXES.find((each) => AXIS_LETTERS[each] === letter)
    if (axis === undefined) return
    if (fault) this.machine.faultySwitches.set(axis, fault)
    else this.machine.faultySwitches.delete(axis)
  }

  private newCore(eeprom: Eeprom): Core {
    const core = new Core({
      personality: this.personality,
      machine: this.machine,
      eeprom,
      hasParking: this.options.hasParking ?? false,
      write: (text) => {
        this.output += text
      },
      onEeprom: (changed) => this.options.onEeprom?.(changed),
      onLine: (line) => this.options.onLine?.(line),
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

  /** Notes where the carriage is, and whether it moves: at every corner, start and stop. */
  private track(): void {
    const { motion, state } = this.core
    this.lockedAt = state.kind === 'alarm' && state.isLocked ? (this.lockedAt ?? this.seconds) : undefined
    const isMoving = Number.isFinite(Math.min(motion.secondsToEvent(), this.core.parkingSeconds()))
    this.footprint.note(this.machine.carriageAt(this.core.position), isMoving)
  }

  /** main.c: after power-on and after every reset. */
  private boot(isPowerOn = false): Step {
    const { core } = this
    core.reinitialise()
    core.state = core.state.kind === 'alarm' || core.state.kind === 'sleep' ? { kind: 'alarm', isLocked: false } : { kind: 'idle' }
    this.statusWanted = 'no'
    this.isStranded = false
    this.wait = { kind: 'checkpoint' }
    core.say('')
    core.say(this.personality.banner)
    if (isPowerOn && core.state.kind === 'alarm' && this.personality.name !== 'grbl')
      core.alarm(this.personality.name === 'grblhal' ? ALARM.homingRequired : ALARM.unhomed)
    return mainProgram(core, (line, answer) => this.options.onAnswer?.(line, answer))
  }

  /** Runs the main program as far as it gets; it returns only after a reset, and then boots again. */
  private run(): void {
    for (;;) {
      if (!this.core.isAborting && !this.isWaitOver()) return
      // a stop ends waits, not the braking
      if (this.core.abort === 'stop' && this.wait.kind === 'bytes' && this.core.received.isEmpty) {
        endStop(this.core)
        return
      }
      const next = this.main.next()
      if (next.done) this.main = this.boot()
      else this.wait = next.value
    }
  }

  private isWaitOver(): boolean {
    const { core, wait } = this
    if (wait.kind === 'eeprom' || wait.kind === 'homing') return wait.secondsLeft <= 0
    if (wait.kind === 'homing-move') return core.homingMove !== 'going'
    const { state } = core
    if (this.isStranded && state.kind === 'idle') return false
    if (isSuspended(state) && !(state.kind === 'alarm' && this.personality.criticalAlarm === 'reads')) return false
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
        return core.motion.isEmpty && state.kind !== 'run'
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
    if (this.statusWanted === 'no' || this.isMute) return
    this.homingReports = this.core.state.kind === 'home' ? this.homingReports + 1 : 0
    const isFull = this.statusWanted === 'full'
    this.statusWanted = 'no'
    this.core.say(reportStatus(this.core, isFull))
  }

  /** Real-time bytes are noticed, but not acted on before this is over. */
  private isDeaf(): boolean {
    const { state } = this.core
    if (state.kind === 'home') return true
    if (this.wait.kind === 'eeprom') return this.personality.isDeafInEeprom
    return state.kind === 'alarm' && state.isLocked
  }

  private isAlarmFresh(): boolean {
    const { state } = this.core
    if (state.kind !== 'alarm' || !state.isLocked) return false
    return this.seconds - (this.lockedAt ?? this.seconds) < this.personality.alarmDelayS
  }

  /** No report is given before this is over. */
  get isMute(): boolean {
    const { state } = this.core
    // grblHAL reports once when it begins to home
    if (state.kind === 'home') return this.personality.name === 'grbl' || (this.personality.name === 'grblhal' && this.homingReports > 0)
    if (this.wait.kind === 'eeprom') return this.personality.isDeafInEeprom
    return state.kind === 'alarm' && state.isLocked && this.personality.criticalAlarm === 'deaf'
  }

  /** A byte that the receive interrupt picks out of the stream; what is no command is thrown away. */
  private realtime(command: Exclude<ReturnType<typeof realtimeCommand>, undefined>, byte: number): void {
    const { core } = this
    switch (command) {
      case 'reset':
        if (!core.isEmergencyStop && !this.isAlarmFresh()) this.softReset()
        return
      case 'status':
        if (this.statusWanted === 'no') this.statusWanted = 'plain'
        return
      case 'full-status':
        this.statusWanted = 'full'
        return
      case 'door':
        this.serveStatus()
        this.doorOpened()
        this.run()
        return
      case 'nothing':
        this.harmful.unknown++
        return
      case 'macro':
        this.harmful.macros++
        return
      default:
        break
    }
    if (this.isDeaf()) return
    this.serveStatus()
    switch (command) {
      case 'cycle-start':
        this.isStranded = false
        core.cycleStart()
        break
      case 'feed-hold':
        core.feedHold()
        break
      case 'jog-cancel':
        this.jogCancel()
        break
      case 'stop':
        core.stop()
        break
      case 'parser-state':
        core.say(describeModes(core.parser, core.eeprom.settings[13] !== 0, this.personality.name))
        break
      case 'spindle-stop':
        core.toggleSpindleStop()
        break
      case 'flood':
      case 'mist':
        this.toggleCoolant(command === 'mist')
        break
      case 'override':
        core.changeOverrides(overrideOf(byte, core.overrides))
        break
      case 'tool-ack':
      case 'toggle':
        break
    }
    this.run()
  }

  private jogCancel(): void {
    const { core } = this
    if (this.strandsNextJogCancel && core.state.kind === 'jog') {
      this.strandsNextJogCancel = false
      this.isStranded = true
    }
    if (this.personality.name === 'grblhal') {
      // in any state: what waits to be read is thrown away and never answered
      if (core.state.kind !== 'jog') this.harmful.flushed += this.rxCount
      core.forgetReceived()
    }
    core.cancelJog()
  }

  private softReset(): void {
    this.statusWanted = 'no'
    this.core.isResetByByte = true
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
    core.outputs.cool(next.hasMist, next.hasFlood)
  }
}

/** Axes of which the envelope says nothing turn once round. */
function withRotaryAxes({ min, max }: Envelope, axisCount: number): Envelope {
  const fill = (corner: Envelope['min'], value: number): Envelope['min'] => {
    const [x, y, z, ...more] = corner
    return [x, y, z, ...Array.from({ length: axisCount - 3 }, (_, i) => more[i] ?? value)]
  }
  return { min: fill(min, -ROTARY_DEGREES), max: fill(max, 0) }
}
