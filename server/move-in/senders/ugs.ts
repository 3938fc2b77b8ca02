/**
 * Universal G-code Sender 2.1: `UniversalGcodeSender.json`, its settings written by Gson (`firmwareVersion`, `port`, `portRate`,
 * `connectionDriver`, and `macros`, an object from number to `{uuid, name, description, gcode}`), and exported macros, a list of the same.
 * By winder/Universal-G-Code-Sender `ugs-core/src/com/willwinder/universalgcodesender/{utils/Settings,types/Macro}.java`. It keeps no
 * size of a machine: that stands in the controller.
 */
import { isRecord, own, type Rec, textIn } from '../json.ts'
import { line } from '../lines.ts'
import { type FoundMachine, type FoundMacro, type FoundSettings, isSpoken } from './contract.ts'

const isMacro = (macro: unknown): macro is Rec => isRecord(macro) && typeof macro.gcode === 'string'

export function isUgs(file: unknown): boolean {
  if (Array.isArray(file)) return file.length > 0 && file.every(isMacro)
  return (
    isRecord(file) &&
    ((textIn(file, 'firmwareVersion') !== undefined && textIn(file, 'portRate') !== undefined) ||
      (isRecord(own(file, 'macros')) && Object.values(own(file, 'macros') as Rec).every(isMacro)))
  )
}

export function readUgs(file: unknown): FoundSettings {
  const given = Array.isArray(file) ? file : isRecord(own(file, 'macros')) ? Object.values(own(file, 'macros') as Rec) : []
  const macros = given.filter(isMacro).flatMap((macro, index): FoundMacro[] => {
    const text = textIn(macro, 'gcode') ?? ''
    if (!text.trim()) return []
    const name = (textIn(macro, 'name') ?? '').trim() || `${index + 1}`
    return [{ id: `ugs-${textIn(macro, 'uuid') ?? index}`, name, about: (textIn(macro, 'description') ?? '').trim(), text, substitution: 'ugs', lines: [] }]
  })
  if (!isRecord(file)) return { macros, machines: [], lines: [] }
  const controller = textIn(file, 'firmwareVersion') ?? ''
  const lines = controller && !isSpoken(controller) ? [line('controller-unknown', { controller })] : []
  const link = linkIn(file)
  return { macros, machines: link ? [{ id: 'machine-connection', name: controller || 'CNC', ...link }] : [], lines }
}

/** With the drivers TCP and WS the port is a host, and the rate is its port. */
function linkIn(file: Rec): Pick<FoundMachine, 'port' | 'baudRate' | 'tcp' | 'webSocketUrl'> | undefined {
  const port = textIn(file, 'port')
  const rate = Number(textIn(file, 'portRate'))
  if (!port) return undefined
  switch (textIn(file, 'connectionDriver')) {
    case 'TCP':
      return { tcp: { host: port, port: Number.isInteger(rate) && rate > 0 && rate < 65_536 ? rate : 23 } }
    case 'WS':
      return { webSocketUrl: `ws://${port}:${Number.isInteger(rate) && rate > 0 && rate < 65_536 ? rate : 81}/` }
    default:
      return { port, ...(Number.isInteger(rate) && rate >= 300 ? { baudRate: rate } : {}) }
  }
}
