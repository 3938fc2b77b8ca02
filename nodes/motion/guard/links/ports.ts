/** The serial ports of this host, as the operating system names them. Opens none of them. */
import { readdir, readFile, readlink, realpath } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { SerialPort } from 'serialport'

/** One port; what the system does not know is absent. */
export interface PortInfo {
  path: string
  manufacturer?: string
  /** Four hex digits, lower case. */
  vendorId?: string
  productId?: string
  serialNumber?: string
  /** Where it is plugged in, or under which name it stays: tells two of a kind apart. */
  pnpId?: string
}

export type ListPorts = () => Promise<PortInfo[]>

/** @throws Error when the system cannot be asked */
export async function listPorts(): Promise<PortInfo[]> {
  try {
    return (await SerialPort.list()).map((port) => portInfo(port))
  } catch (error) {
    // SerialPort.list() asks udevadm, which a container may not have; the kernel tells as well
    if (process.platform !== 'linux') throw error
    return listBySysfs('/')
  }
}

function portInfo(port: Awaited<ReturnType<typeof SerialPort.list>>[number]): PortInfo {
  const { path, manufacturer, vendorId, productId, serialNumber, pnpId } = port
  return {
    path,
    ...(manufacturer ? { manufacturer } : {}),
    ...(vendorId ? { vendorId: fourHex(vendorId) } : {}),
    ...(productId ? { productId: fourHex(productId) } : {}),
    ...(serialNumber ? { serialNumber } : {}),
    ...(pnpId ? { pnpId } : {}),
  }
}

/** Systems write them with and without `0x` and leading zeros. */
export function fourHex(id: string): string {
  return id.toLowerCase().replace(/^0x/, '').padStart(4, '0')
}

/**
 * USB serial ports as Linux shows them under /sys.
 * @param root where /sys and /dev are
 */
export async function listBySysfs(root: string): Promise<PortInfo[]> {
  const classDir = join(root, 'sys/class/tty')
  const names = (await entries(classDir)).filter((name) => /^tty(USB|ACM)\d+$/.test(name))
  return Promise.all(
    names.sort().map(async (name) => {
      const port: PortInfo = { path: join('/dev', name) }
      // …/usb1/1-2/1-2:1.0/ttyUSB0/tty/ttyUSB0: the ids stand at the device, some levels up
      let dir = await realpath(join(classDir, name, 'device')).catch(() => undefined)
      for (let up = 0; dir && up < 4; up += 1, dir = dirname(dir)) {
        const read = (file: string) =>
          readFile(join(dir ?? '', file), 'utf8').then(
            (text) => text.trim(),
            () => '',
          )
        const vendorId = await read('idVendor')
        if (!vendorId) continue
        const [productId, serialNumber, manufacturer] = await Promise.all([read('idProduct'), read('serial'), read('manufacturer')])
        port.vendorId = fourHex(vendorId)
        if (productId) port.productId = fourHex(productId)
        if (serialNumber) port.serialNumber = serialNumber
        if (manufacturer) port.manufacturer = manufacturer
        port.pnpId = `usb-${basename(dir)}`
        break
      }
      return port
    }),
  )
}

/**
 * Names that stay with an adapter (`/dev/serial/by-id/…`), by the port they lead to today.
 * @param root where /dev is
 */
export async function stablePaths(root = '/'): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  for (const folder of ['by-id', 'by-path']) {
    const dir = join(root, 'dev/serial', folder)
    for (const name of await entries(dir)) {
      const to = await readlink(join(dir, name)).catch(() => undefined)
      const path = to === undefined ? undefined : join('/dev', basename(to))
      if (path && !found.has(path)) found.set(path, join('/dev/serial', folder, name))
    }
  }
  return found
}

/** A folder that is not there has nothing in it. */
const entries = (dir: string) => readdir(dir).catch(() => [] as string[])
