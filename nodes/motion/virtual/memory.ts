/** The file that stands for a machine's EEPROM and for the place where its carriage was left. */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { type Static, Type } from 'typebox'
import { checker } from '../../../base/schema.ts'
import { ALL_SETTING_CODES, defaultSettings, type Eeprom, newEeprom, type Settings } from './controller/settings.ts'
import { vectorOf } from './controller/vector.ts'

export interface MachineMemory {
  eeprom: Eeprom
  /** In the envelope's coordinates, mm. */
  carriage: readonly number[]
}

/** Three axes in files of former versions, six since. */
const Point = Type.Array(Type.Number(), { minItems: 3, maxItems: 6 })
/** Settings that every firmware of every version had. */
const isOld = (code: number) => code < 39 || (code >= 100 && code % 10 < 3)
const File = Type.Object({
  version: Type.Literal(1),
  carriage: Point,
  eeprom: Type.Object({
    settings: Type.Object(Object.fromEntries(ALL_SETTING_CODES.map((code) => [String(code), isOld(code) ? Type.Number() : Type.Optional(Type.Number())]))),
    coordinates: Type.Array(Point, { minItems: 8, maxItems: 11 }),
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
  const coordinates = newEeprom([]).coordinates.map((empty, index) => vectorOf(eeprom.coordinates[index] ?? empty))
  // the schema names exactly the settings there are
  const settings: Settings = { ...defaultSettings([]), ...(eeprom.settings as Partial<Settings>) }
  return { kind: 'known', carriage, eeprom: { ...eeprom, settings, coordinates } }
}

/** Replaces the file in one step, so that a reader never sees half of it. */
export function writeMemory(path: string, memory: MachineMemory): void {
  mkdirSync(dirname(path), { recursive: true })
  const next = `${path}.${process.pid}.tmp`
  try {
    writeFileSync(next, JSON.stringify({ version: 1, ...memory }), { mode: 0o600 })
    renameSync(next, path)
  } catch (error) {
    rmSync(next, { force: true })
    throw error
  }
}
