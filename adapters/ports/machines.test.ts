/** Whose a serial port is, by every name that it may have. */
import { mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { adapterOf, createMachinePorts, machineAt, type PortName } from './machines.ts'

/** A folder as /dev is: devices, and names that lead to them. */
function devices() {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'cw-ports-')))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  const at = (name: string) => join(dir, name)
  for (const name of ['ttyUSB0', 'ttyUSB1', 'ttyS0']) writeFileSync(at(name), '')
  symlinkSync(at('ttyUSB0'), at('usb-Router'))
  symlinkSync(at('usb-Router'), at('router'))
  const list = async () => [
    { path: at('ttyUSB0'), vendorId: '1a86', productId: '7523', pnpId: 'usb-1-2' },
    { path: at('ttyUSB1'), vendorId: '0403', productId: '6001', serialNumber: 'G1' },
  ]
  const whose = (name: PortName, machine: PortName) =>
    machineAt(name, [{ machineId: 'm1', name: 'Router', path: at('elsewhere'), ...machine }], list).then((found) => found?.machineId)
  return { at, list, whose }
}

describe('a port is a machine’s', () => {
  it('by its path, whichever link leads there', async () => {
    const { at, whose } = devices()
    for (const path of ['ttyUSB0', 'usb-Router', 'router'])
      for (const machine of ['ttyUSB0', 'usb-Router', 'router']) expect(await whose({ path: at(path) }, { path: at(machine) }), `${path} ${machine}`).toBe('m1')
    expect(await whose({ path: at('ttyUSB1') }, { path: at('router') })).toBeUndefined()
    // not plugged in: the same name all the same
    expect(await whose({ path: '/dev/none' }, { path: '/dev/none' })).toBe('m1')
  })
  it('by its adapter, whatever it is called today', async () => {
    const { at, whose } = devices()
    const adapter = { vendorId: '1A86', productId: '7523' }
    expect(await whose({ path: at('ttyUSB0') }, { adapter })).toBe('m1')
    expect(await whose({ path: at('router') }, { adapter: { ...adapter, pnpId: 'usb-1-2' } })).toBe('m1')
    expect(await whose({ path: at('ttyUSB0') }, { adapter: { ...adapter, pnpId: 'usb-1-3' }, path: at('ttyS0') })).toBeUndefined()
    expect(await whose({ adapter: { vendorId: '0403', productId: '6001' } }, { path: at('ttyUSB1') })).toBe('m1')
    expect(await whose({ path: at('ttyUSB1') }, { adapter })).toBeUndefined()
  })
  it('by its adapter also while that is not plugged in', async () => {
    const { at, whose } = devices()
    const machine = { vendorId: '2341', productId: '0043', serialNumber: 'A1' }
    expect(await whose({ adapter: machine }, { adapter: machine })).toBe('m1')
    expect(await whose({ adapter: { vendorId: '2341', productId: '0043' } }, { adapter: machine })).toBe('m1')
    expect(await whose({ adapter: { ...machine, serialNumber: 'B2' } }, { adapter: machine })).toBeUndefined()
    // its old name may be another adapter's by now, which says so; a port that does not say is not risked
    expect(await whose({ path: at('ttyUSB1') }, { adapter: machine, path: at('ttyUSB1') })).toBeUndefined()
    expect(await whose({ path: at('ttyS0') }, { adapter: machine, path: at('ttyS0') })).toBe('m1')
  })
  it('in the moment of opening, and the device that was looked at is the one to open', async () => {
    const { at, list } = devices()
    const ports = createMachinePorts(list)
    await expect(ports.requireFree(at('ttyUSB1'))).rejects.toMatchObject({ code: 'machine-ports-unknown' })
    ports.tell([{ machineId: 'm1', name: 'Router', path: at('ttyUSB0') }])
    await expect(ports.requireFree(at('router'))).rejects.toMatchObject({ code: 'port-of-machine' })
    ports.tell([])
    expect(await ports.requireFree(at('router'))).toBe(at('ttyUSB0'))
  })
  it('reads an adapter as settings write it', () => {
    expect(adapterOf('0403:6001')).toEqual({ vendorId: '0403', productId: '6001' })
    expect(adapterOf('1A86:7523:A:1')).toEqual({ vendorId: '1a86', productId: '7523', serialNumber: 'A:1' })
  })
})
