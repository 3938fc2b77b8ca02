/**
 * Stands between a guard and its controller on TCP and spoils what passes, repeatably by seed: late, cut, doubled, garbled,
 * lost. Knows of the protocol only what it needs to count: which lines the one end has sent and not seen answered.
 */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** Chances, 0 to 1. */
export interface Spoils {
  seed: number
  /** Every piece comes up to so much later, in order. */
  delayMs?: number
  /** Every piece is cut into smaller ones at any place. */
  cuts?: boolean
  /** For every `ok` and `error`: not passed on, passed on twice, with a wrong byte, without its end of line. */
  answers?: { lose?: number; double?: number; garble?: number; join?: number }
  /** For every line to the controller: lost whole, without its end, followed by an empty one. */
  lines?: { lose?: number; join?: number; double?: number }
  /** For every status report: with a wrong byte. */
  reports?: { garble?: number }
}

/** xorshift32 */
function chanceOf(seed: number): () => number {
  let state = (seed * 2654435761) | 1
  const next = () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
  for (let i = 0; i < 10; i += 1) next()
  return next
}

const REAL_TIME = new Set([0x18, 0x19, 0x3f, 0x21, 0x7e])

export class FaultyProxy {
  readonly #server = createServer((near) => this.#join(near))
  #target: { host: string; port: number }
  #sockets = new Set<Socket>()
  #spoils: Spoils = { seed: 1 }
  #chance = chanceOf(1)
  /** Bytes of lines that the near end has sent and not seen answered. */
  #outstanding: number[] = []
  /** Answers that the near end takes for lines that are still on their way to here. */
  #ahead = 0
  mostOutstanding = 0
  /** What was done to which line. */
  readonly done: string[] = []
  #isAwaitingBanner = false

  constructor(target: { host: string; port: number }) {
    this.#target = target
  }

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return (this.#server.address() as AddressInfo).port
  }

  /** Spoils from now on. */
  spoil(spoils: Spoils): void {
    this.#spoils = spoils
    this.#chance = chanceOf(spoils.seed)
    this.mostOutstanding = 0
  }

  /** Passes everything on as it comes. */
  calm(): void {
    this.#spoils = { seed: 1 }
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }

  #join(near: Socket): void {
    const far = connect(this.#target)
    // on a new connection nothing is outstanding
    this.#outstanding = []
    this.#ahead = 0
    this.#isAwaitingBanner = false
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(socket)
      socket.setNoDelay(true)
      socket.on('error', () => {})
      socket.on('close', () => {
        this.#sockets.delete(socket)
        other.destroy()
      })
    }
    near.on(
      'data',
      this.#way(far, (text) => this.#lineOut(text), true),
    )
    far.on(
      'data',
      this.#way(near, (text) => this.#lineIn(text), false),
    )
  }

  /** Takes a stream apart into lines and real-time bytes, spoils them, and writes them on in order. */
  #way(to: Socket, spoil: (line: string) => string, isOut: boolean): (bytes: Buffer) => void {
    let rest = ''
    let last: Promise<void> = Promise.resolve()
    const write = (text: string) => {
      const pieces = this.#cut(text)
      const delay = (this.#spoils.delayMs ?? 0) * this.#chance()
      last = last.then(async () => {
        if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay))
        for (const piece of pieces) {
          if (!to.destroyed) to.write(piece, 'latin1')
          if (pieces.length > 1) await new Promise((resolve) => setImmediate(resolve))
        }
      })
    }
    return (bytes) => {
      let through = ''
      for (const byte of bytes) {
        const char = String.fromCharCode(byte)
        if (isOut && (REAL_TIME.has(byte) || byte > 0x7f)) {
          if (byte === 0x18) this.#forget()
          through += char
        } else {
          rest += char
          if (byte === 0x0a) {
            through += spoil(rest)
            rest = ''
          }
        }
      }
      if (through) write(through)
    }
  }

  #cut(text: string): string[] {
    if (!this.#spoils.cuts) return [text]
    const pieces: string[] = []
    for (let at = 0; at < text.length; ) {
      const size = 1 + Math.floor(this.#chance() * 9)
      pieces.push(text.slice(at, at + size))
      at += size
    }
    return pieces
  }

  #forget(): void {
    this.#outstanding = []
    this.#ahead = 0
    this.#isAwaitingBanner = true
  }

  #lineOut(line: string): string {
    if (this.#ahead > 0) this.#ahead -= 1
    else this.#outstanding.push(line.length)
    this.mostOutstanding = Math.max(
      this.mostOutstanding,
      this.#outstanding.reduce((sum, bytes) => sum + bytes, 0),
    )
    const { lose = 0, join = 0, double = 0 } = this.#spoils.lines ?? {}
    const roll = this.#chance()
    const note = (what: string) => this.done.push(`${what} ${line.trim()}`)
    if (roll < lose) {
      note('lost')
      return ''
    }
    if (roll < lose + join) {
      note('joined')
      return line.trimEnd()
    }
    if (roll < lose + join + double) {
      note('doubled the end of')
      return `${line}\n`
    }
    return line
  }

  #lineIn(line: string): string {
    const text = line.trim()
    if (text.startsWith('Grbl')) this.#isAwaitingBanner = false
    const isAnswer = text === 'ok' || text.startsWith('error:')
    const garbled = () => {
      const at = Math.floor(this.#chance() * text.length)
      return `${text.slice(0, at)}${String.fromCharCode(0x21 + Math.floor(this.#chance() * 90))}${text.slice(at + 1)}\r\n`
    }
    if (!isAnswer) {
      const isSpoiled = text.startsWith('<') && this.#chance() < (this.#spoils.reports?.garble ?? 0)
      if (isSpoiled) this.done.push(`garbled ${text}`)
      return isSpoiled ? garbled() : line
    }
    const { lose = 0, double = 0, garble = 0, join = 0 } = this.#spoils.answers ?? {}
    const roll = this.#chance()
    if (roll < lose) {
      this.done.push(`lost ${text}`)
      return ''
    }
    if (roll < lose + garble) {
      const spoiled = garbled()
      if (spoiled.trim() === text) this.#answered(1)
      else this.done.push(`garbled ${text}`)
      return spoiled
    }
    if (roll < lose + garble + join) {
      this.done.push(`joined ${text}`)
      return text
    }
    if (roll < lose + garble + join + double) {
      this.done.push(`doubled ${text}`)
      this.#answered(2)
      return `${line}${line}`
    }
    this.#answered(1)
    return line
  }

  #answered(times: number): void {
    if (this.#isAwaitingBanner) return
    this.#ahead += Math.max(0, times - this.#outstanding.length)
    this.#outstanding.splice(0, times)
  }
}
