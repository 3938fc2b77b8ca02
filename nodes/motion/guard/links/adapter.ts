/** A machine is bound to its adapter, not to a port name: ttyUSB0 is ttyUSB1 after the cable was out for a moment. */
import { OperationalError } from '../../../../base/errors.ts'
import type { MachineLink } from '../../machine.ts'
import { fourHex, type ListPorts, type PortInfo } from './ports.ts'

export type Adapter = NonNullable<Extract<MachineLink, { kind: 'serial' }>['adapter']>

/** Whether this port is at that adapter: everything the settings name must agree. */
function isAdapter(port: PortInfo, { vendorId, productId, serialNumber, pnpId }: Adapter): boolean {
  if (port.vendorId !== fourHex(vendorId) || port.productId !== fourHex(productId)) return false
  if (serialNumber !== undefined && port.serialNumber !== serialNumber) return false
  return pnpId === undefined || port.pnpId === pnpId
}

function adapterText({ vendorId, productId, serialNumber, pnpId }: Adapter): string {
  const more = [serialNumber && `serial number ${serialNumber}`, pnpId && `at ${pnpId}`].filter(Boolean).join(', ')
  return `the adapter ${fourHex(vendorId)}:${fourHex(productId)}${more ? ` (${more})` : ''}`
}

/**
 * The port this adapter is at now. Another adapter is never taken for it.
 * @throws OperationalError `link-failed` when it is not plugged in or the ports cannot be listed, `adapter-unclear` when
 * two ports answer the description
 */
export async function findAdapter(adapter: Adapter, listPorts: ListPorts): Promise<string> {
  let ports: PortInfo[]
  try {
    ports = await listPorts()
  } catch (error) {
    const message = `The serial ports of this host cannot be listed, so ${adapterText(adapter)} was not found: ${(error as Error).message}.`
    throw new OperationalError({ code: 'link-failed', message, cause: error })
  }
  const found = ports.filter((port) => isAdapter(port, adapter))
  const [first, second] = found
  if (!first)
    throw new OperationalError({
      code: 'link-failed',
      message: `${capital(adapterText(adapter))} is not plugged in. Check its cable; no other is opened in its place.`,
    })
  if (second)
    throw new OperationalError({
      code: 'adapter-unclear',
      message: `${capital(adapterText(adapter))} is there more than once: ${found.map(({ path }) => path).join(', ')}. Give its serial number or its place (pnpId) in the settings of the machine; none of them was opened.`,
    })
  return first.path
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

/** What is known of a kind of adapter by its ids. */
export interface AdapterFacts {
  looksLike: string
  /** Opening pulls DTR, and DTR resets the board behind it. */
  resetsOnOpen: boolean
  /** The controller has the USB plug itself: there is no wire with a baud rate. */
  isNativeUsb: boolean
}

const facts = (looksLike: string, resetsOnOpen: boolean, isNativeUsb = false): AdapterFacts => ({ looksLike, resetsOnOpen, isNativeUsb })

/** Vendor and product ids (usb.ids; the boards' own documentation). `vvvv:*` is every other product of a vendor. */
const KNOWN: Record<string, AdapterFacts> = {
  '2341:0043': facts('Arduino Uno', true),
  '2341:0001': facts('Arduino Uno', true),
  '2341:0010': facts('Arduino Mega 2560', true),
  '2341:0042': facts('Arduino Mega 2560', true),
  '2341:003d': facts('Arduino Due (programming port)', true),
  '2341:003e': facts('Arduino Due (native port)', false, true),
  '2341:*': facts('Arduino', true),
  '2a03:0043': facts('Arduino Uno', true),
  '2a03:*': facts('Arduino', true),
  '1a86:7523': facts('CH340 adapter (Arduino Uno or Nano clone, many CNC boards)', true),
  '1a86:5523': facts('CH341 adapter', true),
  '1a86:55d4': facts('CH9102 adapter (ESP32 boards)', true),
  '1a86:*': facts('WCH adapter', true),
  '0403:6001': facts('FTDI FT232R adapter', true),
  '0403:6010': facts('FTDI FT2232 adapter', true),
  '0403:6014': facts('FTDI FT232H adapter', true),
  '0403:6015': facts('FTDI FT231X adapter', true),
  '0403:*': facts('FTDI adapter', true),
  '10c4:ea60': facts('CP210x adapter (ESP32 boards)', true),
  '10c4:*': facts('Silicon Labs adapter', true),
  '067b:2303': facts('Prolific PL2303 adapter', false),
  '067b:*': facts('Prolific adapter', false),
  '303a:1001': facts('ESP32-S3/C3 with its own USB', true, true),
  '303a:*': facts('Espressif ESP32 with its own USB', false, true),
  '0483:5740': facts('STM32 controller with its own USB', false, true),
  '0483:374b': facts('STM32 Nucleo board (ST-Link)', false),
  '0483:*': facts('STM32', false),
  '1eaf:0004': facts('STM32 (Maple boot loader) with its own USB', false, true),
  '2e8a:000a': facts('Raspberry Pi Pico', false, true),
  '2e8a:*': facts('RP2040 controller with its own USB', false, true),
  '16c0:0483': facts('Teensy', false, true),
  '1d50:606d': facts('TinyG', false, true),
  '1d50:6015': facts('Smoothieboard', false, true),
  '1fc9:*': facts('NXP controller with its own USB', false, true),
}

/** @returns undefined for an adapter nobody has met */
export function adapterFacts({ vendorId, productId }: { vendorId?: string | undefined; productId?: string | undefined }): AdapterFacts | undefined {
  if (!vendorId) return undefined
  return KNOWN[`${fourHex(vendorId)}:${fourHex(productId ?? '')}`] ?? KNOWN[`${fourHex(vendorId)}:*`]
}
