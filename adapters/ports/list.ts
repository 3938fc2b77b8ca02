/** The serial ports of this server, and the one that a USB adapter is at. Opens none of them. */
import { readdir, readFile, realpath } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { SerialPort } from 'serialport'
import { OperationalError } from '../../base/errors.ts'

export interface SerialPortInfo {
  path: string
  /** Four hex digits, lower case. */
  vendorId?: string
  productId?: string
  serialNumber?: string
  manufacturer?: string
  /** Where it is plugged in, or under which name it stays: tells two of a kind apart. */
  pnpId?: string
}

/** @returns none where the system cannot be asked */
export async function serialPorts(): Promise<SerialPortInfo[]> {
  try {
    return (await SerialPort.list()).map(({ path, vendorId, productId, serialNumber, manufacturer, pnpId }) => ({
      path,
      ...(vendorId ? { vendorId: fourHex(vendorId) } : {}),
      ...(productId ? { productId: fourHex(productId) } : {}),
      ...(serialNumber ? { serialNumber } : {}),
      ...(manufacturer ? { manufacturer } : {}),
      ...(pnpId ? { pnpId } : {}),
    }))
  } catch {
    // it asks udevadm, which a container may not have; Linux itself tells as well
    return ofLinux()
  }
}

/** How an adapter is written in the settings; undefined for a port without one. */
export function adapterName({ vendorId, productId, serialNumber }: SerialPortInfo): string | undefined {
  return vendorId && productId ? [vendorId, productId, ...(serialNumber ? [serialNumber] : [])].join(':') : undefined
}

/**
 * Where the adapter is plugged in now.
 * @throws OperationalError adapter-missing; adapter-twice when several fit
 */
export async function portOfAdapter(adapter: string, list: () => Promise<SerialPortInfo[]> = serialPorts): Promise<string> {
  const [vendorId = '', productId = '', ...rest] = adapter.split(':')
  const serialNumber = rest.join(':')
  const found = (await list()).filter(
    (port) => port.vendorId === vendorId.toLowerCase() && port.productId === productId.toLowerCase() && (!serialNumber || port.serialNumber === serialNumber),
  )
  if (found.length === 1 && found[0]) return found[0].path
  const blanks = { adapter, paths: found.map(({ path }) => path).join(', ') }
  throw found.length
    ? new OperationalError({
        code: 'adapter-twice',
        message: `Several ports have the adapter ${adapter}: ${blanks.paths}. Write its serial number too, or the port itself.`,
        details: { blanks },
      })
    : new OperationalError({
        code: 'adapter-missing',
        message: `The USB adapter ${adapter} is not plugged in. Plug it in; it is looked for again.`,
        details: { blanks },
      })
}

export const fourHex = (id: string) => id.toLowerCase().replace(/^0x/, '').padStart(4, '0')

async function ofLinux(): Promise<SerialPortInfo[]> {
  const classes = '/sys/class/tty'
  const names = (await readdir(classes).catch(() => [] as string[])).filter((name) => /^tty(USB|ACM)\d+$/.test(name))
  return Promise.all(
    names.sort().map(async (name) => {
      // the numbers of the adapter stand some folders above its port
      let dir = await realpath(join(classes, name, 'device')).catch(() => '')
      for (let up = 0; dir && up < 4; up += 1, dir = dirname(dir)) {
        const read = (file: string) =>
          readFile(join(dir, file), 'utf8').then(
            (text) => text.trim(),
            () => '',
          ) // a folder of the way that is no USB device
        const vendorId = await read('idVendor')
        if (!vendorId) continue
        const [productId, serialNumber, manufacturer] = await Promise.all([read('idProduct'), read('serial'), read('manufacturer')])
        return {
          path: `/dev/${name}`,
          vendorId: fourHex(vendorId),
          productId: fourHex(productId),
          ...(serialNumber ? { serialNumber } : {}),
          ...(manufacturer ? { manufacturer } : {}),
          // as the guard of a machine names it (nodes/motion/guard/links/ports.ts)
          pnpId: `usb-${basename(dir)}`,
        }
      }
      return { path: `/dev/${name}` }
    }),
  )
}
