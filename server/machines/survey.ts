/** Serial ports of this host, and what is behind a link that no machine uses yet. Ports are opened in a process of their own. */
import { realpath } from 'node:fs/promises'
import { UserError } from '../../base/errors.ts'
import { checker } from '../../base/schema.ts'
import type { MachineLink } from '../../nodes/motion/machine.ts'
import type { SurveyQuestion } from '../../nodes/motion/survey.ts'
import { listSerialPorts, type MachineView, type SerialPortInfo, Survey } from '../api/index.ts'
import { askHelper } from './helper-process.ts'

const ENTRY = { source: 'nodes/motion/guard/survey/run.ts', built: 'survey' }
const LIST_MS = 15_000
/** A board that boots, asks for its settings at 9600 baud, and says nothing for a while in between. */
const SURVEY_MS = 60_000
const ports = checker(listSerialPorts.response)
const found = checker(Survey)

type Port = Omit<SerialPortInfo, 'machineId'>
type Machine = Pick<MachineView, 'id' | 'name' | 'link'>

export interface Surveys {
  /** Opens none of them. */
  list(machines: readonly Machine[]): Promise<SerialPortInfo[]>
  /** @throws UserError `link-in-use` (409), `link-failed`, `no-controller` */
  survey(request: { link: MachineLink; controller?: 'grbl' | 'linuxcnc' | undefined }, machines: readonly Machine[]): Promise<Survey>
  close(): void
}

const same = (a: string | undefined, b: string | undefined) => a?.toLowerCase() === b?.toLowerCase()

/** The port that a serial link means now: by its adapter where it names one, else by its path. */
async function portOf(link: Extract<MachineLink, { kind: 'serial' }>, all: readonly Port[]): Promise<string> {
  const { adapter, path } = link
  if (adapter) {
    const bound = all.find(
      (port) =>
        same(port.vendorId, adapter.vendorId) &&
        same(port.productId, adapter.productId) &&
        (adapter.serialNumber === undefined || port.serialNumber === adapter.serialNumber) &&
        (adapter.serialNumber !== undefined || adapter.pnpId === undefined || port.pnpId === adapter.pnpId),
    )
    if (bound) return bound.path
  }
  const named = all.find((port) => port.path === path || port.stablePath === path)
  // a name of the port that the system's list does not have: another link in /dev
  return named?.path ?? (await realpath(path).catch(() => path))
}

/** Two links with the same key are one. */
async function keyOf(link: MachineLink, all: readonly Port[]): Promise<string | undefined> {
  switch (link.kind) {
    case 'virtual':
      return undefined
    case 'serial':
      return `serial ${await portOf(link, all)}`
    case 'tcp':
      return `tcp ${link.host.toLowerCase()}:${link.port}`
    case 'websocket': {
      const { protocol, host, pathname } = new URL(link.url)
      return `${protocol} ${host}${pathname}`
    }
    default:
      return link satisfies never
  }
}

export function createSurveys(): Surveys {
  const ending = new AbortController()
  const underWay = new Set<string>()
  const ask = (question: SurveyQuestion, timeoutMs: number) => askHelper(ENTRY, question, { timeoutMs, signal: ending.signal })
  const readPorts = async (): Promise<Port[]> => ports.parse(await ask({ kind: 'ports' }, LIST_MS), 'The list of serial ports')

  return {
    async list(machines) {
      const all = await readPorts()
      const users = new Map<string, string>()
      for (const { id, link } of machines) if (link.kind === 'serial') users.set(await portOf(link, all), id)
      return all.map((port) => {
        const machineId = users.get(port.path)
        return { ...port, ...(machineId === undefined ? {} : { machineId }) }
      })
    },
    async survey({ link, controller }, machines) {
      if (link.kind === 'virtual')
        throw new UserError({ code: 'link-failed', message: 'A simulated machine has no link to look behind: add it as it is, its controller starts with it.' })
      if (link.kind === 'websocket' && !URL.canParse(link.url))
        throw new UserError({ code: 'link-failed', message: `"${link.url}" is not an address. One looks like ws://fluidnc.local:81/.` })
      const all = link.kind === 'serial' ? await readPorts() : []
      const key = (await keyOf(link, all)) ?? ''
      for (const machine of machines) {
        if (machine.link.kind !== link.kind || (await keyOf(machine.link, all)) !== key) continue
        throw new UserError({
          code: 'link-in-use',
          status: 409,
          message: `The machine "${machine.name}" (${machine.id}) has this link. Its page tells what is behind it; nothing was opened.`,
        })
      }
      if (underWay.has(key))
        throw new UserError({ code: 'link-in-use', status: 409, message: 'Somebody is looking behind this link just now. Wait until that has ended.' })
      underWay.add(key)
      try {
        return found.parse(await ask({ kind: 'survey', link, ...(controller === undefined ? {} : { controller }) }, SURVEY_MS), 'What was found')
      } finally {
        underWay.delete(key)
      }
    },
    close: () => ending.abort(),
  }
}
