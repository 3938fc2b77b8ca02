/** What in foreign flows could move a machine past its guard: serial ports, links to where a machine is, modules that send, G-code. */
import type { Machine } from '../../../nodes/motion/machine.ts'
import type { FlowNode, MoveInLine } from '../../api/index.ts'
import { line } from '../lines.ts'
import { nameOf } from './items.ts'

export type MachinePlace = Pick<Machine, 'name' | 'link'>

const SENDS = /grbl|g-?code|\bcncjs?\b|contrib-cnc|marlin|smoothie(ware)?\b|fluidnc|linuxcnc|octoprint|klipper|moonraker|gsender|tinyg/i
/** Two words of G-code in one line, or a jog: one word alone is in many a part number. */
const GCODE =
  /(^|[\n"'`;\\n])\s*(N\d+\s*)?(\$J=|\$H\b|G0?[0-3]\s*[XYZF]-?\d|G(28|30|38\.[2-5]|53|54|90|91|92)\b[^\n]{0,40}[XYZF]-?\d|M0?[345]\s*S\d|[GM]\d+(\.\d)?\s+[GMXYZF]-?\d)/im
const TEXTS = ['func', 'template', 'payload', 'rules', 'initialize', 'finalize', 'addpay', 'command', 'append']
const MOST_TEXT = 200_000

/** `modules`: which module brings a type. */
export function motionLines(nodes: readonly FlowNode[], machines: readonly MachinePlace[], moduleOf: (type: string) => string | undefined): MoveInLine[] {
  const ports = new Set<string>()
  const addresses = new Set<string>()
  const types = new Set<string>()
  const talking: string[] = []
  for (const node of nodes) {
    if (node.type.startsWith('cw-')) continue
    const port = portOf(node)
    if (port !== undefined) ports.add(port)
    for (const address of addressesOf(node)) addresses.add(address)
    if (SENDS.test(node.type) || SENDS.test(moduleOf(node.type) ?? '')) types.add(node.type)
    if (holdsGcode(node)) talking.push(nameOf(node))
  }
  const lines: MoveInLine[] = []
  for (const port of ports) {
    const machine = machines.find(({ link }) => link.kind === 'serial' && samePort(link.path, port))
    lines.push(machine ? line('same-port', { port, machine: machine.name }) : line('serial-port', { port }))
  }
  for (const address of addresses) {
    const machine = machines.find(({ link }) => placesOf(link).includes(address))
    if (machine) lines.push(line('same-address', { address, machine: machine.name }))
  }
  if (types.size) lines.push(line('motion-module', { types: [...types] }))
  if (talking.length) lines.push(line('gcode-in-node', { nodes: [...new Set(talking)] }))
  return lines
}

/** The path of a serial port, whatever the node calls it: `serialport` is that of node-red-node-serialport. */
function portOf(node: FlowNode): string | undefined {
  const named = node.serialport
  if (node.type === 'serial-port' && typeof named === 'string' && named) return named
  for (const value of Object.values(node))
    if (typeof value === 'string' && /^(\/dev\/(tty(USB|ACM|AMA|S)|serial\/|cu\.)[\w./:-]*|COM\d{1,3})$/.test(value)) return value
  return undefined
}

const samePort = (a: string, b: string) => a === b || a.toLowerCase() === b.toLowerCase()

function addressesOf(node: FlowNode): string[] {
  const found: string[] = []
  const { host, server, port, path, url } = node
  const name = typeof host === 'string' && host ? host : typeof server === 'string' && server ? server : undefined
  if (name !== undefined && (typeof port === 'string' || typeof port === 'number') && port !== '') found.push(`${name.toLowerCase()}:${port}`)
  for (const text of [path, url]) {
    const parsed = typeof text === 'string' && /^(wss?|tcp|telnet|https?):\/\//.test(text) ? URL.parse(text) : null
    if (parsed?.hostname)
      found.push(`${parsed.hostname.toLowerCase()}:${parsed.port || (parsed.protocol === 'wss:' || parsed.protocol === 'https:' ? '443' : '80')}`)
  }
  return found
}

function placesOf(link: Machine['link']): string[] {
  if (link.kind === 'tcp') return [`${link.host.toLowerCase()}:${link.port}`]
  if (link.kind !== 'websocket') return []
  const url = URL.parse(link.url)
  return url ? [`${url.hostname.toLowerCase()}:${url.port || (url.protocol === 'wss:' ? '443' : '80')}`] : []
}

function holdsGcode(node: FlowNode): boolean {
  if (node.type === 'comment' || node.type === 'tab') return false
  return TEXTS.some((key) => {
    const value = node[key]
    const text =
      typeof value === 'string'
        ? value
        : Array.isArray(value)
          ? value
              .map((rule) => (rule as { to?: unknown } | null)?.to)
              .filter((to) => typeof to === 'string')
              .join('\n')
          : ''
    return text !== '' && GCODE.test(text.slice(0, MOST_TEXT))
  })
}
