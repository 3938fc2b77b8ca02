/**
 * Serial ports that are machines': no connection opens one. Opening a port pulls its modem lines, and many controllers reset at that,
 * in the middle of a cut. Names of ports change and lead to each other, so they are compared by the device that they mean now.
 */
import { realpath } from 'node:fs/promises'
import { OperationalError, UserError } from '../../base/errors.ts'
import { fourHex, type SerialPortInfo, serialPorts } from './list.ts'

/** A USB adapter; `pnpId` is its place, where two of a kind have no serial numbers. */
export interface AdapterName {
  vendorId: string
  productId: string
  serialNumber?: string
  pnpId?: string
}

/** How somebody names a port: by its adapter, else by its path. */
export interface PortName {
  path?: string
  adapter?: AdapterName
}

/** A machine with the port that it is wired to. */
export interface MachinePort {
  machineId: string
  /** For people. */
  name: string
  path: string
  adapter?: AdapterName
}

type List = () => Promise<SerialPortInfo[]>

/** `0403:6001:A10KZB3F`, as it is written in settings. */
export function adapterOf(text: string): AdapterName | undefined {
  const [vendorId, productId, ...rest] = text.split(':')
  if (!vendorId || !productId) return undefined
  const serialNumber = rest.join(':')
  return { vendorId: fourHex(vendorId), productId: fourHex(productId), ...(serialNumber ? { serialNumber } : {}) }
}

/** The machine whose port this name means, or may come to mean; undefined when it is nobody's. */
export async function machineAt(name: PortName, machines: readonly MachinePort[], list: List = serialPorts): Promise<MachinePort | undefined> {
  if (!machines.length) return undefined
  const all = await Promise.all((await list()).map(async (port) => ({ ...port, path: await deviceOf(port.path) })))
  const mine = await devicesOf(name, all)
  for (const machine of machines) {
    if (name.adapter && machine.adapter && mayBeOne(name.adapter, machine.adapter)) return machine
    const theirs = await devicesOf(machine, all)
    if ([...mine].some((device) => theirs.has(device))) return machine
  }
  return undefined
}

/** Links (`/dev/serial/by-id/…`) lead to the device; what is not there is compared as it is written. */
async function deviceOf(path: string): Promise<string> {
  return realpath(path).catch(() => path)
}

async function devicesOf({ path, adapter }: PortName, all: readonly SerialPortInfo[]): Promise<Set<string>> {
  const device = path ? await deviceOf(path) : undefined
  if (!adapter) return new Set(device === undefined ? [] : [device])
  const found = new Set(all.filter((port) => isAt(port, adapter)).map((port) => port.path))
  // a machine opens its adapter, whatever the port is called today; a port that does not say whose it is may be that adapter
  const named = all.find((port) => port.path === device)
  if (device !== undefined && found.size === 0 && named?.vendorId === undefined) found.add(device)
  return found
}

function isAt(port: SerialPortInfo, { vendorId, productId, serialNumber, pnpId }: AdapterName): boolean {
  if (port.vendorId !== fourHex(vendorId) || port.productId !== fourHex(productId)) return false
  if (serialNumber !== undefined && port.serialNumber !== serialNumber) return false
  return pnpId === undefined || port.pnpId === pnpId
}

/** One description that fits what the other means, also while neither is plugged in. */
function mayBeOne(gauge: AdapterName, machine: AdapterName): boolean {
  if (fourHex(gauge.vendorId) !== fourHex(machine.vendorId) || fourHex(gauge.productId) !== fourHex(machine.productId)) return false
  if (gauge.serialNumber !== undefined && machine.serialNumber !== undefined) return gauge.serialNumber === machine.serialNumber
  // told apart by where they are plugged in: looked at when both are
  return machine.pnpId === undefined
}

function portOfMachine(where: string, { machineId, name }: MachinePort): UserError {
  return new UserError({
    code: 'port-of-machine',
    status: 409,
    message: `${where} is the port of the machine "${name}": no connection opens it, since that may reset a controller that is at work. Enter the port of the gauge; where adapters are alike, with its serial number.`,
    details: { blanks: { where, machine: name, machineId } },
  })
}

export interface MachinePorts {
  /** Which there are, from now on. */
  tell(machines: readonly MachinePort[]): void
  /** Whoever tells is gone: nothing is opened until it is known again. */
  forget(): void
  /**
   * In the moment before it is opened.
   * @param path that is about to be opened
   * @returns the device behind it: open this one, since a link may lead elsewhere a moment later
   * @throws UserError port-of-machine; OperationalError machine-ports-unknown
   */
  requireFree(path: string): Promise<string>
}

export function createMachinePorts(list: List = serialPorts): MachinePorts {
  let known: readonly MachinePort[] | undefined
  return {
    tell(machines) {
      known = machines
    },
    forget() {
      known = undefined
    },
    async requireFree(path) {
      const device = await deviceOf(path)
      if (!known)
        throw new OperationalError({
          code: 'machine-ports-unknown',
          message: `${path} is not opened yet: this server has not said which ports are its machines'. It is tried again by itself.`,
          details: { blanks: { where: path } },
        })
      const owner = await machineAt({ path: device }, known, list)
      if (owner) throw portOfMachine(path, owner)
      return device
    },
  }
}

/** Of this process: the connector host is told by its gateway. */
export const machinePorts = createMachinePorts()
