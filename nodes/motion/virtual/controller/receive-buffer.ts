/** The serial receive ring: what does not fit is dropped without a word (grbl 1.1: serial.c). */
export class ReceiveBuffer {
  private readonly bytes: Uint8Array
  private first = 0
  private count = 0
  /** Bytes that found the buffer full since power-on. The firmware does not know this number; tests do. */
  overflowed = 0
  /** Most bytes that ever waited. */
  fullest = 0

  constructor(size: number) {
    this.bytes = new Uint8Array(size)
  }

  get free(): number {
    return this.bytes.length - this.count
  }
  get isEmpty(): boolean {
    return this.count === 0
  }

  push(byte: number): void {
    if (this.count === this.bytes.length) this.overflowed++
    else {
      this.bytes[(this.first + this.count) % this.bytes.length] = byte
      this.count++
      if (this.count > this.fullest) this.fullest = this.count
    }
  }

  /** The oldest byte. Only when not empty. */
  shift(): number {
    const byte = this.bytes[this.first] ?? 0
    this.first = (this.first + 1) % this.bytes.length
    this.count--
    return byte
  }

  clear(): void {
    this.count = 0
  }
}
