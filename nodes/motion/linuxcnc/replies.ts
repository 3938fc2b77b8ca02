/**
 * What `linuxcncrsh` says, one line at a time (LinuxCNC man page linuxcncrsh(1), src/emc/usr_intf/emcrsh.cc of 2.8/2.9 and
 * of the rewrite of 2026). Lines end with CR LF; an older one writes some of them the other way round.
 */

export type Reply =
  /** The value asked for: `PROGRAM_STATUS IDLE`. */
  | { kind: 'value'; name: string; text: string }
  /** `SET MODE ACK`, only after `SET VERBOSE ON`. */
  | { kind: 'ack'; name: string }
  /** `SET MODE NAK`, `GET INI NAK`, and a bare `SET NAK`. */
  | { kind: 'nak'; name: string }
  /** Why a NAK follows, or (of a command that came while another was under way) all that comes. */
  | { kind: 'error'; text: string }
  | { kind: 'warning'; text: string }
  | { kind: 'hello'; isAccepted: boolean; server: string; version: string }

/** Reads one line without its end. Never throws. */
export function parseReply(line: string): Reply {
  const said = /^(error|warning|internal): (.*)$/i.exec(line)
  if (said) return { kind: said[1]?.toLowerCase() === 'warning' ? 'warning' : 'error', text: said[2] ?? '' }
  const hello = /^HELLO (ACK|NAK)(?:\s+(\S+))?(?:\s+(.*))?$/i.exec(line)
  if (hello) return { kind: 'hello', isAccepted: hello[1]?.toUpperCase() === 'ACK', server: hello[2] ?? '', version: (hello[3] ?? '').trim() }
  const verdict = /^(?:SET|GET)(?:\s+(\S+))?\s+(ACK|NAK)$/i.exec(line)
  if (verdict) return { kind: verdict[2]?.toUpperCase() === 'ACK' ? 'ack' : 'nak', name: (verdict[1] ?? '').toUpperCase() }
  const space = line.indexOf(' ')
  return space < 0
    ? { kind: 'value', name: line.toUpperCase(), text: '' }
    : { kind: 'value', name: line.slice(0, space).toUpperCase(), text: line.slice(space + 1).trim() }
}

/** Puts bytes together to lines; ends of lines may be any mixture of CR and LF. A line that never ends is cut. */
export function createReplyReader(onLine: (line: string) => void, maxLength = 4096): (bytes: Uint8Array) => void {
  let rest = ''
  return (bytes) => {
    const parts = (rest + Buffer.from(bytes).toString('latin1')).split(/[\r\n]+/)
    rest = parts.pop() ?? ''
    for (const part of parts) if (part) onLine(part)
    if (rest.length > maxLength) {
      onLine(rest)
      rest = ''
    }
  }
}
