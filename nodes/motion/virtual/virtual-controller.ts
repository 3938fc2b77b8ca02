/** A simulated controller that lives: the firmware on the wall clock, behind a port, with its EEPROM in a file. */
import type { VirtualController, VirtualControllerOptions } from './api.ts'
import type { AlarmCode } from './controller/errors.ts'
import { Firmware } from './controller/firmware.ts'
import type { HarmfulBytes } from './controller/firmware-options.ts'
import { birthplace, type Envelope, travelOf } from './controller/machine.ts'
import { PERSONALITIES } from './controller/personality.ts'
import type { Solid, Tool } from './controller/scene.ts'
import { type Eeprom, newEeprom } from './controller/settings.ts'
import type { AXIS_LETTERS, Point } from './controller/vector.ts'
import { type FaultKind, type FaultPlan, Faults } from './faults.ts'
import { type AnsweredLine, type BegunMove, keep, type MovingTime, type ReceivedBytes, wallClock } from './live-log.ts'
import { readMemory, writeMemory } from './memory.ts'
import { openPort, type Port } from './port.ts'
import { Speech } from './speech.ts'
import { Uart } from './uart.ts'

const DEFAULT_ENVELOPE: Envelope = { min: [0, 0, -80], max: [400, 300, 20] }
const POLL_MS = 20
const SAVE_AFTER_MS = 300
const LONGEST_TIMER_MS = 60_000
/** On a paced line, bytes beyond this wait at the sender's. */
const UART_BACKLOG = 64
/** A cable pulled by chance is put back after this, silence ends, a door is closed. */
const FAULT_LASTS_MS = 150

/** Resolves when the port can be opened. */
export async function startVirtualController(options: VirtualControllerOptions = {}): Promise<VirtualController> {
  const controller = new LiveController(options)
  await controller.plug()
  return controller
}

class LiveController implements VirtualController {
  readonly received: ReceivedBytes[] = []
  readonly answered: AnsweredLine[] = []
  readonly moves: BegunMove[] = []
  readonly motions: MovingTime[] = []
  readonly starvations = { all: 0, lineIdle: 0 }
  private readonly firmware: Firmware
  private readonly timeScale: number
  private readonly longestStepMs: number
  private readonly options: VirtualControllerOptions
  private readonly envelope: Envelope
  private readonly inbound: Uart | undefined
  private readonly outbound: Uart | undefined
  private eeprom: Eeprom
  private link: Port | undefined
  private isSilent = false
  private isClosed = false
  /** The moment up to which the firmware has lived, and what its own clock said then. */
  private clockMs = performance.now()
  private clockS = 0
  private timer: NodeJS.Timeout | undefined
  private saveTimer: NodeJS.Timeout | undefined
  private faultTimer: NodeJS.Timeout | undefined
  private faults: Faults | undefined
  private readonly speech = new Speech((text) => this.transmit(text))
  private readonly lateTimers = new Set<NodeJS.Timeout>()
  private savedCarriage = ''
  private readonly onChange = new Set<() => void>()
  private heardAt = performance.now()

  constructor(options: VirtualControllerOptions) {
    this.options = options
    this.timeScale = options.timeScale ?? 1
    this.longestStepMs = options.longestStepMs ?? Number.POSITIVE_INFINITY
    this.envelope = options.envelopeMm ?? DEFAULT_ENVELOPE
    const { baud } = options
    if (baud) {
      this.inbound = new Uart({ baud, deliver: (bytes, atMs) => this.onArrived(bytes, atMs) })
      this.outbound = new Uart({ baud, deliver: (bytes) => this.link?.write(bytes.toString('latin1')) })
    }
    const memory = readMemory(options.stateFile)
    const fresh = this.newEeprom()
    this.eeprom = memory.kind === 'known' ? memory.eeprom : { ...fresh, settings: { ...fresh.settings, ...options.settings } }
    this.firmware = new Firmware({
      envelope: this.envelope,
      eeprom: this.eeprom,
      personality: options.personality ?? 'grbl',
      axisCount: options.axisCount ?? 3,
      hasParking: options.hasParking ?? false,
      isEepromBlank: memory.kind === 'unreadable',
      carriage: memory.kind === 'known' ? memory.carriage : birthplace(this.envelope),
      ...(options.scene ? { scene: options.scene } : {}),
      onOutput: (text) => {
        if (!this.isSilent) this.speech.say(text)
      },
      onEeprom: (eeprom) => {
        this.eeprom = eeprom
        this.save()
        if (this.faults?.failsInWrite()) setTimeout(() => this.brownOut(), 0)
      },
      onAnswer: (line, answer) => this.log(this.answered, { atMs: this.firmwareNow(), line, answer }),
      onLine: ({ from, to, lineNumber }) => {
        const isHoming = this.firmware.stateName === 'Home'
        this.log(this.moves, { atMs: this.firmwareNow(), from: this.point(from), to: this.point(to), lineNumber, isHoming })
      },
      onMoving: (isMoving, atS) => this.onMoving(isMoving, this.wallOf(atS)),
    })
    this.setFaults(options.faults)
    this.schedule()
  }

  get port(): string {
    return this.link?.name ?? ''
  }
  get silentMs(): number {
    return performance.now() - this.heardAt
  }
  get harmful(): HarmfulBytes {
    return this.firmware.harmful
  }
  get fullestRx(): number {
    return this.firmware.fullestRx
  }

  now() {
    this.catchUp(performance.now())
    const { stateName, position, carriage, isMoving, lostBytes, plannedLines, rxCount, isMute } = this.firmware
    return { state: stateName, position, carriage, isMoving, lostBytes, plannedLines, rxCount, isMute }
  }

  reached() {
    this.catchUp(performance.now())
    return this.firmware.reached
  }

  wire() {
    return this.inbound && this.outbound ? { toController: this.inbound.statistics, fromController: this.outbound.statistics } : undefined
  }

  forget(): void {
    for (const log of [this.received, this.answered, this.moves]) log.length = 0
  }

  receivedText(): string {
    return this.received.map(({ bytes }) => bytes.toString('latin1')).join('')
  }

  async waitFor(condition: (controller: VirtualController) => boolean, timeoutMs = 20_000): Promise<void> {
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
    this.act(() => {
      this.outbound?.clear()
      this.firmware.powerCycle()
    })
  }
  brownOut(): void {
    if (!this.isClosed) this.act(() => this.firmware.brownOut(this.newEeprom()))
  }
  trip(code: AlarmCode): void {
    this.act(() => this.firmware.trip(code))
  }
  setDoor(isOpen: boolean): void {
    this.act(() => this.firmware.setDoor(isOpen))
  }
  setEmergencyStop(isPressed: boolean): void {
    this.act(() => this.firmware.setEmergencyStop(isPressed))
  }
  strandJogCancel(): void {
    this.firmware.strandJogCancel()
  }
  setSwitchFault(letter: (typeof AXIS_LETTERS)[number], fault: 'stuck' | 'dead' | undefined): void {
    this.firmware.setSwitchFault(letter, fault)
  }
  setTouchPlate(z: number | null): void {
    this.firmware.setTouchPlate(z)
  }
  setSolids(solids: Solid[]): void {
    this.firmware.setSolids(solids)
  }
  setTool(tool: Tool): void {
    this.firmware.setTool(tool)
  }
  stopAnswering(): void {
    this.isSilent = true
  }
  answerAgain(): void {
    this.isSilent = false
  }
  loseAnswers(count: number): void {
    this.speech.answersToLose = count
  }
  doubleAnswers(count: number): void {
    this.speech.answersToDouble = count
  }
  delayAnswers(delayMs: number): void {
    this.speech.delayMs = delayMs
  }
  flood(reports: number): void {
    const { stateName, position } = this.firmware
    const report = `<${stateName}|MPos:${position.map((mm) => mm.toFixed(3)).join(',')}|FS:0,0>\r\n`
    this.speech.say(report.repeat(reports))
  }
  sayRaw(text: string): void {
    this.transmit(text)
  }

  setFaults(plan: FaultPlan | undefined): void {
    clearTimeout(this.faultTimer)
    this.faults = plan ? new Faults(plan) : undefined
    this.speech.faults = this.faults
    this.planFault()
  }

  private planFault(): void {
    const next = this.faults?.next()
    if (!next || this.isClosed) return
    this.faultTimer = setTimeout(() => {
      this.happen(next.kind)
      this.planFault()
    }, next.inMs)
  }

  private happen(kind: FaultKind): void {
    const later = (what: () => void) => {
      const timer = setTimeout(() => {
        this.lateTimers.delete(timer)
        if (!this.isClosed) what()
      }, FAULT_LASTS_MS)
      this.lateTimers.add(timer)
    }
    switch (kind) {
      case 'flood':
        this.flood(100)
        return
      case 'restart':
        this.powerCycle()
        return
      case 'limit':
        this.trip(1)
        return
      case 'door':
        this.setDoor(true)
        later(() => this.setDoor(false))
        return
      case 'silence':
        this.stopAnswering()
        later(() => this.answerAgain())
        return
      case 'unplug':
        // the promise is only the port's own clean-up
        this.unplug().then(() => later(() => void this.plug()), rethrow)
    }
  }

  async unplug(): Promise<void> {
    const { link } = this
    this.link = undefined
    this.inbound?.clear()
    this.outbound?.clear()
    await link?.close()
  }

  async plug(): Promise<void> {
    if (this.link) return
    const { link, personality } = this.options
    this.link = await openPort({ onData: (bytes) => this.onData(bytes), ...(link ? { kind: link } : {}), ...(personality ? { personality } : {}) })
  }

  async close(): Promise<void> {
    if (this.isClosed) return
    this.catchUp(performance.now())
    this.isClosed = true
    this.speech.close()
    for (const timer of [this.timer, this.saveTimer, this.faultTimer, ...this.lateTimers]) clearTimeout(timer)
    this.save()
    await this.unplug()
  }

  private onData(raw: Buffer): void {
    if (this.isClosed) return
    this.heardAt = performance.now()
    const bytes = this.faults?.toController(raw) ?? raw
    if (this.inbound) {
      this.act(() => this.inbound?.send(bytes, performance.now()))
      this.breathe()
    } else this.onArrived(bytes, performance.now())
  }

  /** Lets the other side's own buffer fill up while the line is busy, as the kernel does for a real port. */
  private breathe(): void {
    if (this.inbound) this.link?.setReading(this.inbound.pending < UART_BACKLOG)
  }

  private onArrived(bytes: Buffer, atMs: number): void {
    this.log(this.received, { atMs: wallClock(atMs), bytes })
    const feed = () => {
      if (!this.isSilent) this.firmware.receive(bytes)
    }
    if (this.inbound) {
      this.live(atMs)
      feed()
    } else this.act(feed)
  }

  private transmit(text: string): void {
    // nothing is plugged in: said to nobody
    if (!this.link) return
    if (this.outbound) {
      this.outbound.send(Buffer.from(text, 'latin1'), this.clockMs)
      if (!this.timer) this.schedule()
    } else this.link.write(text)
  }

  private log<T>(entries: T[], entry: T): void {
    if (this.options.keepsLog !== false) keep(entries, entry)
  }

  private onMoving(isMoving: boolean, atMs: number): void {
    const last = this.motions.at(-1)
    if (isMoving) this.log(this.motions, { fromMs: atMs })
    else if (last && last.toMs === undefined) last.toMs = atMs
  }

  private point(values: readonly number[]): Point {
    const [x = 0, y = 0, z = 0, ...more] = values
    return [x, y, z, ...more.slice(0, (this.options.axisCount ?? 3) - 3)]
  }

  /** Wall time of a moment of the firmware's own clock. */
  private wallOf(seconds: number): number {
    return wallClock(this.clockMs + ((seconds - this.clockS) / this.timeScale) * 1000)
  }
  private firmwareNow(): number {
    // during construction nothing has happened yet
    return this.wallOf(this.firmware?.seconds ?? 0)
  }

  private act(what: () => void): void {
    this.catchUp(performance.now())
    what()
    this.schedule()
    this.changed()
  }

  /** Lets line and firmware live through the time since they last ran. */
  private catchUp(nowMs: number): void {
    this.inbound?.run(nowMs)
    this.live(nowMs)
    this.outbound?.run(nowMs)
  }

  private live(nowMs: number): void {
    const seconds = (Math.min(nowMs - this.clockMs, this.longestStepMs) / 1000) * this.timeScale
    if (seconds > 0) {
      const before = this.firmware.starvations
      this.firmware.elapse(seconds)
      const starved = this.firmware.starvations - before
      this.starvations.all += starved
      if (!this.inbound?.pending) this.starvations.lineIdle += starved
    }
    if (nowMs > this.clockMs) {
      this.clockMs = nowMs
      this.clockS = this.firmware.seconds
    }
  }

  /** A timer only while something will happen by itself: a machine that stands costs nothing. */
  private schedule(): void {
    clearTimeout(this.timer)
    this.timer = undefined
    if (this.isClosed) return
    this.saveCarriageSoon()
    const eventMs = this.clockMs + (this.firmware.secondsToEvent() / this.timeScale) * 1000
    const atMs = Math.min(eventMs, this.inbound?.nextMs ?? eventMs, this.outbound?.nextMs ?? eventMs)
    if (!Number.isFinite(atMs)) return
    const ms = Math.min(Math.max(Math.ceil(atMs - performance.now()), 1), LONGEST_TIMER_MS, this.longestStepMs / 2)
    this.timer = setTimeout(() => {
      this.act(() => {})
      this.breathe()
    }, ms)
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
      this.catchUp(performance.now())
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
    try {
      writeMemory(stateFile, { eeprom: this.eeprom, carriage })
      this.savedCarriage = String(carriage)
    } catch (error) {
      if (!['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
      // no machine is switched off by the disk of a server: it is tried again until there is room
      this.savedCarriage = ''
      this.saveCarriageSoon()
    }
  }

  private newEeprom(): Eeprom {
    return newEeprom(travelOf(this.envelope), PERSONALITIES[this.options.personality ?? 'grbl'])
  }
}

function rethrow(error: unknown): never {
  throw error
}
