/** A program's bytes in memory, with a way to any of its lines that costs little: the place of every 64th line. */

/** Lines between two kept places. */
const STRIDE = 64
/** Above this a browser should not keep a file. */
const MOST_KEPT_BYTES = 400_000_000

const LF = 10
const CR = 13

export class StoredProgram {
  readonly pieces: Uint8Array[] = []
  /** Where each piece begins. */
  readonly #begins: number[] = []
  #bytes = 0
  #marks = new Float64Array(1024)
  #markCount = 1
  /** Line ends seen so far. */
  #ends = 0
  #last = LF
  #isKept = true

  get bytes(): number {
    return this.#bytes
  }

  /** A file that ends without a line end has its last line, too. */
  get lines(): number {
    return this.#bytes === 0 ? 0 : this.#ends + (this.#last === LF || this.#last === CR ? 0 : 1)
  }

  get isKept(): boolean {
    return this.#isKept
  }

  add(piece: Uint8Array): void {
    if (this.#isKept && this.#bytes + piece.length > MOST_KEPT_BYTES) {
      this.#isKept = false
      this.pieces.length = 0
      this.#begins.length = 0
    }
    if (this.#isKept) {
      this.#begins.push(this.#bytes)
      this.pieces.push(piece)
    }
    for (let i = 0; i < piece.length; i += 1) {
      const byte = piece[i]
      if (byte === LF && this.#last === CR) {
        // CR LF is one end: the line begins behind both
        if (this.#ends % STRIDE === 0) this.#mark(this.#ends / STRIDE, this.#bytes + i + 1)
      } else if (byte === LF || byte === CR) {
        this.#ends += 1
        if (this.#ends % STRIDE === 0) this.#mark(this.#ends / STRIDE, this.#bytes + i + 1)
      }
      this.#last = byte as number
    }
    this.#bytes += piece.length
  }

  /** Lines from a 1-based number on; fewer at the end. Only while the file is kept. */
  text(from: number, count: number): string[] {
    const first = Math.max(0, from - 1)
    const mark = Math.min(Math.floor(first / STRIDE), this.#markCount - 1)
    const decoder = new TextDecoder()
    const wanted = first + count
    let line = mark * STRIDE
    const found: string[] = []
    let at = this.#marks[mark] as number
    let rest: number[] = []
    let last = 0
    let index = this.#pieceAt(at)
    for (; index < this.pieces.length && line < wanted; index += 1) {
      const piece = this.pieces[index] as Uint8Array
      for (let i = at - (this.#begins[index] as number); i < piece.length && line < wanted; i += 1) {
        const byte = piece[i] as number
        if (byte === LF || byte === CR) {
          if (!(byte === LF && last === CR)) {
            if (line >= first) found.push(decoder.decode(Uint8Array.from(rest)))
            line += 1
            rest = []
          }
        } else if (line >= first && rest.length < 4096) rest.push(byte)
        last = byte
      }
      at = (this.#begins[index] as number) + piece.length
    }
    if (line < wanted && line >= first && line < this.lines) found.push(decoder.decode(Uint8Array.from(rest)))
    return found
  }

  #pieceAt(byte: number): number {
    let low = 0
    let high = this.pieces.length - 1
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      if ((this.#begins[middle] as number) <= byte) low = middle
      else high = middle - 1
    }
    return low
  }

  #mark(index: number, byte: number): void {
    if (index === this.#marks.length) {
      const larger = new Float64Array(index * 2)
      larger.set(this.#marks)
      this.#marks = larger
    }
    this.#marks[index] = byte
    this.#markCount = Math.max(this.#markCount, index + 1)
  }
}
