/** GRBL's serial receive ring: what does not fit is dropped without a word (grbl 1.1: serial.c). */
export const RECEIVE_BYTES = 128

export class ReceiveBuffer {
  private readonly bytes = new Uint8Array(RECEIVE_BYTES)
  private first = 0
  private count = 0
  /** Bytes that found the buffer full since power-on. The firmware does not know this number; tests do. */
  overflowed = 0

  get free(): number {
    return RECEIVE_BYTES - this.count
  }
  get isEmpty(): boolean {
    return this.count === 0
  }

  push(byte: number): void {
    if (this.count === RECEIVE_BYTES) this.overflowed++
    else {
      this.bytes[(this.first + this.count) % RECEIVE_BYTES] = byte
      this.count++
    }
  }

  /** The oldest byte. Only when not empty. */
  shift(): number {
    const byte = this.bytes[this.first] ?? 0
    this.first = (this.first + 1) % RECEIVE_BYTES
    this.count--
    return byte
  }

  clear(): void {
    this.count = 0
  }
}
