/** Everything a GRBL-family controller says, as one typed union. */
import { parseStatusReport, type StatusReport } from './status-report.ts'

/** Which firmware it is. */
export type Dialect = 'grbl' | 'grblhal' | 'fluidnc'

export type ControllerMessage =
  | { kind: 'ok' }
  /** `code` 0 where old firmware wrote words instead of a number. */
  | { kind: 'error'; code: number; text: string }
  | { kind: 'alarm'; code: number }
  | { kind: 'status'; report: StatusReport }
  | { kind: 'banner'; dialect: Dialect; version: string }
  | { kind: 'message'; text: string }
  | { kind: 'parser-state'; words: string[] }
  /** FluidNC gives letters only; grblHAL the number of its axes, too. */
  | { kind: 'build-options'; letters: string; plannerBlocks?: number; rxBytes?: number; axisCount?: number }
  /** grblHAL `$I+`: `[NEWOPT:ENUMS,RT+,TC,…]`. */
  | { kind: 'new-options'; words: string[] }
  /** grblHAL `$I+`: `[AXS:4:XYZA]`. */
  | { kind: 'axes'; letters: string[] }
  | { kind: 'version'; version: string; name: string }
  | { kind: 'firmware'; name: string }
  /** `[G54:…]` to `[G59.3:…]`, `[G28:…]`, `[G30:…]`, `[G92:…]`: in inches with `$13=1`. */
  | { kind: 'offset'; name: string; values: number[] }
  | { kind: 'tool-length'; values: number[] }
  | { kind: 'probe'; position: number[]; isContact: boolean }
  | { kind: 'setting'; number: number; value: string }
  /** grblHAL `$ES`: `[SETTING:110|22|X-axis maximum rate|mm/min|…]`. */
  | { kind: 'setting-facts'; number: number; name: string; unit?: string }
  /** grblHAL `$EA` and `$EE`: `[ALARMCODE:1||Hard limit…]`, `[ERRORCODE:1||Expected command letter…]`. */
  | { kind: 'code-facts'; of: 'alarm' | 'error'; code: number; text: string }
  | { kind: 'startup-line'; index: number; line: string }
  /** A startup line that ran after a reset; its `:ok` answers nothing we sent. */
  | { kind: 'startup-run'; line: string; result: string }
  /** Any other `[TAG:text]`. */
  | { kind: 'info'; tag: string; text: string }
  | { kind: 'empty' }
  /** Not understood, or damaged on the way. */
  | { kind: 'unknown'; text: string }

const DECIMALS = /^[+-]?\d+(\.\d*)?(,[+-]?\d+(\.\d*)?)*$/

function bracketed(line: string): ControllerMessage {
  const inner = line.slice(1, -1)
  const colon = inner.indexOf(':')
  const tag = colon < 0 ? inner : inner.slice(0, colon)
  const text = colon < 0 ? '' : inner.slice(colon + 1)
  const unknown: ControllerMessage = { kind: 'unknown', text: line }
  switch (tag) {
    case 'MSG':
      return { kind: 'message', text }
    case 'GC':
      return { kind: 'parser-state', words: text.split(' ').filter(Boolean) }
    case 'OPT': {
      const [letters = '', blocks, rx, axisCount] = text.split(',')
      if (!/^[A-Za-z0-9+*$#-]*$/.test(letters)) return unknown
      if (blocks === undefined) return { kind: 'build-options', letters }
      if (!/^\d+$/.test(blocks) || !/^\d+$/.test(rx ?? '') || Number(rx) < 16) return unknown
      const axes = /^[3-9]$/.test(axisCount ?? '') ? { axisCount: Number(axisCount) } : {}
      return { kind: 'build-options', letters, plannerBlocks: Number(blocks), rxBytes: Number(rx), ...axes }
    }
    case 'NEWOPT':
      return { kind: 'new-options', words: text.split(',').filter(Boolean) }
    case 'AXS': {
      const [count = '', letters = ''] = text.split(':')
      if (!/^[A-Z]{3,9}$/.test(letters) || Number(count) !== letters.length) return unknown
      return { kind: 'axes', letters: [...letters] }
    }
    case 'VER': {
      const [version = '', name = ''] = text.split(':')
      return { kind: 'version', version, name }
    }
    case 'SETTING': {
      const [number = '', , name = '', unit = ''] = text.split('|')
      if (!/^\d{1,4}$/.test(number) || !name) return { kind: 'info', tag, text }
      return { kind: 'setting-facts', number: Number(number), name, ...(unit ? { unit } : {}) }
    }
    case 'ALARMCODE':
    case 'ERRORCODE': {
      const [code = '', ...words] = text.split('|')
      if (!/^\d{1,4}$/.test(code)) return { kind: 'info', tag, text }
      return { kind: 'code-facts', of: tag === 'ALARMCODE' ? 'alarm' : 'error', code: Number(code), text: words.at(-1) ?? '' }
    }
    case 'FIRMWARE':
      return { kind: 'firmware', name: text }
    case 'PRB': {
      const [position = '', contact] = text.split(':')
      if (!DECIMALS.test(position) || (contact !== '0' && contact !== '1')) return unknown
      return { kind: 'probe', position: position.split(',').map(Number), isContact: contact === '1' }
    }
    case 'TLO':
      return DECIMALS.test(text) ? { kind: 'tool-length', values: text.split(',').map(Number) } : unknown
    default:
      if (/^G(5[4-9](\.[123])?|28|30|92)$/.test(tag)) {
        return DECIMALS.test(text) ? { kind: 'offset', name: tag, values: text.split(',').map(Number) } : unknown
      }
      return { kind: 'info', tag, text }
  }
}

/** Reads one line without its end of line. Never throws: what is not understood is `unknown`. */
export function parseMessage(line: string): ControllerMessage {
  if (line === 'ok') return { kind: 'ok' }
  if (line === '') return { kind: 'empty' }
  if (line.startsWith('<')) {
    const report = parseStatusReport(line)
    return report ? { kind: 'status', report } : { kind: 'unknown', text: line }
  }
  if (line.startsWith('error:')) {
    const text = line.slice(6).trim()
    return { kind: 'error', code: /^\d{1,5}$/.test(text) ? Number(text) : 0, text }
  }
  if (line.startsWith('[') && line.endsWith(']')) return bracketed(line)
  const alarm = /^ALARM:\s?(\d{1,3})$/.exec(line)
  if (alarm) return { kind: 'alarm', code: Number(alarm[1]) }
  const setting = /^\$(\d{1,4})=(.*)$/.exec(line)
  if (setting) return { kind: 'setting', number: Number(setting[1]), value: (setting[2] ?? '').trim() }
  const startup = /^\$N(\d)=(.*)$/.exec(line)
  if (startup) return { kind: 'startup-line', index: Number(startup[1]), line: startup[2] ?? '' }
  const startupRun = /^>(.*):(ok|error:\d+)$/.exec(line)
  if (startupRun) return { kind: 'startup-run', line: startupRun[1] ?? '', result: startupRun[2] ?? '' }
  const banner = /^Grbl(HAL)?\s+(\S+)\s+\[(.*)\]$/i.exec(line)
  if (banner) {
    const isFluid = /fluidnc/i.test(banner[3] ?? '')
    return { kind: 'banner', dialect: banner[1] ? 'grblhal' : isFluid ? 'fluidnc' : 'grbl', version: banner[2] ?? '' }
  }
  return { kind: 'unknown', text: line }
}

/**
 * Puts bytes together to lines, ended by `\n`, `\r` or both. A line that never ends (noise, a wrong baud
 * rate) is handed out in pieces of `maxLength` so that memory stays flat.
 */
export function createLineReader(onLine: (line: string) => void, maxLength = 1024): (bytes: Uint8Array) => void {
  let rest = ''
  return (bytes) => {
    const text = latin1(bytes)
    let from = 0
    for (let at = 0; at <= text.length; at += 1) {
      const code = at < text.length ? text.charCodeAt(at) : 0
      const isEnd = code === 0x0a || code === 0x0d
      const isFull = rest.length + at - from >= maxLength
      if (!isEnd && !isFull) continue
      const line = from === at ? rest : rest + text.slice(from, at)
      // an empty line is only the second half of CRLF
      if (line) {
        rest = ''
        onLine(line)
      }
      from = isEnd ? at + 1 : at
    }
    if (from < text.length) rest += text.slice(from)
  }
}

/** One character a byte. */
function latin1(bytes: Uint8Array): string {
  let text = ''
  // few at a time: each is an argument
  for (let at = 0; at < bytes.length; at += 4096) text += String.fromCharCode(...bytes.subarray(at, at + 4096))
  return text
}
