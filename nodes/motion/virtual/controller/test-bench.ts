/** A firmware on the bench, for tests: no wire, no clock but the one the test turns. */
import { Firmware } from './firmware.ts'
import type { FirmwareOptions } from './firmware-options.ts'
import { PERSONALITIES } from './personality.ts'
import { newEeprom, type Settings } from './settings.ts'

export const CTRL_X = '\x18'
export const DOOR = '\x84'
export const JOG_CANCEL = '\x85'
export const BANNER = "Grbl 1.1h ['$' for help]"
export const UNLOCK = "[MSG:'$H'|'$X' to unlock]"

export interface Bench {
  firmware: Firmware
  /** Sends text, one byte a character, and returns the lines answered at once. */
  send(text: string): string[]
  /** Lets seconds pass and returns the lines that came meanwhile. */
  pass(seconds: number): string[]
  /** Lets time pass until nothing more happens by itself. */
  settle(): string[]
  /** Asks `?`; the report's fields by name, its state under `state`. */
  status(): Record<string, string>
}

/** A machine with soft limits' room X -400..0, Y -300..0, Z -100..0 and the carriage in the corner 0,0,0. */
export function bench(settings: Partial<Settings> = {}, options: Partial<FirmwareOptions> = {}): Bench {
  let output = ''
  const fresh = newEeprom([400, 300, 100], PERSONALITIES[options.personality ?? 'grbl'])
  const firmware = new Firmware({
    envelope: { min: [-400, -300, -100], max: [0, 0, 0] },
    eeprom: { ...fresh, settings: { ...fresh.settings, ...settings } },
    carriage: [0, 0, 0],
    onOutput: (text) => {
      output += text
    },
    ...options,
  })
  const take = () => {
    const lines = output.split('\r\n').filter(Boolean)
    output = ''
    return lines
  }
  // what it said at power-on is nobody's answer
  take()
  const send = (text: string) => {
    firmware.receive(Buffer.from(text, 'latin1'))
    return take()
  }
  const pass = (seconds: number) => {
    firmware.elapse(seconds)
    return take()
  }
  return {
    firmware,
    send,
    pass,
    settle() {
      const lines: string[] = []
      for (let i = 0; i < 100_000 && Number.isFinite(firmware.secondsToEvent()); i++) lines.push(...pass(firmware.secondsToEvent()))
      return lines
    },
    status() {
      const report = send('?').find((line) => line.startsWith('<'))
      if (!report) throw new Error('no status report')
      const [state, ...fields] = report.slice(1, -1).split('|')
      return { state: state ?? '', ...Object.fromEntries(fields.map((field) => field.split(':') as [string, string])) }
    },
  }
}
