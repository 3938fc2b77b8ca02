/**
 * One connection to `linuxcncrsh`: questions and orders in one FIFO, each with its answer. Answers come in the order of the
 * lines; an order is never waited for to be done, since the server would hear nothing else from us meanwhile, an abort
 * least of all (`WAIT_MODE RECEIVED`).
 */
import { OperationalError, UserError } from '../../../../base/errors.ts'
import { createReplyReader, parseReply } from '../../linuxcnc/index.ts'
import type { Link, Linked } from '../links/index.ts'
import { ownTimeout } from '../own-timeout.ts'

export interface TalkListeners {
  onReceived(line: string): void
  onSent(line: string): void
  onLost(reason: string): void
}

/** How a line was answered. */
export interface TalkAnswer {
  isOk: boolean
  /** The value of a question. */
  text: string
  /** What was said before the verdict: reasons for a refusal, warnings. */
  remarks: string[]
}

interface Asked {
  line: string
  /** `MODE` of `SET MODE AUTO`. */
  name: string
  isQuestion: boolean
  /** Any line answers it: an old server gives nonsense for `GET INI`. */
  takesAny: boolean
  remarks: string[]
  settle: (answer: TalkAnswer | Error) => void
  endWait: () => void
}

/** Names that answer to another one. */
const ANSWERS_AS: Record<string, string[]> = {
  PROGRAM_LINEAR_UNITS: ['PROGRAM_UNITS'],
  TIMEOUT: ['SET_TIMEOUT'],
  UPDATE: ['GET_UPDATE'],
}

export class LinuxcncTalk implements Linked {
  readonly #listeners: TalkListeners
  readonly #answerMs: number
  #link: Link | undefined
  #asked: Asked[] = []
  #isClosed = false
  readonly receive: (bytes: Uint8Array) => void

  /** @param answerMs a server on the same network answers in a millisecond; so long without an answer it is taken for dead */
  constructor(listeners: TalkListeners, answerMs: number) {
    this.#listeners = listeners
    this.#answerMs = answerMs
    this.receive = createReplyReader((line) => this.#onLine(line))
  }

  attach(link: Link): void {
    this.#link = link
  }

  get isOpen(): boolean {
    return !this.#isClosed && (this.#link?.isOpen ?? false)
  }

  /**
   * Sends a line at once, whatever is not answered yet.
   * @throws OperationalError `link-down`, before anything was sent; the promise is rejected with `no-answer` or `link-down`
   */
  say(line: string, options: { takesAny?: boolean } = {}): Promise<TalkAnswer> {
    if (!this.#link || !this.isOpen) throw linuxcncDown()
    if (/[\r\n]/.test(line) || !/^[\x20-\x7e]+$/.test(line))
      throw new UserError({ code: 'line-refused', message: 'A line for LinuxCNC holds plain characters only, and no line break.' })
    const [verb = '', name = ''] = line.split(' ')
    const answered = new Promise<TalkAnswer>((resolve, reject) => {
      const asked: Asked = {
        line,
        name: name.toUpperCase(),
        isQuestion: verb.toUpperCase() === 'GET',
        takesAny: options.takesAny ?? false,
        remarks: [],
        settle: (answer) => {
          asked.endWait()
          if (answer instanceof Error) reject(answer)
          else resolve(answer)
        },
        endWait: ownTimeout(() => this.lost('LinuxCNC does not answer any more'), this.#answerMs),
      }
      this.#asked.push(asked)
    })
    // whoever does not wait is not to be killed by it
    answered.catch(() => {})
    if (!line.startsWith('GET')) this.#listeners.onSent(hidePassword(line))
    this.#link.send(Buffer.from(`${line}\r\n`, 'latin1'))
    return answered
  }

  /** @returns the value, or undefined where the question was refused */
  async get(name: string, options: { takesAny?: boolean } = {}): Promise<string | undefined> {
    const answer = await this.say(`GET ${name}`, options)
    return answer.isOk ? answer.text : undefined
  }

  /** @throws OperationalError `controller-refused` with what LinuxCNC said */
  async set(order: string): Promise<void> {
    const answer = await this.say(`SET ${order}`)
    if (answer.isOk) return
    throw new OperationalError({
      code: 'controller-refused',
      message: `LinuxCNC refused "${order.split(' ')[0]}"${answer.remarks.length > 0 ? `: ${answer.remarks.join(' ').replace(/\.$/, '')}` : ''}.`,
      status: 409,
    })
  }

  async close(reason = 'The connection was closed.'): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#drop(reason)
    await this.#link?.close()
  }

  /** The link is gone. */
  lost(reason: string): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#listeners.onLost(reason)
    this.#drop(`The link to LinuxCNC was lost: ${reason}.`)
    this.#link?.close().catch(() => {})
  }

  #drop(message: string): void {
    const dropped = this.#asked
    this.#asked = []
    for (const asked of dropped) asked.settle(new OperationalError({ code: 'link-down', message }))
  }

  #onLine(line: string): void {
    if (this.#isClosed) return
    const asked = this.#asked[0]
    // its echo, until it is switched off
    if (asked && line.trim().toUpperCase() === asked.line.toUpperCase()) return
    const reply = parseReply(line)
    if (reply.kind !== 'value' && reply.kind !== 'ack') this.#listeners.onReceived(line)
    if (!asked) return
    const done = (isOk: boolean, text = '') => {
      this.#asked.shift()
      asked.settle({ isOk: isOk && asked.remarks.every((remark) => !/timed out/i.test(remark)), text, remarks: asked.remarks })
    }
    switch (reply.kind) {
      case 'warning':
        asked.remarks.push(reply.text)
        break
      case 'error':
        asked.remarks.push(reply.text)
        // the one refusal that no NAK follows (emcrsh.cc commandGetSet)
        if (/while SET \S+ command is still active/i.test(reply.text)) done(false)
        break
      case 'hello':
        if (asked.line.toUpperCase().startsWith('HELLO')) done(reply.isAccepted, `${reply.server} ${reply.version}`.trim())
        break
      case 'ack':
      case 'nak':
        done(reply.kind === 'ack')
        break
      case 'value':
        if (!asked.isQuestion) break
        if (asked.takesAny || reply.name === asked.name || ANSWERS_AS[asked.name]?.includes(reply.name)) done(true, asked.takesAny ? line : reply.text)
        break
      default:
        reply satisfies never
    }
  }
}

/** The journal and the console show no password. */
function hidePassword(line: string): string {
  return line.replace(/^(HELLO) \S+/i, '$1 ***').replace(/^(SET ENABLE) \S+/i, '$1 ***')
}

export function linuxcncDown(): OperationalError {
  return new OperationalError({
    code: 'link-down',
    message: 'LinuxCNC is not connected. Check that it runs with linuxcncrsh and that its port can be reached; the guard shows when it is back.',
  })
}
