/** What a virtual controller is asked to be, what it can be told, and what it saw. */
import type { AlarmCode } from './controller/errors.ts'
import type { HarmfulBytes, LostBytes } from './controller/firmware-options.ts'
import type { Envelope } from './controller/machine.ts'
import type { PersonalityName } from './controller/personality.ts'
import type { Scene, Solid, Tool } from './controller/scene.ts'
import type { Settings } from './controller/settings.ts'
import type { AXIS_LETTERS, Point } from './controller/vector.ts'
import type { FaultPlan } from './faults.ts'
import type { AnsweredLine, BegunMove, MovingTime, ReceivedBytes } from './live-log.ts'
import type { LinkKind } from './port.ts'
import type { UartStatistics } from './uart.ts'

export interface VirtualControllerOptions {
  /** Simulated seconds per second. @defaultValue 1 */
  timeScale?: number
  /** The room the carriage has; its size becomes `$130`..`$135`. @defaultValue X 0..400, Y 0..300, Z -80..20; rotary axes -360..0 */
  envelopeMm?: Envelope
  /** Where EEPROM and carriage position are kept; none: forgotten at the end. */
  stateFile?: string
  /** Settings that differ from the demo machine's, e.g. `{ 22: 1 }`. Only for a machine without a state file. */
  settings?: Partial<Settings>
  /** @defaultValue what the platform has: a pty, else TCP */
  link?: LinkKind
  /** Which firmware it plays. @defaultValue grbl */
  personality?: PersonalityName
  /** 3 to 6; GRBL has 3. @defaultValue 3 */
  axisCount?: number
  /** Built with parking at the safety door (GRBL; grblHAL has `$41` for it). @defaultValue false */
  hasParking?: boolean
  /** Speed of the line in bits per second, 8N1, both ways, on the wall clock. @defaultValue bytes take no time */
  baud?: number
  /** What there is to touch. */
  scene?: Scene
  /** What goes wrong from the beginning. */
  faults?: FaultPlan
  /**
   * No more of the wall clock than this passes for it at once: where its process had no time it stands, so that whoever shares the
   * process misses nothing. For tests. @defaultValue no limit
   */
  longestStepMs?: number
  /** Keeps what was received, answered and moved, for tests. @defaultValue true */
  keepsLog?: boolean
}

/** A running virtual controller, its faults on request, and what it saw. */
export interface VirtualController {
  /** What a guard opens: a pty path, `host:port` or `ws://…`. Changes with {@link plug}. */
  readonly port: string
  /** Switches the machine off and keeps its state. */
  close(): Promise<void>

  /** Status, position (machine mm as the firmware counts) and the true place of the carriage, now. */
  now(): {
    state: string
    position: Point
    carriage: Point
    isMoving: boolean
    lostBytes: LostBytes
    plannedLines: number
    rxCount: number
    /** Answers no `?`: it homes, writes EEPROM, or a critical alarm is on. */
    isMute: boolean
  }
  /** How long nobody has said anything to it, ms. */
  readonly silentMs: number
  /** Everything received, oldest first. */
  readonly received: readonly ReceivedBytes[]
  /** Empties what is kept of received bytes, answers and moves. */
  forget(): void
  /** Everything received as text, one character a byte. */
  receivedText(): string
  /** Every line answered, oldest first. */
  readonly answered: readonly AnsweredLine[]
  /** Every line the motors began, oldest first. */
  readonly moves: readonly BegunMove[]
  /** When the motors turned, oldest first. */
  readonly motions: readonly MovingTime[]
  /** Everywhere the carriage has been since power-on: corners of a box, in the envelope's coordinates. */
  reached(): { min: Point; max: Point }
  /** Bytes it should not have been sent. */
  readonly harmful: HarmfulBytes
  /** Most bytes that ever waited in the receive buffer. */
  readonly fullestRx: number
  /**
   * How often the planner ran empty in the middle of a run with nothing left to read; `lineIdle`: though the line was
   * free, so that the sender could have sent. The end of a program is one of these.
   */
  readonly starvations: { all: number; lineIdle: number }
  /** What went over a paced line (`baud`) in each direction. */
  wire(): { toController: UartStatistics; fromController: UartStatistics } | undefined
  /**
   * Resolves when `condition` holds; looked at after every byte, event and at least every 20 ms.
   * @throws Error after `timeoutMs` (20,000)
   */
  waitFor(condition: (controller: VirtualController) => boolean, timeoutMs?: number): Promise<void>

  /** An unasked restart: banner, machine position 0, everything but the EEPROM forgotten. */
  powerCycle(): void
  /** A restart in the middle of a write to EEPROM: everything in it is lost, too. */
  brownOut(): void
  /** An alarm of this number, now; 1 and 2 lock until a reset. */
  trip(code: AlarmCode): void
  /** From now on nothing is heard and nothing is said; what is queued is still executed. */
  stopAnswering(): void
  answerAgain(): void
  /** The next so many `ok` and `error` are not sent. */
  loseAnswers(count: number): void
  /** The next so many `ok` and `error` are sent twice. */
  doubleAnswers(count: number): void
  /** Everything said from now on comes so much later. */
  delayAnswers(delayMs: number): void
  /** Says so many status reports that nobody asked for. */
  flood(reports: number): void
  /** Sends this, whatever it means. */
  sayRaw(text: string): void
  /** Faults by chance from now on; undefined ends them. */
  setFaults(plan: FaultPlan | undefined): void
  /** Pulls the cable: the port is gone, the machine goes on. */
  unplug(): Promise<void>
  /** Puts the cable back, under a new {@link port}. */
  plug(): Promise<void>
  setDoor(isOpen: boolean): void
  /** grblHAL only. */
  setEmergencyStop(isPressed: boolean): void
  /** The next jog cancel leaves it idle, but reading no line before a cycle start or reset, as Grbl 1.1 is when it comes just as the jog ends. */
  strandJogCancel(): void
  /** A limit switch that is always pressed, or never again; undefined mends it. */
  setSwitchFault(axis: (typeof AXIS_LETTERS)[number], fault: 'stuck' | 'dead' | undefined): void
  /** A touch plate with its surface at this machine Z; null takes it away. */
  setTouchPlate(z: number | null): void
  /** What stands in the machine from now on, in the envelope's coordinates. */
  setSolids(solids: Solid[]): void
  /** What is in the spindle from now on. */
  setTool(tool: Tool): void
}
