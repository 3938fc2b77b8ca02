/**
 * What stands between the guard and a port: lines wait here, a real-time byte never does. At most one
 * small piece is with the port at a time, so that a stop byte has at most that piece in front of it.
 */

/** Largest piece given to the port at once. */
const PIECE_BYTES = 256
/** On a paced line: how far ahead of the wire the port may be filled, in milliseconds. */
const AHEAD_MS = 4

export interface Outbox {
  /** Lines, in order. */
  send(bytes: Uint8Array): void
  /** A real-time byte: in front of everything that was not handed to the port yet. */
  urgent(byte: number): void
  /** Keeps the lines that were not handed to the port yet back, or lets them go. */
  keepBack(isKept: boolean): void
  /** Forgets the lines that were not handed to the port yet. */
  discard(): void
  stop(): void
}

/**
 * @param options.write hands bytes to the port; `done` when it has taken them. Writes keep their order.
 * @param options.bytesPerSecond speed of a real serial line: the kernel would take 4 kB (a third of a second
 * at 115200 baud) at once, and nothing overtakes what is in there. Undefined where the other end takes
 * everything at once.
 */
export function createOutbox(options: { write: (bytes: Uint8Array, done: () => void) => void; bytesPerSecond?: number; now?: () => number }): Outbox {
  const { write, bytesPerSecond, now = () => performance.now() } = options
  const piece = bytesPerSecond ? Math.max(8, Math.round((bytesPerSecond * AHEAD_MS) / 1000)) : PIECE_BYTES
  let queue: Uint8Array[] = []
  let isWriting = false
  let isStopped = false
  let isKept = false
  let timer: NodeJS.Timeout | undefined
  /** When the last byte handed out will have left the wire. */
  let wireFreeAt = 0

  const handOut = (bytes: Uint8Array, done: () => void) => {
    if (bytesPerSecond) wireFreeAt = Math.max(now(), wireFreeAt) + (bytes.length * 1000) / bytesPerSecond
    write(bytes, done)
  }
  const pump = () => {
    if (isWriting || isStopped || isKept || queue.length === 0) return
    if (bytesPerSecond) {
      const aheadMs = wireFreeAt - now()
      if (aheadMs > AHEAD_MS) {
        timer ??= setTimeout(() => {
          timer = undefined
          pump()
        }, aheadMs - AHEAD_MS)
        return
      }
    }
    const bytes = takePiece()
    isWriting = true
    handOut(bytes, () => {
      isWriting = false
      pump()
    })
  }
  const takePiece = (): Uint8Array => {
    const [first = new Uint8Array()] = queue
    if (first.length >= piece || queue.length === 1) {
      if (first.length <= piece) queue.shift()
      else queue[0] = first.subarray(piece)
      return first.subarray(0, piece)
    }
    const parts: Uint8Array[] = []
    let length = 0
    while (queue[0] && length + queue[0].length <= piece) {
      length += queue[0].length
      parts.push(queue[0])
      queue.shift()
    }
    return Buffer.concat(parts)
  }

  return {
    send(bytes) {
      if (isStopped) return
      queue.push(bytes)
      pump()
    },
    urgent(byte) {
      if (isStopped) return
      // the port's own queue keeps order: only the piece being written stands before this byte
      handOut(Uint8Array.of(byte), () => {})
    },
    keepBack(kept) {
      isKept = kept
      pump()
    },
    discard() {
      queue = []
    },
    stop() {
      isStopped = true
      queue = []
      clearTimeout(timer)
    },
  }
}
