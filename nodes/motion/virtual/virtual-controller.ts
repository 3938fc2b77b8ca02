/** A simulated controller that lives: the firmware on the wall clock, behind a port, with its EEPROM in a file. */
import type { AlarmCode } from './controller/errors.ts'
import { Firmware, type LostBytes } from './controller/firmware.ts'
import { birthplace, type Envelope, travelOf } from './controller/machine.ts'
import { type Eeprom, newEeprom, type Settings } from './controller/settings.ts'
import type { Vector } from './controller/vector.ts'
import { type MachineMemory, readMemory, writeMemory } from './memory.ts'
import { openPort, type Port, type PortOptions } from './port.ts'

export interface VirtualControllerOptions {
  /** Simulated seconds per second. @defaultValue 1 */
  timeScale?: number
  /** The room the carriage has; its size becomes `$130`..`$132`. @defaultValue X 0..400, Y 0..300, Z -80..20 */
  envelopeMm?: Envelope
  /** Where EEPROM and carriage position are kept; none: forgotten at the end. */
  stateFile?: string
  /** Settings that differ from the demo machine's, e.g. `{ 22: 1 }`. Only for a machine without a state file. */
  settings?: Partial<Settings>
  /** @defaultValue what the platform has: a pty, else TCP */
  link?: PortOptions['kind']
  /** Keeps what was received and answered, for tests. @defaultValue true */
  keepsLog?: boolean
}

/** Bytes as they came in, with the time on the wall clock (ms since 1970, with fractions). */
interface ReceivedBytes {
  atMs: number
  bytes: Buffer
}

interface AnsweredLine {
  atMs: number
  /** As the firmware read it: no spaces, no comments, upper case. */
  line: string
  /** `ok` or `error:N`. */
  answer: string
}

/** A running virtual controller, its faults on request, and what it saw. */
export interface VirtualController {
  /** What a guard opens: a pty path or `host:port`. Changes with {@link plug}. */
  readonly port: string
  /** Switches the machine off and keeps its state. */
  close(): Promise<void>

  /** Status, position (machine mm as the firmware counts) and the true place of the carriage, now. */
  now(): { state: string; position: Vector; carriage: Vector; isMoving: boolean; lostBytes: LostBytes }
  /** How long nobody has said anything to it, ms. */
  readonly silentMs: number
  /** Everything received, oldest first. */
  readonly received: readonly ReceivedBytes[]
  /** Everything received as text, one character a byte. */
  receivedText(): string
  /** Every line answered, oldest first. */
  readonly answered: readonly AnsweredLine[]
  /**
   * Resolves when `condition` holds; looked at after every byte, event and at least every 20 ms.
   * @throws Error after `timeoutMs` (5000)
   */
  waitFor(condition: (controller: VirtualController) => boolean, timeoutMs?: number): Promise<void>

  /** An unasked restart: banner, machine position 0, everything but the EEPROM forgotten. */
  powerCycle(): void
  /** An alarm of this number, now; 1 and 2 lock until a reset. */
  trip(code: AlarmCode): void
  /** From now on nothing is heard and nothing is said; what is queued is still executed. */
  stopAnswering(): void
  answerAgain(): void
  /** Pulls the cable: the port is gone, the machine goes on. */
  unplug(): Promise<void>
  /** Puts the cable back, under a new {@link port}. */
  plug(): Promise<void>
  setDoor(isOpen: boolean): void
  /** A touch plate with its surface at this machine Z; null takes it away. */
  setTouchPlate(z: number | null): void
}

const DEFAULT_ENVELOPE: Envelope = { min: [0, 0, -80], max: [400, 300, 20] }
const POLL_MS = 20
const SAVE_AFTER_MS = 300
const LONGEST_TIMER_MS = 60_000

/** Resolves when the port can be opened. */
export async function startVirtualController(options: VirtualControllerOptions = {}): Promise<VirtualController> {
  const controller = new LiveController(options)
  await controller.plug()
  return controller
}

class LiveController implements VirtualController {
  readonly received: ReceivedBytes[] = []
  readonly answered: AnsweredLine[] = []
  private readonly firmware: Firmware
  private readonly timeScale: number
  private readonly options: VirtualControllerOptions
  private eeprom: Eeprom
  private link: Port | undefined
  private isSilent = false
  private isClosed = false
  private clockMs = performance.now()
  private timer: NodeJS.Timeout | undefined
  private saveTimer: NodeJS.Timeout | undefined
  private savedCarriage = ''
  private readonly onChange = new Set<() => void>()
  private heardAt = performance.now()

  constructor(options: VirtualControllerOptions) {
    this.options = options
    this.timeScale = options.timeScale ?? 1
    const envelope = options.envelopeMm ?? DEFAULT_ENVELOPE
    const memory = readMemory(options.stateFile)
    const fresh = newEeprom(travelOf(envelope))
    this.eeprom = memory.kind === 'known' ? memory.eeprom : { ...fresh, settings: { ...fresh.settings, ...options.settings } }
    this.firmware = new Firmware({
      envelope,
      eeprom: this.eeprom,
      isEepromBlank: memory.kind === 'unreadable',
      carriage: memory.kind === 'known' ? memory.carriage : birthplace(envelope),
      onOutput: (text) => {
        if (!this.isSilent) this.link?.write(text)
      },
      onEeprom: (eeprom) => {
        this.eeprom = eeprom
        this.save()
      },
      onAnswer: (line, answer) => {
        this.log(this.answered, { atMs: wallClock(), line, answer })
      },
    })
    this.schedule()
  }

  get port(): string {
    return this.link?.name ?? ''
  }

  get silentMs(): number {
    return performance.now() - this.heardAt
  }

  now() {
    this.catchUp()
    const { stateName, position, carriage, isMoving, lostBytes } = this.firmware
    return { state: stateName, position, carriage, isMoving, lostBytes }
  }

  receivedText(): string {
    return this.received.map(({ bytes }) => bytes.toString('latin1')).join('')
  }

  async waitFor(condition: (controller: VirtualController) => boolean, timeoutMs = 5000): Promise<void> {
    const until = performance.now() + timeoutMs
    while (!condition(this)) {
      const leftMs = until - performance.now()
      if (leftMs <= 0) throw new Error(`The virtual controller (${this.firmware.stateName}) did not get there within ${timeoutMs} ms.`)
      await new Promise<void>((resolve) => {
        const done = () => {
          clearTimeout(timer)
          this.onChange.delete(done)
          resolve()
        }
        const timer = setTimeout(done, Math.min(leftMs, POLL_MS))
        this.onChange.add(done)
      })
    }
  }

  powerCycle(): void {
    this.act(() => this.firmware.powerCycle())
  }
  trip(code: AlarmCode): void {
    this.act(() => this.firmware.trip(code))
  }
  setDoor(isOpen: boolean): void {
    this.act(() => this.firmware.setDoor(isOpen))
  }
  setTouchPlate(z: number | null): void {
    this.firmware.setTouchPlate(z)
  }
  stopAnswering(): void {
    this.isSilent = true
  }
  answerAgain(): void {
    this.isSilent = false
  }

  async unplug(): Promise<void> {
    const { link } = this
    this.link = undefined
    await link?.close()
  }

  async plug(): Promise<void> {
    if (this.link) return
    this.link = await openPort({ onData: (bytes) => this.onData(bytes), ...(this.options.link ? { kind: this.options.link } : {}) })
  }

  async close(): Promise<void> {
    if (this.isClosed) return
    this.catchUp()
    this.isClosed = true
    clearTimeout(this.timer)
    clearTimeout(this.saveTimer)
    this.save()
    await this.unplug()
  }

  private onData(bytes: Buffer): void {
    if (this.isClosed) return
    this.heardAt = performance.now()
    this.log(this.received, { atMs: wallClock(), bytes })
    this.act(() => {
      if (!this.isSilent) this.firmware.receive(bytes)
    })
  }

  private log<T>(entries: T[], entry: T): void {
    if (this.options.keepsLog === false) return
    entries.push(entry)
    if (entries.length > MAX_LOG) entries.splice(0, MAX_LOG / 2)
  }

  private act(what: () => void): void {
    this.catchUp()
    what()
    this.schedule()
    this.changed()
  }

  /** Lets the firmware live through the time since it last ran. */
  private catchUp(): void {
    const nowMs = performance.now()
    const seconds = ((nowMs - this.clockMs) / 1000) * this.timeScale
    this.clockMs = nowMs
    if (seconds > 0) this.firmware.elapse(seconds)
  }

  /** A timer only while something will happen by itself: a machine that stands costs nothing. */
  private schedule(): void {
    clearTimeout(this.timer)
    this.timer = undefined
    if (this.isClosed) return
    this.saveCarriageSoon()
    const seconds = this.firmware.secondsToEvent()
    if (!Number.isFinite(seconds)) return
    const ms = Math.min(Math.max(Math.ceil((seconds / this.timeScale) * 1000), 1), LONGEST_TIMER_MS)
    this.timer = setTimeout(() => this.act(() => {}), ms)
  }

  private changed(): void {
    for (const listener of [...this.onChange]) listener()
  }

  /** Writes the carriage's place down soon after it changed, and again and again while it changes. */
  private saveCarriageSoon(): void {
    if (!this.options.stateFile || this.saveTimer || this.isClosed) return
    if (!this.firmware.isMoving && this.savedCarriage === String(this.firmware.carriage)) return
    this.saveTimer = setTimeout(() => {
      this.saveTimer = undefined
      this.catchUp()
      this.save()
      this.saveCarriageSoon()
    }, SAVE_AFTER_MS)
  }

  private save(): void {
    const { stateFile } = this.options
    if (!stateFile) return
    // during construction the firmware has nothing worth keeping yet
    const carriage = this.firmware?.carriage
    if (!carriage) return
    const memory: MachineMemory = { eeprom: this.eeprom, carriage }
    writeMemory(stateFile, memory)
    this.savedCarriage = String(carriage)
  }
}

/** Logs are for tests and short looks; they forget their older half. */
const MAX_LOG = 200_000

const wallClock = () => performance.timeOrigin + performance.now()
