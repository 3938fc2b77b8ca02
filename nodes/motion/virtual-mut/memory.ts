/** The file that stands for a machine's EEPROM and for the place where its carriage was left. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { type Static, Type } from 'typebox'
import { checker } from '../../../base/schema.ts'
import { type Eeprom, SETTING_CODES } from './controller/settings.ts'
import type { Vector } from './controller/vector.ts'

export interface MachineMemory {
  eeprom: Eeprom
  /** In the envelope's coordinates, mm. */
  carriage: Vector
}

const Point = Type.Tuple([Type.Number(), Type.Number(), Type.Number()])
const File = Type.Object({
  version: Type.Literal(1),
  carriage: Point,
  eeprom: Type.Object({
    settings: Type.Object(Object.fromEntries(SETTING_CODES.map((code) => [String(code), Type.Number({ minimum: 0 })]))),
    coordinates: Type.Array(Point, { minItems: 8, maxItems: 8 }),
    startupLines: Type.Tuple([Type.String(), Type.String()]),
    buildInfo: Type.String(),
  }),
})
const file = checker(File)

/** `unreadable`: the file is there but damaged, as an EEPROM with a wrong checksum. */
export function readMemory(path: string | undefined): { kind: 'none' } | { kind: 'unreadable' } | ({ kind: 'known' } & MachineMemory) {
  if (!path) return { kind: 'none' }
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { kind: 'none' }
    throw error
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    // not JSON: half written or overwritten, which is what 'unreadable' says
    return { kind: 'unreadable' }
  }
  if (!file.is(value)) return { kind: 'unreadable' }
  const { eeprom, carriage } = value satisfies Static<typeof File>
  // the schema names exactly the settings there are
  return { kind: 'known', carriage, eeprom: { ...eeprom, settings: eeprom.settings as Eeprom['settings'] } }
}

/** Replaces the file in one step, so that a reader never sees half of it. */
export function writeMemory(path: string, memory: MachineMemory): void {
  mkdirSync(dirname(path), { recursive: true })
  const next = `${path}.${process.pid}.tmp`
  writeFileSync(next, JSON.stringify({ version: 1, ...memory }), { mode: 0o600 })
  renameSync(next, path)
}
