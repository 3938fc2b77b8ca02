/**
 * Files of CNCjs, gSender and UGS. They are samples made after the structure that the sources of those programs write (see the readers),
 * not files that those programs have written here.
 */
import { describe, expect, test } from 'vitest'
import type { MoveInMacro } from '../../api/index.ts'
import { problemsOf } from './check-gcode.ts'
import type { FoundMacro } from './contract.ts'
import { lookAtMacro, lookAtSender, readSender } from './index.ts'
import { macroFlow } from './macro-flow.ts'
import { translate } from './translate.ts'

const bring = (files: Record<string, unknown>) => readSender(new Map(Object.entries(files).map(([path, value]) => [path, Buffer.from(JSON.stringify(value))])))
const macro = (text: string, substitution: FoundMacro['substitution'] = 'cncjs') =>
  lookAtMacro({ id: 'm', name: 'Macro', about: '', text, substitution, lines: [] })
const gcodeOf = ({ steps }: MoveInMacro) => steps?.flatMap((step) => (step.kind === 'gcode' ? step.lines : [`<${step.command}>`]))
const codesOf = ({ lines }: { lines: readonly { code: string }[] }) => lines.map(({ code }) => code)

const CNCRC = {
  state: { checkForUpdates: true, controller: { exception: { ignoreErrors: false } } },
  secret: '$2a$10$not-taken',
  users: [{ id: 'u', name: 'anna', password: '$2a$10$hash', enabled: true }],
  macros: [
    { id: '1', mtime: 1, name: 'Probe Z', content: '; touch plate\nG91\nG38.2 Z-20 F50\nG0 Z2\nG90' },
    { id: '2', mtime: 1, name: 'Go home', content: '$H\nG53 G0 Z0' },
    { id: '3', mtime: 1, name: 'There and back', content: '%X0=posx, Y0=posy\nG90\nG0 X[X0 + 10] Y[Math.max(Y0, 1)]' },
  ],
  commands: [{ id: 'c', enabled: true, title: 'Lights', commands: 'gpio write 1 1' }],
  events: [
    { id: 'e', enabled: true, event: 'startup', trigger: 'system', commands: 'lights.sh' },
    { id: 'f', enabled: true, event: 'controller:ready', trigger: 'gcode', commands: 'G21\nG0 X0' },
  ],
  machines: [{ id: 'k', name: 'Router', limits: { xmin: 0, xmax: 600, ymin: -400, ymax: 0, zmin: -90, zmax: 0 } }],
}

describe('CNCjs', () => {
  test('a .cncrc gives its macros and machines, and nobody’s password', async () => {
    const read = await bring({ '.cncrc': CNCRC })
    expect(read?.kind).toBe('cncjs')
    const { macros, machines, lines } = lookAtSender(read?.found as never, [])
    expect(codesOf({ lines })).toEqual(['users-stay', 'command-of-server', 'event-of-server', 'event-gcode'])
    expect(machines).toMatchObject([{ name: 'Router', envelopeMm: { min: [0, -400, -90], max: [600, 0, 0] } }])
    expect(machines[0]?.lines.map(({ code }) => code)).toEqual(['machine-size', 'machine-no-port'])
    expect(macros.map(({ name, steps }) => [name, steps?.length])).toEqual([
      ['Probe Z', 1],
      ['Go home', 2],
      ['There and back', undefined],
    ])
    expect(JSON.stringify({ macros, machines, lines })).not.toMatch(/\$2a\$/)
  })

  test('the file that its page exports brings the connection', async () => {
    const widgets = { connection: { controller: { type: 'Marlin' }, connection: { type: 'serial', serial: { path: '/dev/ttyUSB0', baudRate: 250000 } } } }
    const read = await bring({ 'cnc-1.10.json': { version: '1.10.3', state: { widgets } } })
    expect(read?.kind).toBe('cncjs')
    const { machines, lines } = lookAtSender(read?.found as never, [
      { name: 'Mill', link: { kind: 'serial', path: '/dev/ttyUSB0', baudRate: 115200, resetsOnOpen: true } },
    ])
    expect(codesOf({ lines })).toEqual(['controller-unknown'])
    expect(machines).toMatchObject([{ link: { kind: 'serial', path: '/dev/ttyUSB0', baudRate: 250000 } }])
    expect(machines[0]?.lines[0]).toMatchObject({ code: 'machine-port-taken', level: 'danger', params: { machine: 'Mill' } })
  })
})

describe('gSender', () => {
  test('settings and macros, exported apart, are read together', async () => {
    const settings = {
      workspace: { units: 'mm', machineProfile: { name: 'LongMill MK2', type: '30x30', mm: { width: 792, depth: 845, height: 114.3 } } },
      widgets: { connection: { port: 'COM4', baudrate: 115200, controller: { type: 'Grbl' } }, spindle: { spindleMin: 7000, spindleMax: 24000 } },
    }
    const read = await bring({
      'gSender-settings.json': { settings, events: [] },
      'gSender-macros.json': [{ name: 'Park', content: 'G53 G0 Z-5\nG53 G0 X-10 Y-10', description: 'to the corner', id: 'x' }],
    })
    expect(read?.kind).toBe('gsender')
    const { macros, machines } = lookAtSender(read?.found as never, [])
    expect(machines).toMatchObject([
      {
        name: 'LongMill MK2 30x30',
        envelopeMm: { min: [-792, -845, -114.3], max: [0, 0, 0] },
        spindleRpm: { min: 7000, max: 24000 },
        link: { kind: 'serial', path: 'COM4', baudRate: 115200 },
      },
    ])
    expect(machines[0]?.lines[0]).toMatchObject({ code: 'machine-size-guess', level: 'todo' })
    expect(macros).toMatchObject([{ name: 'Park', about: 'to the corner', steps: [{ kind: 'gcode' }] }])
  })

  test('firmware settings tell the travel', async () => {
    const eeprom = Object.fromEntries(Array.from({ length: 12 }, (_, n) => [`$${n}`, '1']))
    const read = await bring({ 'firmware.json': { ...eeprom, $30: '1000', $31: '0', $130: '800.000', $131: '845', $132: '100' } })
    expect(read?.found.machines).toMatchObject([{ envelopeMm: { min: [-800, -845, -100], max: [0, 0, 0] }, spindleRpm: { min: 0, max: 1000 } }])
  })

  test('a network connection is one', async () => {
    const connection = { port: '192.168.5.1', ethernetPort: 23, controller: { type: 'grblHAL' } }
    const read = await bring({ 'a.json': { workspace: {}, widgets: { connection } } })
    expect(lookAtSender(read?.found as never, []).machines).toMatchObject([{ link: { kind: 'tcp', host: '192.168.5.1', port: 23 } }])
  })
})

describe('UGS', () => {
  test('its settings bring the port and the macros', async () => {
    const macros = { 1: { uuid: 'a', name: '1', description: 'to zero', gcode: 'G90;G0 X0 Y0;' }, 2: { uuid: 'b', name: 'ask', gcode: 'G0 X{prompt|How far}' } }
    const read = await bring({
      'UniversalGcodeSender.json': { firmwareVersion: 'GRBL', port: '/dev/ttyACM0', portRate: '115200', connectionDriver: 'JSSC', macros },
    })
    expect(read?.kind).toBe('ugs')
    const report = lookAtSender(read?.found as never, [])
    expect(report.machines).toMatchObject([{ link: { kind: 'serial', path: '/dev/ttyACM0', baudRate: 115200 } }])
    expect(report.machines[0]?.lines.map(({ code }) => code)).toEqual(['machine-no-size', 'machine-port'])
    expect(report.macros.map(gcodeOf)).toEqual([['G90', 'G0 X0 Y0'], undefined])
    expect(report.macros[1]?.lines[0]).toMatchObject({ code: 'macro-not', params: { lines: ['G0 X{prompt|How far}'] } })
  })

  test('exported macros, and where the machine stands', async () => {
    const read = await bring({ 'macros.json': [{ uuid: 'a', name: 'Up', description: '', gcode: 'G53 G0 Z{machine_z}\nG0 X{work_x}' }] })
    expect(read?.kind).toBe('ugs')
    expect(lookAtSender(read?.found as never, []).macros.map(gcodeOf)).toEqual([['G53 G0 Z[#<_abs_z>]', 'G0 X[#<_x>]']])
  })

  test('over the network', async () => {
    const read = await bring({ 'a.json': { firmwareVersion: 'FluidNC', port: 'fluidnc.local', portRate: '81', connectionDriver: 'WS' } })
    expect(lookAtSender(read?.found as never, []).machines).toMatchObject([{ link: { kind: 'websocket', url: 'ws://fluidnc.local:81/' } }])
  })
})

describe('a macro', () => {
  test('of plain G-code comes as it is', () => {
    const plain = macro('G21 ; mm\n\nG90\nG0 Z5')
    expect(gcodeOf(plain)).toEqual(['G21', 'G90', 'G0 Z5'])
    expect(codesOf(plain)).toEqual(['macro-as-it-is'])
  })

  test('with variables becomes a program that the engine reckons', () => {
    const written = macro('%here = posx, up=mposz\n%here = here + 1\nG90\nG0 X[here * 2 - -3] Z[Math.abs(up)]\n%wait')
    expect(gcodeOf(written)).toEqual([
      '#<m_here> = [#<_x>]',
      '#<m_up> = [#<_abs_z>]',
      '#<m_here> = [[#<m_here> + 1]]',
      'G90',
      'G0 X[[[#<m_here> * 2] - [0 - 3]]] Z[ABS[#<m_up>]]',
      'G4 P0.5',
    ])
    expect(codesOf(written)).toEqual(['macro-rewritten'])
    expect(problemsOf(gcodeOf(written) ?? [])).toEqual([])
  })

  test.each([
    ['state of the sender', 'G0 X[xmax]', 'xmax'],
    ['whole words from a variable', '%W=modal.wcs\n[W]', 'modal.wcs'],
    ['variables of another run', '%global.n = 1', '%global.n = 1'],
    ['a variable that nobody set', 'G0 X[somewhere]', 'somewhere'],
    ['JavaScript', 'G0 X[posx > 1 ? 2 : 3]', '? :'],
    ['a function of more than one', 'G0 X[Math.max(1, 2)]', 'Math.max()'],
    ['code that would run', 'G0 X[constructor.constructor("x")()]', 'a call()'],
    ['a jog', '$J=G91 X10 F500', '$J=G91 X10 F500'],
    ['a setting of the controller', '$100=250', '$100=250'],
  ])('that uses %s is named and stays', (_, text, named) => {
    const refused = macro(text)
    expect(refused.steps).toBeUndefined()
    expect(refused.lines.find(({ code }) => code === 'macro-not')?.params.lines).toEqual(expect.arrayContaining([expect.stringContaining(named)]))
  })

  test('in inches that asks where it stands stays: the old program told millimetres', () => {
    expect(codesOf(macro('G20\nG0 X[posx + 1]'))).toEqual(['macro-inches'])
    expect(codesOf(macro('G20\nG0 X1'))).toEqual(['macro-as-it-is'])
  })

  test('that does more than G-code is cut into steps, and its variables end with their program', () => {
    const parts = macro('G0 Z5\n$H\n$#\nG0 X1\n!')
    expect(parts.steps).toEqual([
      { kind: 'gcode', lines: ['G0 Z5'] },
      { kind: 'command', command: 'home' },
      { kind: 'gcode', lines: ['G0 X1'] },
      { kind: 'command', command: 'hold' },
    ])
    expect(codesOf(parts)).toEqual(['macro-left-out', 'macro-as-it-is', 'macro-parts'])
    expect(macro('%a=1\n$H\nG0 X[a]').steps).toBeUndefined()
  })

  test('that the engine refuses says so', () => {
    expect(macro('G0 X1\nG99999').lines[0]).toMatchObject({ code: 'macro-gcode', level: 'todo' })
  })
})

test.each([' ', '[', '(', '{'])('a line of a megabyte of "%s" is none of a macro, and costs nothing', (part) => {
  for (const substitution of ['cncjs', 'ugs'] as const) {
    const { steps, lines } = translate({ id: 'm', name: 'm', text: `G0 X1\nG0${part.repeat(1_000_000)}X`, substitution } as FoundMacro)
    expect(steps).toBeUndefined()
    expect(JSON.stringify(lines).length).toBeLessThan(1000)
  }
})

test('macros become buttons with their steps behind them', () => {
  const macros = [macro('G90\nG0 X1'), { ...macro('$X'), id: 'u', name: 'Unlock' }, { ...macro('G0 Z5'), id: 's', name: 'Up' }]
  const { nodes, programs, tab } = macroFlow(macros, { label: 'Macros of CNCjs', machineId: 'mill', machineNode: undefined, taken: new Set(['Macro.nc']) })
  expect(programs).toEqual([{ name: 'Macro 2.nc', text: 'G90\nG0 X1\n' }])
  const machine = nodes.find(({ type }) => type === 'cw-machine')
  expect(machine).toMatchObject({ machineId: 'mill' })
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const chains = nodes
    .filter(({ type }) => type === 'cw-button')
    .map((button) => {
      expect(button).toMatchObject({ z: tab.id, machine: machine?.id, who: 'machines.operate' })
      const next = byId.get((button.wires as string[][])[0]?.[0] ?? '')
      return [button.label, button.needs, next?.type, next?.program ?? next?.line ?? next?.command]
    })
  expect(chains).toEqual([
    ['Macro', 'idle', 'cw-run-program', 'Macro 2.nc'],
    ['Unlock', 'any', 'cw-machine-command', 'unlock'],
    ['Up', 'idle', 'cw-machine-command', 'G0 Z5'],
  ])
})

test('what no sender wrote is nothing that is known', async () => {
  expect(await bring({ 'package.json': { name: 'x', version: '1.0.0' } })).toBeUndefined()
  expect(await bring({ 'a.json': [1, 2, 3] })).toBeUndefined()
})
