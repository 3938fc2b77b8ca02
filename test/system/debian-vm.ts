/**
 * A clean Debian in a virtual machine, with systemd as its first process: for what only a real boot proves. Needs root, debootstrap,
 * e2fsprogs, qemu-system-x86_64 and ssh. It is emulated in software, which takes minutes; with VM_KVM=1 the processor does it, where it lets us. No part of `npm test`.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { copyProgram } from './programs.ts'

const SUITE = process.env.DEBIAN_SUITE ?? 'trixie'
const MIRROR = process.env.DEBIAN_MIRROR ?? 'http://deb.debian.org/debian'
/** What a small server has, and what the proof itself needs: ssh. The kernel has USB serial adapters. */
const BASE = ['systemd', 'systemd-sysv', 'dbus', 'udev', 'ca-certificates', 'iproute2', 'curl', 'kmod', 'sudo', 'openssh-server']
const KERNEL = ['linux-image-amd64', 'initramfs-tools', 'nodejs']

const run = (command: string, ...args: string[]) => execFileSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] })

/** Debian as its installer leaves it, in a folder. */
function makeRoot(root: string): void {
  if (existsSync(join(root, 'boot')) && readdirSync(join(root, 'boot')).some((name) => name.startsWith('vmlinuz'))) return
  rmSync(root, { recursive: true, force: true })
  run('debootstrap', '--variant=minbase', `--include=${BASE.join(',')}`, SUITE, root, MIRROR)
  cpSync('/etc/resolv.conf', join(root, 'etc/resolv.conf'))
  execFileSync('chroot', [root, 'apt-get', 'update', '-q'], { stdio: 'ignore' })
  execFileSync('chroot', [root, 'apt-get', 'install', '-y', '-q', '--no-install-recommends', ...KERNEL], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    stdio: 'ignore',
  })
}

/** What only the proof needs: a network, a key to come in by, a name. */
function prepare(root: string, publicKey: string, host: string): void {
  const put = (path: string, text: string, mode = 0o644) => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text, { mode })
  }
  put('etc/hostname', 'shop\n')
  // qemu's own network: what is asked of this address is asked of this computer's loopback
  put('etc/hosts', `127.0.0.1 localhost shop\n::1 localhost\n10.0.2.2 ${host}\n`)
  put('etc/fstab', '/dev/vda / ext4 defaults 0 1\n')
  put('etc/systemd/network/10-all.network', '[Match]\nName=en*\n[Network]\nDHCP=yes\n')
  put('root/.ssh/authorized_keys', publicKey, 0o600)
  execFileSync('chroot', [root, 'systemctl', 'enable', 'systemd-networkd', 'ssh'], { stdio: 'ignore' })
}

export interface Vm {
  /** Runs a shell command as root; resolves with what it printed. @throws Error when it fails */
  sh(command: string): string
  /** The same without keeping this process from anything else. @param input for its standard input: a file of this computer */
  run(command: string, input?: string): Promise<string>
  /** Asks the machine's own monitor (a USB device that is plugged in). */
  monitor(command: string): void
  /** The port of this computer that leads to the product's. */
  readonly port: number
  /** Restarts it in order and waits until it is back. */
  reboot(): Promise<void>
  end(): void
}

/** Its name for this computer. */
export const HOST = 'company.lan'

export interface DebianOptions {
  /** Where root, image and key are kept: a second start is quicker. */
  work: string
  /** Where programs lie in it, and from which folders of this computer they come. */
  programs: Readonly<Record<string, string>>
  /** Two free ports of this computer. */
  ports: { ssh: number; product: number }
  /** The product's port in there. @defaultValue 8470 */
  productPort?: number
}

export async function startDebian(options: DebianOptions): Promise<Vm> {
  const { work, ports } = options
  mkdirSync(work, { recursive: true })
  const root = join(work, 'root')
  const image = join(work, 'disk.img')
  const key = join(work, 'key')
  if (!existsSync(key)) run('ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', key)
  makeRoot(root)
  prepare(root, readFileSync(`${key}.pub`, 'utf8'), HOST)
  for (const name of readdirSync(join(root, 'opt'))) rmSync(join(root, 'opt', name), { recursive: true })
  for (const [path, from] of Object.entries(options.programs)) copyProgram(from, join(root, path))
  rmSync(image, { force: true })
  run('mke2fs', '-q', '-t', 'ext4', '-d', root, image, '8G')
  const boot = (prefix: string) => join(root, 'boot', readdirSync(join(root, 'boot')).find((name) => name.startsWith(prefix)) ?? prefix)
  const qemu: ChildProcess = spawn(
    'qemu-system-x86_64',
    [
      ...(process.env.VM_KVM ? ['-enable-kvm', '-cpu', 'host'] : ['-accel', 'tcg,thread=multi', '-cpu', 'max']),
      ...['-m', '3072', '-smp', '2', '-display', 'none', '-serial', `file:${join(work, 'console.log')}`, '-monitor', 'stdio'],
      ...['-kernel', boot('vmlinuz'), '-initrd', boot('initrd'), '-append', 'root=/dev/vda rw console=ttyS0 mitigations=off tsc=reliable'],
      ...['-drive', `file=${image},format=raw,if=virtio,cache=unsafe`, '-device', 'qemu-xhci,id=xhci'],
      ...[
        '-netdev',
        `user,id=net,hostfwd=tcp:127.0.0.1:${ports.ssh}-:22,hostfwd=tcp:127.0.0.1:${ports.product}-:${options.productPort ?? 8470}`,
        '-device',
        'virtio-net-pci,netdev=net',
      ],
    ],
    { stdio: ['pipe', 'ignore', 'inherit'] },
  )
  const ssh = [
    '-q',
    '-i',
    key,
    '-p',
    String(ports.ssh),
    '-o',
    'StrictHostKeyChecking=no',
    '-o',
    'UserKnownHostsFile=/dev/null',
    '-o',
    'ConnectTimeout=5',
    '-o',
    'ServerAliveInterval=10',
    'root@127.0.0.1',
  ]
  const ask = (command: string, timeout?: number) => spawnSync('ssh', [...ssh, command], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, timeout })
  const bootId = async (not?: string) => {
    for (let tries = 0; tries < 300; tries += 1) {
      const { status, stdout } = ask('cat /proc/sys/kernel/random/boot_id', 20_000)
      if (status === 0 && stdout.trim() !== not) return stdout.trim()
      if (qemu.exitCode !== null) throw new Error('The virtual machine ended.')
      await wait(1000)
    }
    throw new Error(`The virtual machine does not answer; its console: ${join(work, 'console.log')}`)
  }
  await bootId()
  return {
    port: ports.product,
    sh(command) {
      const { status, stdout, stderr } = ask(command)
      if (status !== 0) throw new Error(`${command}: code ${status}\n${stdout}${stderr}`)
      return stdout.trim()
    },
    run: (command, input) =>
      new Promise((resolve, reject) => {
        const child = spawn('ssh', [...ssh, command], { stdio: [input === undefined ? 'ignore' : openSync(input, 'r'), 'pipe', 'pipe'] })
        let out = ''
        let err = ''
        child.stdout?.setEncoding('utf8').on('data', (text: string) => {
          out += text
        })
        child.stderr?.setEncoding('utf8').on('data', (text: string) => {
          err += text
        })
        child.once('error', reject)
        child.once('close', (code) => (code === 0 ? resolve(out.trim()) : reject(new Error(`${command}: code ${code}\n${out}${err}`))))
      }),
    monitor: (command) => void qemu.stdin?.write(`${command}\n`),
    async reboot() {
      const before = await bootId()
      ask('systemctl reboot', 20_000)
      await bootId(before)
    },
    end: () => void qemu.kill('SIGKILL'),
  }
}
