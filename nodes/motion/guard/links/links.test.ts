import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { openPort } from '../../virtual/port.ts'
import { FaultyProxy } from '../test/faulty-proxy.ts'
import { findAdapter } from './adapter.ts'
import { type FarEnd, linkConformance } from './conformance.ts'
import type { LinkTarget } from './link.ts'
import { openLink } from './open.ts'
import { listBySysfs, stablePaths } from './ports.ts'
import { createTelnetStripper } from './telnet.ts'

const never = new AbortController().signal
const deaf = { onData: () => {}, onLost: () => {} }

async function ptyEnd() {
  const heard: Buffer[] = []
  const port = await openPort({ kind: 'pty', onData: (bytes) => heard.push(Buffer.from(bytes)) })
  return {
    target: { kind: 'serial', path: port.name, baudRate: 115_200, isPaced: false } satisfies LinkTarget,
    heard: () => Buffer.concat(heard),
    say: (bytes: Uint8Array) => port.write(Buffer.from(bytes).toString('latin1')),
    vanish: () => port.close(),
    close: () => port.close(),
  }
}

linkConformance({
  name: 'serial',
  farEnd: ptyEnd,
  nowhere: { kind: 'serial', path: '/dev/ttyNOPE', baudRate: 115_200, isPaced: true },
  isExclusive: true,
})

async function tcpEnd(): Promise<FarEnd & { target: { host: string; port: number } }> {
  const heard: Buffer[] = []
  // whoever is in between may take a moment to come through
  const peer = Promise.withResolvers<Socket>()
  const peers: Socket[] = []
  const server = createServer((socket) => {
    peers.push(socket)
    peer.resolve(socket)
    socket.setNoDelay(true)
    socket.on('error', () => {})
    socket.on('data', (bytes) => heard.push(bytes))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    target: { kind: 'tcp', host: '127.0.0.1', port: (server.address() as AddressInfo).port },
    heard: () => Buffer.concat(heard),
    say: (bytes) => peer.promise.then((socket) => socket.write(bytes)),
    vanish: async () => void (await peer.promise).resetAndDestroy(),
    close: () =>
      new Promise((resolve) => {
        for (const socket of peers) socket.destroy()
        server.close(() => resolve())
      }),
  }
}

linkConformance({ name: 'tcp', farEnd: tcpEnd, nowhere: { kind: 'tcp', host: '127.0.0.1', port: 1 }, isExclusive: false })

linkConformance({
  name: 'a link that comes late and cut in pieces',
  async farEnd() {
    const far = await tcpEnd()
    const proxy = new FaultyProxy(far.target)
    proxy.spoil({ seed: 7, delayMs: 3, cuts: true })
    const port = await proxy.listen()
    return {
      ...far,
      target: { kind: 'tcp', host: '127.0.0.1', port },
      async close() {
        await proxy.close()
        await far.close()
      },
    }
  },
  nowhere: { kind: 'tcp', host: '127.0.0.1', port: 1 },
  isExclusive: false,
})

async function webSocketEnd() {
  const heard: Buffer[] = []
  const kinds: boolean[] = []
  let peer: WebSocket | undefined
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await new Promise<void>((resolve) => server.on('listening', resolve))
  server.on('connection', (socket) => {
    peer = socket
    socket.on('error', () => {})
    socket.on('message', (data, isBinary) => {
      heard.push(data as Buffer)
      kinds.push(isBinary)
    })
  })
  return {
    target: { kind: 'websocket', url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/` } satisfies LinkTarget,
    heard: () => Buffer.concat(heard),
    kinds,
    say: (bytes: Uint8Array) => peer?.send(bytes),
    sayText: (words: string) => peer?.send(words),
    vanish: async () => peer?.terminate(),
    close: () =>
      new Promise<void>((resolve) => {
        peer?.terminate()
        server.close(() => resolve())
      }),
  }
}

linkConformance({ name: 'websocket', farEnd: webSocketEnd, nowhere: { kind: 'websocket', url: 'ws://127.0.0.1:1/' }, isExclusive: false })

test('websocket: the chatter of FluidNC to its own pages is no part of the talk; everything goes out in binary frames', async () => {
  const far = await webSocketEnd()
  onTestFinished(() => far.close())
  let received = ''
  const link = await openLink(far.target, { onData: (bytes) => (received += Buffer.from(bytes).toString('latin1')), onLost: () => {} }, never)
  for (const words of ['CURRENT_ID:3', 'ACTIVE_ID:3', 'currentID:3', 'activeID:3', 'PING:3', 'PING\n']) far.sayText(words)
  // grblHAL answers in text frames
  far.sayText('ok\r\n<Idle|MPo')
  far.say(Buffer.from('s:0,0,0>\r\n'))
  link.send(Buffer.from('$I\n'))
  link.urgent(0x85)
  await expect.poll(() => received).toBe('ok\r\n<Idle|MPos:0,0,0>\r\n')
  await expect.poll(() => [...far.heard()]).toEqual([...Buffer.from('$I\n'), 0x85])
  expect(far.kinds).toEqual([true, true])
  await link.close()
})

test('telnet commands are taken out wherever they are cut, and never answered', () => {
  const said = Buffer.from([
    255,
    253,
    34,
    ...Buffer.from('ok\r'),
    255,
    251,
    1,
    ...Buffer.from('\n<'),
    255,
    250,
    24,
    1,
    255,
    240,
    ...Buffer.from('Idle>'),
    255,
    255,
    65,
    255,
    241,
    66,
  ])
  for (let size = 1; size <= said.length; size += 1) {
    const strip = createTelnetStripper()
    const data: number[] = []
    for (let i = 0; i < said.length; i += size) data.push(...strip(said.subarray(i, i + size)))
    expect(Buffer.from(data).toString('latin1')).toBe('ok\r\n<Idle>\xffAB')
  }
})

const usb0 = { path: '/dev/ttyUSB0', vendorId: '1a86', productId: '7523', pnpId: 'usb-1a86_USB_Serial-if00-port0' }
const adapter = { vendorId: '1A86', productId: '7523' }

test('an adapter is found under whatever name it has today, and no other is taken for it', async () => {
  expect(await findAdapter(adapter, async () => [{ path: '/dev/ttyS0' }, usb0])).toBe('/dev/ttyUSB0')
  expect(await findAdapter(adapter, async () => [{ ...usb0, path: '/dev/ttyUSB1' }])).toBe('/dev/ttyUSB1')
  const missing = findAdapter({ ...adapter, serialNumber: 'A5' }, async () => [usb0, { ...usb0, path: '/dev/ttyUSB2', serialNumber: 'A6' }])
  await expect(missing).rejects.toMatchObject({ code: 'link-failed', message: expect.stringMatching(/serial number A5.*not plugged in.*no other is opened/) })
  const two = findAdapter(adapter, async () => [usb0, { ...usb0, path: '/dev/ttyUSB2', pnpId: 'other' }])
  await expect(two).rejects.toMatchObject({ code: 'adapter-unclear', message: expect.stringMatching(/ttyUSB0, \/dev\/ttyUSB2.*none of them was opened/) })
  expect(await findAdapter({ ...adapter, pnpId: 'other' }, async () => [usb0, { ...usb0, path: '/dev/ttyUSB2', pnpId: 'other' }])).toBe('/dev/ttyUSB2')
})

test('a link bound to an adapter opens the port where that is now, not the one it was first seen at', async () => {
  const [there, elsewhere] = [await ptyEnd(), await ptyEnd()]
  onTestFinished(async () => {
    await there.close()
    await elsewhere.close()
  })
  const listPorts = async () => [
    { ...usb0, path: there.target.path },
    { path: elsewhere.target.path, vendorId: '0403', productId: '6001' },
  ]
  const link = await openLink({ ...elsewhere.target, adapter }, deaf, never, { listPorts })
  expect(link.where).toBe(there.target.path)
  link.send(Buffer.from('$I\n'))
  await expect.poll(() => there.heard().toString()).toBe('$I\n')
  expect(elsewhere.heard().length).toBe(0)
  await link.close()
  const unlisted = openLink({ ...elsewhere.target, adapter }, deaf, never, { listPorts: () => Promise.reject(new Error('udevadm is missing')) })
  await expect(unlisted).rejects.toMatchObject({ code: 'link-failed', message: expect.stringMatching(/cannot be listed.*udevadm is missing/) })
})

test('modem lines that a port does not have, and flow control, do not keep it from being opened', async () => {
  for (const flowControl of ['none', 'rts-cts', 'xon-xoff'] as const) {
    const far = await ptyEnd()
    const link = await openLink({ ...far.target, dtr: 'off', rts: 'on', flowControl }, deaf, never)
    link.send(Buffer.from('$I\n'))
    await expect.poll(() => far.heard().toString()).toBe('$I\n')
    await link.close()
    await far.close()
  }
})

test('the kernel names USB ports where udev is missing, and the names that stay are found', async () => {
  const root = await mkdtemp(join(tmpdir(), 'ports-'))
  onTestFinished(() => rm(root, { recursive: true, force: true }))
  const device = join(root, 'sys/devices/usb1/1-2')
  await mkdir(join(device, '1-2:1.0/ttyUSB0/tty/ttyUSB0'), { recursive: true })
  await mkdir(join(root, 'sys/class/tty/ttyS0'), { recursive: true })
  await mkdir(join(root, 'sys/class/tty/ttyUSB0'), { recursive: true })
  await symlink(join(device, '1-2:1.0/ttyUSB0'), join(root, 'sys/class/tty/ttyUSB0/device'))
  for (const [file, value] of Object.entries({ idVendor: '0403', idProduct: '6001', serial: 'A9', manufacturer: 'FTDI' }))
    await writeFile(join(device, file), `${value}\n`)
  expect(await listBySysfs(root)).toEqual([
    { path: '/dev/ttyUSB0', vendorId: '0403', productId: '6001', serialNumber: 'A9', manufacturer: 'FTDI', pnpId: 'usb-1-2' },
  ])
  await mkdir(join(root, 'dev/serial/by-id'), { recursive: true })
  await symlink('../../ttyUSB0', join(root, 'dev/serial/by-id/usb-FTDI_A9'))
  expect([...(await stablePaths(root))]).toEqual([['/dev/ttyUSB0', '/dev/serial/by-id/usb-FTDI_A9']])
})
