/**
 * What the parts of the simulated firmware share: its memory, its state, and the primitives that change
 * state. Output is text for the serial line; time passes only through `Firmware.elapse`.
 */
import { ALARM, type AlarmCode } from './errors.ts'
import type { Machine } from './machine.ts'
import { newParserState, type ParserState, type Spindle } from './modal.ts'
import { Motion, type MotionEvent } from './motion.ts'
import { ReceiveBuffer } from './receive-buffer.ts'
import { type Eeprom, isOutsideTravel } from './settings.ts'
import { isResetLosingPosition, type State } from './state.ts'
import { type Vector, zero } from './vector.ts'

/** Why the main program stands still; the firmware goes on when this is over. */
export type Wait =
  /** A checkpoint for real-time commands: over at once unless the machine is suspended. */
  | { kind: 'checkpoint' }
  | { kind: 'bytes' }
  /** A free block in the planner. */
  | { kind: 'room' }
  /** Everything queued is done. */
  | { kind: 'synced' }
  | { kind: 'idle' }
  | { kind: 'dwell'; secondsLeft: number }
  /** Interrupts are off: whatever arrives is lost (grbl 1.1: eeprom.c; doc/markdown/interface.md, "EEPROM Issues"). */
  | { kind: 'eeprom'; secondsLeft: number }
  /** Nothing but a reset or the door is noticed. */
  | { kind: 'homing'; secondsLeft: number }

export type Step = Generator<Wait, void>

/** Seconds to get spindle and coolant going again after the door (config.h: SAFETY_DOOR_SPINDLE_DELAY, SAFETY_DOOR_COOLANT_DELAY). */
const DOOR_SPINDLE_S = 4
const DOOR_COOLANT_S = 1

export interface Overrides {
  feed: number
  rapid: number
  spindle: number
}
const NO_OVERRIDES: Overrides = { feed: 100, rapid: 100, spindle: 100 }

/** What the outputs are switched to. */
export interface Outputs {
  spindle: Spindle
  /** As turning, with override and limits. */
  rpm: number
  hasMist: boolean
  hasFlood: boolean
}
const ALL_OFF: Outputs = { spindle: 5, rpm: 0, hasMist: false, hasFlood: false }

export class Core {
  readonly machine: Machine
  readonly motion: Motion
  readonly received = new ReceiveBuffer()
  eeprom: Eeprom
  state: State = { kind: 'idle' }
  parser: ParserState
  overrides: Overrides = { ...NO_OVERRIDES }
  outputs: Outputs = { ...ALL_OFF }
  /** Spindle stop override (0x9E): the spindle was stopped in this hold. */
  isSpindleStopped = false
  isProbing = false
  /** A probe touched while a hold was braking: the rest of the move is not taken up again. */
  private isMoveCancelled = false
  probe: { position: Vector; isFound: boolean } = { position: zero(), isFound: false }
  /** A reset is under way: every wait ends, the main program runs to its end. */
  isAborting = false
  /** A soft limit brakes: standing then means Idle, not Hold. */
  isSoftLimit = false
  /** Reports until WCO and Ov are due again. */
  wcoIn = 0
  overridesIn = 0
  private readonly write: (text: string) => void
  private readonly onEeprom: (eeprom: Eeprom) => void

  constructor(options: { machine: Machine; eeprom: Eeprom; write: (text: string) => void; onEeprom: (eeprom: Eeprom) => void }) {
    this.machine = options.machine
    this.eeprom = options.eeprom
    this.write = options.write
    this.onEeprom = options.onEeprom
    this.parser = newParserState(this.eeprom.coordinates[0] ?? zero())
    this.motion = new Motion({
      settings: this.eeprom.settings,
      findContact: ({ from, unit }) => {
        const probe = this.isProbing ? this.machine.mmToPlate(from, unit) : Number.POSITIVE_INFINITY
        const limit = this.eeprom.settings[21] ? this.machine.mmToLimit(from, unit) : Number.POSITIVE_INFINITY
        return Math.min(probe, limit)
      },
    })
  }

  /** One line to the serial port. */
  say(line: string): void {
    this.write(`${line}\r\n`)
  }
  message(text: string): void {
    this.say(`[MSG:${text}]`)
  }

  /** Everything but EEPROM, state and position as after power-on (main.c). */
  reinitialise(): void {
    this.isAborting = false
    this.isSoftLimit = false
    this.isProbing = false
    this.isMoveCancelled = false
    this.isSpindleStopped = false
    this.overrides = { ...NO_OVERRIDES }
    this.outputs = { ...ALL_OFF }
    this.probe = { position: zero(), isFound: false }
    this.wcoIn = 0
    this.overridesIn = 0
    this.received.clear()
    this.motion.abort()
    this.motion.setOverrides(this.overrides)
    this.parser = newParserState(this.eeprom.coordinates[0] ?? zero())
    this.parser.position = this.motion.position
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
    return isOutsideTravel(this.eeprom.settings, target)
  }

  /** Cycle start, and what the firmware does by itself when nothing more is in the receive buffer. */
  cycleStart(): void {
    const { state } = this
    if (state.kind === 'door' && state.phase === 'closed') {
      const { spindle, coolant } = this.wantedOutputs()
      const secondsLeft = (spindle === 5 ? 0 : DOOR_SPINDLE_S) + (coolant.hasFlood || coolant.hasMist ? DOOR_COOLANT_S : 0)
      this.state = { kind: 'door', phase: 'restoring', secondsLeft }
      return
    }
    if (state.kind !== 'idle' && !(state.kind === 'hold' && state.isComplete)) return
    if (this.isSpindleStopped) this.restoreSpindle()
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

  /** 0x84 or the door switch. */
  openDoor(): void {
    const { state } = this
    switch (state.kind) {
      case 'alarm':
      case 'check':
      case 'home':
        return
      case 'sleep':
        this.message('Check Door')
        return
      case 'jog':
        this.message('Check Door')
        this.cancelJog()
        this.state = { kind: 'jog', isCancelling: true, doorPending: true }
        return
      case 'run':
        this.message('Check Door')
        this.state = { kind: 'door', phase: 'braking' }
        this.motion.hold()
        return
      case 'hold':
        this.message('Check Door')
        if (state.isComplete) this.standAtDoor()
        else this.state = { kind: 'door', phase: 'braking' }
        return
      case 'door':
        this.message('Check Door')
        if (state.phase !== 'braking') this.standAtDoor()
        return
      case 'idle':
        this.message('Check Door')
        this.standAtDoor()
    }
  }

  closeDoor(): void {
    if (this.state.kind === 'door' && this.state.phase === 'ajar') this.state = { kind: 'door', phase: 'closed' }
  }

  /** Spindle and coolant are on again: the cycle goes on. */
  doorRestored(): void {
    const { spindle, coolant } = this.wantedOutputs()
    this.setSpindle(spindle, this.motion.current?.spindleRpm ?? this.parser.spindleRpm)
    this.setCoolant(coolant.hasMist, coolant.hasFlood)
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
        if (this.state.kind === 'run' || this.state.kind === 'jog') this.state = { kind: 'idle' }
        return
      case 'held':
        this.onStanding()
        return
      case 'contact':
        if (this.isProbing) {
          this.probe = { position: this.motion.position, isFound: true }
          this.isProbing = false
          if (this.state.kind === 'run') this.state = { kind: 'run', isCancelling: true }
          else this.isMoveCancelled = true
          this.motion.hold()
        } else this.lock(ALARM.hardLimit)
    }
  }

  private onStanding(): void {
    const { state } = this
    if (state.kind === 'hold') this.state = this.isSoftLimit ? { kind: 'idle' } : { kind: 'hold', isComplete: true }
    else if (state.kind === 'door') this.standAtDoor()
    else if (state.kind === 'run') this.state = { kind: 'idle' }
    else if (state.kind === 'jog') {
      this.motion.abort()
      this.parser.position = this.motion.position
      this.state = { kind: 'idle' }
      if (state.doorPending) this.standAtDoor()
    }
  }

  private standAtDoor(): void {
    this.isSpindleStopped = false
    this.setSpindle(5, 0)
    this.setCoolant(false, false)
    this.state = { kind: 'door', phase: this.machine.isDoorOpen ? 'ajar' : 'closed' }
  }

  private wantedOutputs() {
    return { spindle: this.parser.modal.spindle, coolant: this.parser.modal.coolant }
  }

  /** 0x9E, in a hold only. */
  toggleSpindleStop(): void {
    if (this.state.kind !== 'hold' || !this.state.isComplete) return
    if (this.isSpindleStopped) this.restoreSpindle()
    else if (this.parser.modal.spindle !== 5) {
      this.setSpindle(5, 0)
      this.isSpindleStopped = true
    }
  }

  private restoreSpindle(): void {
    this.isSpindleStopped = false
    this.message('Restoring spindle')
    this.setSpindle(this.parser.modal.spindle, this.parser.spindleRpm)
  }

  setSpindle(spindle: Spindle, programmedRpm: number): void {
    const { 30: most, 31: least } = this.eeprom.settings
    const wished = (programmedRpm * this.overrides.spindle) / 100
    const rpm = spindle === 5 || wished === 0 ? 0 : Math.min(Math.max(wished, least), most)
    this.outputs = { ...this.outputs, spindle: rpm === 0 ? 5 : spindle, rpm }
    this.overridesIn = 0
  }

  setCoolant(hasMist: boolean, hasFlood: boolean): void {
    this.outputs = { ...this.outputs, hasMist, hasFlood }
    this.overridesIn = 0
  }

  /** Laser mode (`$32`) changes the power with the line, without waiting. */
  private applyLineSpindle(): void {
    const line = this.motion.current
    if (this.eeprom.settings[32] && line && this.parser.modal.spindle !== 5 && this.state.kind === 'run')
      this.setSpindle(this.parser.modal.spindle, line.spindleRpm)
  }

  changeOverrides(change: Partial<Overrides>): void {
    const next = { ...this.overrides, ...change }
    const limited = { ...next, feed: percent(next.feed), spindle: percent(next.spindle) }
    const { feed, rapid, spindle } = this.overrides
    if (limited.feed === feed && limited.rapid === rapid && limited.spindle === spindle) return
    this.overrides = limited
    this.overridesIn = 0
    this.motion.setOverrides(limited)
    if (limited.spindle !== spindle && !this.isSpindleStopped && this.outputs.spindle !== 5) this.setSpindle(this.parser.modal.spindle, this.parser.spindleRpm)
  }

  /** An alarm that leaves the firmware running. */
  alarm(code: AlarmCode): void {
    this.state = { kind: 'alarm', isLocked: false }
    this.say(`ALARM:${code}`)
  }

  /** A critical alarm: everything stops at once, and only a reset is heard from now on. */
  lock(code: AlarmCode): void {
    this.motion.abort()
    this.outputs = { ...ALL_OFF }
    this.alarm(code)
    this.message('Reset to continue')
    this.state = { kind: 'alarm', isLocked: true }
  }

  /** Soft reset: stops all outputs and makes the main program run to its end. `code`: the alarm when the position is lost. */
  reset(code: AlarmCode = this.state.kind === 'home' ? ALARM.homingReset : ALARM.resetInMotion): void {
    this.outputs = { ...ALL_OFF }
    if (isResetLosingPosition(this.state)) {
      this.motion.abort()
      this.alarm(code)
    }
    this.isAborting = true
  }
}

const percent = (value: number) => Math.min(Math.max(value, 10), 200)

/** Lets real-time commands in. */
export function* checkpoint(): Step {
  yield { kind: 'checkpoint' }
}

/** Waits until everything queued has been executed. */
export function* synchronise(core: Core): Step {
  core.startQueued()
  yield { kind: 'synced' }
}

/** Seconds for one changed byte (ATmega328: 3.4 ms erase and write). */
const EEPROM_S_PER_BYTE = 0.0034

/** Writes to EEPROM: waits for the queue, then is deaf for as long as the bytes take. */
export function* storeEeprom(core: Core, eeprom: Eeprom, changedBytes: number): Step {
  yield* synchronise(core)
  core.store(eeprom)
  yield { kind: 'eeprom', secondsLeft: changedBytes * EEPROM_S_PER_BYTE }
}
