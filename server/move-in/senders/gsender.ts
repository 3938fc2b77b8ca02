/**
 * gSender 1.5: what its pages export. Settings are `{ settings, events }` (1.0 to 1.4: the settings themselves), with
 * `workspace.machineProfile` `{name, type, version, mm: {width, depth, height}}`, `widgets.connection` `{port, baudrate, ip, ethernetPort,
 * controller: {type}}` and `widgets.spindle` `{spindleMin, spindleMax}`; macros are a list of `{name, content, description, id}`; firmware
 * settings are an object of `$` numbers. By Sienci-Labs/gsender `src/app/src/features/{Config/utils/Settings.ts,Macros/index.tsx}` and
 * `src/app/src/store/defaultState`.
 */
import { isRecord, own, type Rec, recordsIn, textIn } from '../json.ts'
import { line } from '../lines.ts'
import { eventLines, macrosIn } from './cncjs.ts'
import { envelopeOfSize, type FoundMachine, type FoundSettings, isSpoken } from './contract.ts'

const settingsOf = (file: Rec): Rec => {
  const inner = own(file, 'settings')
  return isRecord(inner) ? inner : file
}
const isFirmware = (file: Rec) => {
  const keys = Object.keys(file)
  return keys.length >= 10 && keys.every((key) => /^\$\d+$/.test(key))
}

export function isGsender(file: unknown): boolean {
  if (Array.isArray(file))
    return file.length > 0 && file.every((macro) => isRecord(macro) && typeof macro.name === 'string' && typeof macro.content === 'string')
  if (!isRecord(file)) return false
  if (isFirmware(file)) return true
  const settings = settingsOf(file)
  return own(own(settings, 'workspace'), 'machineProfile') !== undefined || (own(settings, 'workspace') !== undefined && own(settings, 'widgets') !== undefined)
}

export function readGsender(file: unknown): FoundSettings {
  if (Array.isArray(file)) return { macros: macrosIn({ macros: file }, 'gsender'), machines: [], lines: [] }
  if (!isRecord(file)) return { macros: [], machines: [], lines: [] }
  if (isFirmware(file)) return firmware(file)
  const lines = eventLines(file)
  const settings = settingsOf(file)
  const connection = own(own(settings, 'widgets'), 'connection')
  const controller = textIn(own(connection, 'controller'), 'type')
  if (controller && !isSpoken(controller)) lines.push(line('controller-unknown', { controller }))
  return { macros: macrosIn(file, 'gsender'), machines: machineIn(settings, connection), lines }
}

function machineIn(settings: Rec, connection: unknown): FoundMachine[] {
  const profile = own(own(settings, 'workspace'), 'machineProfile')
  const mm = own(profile, 'mm')
  const size = (key: string) => Number(own(mm, key))
  const envelopeMm = envelopeOfSize(size('width'), size('depth'), size('height'))
  const name = ['company', 'name', 'type']
    .map((key) => textIn(profile, key))
    .filter(Boolean)
    .join(' ')
  const spindle = own(own(settings, 'widgets'), 'spindle')
  const [min, max] = [Number(own(spindle, 'spindleMin')), Number(own(spindle, 'spindleMax'))]
  const link = linkIn(connection)
  if (!name && !envelopeMm && !link) return []
  return [
    {
      id: 'machine-profile',
      name: name || 'CNC',
      ...(envelopeMm ? { envelopeMm, isSizeOnly: true } : {}),
      ...(Number.isFinite(min) && max > min && min >= 0 ? { spindleRpm: { min, max } } : {}),
      ...link,
    },
  ]
}

function linkIn(connection: unknown): Pick<FoundMachine, 'port' | 'baudRate' | 'tcp'> | undefined {
  const port = textIn(connection, 'port')
  const baudRate = Number(own(connection, 'baudrate'))
  // the port of a network connection is its address
  if (port && /^\d{1,3}(\.\d{1,3}){3}$/.test(port)) return { tcp: { host: port, port: Number(own(connection, 'ethernetPort')) || 23 } }
  if (port) return { port, ...(Number.isInteger(baudRate) && baudRate >= 300 ? { baudRate } : {}) }
  return undefined
}

/** Travel is $130 to $132, spindle speed $31 and $30 (grbl 1.1 wiki, "Grbl Settings"). */
function firmware(file: Rec): FoundSettings {
  const at = (key: string) => Number(own(file, key))
  const envelopeMm = envelopeOfSize(at('$130'), at('$131'), at('$132'))
  const [min, max] = [at('$31'), at('$30')]
  return {
    macros: [],
    machines: envelopeMm
      ? [{ id: 'machine-firmware', name: 'CNC', envelopeMm, isSizeOnly: true, ...(min >= 0 && max > min ? { spindleRpm: { min, max } } : {}) }]
      : [],
    lines: [line('firmware-here', { count: Object.keys(file).length })],
  }
}

/** Of a list or an object: is it for nothing but gSender? A `.sender_rc` looks as a `.cncrc` does. */
export const isSenderFile = (path: string, file: unknown): boolean => /(^|\/)\.sender_rc$/.test(path) && isRecord(file) && recordsIn(file, 'macros').length > 0
