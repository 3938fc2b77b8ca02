/**
 * CNCjs 1.10: its settings file `.cncrc` (JSON, the server's `config`), and the file that its page exports (`{ version, state }`).
 * Shapes by cncjs/cncjs `src/server/api/api.{macros,commands,events,machines,users}.js`: `macros` `{id, mtime, name, content}`,
 * `commands` `{id, mtime, enabled, title, commands}` (run by a shell), `events` `{id, mtime, enabled, event, trigger, commands}`
 * (`trigger` is `system` for a shell, `gcode` for the machine), `machines` `{id, name, limits: {xmin … zmax}}`, `users`
 * `{id, name, password}`. gSender keeps macros and events of the same shape in its `.sender_rc`.
 */
import { own, type Rec, recordsIn, textIn } from '../json.ts'
import { line } from '../lines.ts'
import { type FoundMachine, type FoundMacro, type FoundSettings, isSpoken } from './contract.ts'

const KEYS = ['macros', 'commands', 'events', 'machines', 'users', 'mdi', 'state', 'watchDirectory', 'accessTokenLifetime', 'mountPoints']

export function isCncjs(file: Rec): boolean {
  if (own(own(file, 'state'), 'widgets') !== undefined && textIn(file, 'version') !== undefined) return true
  const isMacro = (macro: Rec) => typeof macro.name === 'string' && typeof macro.content === 'string'
  const macros = recordsIn(file, 'macros')
  if (macros.length && macros.every(isMacro)) return true
  return KEYS.filter((key) => own(file, key) !== undefined).length >= 2 && own(file, 'firmwareVersion') === undefined && own(file, 'settings') === undefined
}

export function readCncjs(file: Rec): FoundSettings {
  const lines: FoundSettings['lines'] = []
  const users = recordsIn(file, 'users').length
  if (users) lines.push(line('users-stay', { count: users }))
  for (const command of recordsIn(file, 'commands')) {
    const text = (textIn(command, 'commands') ?? textIn(command, 'command') ?? '').trim()
    if (text) lines.push(line('command-of-server', { command: `${textIn(command, 'title') ?? ''}: ${text.replaceAll(/\s*\n\s*/g, '; ').slice(0, 120)}` }))
  }
  lines.push(...eventLines(file))
  return { macros: macrosIn(file, 'cncjs'), machines: machinesIn(file, lines), lines }
}

export function eventLines(file: Rec): FoundSettings['lines'] {
  return recordsIn(file, 'events').flatMap((record) => {
    const event = textIn(record, 'event') ?? ''
    const text = textIn(record, 'commands') ?? ''
    if (!event || !text.trim()) return []
    return textIn(record, 'trigger') === 'system'
      ? [line('event-of-server', { event })]
      : [
          line('event-gcode', {
            event,
            trigger: text
              .trim()
              .replaceAll(/\s*\n\s*/g, '; ')
              .slice(0, 120),
          }),
        ]
  })
}

/** `prefix` keeps ids of several files apart. */
export function macrosIn(file: Rec, prefix: string): FoundMacro[] {
  return recordsIn(file, 'macros').flatMap((macro, index) => {
    const name = (textIn(macro, 'name') ?? '').trim()
    const text = textIn(macro, 'content') ?? ''
    if (!text.trim()) return []
    return [
      {
        id: `${prefix}-${textIn(macro, 'id') ?? index}`,
        name: name || `${index + 1}`,
        about: (textIn(macro, 'description') ?? '').trim(),
        text,
        substitution: 'cncjs' as const,
        lines: [],
      },
    ]
  })
}

function machinesIn(file: Rec, lines: FoundSettings['lines']): FoundMachine[] {
  const connection = own(own(own(file, 'state'), 'widgets'), 'connection')
  const controller = textIn(own(connection, 'controller'), 'type') ?? textIn(file, 'controller')
  if (controller && !isSpoken(controller)) lines.push(line('controller-unknown', { controller }))
  const link = linkIn(connection) ?? linkIn(file)
  const found = recordsIn(file, 'machines').flatMap((record, index): FoundMachine[] => {
    const limits = own(record, 'limits')
    const at = (key: string) => Number(own(limits, key) ?? 0)
    const [min, max] = [
      [at('xmin'), at('ymin'), at('zmin')],
      [at('xmax'), at('ymax'), at('zmax')],
    ] as [[number, number, number], [number, number, number]]
    const isBox = min.every((value, axis) => Number.isFinite(value) && value < (max[axis] ?? value))
    return [
      {
        id: `machine-${textIn(record, 'id') ?? index}`,
        name: (textIn(record, 'name') ?? '').trim() || `${index + 1}`,
        ...(isBox ? { envelopeMm: { min, max } } : {}),
        ...link,
      },
    ]
  })
  return found.length || !link ? found : [{ id: 'machine-connection', name: controller || 'CNC', ...link }]
}

/** A connection as CNCjs's page keeps it: by 1.9 `{port, baudrate}`, since 1.10 `{connection: {type, serial: {path, baudRate}, socket: {host, port}}}`. */
function linkIn(connection: unknown): Pick<FoundMachine, 'port' | 'baudRate' | 'tcp'> | undefined {
  const inner = own(connection, 'connection')
  const serial = own(inner, 'serial')
  const socket = own(inner, 'socket')
  const port = textIn(serial, 'path') ?? textIn(connection, 'port')
  const baudRate = Number(own(serial, 'baudRate') ?? own(connection, 'baudrate'))
  if (textIn(inner, 'type') === 'socket' && textIn(socket, 'host'))
    return { tcp: { host: textIn(socket, 'host') ?? '', port: Number(own(socket, 'port')) || 23 } }
  if (!port) return undefined
  return { port, ...(Number.isInteger(baudRate) && baudRate >= 300 ? { baudRate } : {}) }
}
