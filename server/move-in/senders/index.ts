/** Files of G-code senders: which one wrote them, and what of it can be had here. */
import type { MachineLink } from '../../../nodes/motion/machine.ts'
import type { MoveIn, MoveInKind, MoveInLine, MoveInMachine, MoveInMacro } from '../../api/index.ts'
import type { Files } from '../archive/index.ts'
import { isRecord, jsonIfReadable } from '../json.ts'
import { line } from '../lines.ts'
import { problemsOf } from './check-gcode.ts'
import { isCncjs, readCncjs } from './cncjs.ts'
import type { FoundMachine, FoundMacro, FoundSettings } from './contract.ts'
import { isGsender, isSenderFile, readGsender } from './gsender.ts'
import { translate } from './translate.ts'
import { isUgs, readUgs } from './ugs.ts'

export type SenderKind = Exclude<MoveInKind, 'node-red'>

const READERS: readonly { kind: SenderKind; is: (path: string, file: unknown) => boolean; read: (file: unknown) => FoundSettings }[] = [
  {
    kind: 'gsender',
    is: (path, file) => isSenderFile(path, file) || isGsender(file),
    read: (file) => (isRecord(file) && Array.isArray(file.macros) ? readCncjs(file) : readGsender(file)),
  },
  { kind: 'ugs', is: (_, file) => isUgs(file), read: readUgs },
  {
    kind: 'cncjs',
    is: (_, file) => isRecord(file) && isCncjs(file),
    read: (file) => (isRecord(file) ? readCncjs(file) : { macros: [], machines: [], lines: [] }),
  },
]

/** Of several files (settings and macros are exported apart) all that one sender wrote. Undefined where nothing is known. */
export async function readSender(files: Files): Promise<{ kind: SenderKind; found: FoundSettings } | undefined> {
  let kind: SenderKind | undefined
  const found: FoundSettings = { macros: [], machines: [], lines: [] }
  for (const [path, bytes] of files) {
    const file = await jsonIfReadable(path, bytes)
    const reader = READERS.find((each) => (kind === undefined || each.kind === kind) && each.is(path, file))
    if (!reader) continue
    kind = reader.kind
    const { macros, machines, lines } = reader.read(file)
    const known = new Set(found.macros.map(({ id }) => id))
    found.macros.push(...macros.filter(({ id }) => !known.has(id)))
    found.machines.push(...machines)
    found.lines.push(...lines)
  }
  return kind === undefined ? undefined : { kind, found }
}

export function lookAtSender(found: FoundSettings, machines: readonly { name: string; link: MachineLink }[]): Pick<MoveIn, 'lines' | 'macros' | 'machines'> {
  return { lines: found.lines, macros: found.macros.map(lookAtMacro), machines: found.machines.map((machine) => lookAtMachine(machine, machines)) }
}

export function lookAtMacro(macro: FoundMacro): MoveInMacro {
  const { steps, lines } = translate(macro)
  const problems = (steps ?? []).flatMap((step) => (step.kind === 'gcode' ? problemsOf(step.lines) : []))
  return {
    id: macro.id,
    name: macro.name,
    about: macro.about,
    ...(steps ? { steps } : {}),
    lines: [...macro.lines, ...(problems.length ? [line('macro-gcode', { problems })] : []), ...lines],
  }
}

const USUAL_BAUD = 115_200

function lookAtMachine(machine: FoundMachine, machines: readonly { name: string; link: MachineLink }[]): MoveInMachine {
  const { id, name, envelopeMm, isSizeOnly, port, spindleRpm } = machine
  const link = linkOf(machine)
  const lines: MoveInLine[] = [envelopeMm ? line(isSizeOnly ? 'machine-size-guess' : 'machine-size', {}) : line('machine-no-size', {})]
  const other = link && machines.find((each) => isSamePlace(each.link, link))
  if (other) lines.unshift(line('machine-port-taken', { port: placeOf(link), machine: other.name }))
  else if (port !== undefined) lines.push(line('machine-port', { port }))
  else if (!link) lines.push(line('machine-no-port', {}))
  return { id, name, ...(link ? { link } : {}), ...(envelopeMm ? { envelopeMm } : {}), ...(spindleRpm ? { spindleRpm } : {}), lines }
}

function linkOf({ port, baudRate, tcp, webSocketUrl }: FoundMachine): MachineLink | undefined {
  if (tcp) return { kind: 'tcp', host: tcp.host.slice(0, 253), port: tcp.port }
  if (webSocketUrl) return { kind: 'websocket', url: webSocketUrl }
  if (port === undefined || port.length > 200) return undefined
  return { kind: 'serial', path: port, baudRate: baudRate ?? USUAL_BAUD, resetsOnOpen: true }
}

const placeOf = (link: MachineLink): string =>
  link.kind === 'serial' ? link.path : link.kind === 'tcp' ? `${link.host}:${link.port}` : link.kind === 'websocket' ? link.url : link.kind
const isSamePlace = (a: MachineLink, b: MachineLink): boolean => a.kind === b.kind && a.kind !== 'virtual' && placeOf(a) === placeOf(b)
