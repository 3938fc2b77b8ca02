/**
 * Takes telnet's own commands (RFC 854) out of a stream. They are never answered: an answer is made of bytes above
 * 0x7F, which a controller behind a plain TCP port takes for real-time commands.
 */
const IAC = 255
const SB = 250
const SE = 240

/** @returns a function that gives the data in some bytes; commands may be cut anywhere between two calls */
export function createTelnetStripper(): (bytes: Uint8Array) => Uint8Array {
  let state: 'data' | 'command' | 'option' | 'block' | 'block-command' = 'data'
  return (bytes) => {
    if (state === 'data' && !bytes.includes(IAC)) return bytes
    const data: number[] = []
    for (const byte of bytes) {
      switch (state) {
        case 'data':
          if (byte === IAC) state = 'command'
          else data.push(byte)
          break
        case 'command':
          // WILL, WON'T, DO, DON'T name an option; IAC IAC is the byte itself
          if (byte === IAC) data.push(byte)
          state = byte === SB ? 'block' : byte > SB && byte < IAC ? 'option' : 'data'
          break
        case 'option':
          state = 'data'
          break
        case 'block':
          if (byte === IAC) state = 'block-command'
          break
        case 'block-command':
          state = byte === SE ? 'data' : 'block'
          break
        default:
          state satisfies never
      }
    }
    return Uint8Array.from(data)
  }
}
