import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { readConfig } from '../config.ts'
import { localNameWish } from '../tls/index.ts'

test('a name is told where other computers get in, and nowhere else', () => {
  const wishOf = (env: Record<string, string>) => localNameWish(readConfig(env))
  expect(wishOf({})).toBeUndefined()
  expect(wishOf({ CELLWRIGHT_HOST: '0.0.0.0' })).toBe('cellwright')
  expect(wishOf({ CELLWRIGHT_HOST: '192.168.1.5', CELLWRIGHT_MDNS_NAME: 'Milling' })).toBe('milling')
  expect(wishOf({ CELLWRIGHT_HOST: '0.0.0.0', CELLWRIGHT_MDNS_NAME: 'off' })).toBeUndefined()
  expect(wishOf({ CELLWRIGHT_HOST: '0.0.0.0', CELLWRIGHT_PUBLIC_URL: 'https://cell.example' })).toBeUndefined()
  for (const name of ['cell.local', 'two words', '-x']) expect(() => readConfig({ CELLWRIGHT_MDNS_NAME: name })).toThrow(/CELLWRIGHT_MDNS_NAME/)
})

const ip = (...args: string[]) => spawnSync('ip', args, { encoding: 'utf8' })
const [HERE, THERE] = [`cw${process.pid}a`, `cw${process.pid}b`]
const hasNetworks = () => {
  const probe = `cw${process.pid}p`
  const { status } = ip('netns', 'add', probe)
  if (status === 0) ip('netns', 'delete', probe)
  return status === 0
}
/** The system's own: that which Debian's packages are for. */
const PYTHON = '/usr/bin/python3'
const AVAHI = '/usr/sbin/avahi-daemon'
const hasPeers = spawnSync(PYTHON, ['-c', 'import zeroconf']).status === 0 && existsSync(AVAHI)

// two computers and a cable between them; on the other one are resolvers that are not ours
describe.skipIf(!hasPeers || !hasNetworks())('on a network (needs root, python3-zeroconf and avahi-daemon)', () => {
  const run = (...args: string[]) => {
    const { status, stderr } = ip(...args)
    if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr}`)
  }
  beforeAll(() => {
    for (const name of [HERE, THERE]) run('netns', 'add', name)
    run('link', 'add', 'cwv0', 'netns', HERE, 'type', 'veth', 'peer', 'name', 'cwv0', 'netns', THERE)
    for (const [name, last] of [
      [HERE, '1'],
      [THERE, '2'],
    ] as const) {
      run('-n', name, 'address', 'add', `10.231.7.${last}/24`, 'dev', 'cwv0')
      run('-n', name, 'link', 'set', 'lo', 'up')
      run('-n', name, 'link', 'set', 'cwv0', 'up')
      run('-n', name, 'route', 'add', '224.0.0.0/4', 'dev', 'cwv0')
    }
  })
  afterAll(() => {
    for (const name of [HERE, THERE]) ip('netns', 'delete', name)
  })

  interface Started {
    lines: string[]
    end(): Promise<void>
  }
  function start(network: string, program: string, args: string[]): Started {
    const child: ChildProcess = spawn('ip', ['netns', 'exec', network, program, ...args], { stdio: ['pipe', 'pipe', 'inherit'] })
    const lines: string[] = []
    if (child.stdout) createInterface({ input: child.stdout }).on('line', (line) => lines.push(line))
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
    const end = () => {
      child.stdin?.end()
      return ended
    }
    onTestFinished(end)
    return { lines, end }
  }
  const tell = (...args: string[]) => start(HERE, process.execPath, [join(import.meta.dirname, 'testing-teller.ts'), ...args])
  const peer = (...args: string[]) => start(THERE, PYTHON, [join(import.meta.dirname, 'testing-peer.py'), ...args])
  const facts = ({ lines }: Started) =>
    lines.map((line) => JSON.parse(line) as { what: string; name: string; server: string; port: number; addresses: string[] })
  /** Avahi, as it runs on most Linux desktops; with a /run of its own, since it takes one place on a computer. */
  async function avahi(network: string, name: string): Promise<void> {
    const dir = await mkdtemp(join(tmpdir(), 'cellwright-avahi-'))
    const config = join(dir, 'avahi.conf')
    await writeFile(config, `[server]\nhost-name=${name}\nenable-dbus=no\nuse-ipv6=no\nallow-interfaces=cwv0\n[publish]\npublish-workstation=no\n`)
    // its word for being ready goes to the error output; it ends with the shell's input
    const script = `mount -t tmpfs none /run; ${AVAHI} --no-drop-root --no-chroot -f ${config} 2>&1 & read -r _; kill $!; wait`
    const { lines } = start(network, 'unshare', ['-m', 'sh', '-c', script])
    onTestFinished(() => rm(dir, { recursive: true, force: true }))
    await expect.poll(() => lines.join()).toMatch(/Server startup complete/)
  }

  test('tablets find the name, and the server in the list of services; a new address is told, and so is the end', async () => {
    // beside another responder on the same port of the same computer
    await avahi(HERE, 'shop-pc')
    const here = tell('cellwright', 'Cellwright shop-pc')
    const browser = peer('browse', '_cellwright._sub._https._tcp')
    const all = peer('browse', '_https._tcp')
    const address = peer('address', 'cellwright')
    const neighbour = peer('address', 'shop-pc')
    await expect.poll(() => here.lines).toEqual(['cellwright'])
    await expect.poll(() => facts(address).at(-1)?.addresses).toEqual(['10.231.7.1'])
    await expect.poll(() => facts(neighbour).at(-1)?.addresses).toEqual(['10.231.7.1'])
    const found = { what: 'found', name: 'Cellwright shop-pc._https._tcp.local.', server: 'cellwright.local.', port: 8470, addresses: ['10.231.7.1'] }
    await expect.poll(() => facts(browser)[0]).toMatchObject({ ...found, name: expect.stringContaining('Cellwright shop-pc') })
    await expect.poll(() => facts(all)[0]).toMatchObject(found)
    run('-n', HERE, 'address', 'delete', '10.231.7.1/24', 'dev', 'cwv0')
    run('-n', HERE, 'address', 'add', '10.231.7.77/24', 'dev', 'cwv0')
    ip('-n', HERE, 'route', 'add', '224.0.0.0/4', 'dev', 'cwv0')
    await expect.poll(() => facts(address).at(-1)?.addresses, { timeout: 90_000 }).toEqual(['10.231.7.77'])
    await here.end()
    await expect.poll(() => facts(all).at(-1)).toMatchObject({ what: 'gone', name: 'Cellwright shop-pc._https._tcp.local.' })
  })

  test('a name that another device has is left to it: the next one is taken, one that a browser can be led to', async () => {
    await avahi(THERE, 'cellwright')
    const here = tell('cellwright', 'Cellwright shop-pc')
    const address = peer('address', 'cellwright-2')
    await expect.poll(() => here.lines).toEqual(['cellwright-2'])
    await expect.poll(() => facts(address).at(-1)?.addresses).toHaveLength(1)
  })
})
