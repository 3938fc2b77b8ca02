/**
 * One connection to one controller: bytes to messages, lines to answers. Keeps the window of outstanding
 * lines for everything that is answered, whoever asked. A new object for every connection.
 */
import { OperationalError, UserError } from '../../../base/errors.ts'
import {
  CharacterWindow,
  type ControllerFacts,
  type ControllerMessage,
  createLineReader,
  type Dialect,
  dwellOf,
  mustGoAlone,
  type PreparedLine,
  parseMessage,
  type RealtimeName,
  realtimeByte,
  SMALLEST_CONTROLLER,
} from '../grbl/index.ts'
import type { Link, Linked } from './links/index.ts'

/** How a line was answered. */
export type Answer = { isOk: true } | { isOk: false; code: number; text: string }

/** What a request brought, with everything the controller said between the line and its answer. */
export type RequestAnswer = Answer & { messages: ControllerMessage[] }

export interface ConnectionListeners {
  /** Everything but answers. */
  onMessage(message: ControllerMessage): void
  onProgramAnswer(line: PreparedLine, answer: Answer): void
  /** @param wasAsked a reset of ours is why it came */
  onBanner(wasAsked: boolean): void
  /** An answer that belongs to no line: bytes were lost, doubled or are from before this connection. */
  onStrayAnswer(text: string): void
  onReceived(line: string): void
  onSent(text: string): void
  /** A line of a program; told for each, so it must cost nothing. */
  onProgramSent(text: string): void
  onRealtime(name: RealtimeName): void
  onLost(reason: string): void
}

interface Request {
  text: string
  messages: ControllerMessage[]
  /** Answers before a message of this kind belong to lines from before this connection. */
  marker: ControllerMessage['kind'] | undefined
  settle(answer: RequestAnswer | OperationalError): void
}

type Outstanding = { kind: 'program'; line: PreparedLine } | { kind: 'request'; request: Request }

export class Connection implements Linked {
  readonly #listeners: ConnectionListeners
  #link: Link | undefined
  #window = new CharacterWindow<Outstanding>(SMALLEST_CONTROLLER.rxBytes - 1)
  #waiting: Request[] = []
  #dialect: Dialect | undefined
  /** grblHAL refuses every G-code line after one it refused, until it hears an empty line (or a `$` line it takes). */
  #isRefusingAll = false
  #strayAnswers = 0
  #isAwaitingBanner = false
  /** A critical alarm is on: no line is answered before a reset. */
  #isLocked = false
  #isAloneOutstanding = false
  #mayBeStranded = false
  #hasForgotten = false
  #isClosed = false
  #lastAnswerAt = performance.now()
  readonly receive: (bytes: Uint8Array) => void
  #isReading = false
  readonly #whenRead = new Set<() => void>()

  constructor(listeners: ConnectionListeners) {
    this.#listeners = listeners
    const read = createLineReader((line) => this.#onLine(line))
    this.receive = (bytes) => {
      this.#isReading = true
      try {
        read(bytes)
      } finally {
        this.#isReading = false
        const acts = [...this.#whenRead]
        this.#whenRead.clear()
        for (const act of acts) act()
      }
    }
  }

  /**
   * Has something done when everything that came in one piece was read, once however often it is asked for: several answers
   * are then followed by one write.
   * @returns false when nothing is being read: the caller does it now
   */
  whenRead(act: () => void): boolean {
    if (this.#isReading) this.#whenRead.add(act)
    return this.#isReading
  }

  /** The link is handed in after it opened, since it needs {@link receive} before. */
  attach(link: Link): void {
    this.#link = link
  }

  get isOpen(): boolean {
    return !this.#isClosed && this.hasLink
  }

  /** The link itself is there, whatever was made of the connection over it. */
  get hasLink(): boolean {
    return this.#link?.isOpen ?? false
  }

  get outstandingCount(): number {
    return this.#window.count
  }

  get outstandingBytes(): number {
    return this.#window.usedBytes
  }

  /** Texts of the lines not answered yet, oldest first. */
  outstandingTexts(): string[] {
    return this.#window.outstanding().map((entry) => (entry.kind === 'program' ? entry.line.text : entry.request.text))
  }

  /** Answers that belonged to no line, since the connection was opened. */
  get strayAnswers(): number {
    return this.#strayAnswers
  }

  /**
   * A jog was cancelled, and no line has been answered since that was sent behind it. Grbl 1.1 takes a cancel that comes
   * just as the jog ends for a hold without one (protocol.c, EXEC_MOTION_CANCEL in STATE_IDLE): it says `Idle` and reads no line.
   */
  get mayBeStranded(): boolean {
    return this.#mayBeStranded
  }

  /** Lines were given up on that the controller may have yet to read. */
  get hasForgotten(): boolean {
    return this.#hasForgotten
  }

  get dialect(): Dialect | undefined {
    return this.#dialect
  }

  /** It is being asked. */
  isBeingAsked(): void {
    this.#mayBeStranded = false
  }

  get isAwaitingBanner(): boolean {
    return this.#isAwaitingBanner
  }

  /** The longest dwell among the lines not answered yet, in seconds. */
  get outstandingDwellS(): number {
    let longest = 0
    for (const entry of this.#window.outstanding()) longest += entry.kind === 'program' ? entry.line.dwellS : dwellOf(entry.request.text)
    return longest
  }

  /** When the last line was answered or, with none outstanding, sent (monotonic ms). */
  get lastAnswerAt(): number {
    return this.#lastAnswerAt
  }

  /**
   * Takes on the controller's real buffer size, and which real-time bytes it may be sent. Only with nothing outstanding.
   */
  setFacts({ rxBytes, dialect }: Pick<ControllerFacts, 'rxBytes' | 'dialect'>): void {
    if (this.#window.count > 0) throw new Error('the window cannot change under outstanding lines')
    this.#window = new CharacterWindow(rxBytes - 1)
    this.#dialect = dialect
  }

  /**
   * Writes a real-time byte in front of everything.
   * @throws OperationalError `link-down`, UserError `not-supported` for one that this firmware takes for something else
   */
  realtime(name: RealtimeName): void {
    if (!this.#link || !this.isOpen) throw linkDown()
    const byte = realtimeByte(name, this.#dialect)
    if (byte === undefined) throw notForThisFirmware(name, this.#dialect)
    this.#link.urgent(byte)
    if (name === 'jogCancel') this.#mayBeStranded = true
    this.#listeners.onRealtime(name)
  }

  /**
   * Resets the controller: lines not handed out yet are thrown away, outstanding ones forgotten, and
   * answers ignored until the banner (after a soft-limit alarm one stray `ok` comes before it).
   * @throws OperationalError `link-down`
   */
  reset(): void {
    this.discard()
    this.realtime('softReset')
    this.#isAwaitingBanner = true
    this.#drop('The controller was reset before it answered.', 'stopped')
  }

  /** Whether a program line of this length may go now. */
  canSend(line: PreparedLine): boolean {
    if (this.#isAwaitingBanner || this.#isAloneOutstanding || this.#waiting.length > 0) return false
    // what is on the way will be refused, too; the empty line must stand behind all of it
    if (this.#isRefusingAll) return false
    if (line.isAlone && this.#window.count > 0) return false
    return this.#window.canTake(line.text.length + 1)
  }

  /** Sends program lines for each of which {@link canSend} would say yes in turn; see {@link fill}. */
  fill(next: () => PreparedLine | undefined, take: () => void): number {
    if (!this.#link || !this.isOpen) return 0
    let text = this.#clearRefusal()
    let count = 0
    for (;;) {
      const line = next()
      if (!line || !this.canSend(line)) break
      take()
      this.#push({ kind: 'program', line }, line.text, line.isAlone)
      this.#listeners.onProgramSent(line.text)
      text += `${line.text}\n`
      count += 1
    }
    if (text) this.#link.send(Buffer.from(text, 'latin1'))
    return count
  }

  /** @returns the empty line that makes grblHAL listen again, where it is needed and may go now */
  #clearRefusal(): string {
    if (!this.#isRefusingAll || this.#window.count > 0 || this.#isAwaitingBanner) return ''
    this.#isRefusingAll = false
    this.#push({ kind: 'request', request: { text: '', messages: [], marker: undefined, settle: () => {} } }, '', false)
    return '\n'
  }

  /**
   * Sends one line by itself (after all before it were answered) and waits for its answer.
   * @throws OperationalError `link-down`, `stopped` (a reset came first), `controller-restarted`, `no-answer`
   */
  request(text: string, options: { marker?: ControllerMessage['kind'] } = {}): Promise<RequestAnswer> {
    return new Promise((resolve, reject) => {
      if (!this.isOpen) return reject(linkDown())
      if (this.#isLocked && !this.#isAwaitingBanner) return reject(lockedByAlarm())
      const settle = (answer: RequestAnswer | OperationalError) => (answer instanceof OperationalError ? reject(answer) : resolve(answer))
      this.#waiting.push({ text, messages: [], marker: options.marker, settle })
      this.#pumpRequests()
    })
  }

  /** While the machine is held, lines that were not handed to the port yet stay here. */
  keepBack(isKept: boolean): void {
    this.#link?.keepBack(isKept)
  }

  /** Throws away the lines that were not handed to the port yet: a reset will follow. */
  discard(): void {
    this.#link?.discard()
  }

  /** Gives up everything outstanding, e.g. a question that was never answered, or a banner that does not come. */
  forget(): void {
    this.#isAwaitingBanner = false
    this.#hasForgotten ||= this.#window.count > 0
    this.#drop('The controller did not answer.', 'no-answer')
  }

  /** What is asked while a critical alarm is on would never be answered: it is refused. */
  setLocked(isLocked: boolean): void {
    if (isLocked && !this.#isLocked) {
      this.#isAwaitingBanner = false
      const { message, code } = lockedByAlarm()
      this.#drop(message, code)
    }
    this.#isLocked = isLocked
  }

  async close(reason = 'The connection was closed.'): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#drop(reason, 'link-down')
    await this.#link?.close()
  }

  /** The link is gone. */
  lost(reason: string): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#listeners.onLost(reason)
    this.#drop(`The link to the controller was lost: ${reason}.`, 'link-down')
    // the port is of no use any more, whatever closing it says
    this.#link?.close().catch(() => {})
  }

  #pumpRequests(): void {
    const request = this.#waiting[0]
    if (!request || !this.#link || this.#window.count > 0 || this.#isAwaitingBanner || !this.isOpen) return
    const before = this.#clearRefusal()
    this.#waiting.shift()
    this.#push({ kind: 'request', request }, request.text, mustGoAlone(request.text))
    this.#listeners.onSent(request.text)
    this.#link.send(Buffer.from(`${before}${request.text}\n`, 'latin1'))
  }

  #push(entry: Outstanding, text: string, isAlone: boolean): void {
    if (this.#window.count === 0) this.#lastAnswerAt = performance.now()
    this.#window.push(entry, text.length + 1)
    this.#isAloneOutstanding = isAlone
  }

  /** A line that is not waited for any more must not go out later either. */
  #drop(message: string, code: string): void {
    this.discard()
    const dropped = [...this.#window.clear(), ...this.#waiting.map((request) => ({ kind: 'request' as const, request }))]
    this.#waiting = []
    this.#isAloneOutstanding = false
    for (const entry of dropped) if (entry.kind === 'request') entry.request.settle(new OperationalError({ code, message }))
  }

  #onLine(line: string): void {
    if (this.#isClosed) return
    const message = parseMessage(line)
    this.#listeners.onReceived(line)
    switch (message.kind) {
      case 'ok':
        this.#onAnswer({ isOk: true }, line)
        break
      case 'error':
        this.#onAnswer({ isOk: false, code: message.code, text: message.text }, line)
        break
      case 'banner': {
        const wasAsked = this.#isAwaitingBanner
        this.#isAwaitingBanner = false
        this.#isRefusingAll = false
        this.#mayBeStranded = false
        this.#hasForgotten = false
        this.#isLocked = false
        if (!wasAsked) this.#drop('The controller restarted before it answered.', 'controller-restarted')
        this.#listeners.onMessage(message)
        this.#listeners.onBanner(wasAsked)
        // what was asked for after the reset has waited for this
        this.#pumpRequests()
        break
      }
      default: {
        const oldest = this.#window.peek()
        if (oldest?.kind === 'request' && message.kind !== 'status') {
          // a description of itself never ends in thousands of lines: noise does
          if (oldest.request.messages.length < 1000) oldest.request.messages.push(message)
        }
        this.#listeners.onMessage(message)
      }
    }
  }

  #stray(line: string): void {
    this.#strayAnswers += 1
    this.#listeners.onStrayAnswer(line)
  }

  #onAnswer(answer: Answer, line: string): void {
    if (this.#isAwaitingBanner) return
    const oldest = this.#window.peek()
    if (oldest?.kind === 'request') {
      const { marker, messages } = oldest.request
      if (marker && !messages.some((message) => message.kind === marker)) {
        this.#stray(line)
        return
      }
    }
    const entry = this.#window.pop()
    if (!entry) {
      this.#stray(line)
      return
    }
    this.#lastAnswerAt = performance.now()
    this.#isAloneOutstanding = false
    this.#isRefusingAll ||= !answer.isOk && this.#dialect === 'grblhal'
    if (entry.kind === 'request') entry.request.settle({ ...answer, messages: entry.request.messages })
    else this.#listeners.onProgramAnswer(entry.line, answer)
    this.#pumpRequests()
  }
}

function notForThisFirmware(name: RealtimeName, dialect: Dialect | undefined): UserError {
  const why = dialect === undefined ? 'it has not said yet which firmware it runs' : `${dialect} takes its byte for something else`
  return new UserError({ code: 'not-supported', message: `"${name}" was not sent to the controller: ${why}.`, status: 409 })
}

function lockedByAlarm(): OperationalError {
  return new OperationalError({
    code: 'no-answer',
    message: 'The controller is locked by an alarm and answers no line. Find the cause, then unlock it, which resets it first.',
  })
}

export function linkDown(): OperationalError {
  return new OperationalError({ code: 'link-down', message: 'The controller is not connected. Check its cable and power; the guard shows when it is back.' })
}
