/**
 * Cuts what comes over a wire into lines, and never gives out a piece of one: a line that stops in the middle, is too long or has
 * what no gauge sends is refused, and so is what comes after it until the next line end, since that may be its other half.
 */

export type LineTrouble = 'line-half' | 'line-long' | 'line-garbled' | 'line-torn'

export interface LineRules {
  /** `cr`: a LF after it does not matter. `lf`: nor does a CR before it. */
  ends: 'cr' | 'lf'
  /** Bytes without its end. */
  longest: number
  /** A line that goes on later than that is broken. A line of 13 bytes takes 14 ms at 9,600 baud. @defaultValue 500 */
  quietMs?: number
}

export interface Lines {
  push(bytes: Uint8Array): void
  /** What was sent before anybody listened; what is left of its last line is no line. */
  ignore(bytes: Uint8Array): void
  /** The wire is gone: what has begun is refused. */
  end(): void
}

const CR = 13
const LF = 10
const TAB = 9

export function createLines(
  { ends, longest, quietMs = 500 }: LineRules,
  told: { onLine: (text: string) => void; onTrouble: (trouble: LineTrouble, raw: string) => void },
): Lines {
  let bytes: number[] = []
  /** What comes until the next line end belongs to what was refused. */
  let isSkipping = false
  /** Something of it was seen that has not been told yet. */
  let isTorn = false
  let timer: NodeJS.Timeout | undefined
  let judging: NodeJS.Immediate | undefined
  const end = ends === 'cr' ? CR : LF

  const refuse = (trouble: LineTrouble) => {
    const raw = shown(bytes)
    bytes = []
    told.onTrouble(trouble, raw)
  }
  const lineEnded = () => {
    if (isSkipping) {
      isSkipping = false
      const wasTorn = isTorn
      isTorn = false
      if (wasTorn) refuse('line-torn')
      bytes = []
      return
    }
    // CR LF where only CR was asked for, and the other way round
    if (ends === 'lf' && bytes.at(-1) === CR) bytes.pop()
    if (!bytes.length) return
    if (bytes.some((byte) => (byte < 32 && byte !== TAB) || byte === 127)) return refuse('line-garbled')
    const text = textOf(bytes)
    bytes = []
    told.onLine(text)
  }
  const mayGoOn = () => {
    clearTimeout(timer)
    clearImmediate(judging)
  }
  // when this process stood still itself the rest may have come meanwhile: it is read before anything is said of it
  const judgeSoon = () => {
    judging = setImmediate(brokeOff)
  }
  const brokeOff = () => {
    if (!isSkipping) {
      refuse('line-half')
      isSkipping = true
    }
    bytes = []
  }
  return {
    push(chunk) {
      for (const byte of chunk) {
        if (byte === end) {
          lineEnded()
          continue
        }
        if (ends === 'cr' && byte === LF && !bytes.length) continue
        if (isSkipping) {
          isTorn = true
          if (bytes.length < longest) bytes.push(byte)
          continue
        }
        bytes.push(byte)
        if (bytes.length <= longest) continue
        refuse('line-long')
        isSkipping = true
      }
      mayGoOn()
      if (bytes.length && !isSkipping) timer = setTimeout(judgeSoon, quietMs)
    },
    ignore(chunk) {
      if (chunk.length) isSkipping = chunk.at(-1) !== end
    },
    end() {
      mayGoOn()
      if (bytes.length && !isSkipping) refuse('line-half')
      bytes = []
    },
  }
}

/** UTF-8 where it is that, else Latin-1 (µ and ° of older gauges). */
function textOf(bytes: readonly number[]): string {
  const buffer = Uint8Array.from(bytes)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(buffer)
  } catch {
    return Buffer.from(buffer).toString('latin1')
  }
}

/** For people: what cannot be seen as its code. */
function shown(bytes: readonly number[]): string {
  const some = bytes.slice(0, 80)
  const text = some.map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`)).join('')
  return bytes.length > some.length ? `${text} …` : text
}
