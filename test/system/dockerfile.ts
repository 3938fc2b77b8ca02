/**
 * The steps of deploy/Dockerfile, one by one, in a Debian root of their own (chroot): for a computer without a container engine. It
 * proves that the steps work and that what they make runs as its user, answers and ends; it does not prove what an engine adds (layers,
 * volumes, limits, the ignore file's finer rules). Run as root: `node test/system/dockerfile.ts [folder]`. No part of `npm test`.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

const context = join(import.meta.dirname, '..', '..')
const work = process.argv[2] ?? mkdtempSync('/var/tmp/cellwright-image-')
const PORT = process.env.CONTAINER_PORT ?? '21060'
const say = (text: string) => console.log(text)

/** Debian with a Node 24 and npm, in the place of the image that the file begins with. */
function makeBase(): string {
  const base = join(work, 'base')
  if (existsSync(join(base, 'usr/local/bin/npm'))) return base
  rmSync(base, { recursive: true, force: true })
  execFileSync(
    'debootstrap',
    ['--variant=minbase', '--include=ca-certificates', process.env.DEBIAN_SUITE ?? 'trixie', base, process.env.DEBIAN_MIRROR ?? 'http://deb.debian.org/debian'],
    { stdio: 'ignore' },
  )
  execFileSync('cp', [process.execPath, join(base, 'usr/local/bin/node')])
  execFileSync('npm', ['install', '--global', '--prefix', join(base, 'usr/local'), 'npm@11'], { stdio: 'ignore' })
  return base
}

/** How this computer reaches the network, given to the steps and to nothing that is kept. */
function lendNetwork(root: string): void {
  execFileSync('cp', ['-L', '/etc/resolv.conf', '/etc/hosts', join(root, 'etc')])
  execFileSync('cp', ['-L', '/etc/ssl/certs/ca-certificates.crt', join(root, 'etc/ssl/certs/')])
  for (const device of ['dev', 'proc']) {
    mkdirSync(join(root, device), { recursive: true })
    execFileSync('mount', ['--rbind', `/${device}`, join(root, device)])
    execFileSync('mount', ['--make-rslave', join(root, device)])
  }
}
const takeBack = (root: string) => {
  for (const device of ['dev', 'proc']) spawnSync('umount', ['-R', '-l', join(root, device)])
}

interface Stage {
  root: string
  dir: string
  env: Record<string, string>
  user: string | undefined
}

const text = readFileSync(join(context, 'deploy', 'Dockerfile'), 'utf8').replaceAll(/\\\n/g, ' ')
const ignored = readFileSync(join(context, 'deploy', 'Dockerfile.dockerignore'), 'utf8')
  .trim()
  .split('\n')
const stages = new Map<string, Stage>()
let stage: Stage | undefined
let health: string[] = []
const start: string[] = []

const inStage = ({ root, dir, env, user }: Stage, command: readonly string[]) => [
  ...['chroot', ...(user ? ['--userspec', `${user}:${user}`] : []), root],
  ...[
    '/usr/bin/env',
    '-i',
    '-C',
    dir,
    'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    'HOME=/root',
    ...Object.entries(env).map(([name, value]) => `${name}=${value}`),
  ],
  ...command,
]
const run = (of: Stage, command: readonly string[]) => {
  const [program = '', ...args] = inStage(of, command)
  execFileSync(program, args, { stdio: ['ignore', 'ignore', 'inherit'] })
}

try {
  const base = makeBase()
  for (const line of text.split('\n').map((each) => each.trim())) {
    const [, word, rest = ''] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? []
    if (!word || word === 'ARG') continue
    if (word === 'FROM') {
      const name = / AS (\S+)$/.exec(rest)?.[1] ?? 'image'
      const root = join(work, name)
      rmSync(root, { recursive: true, force: true })
      execFileSync('cp', ['-a', base, root])
      lendNetwork(root)
      stage = { root, dir: '/', env: {}, user: undefined }
      stages.set(name, stage)
      say(`stage ${name}`)
      continue
    }
    if (!stage) throw new Error(`before the first FROM: ${line}`)
    say(`  ${line.slice(0, 110)}`)
    const into = (path: string) => join((stage as Stage).root, path.startsWith('/') ? path : join((stage as Stage).dir, path))
    if (word === 'WORKDIR') {
      stage.dir = rest
      mkdirSync(into('.'), { recursive: true })
    } else if (word === 'ENV') for (const pair of rest.split(' ')) stage.env[pair.slice(0, pair.indexOf('='))] = pair.slice(pair.indexOf('=') + 1)
    else if (word === 'USER') stage.user = rest
    else if (word === 'RUN') run({ ...stage, env: { ...stage.env, NODE_EXTRA_CA_CERTS: '/etc/ssl/certs/ca-certificates.crt' } }, ['/bin/sh', '-c', rest])
    else if (word === 'HEALTHCHECK') health = JSON.parse(rest.slice(rest.indexOf('['))) as string[]
    else if (word === 'ENTRYPOINT' || word === 'CMD') start.push(...(JSON.parse(rest) as string[]))
    else if (word === 'COPY') {
      const words = rest.split(' ')
      const from = words[0]?.startsWith('--from=') ? stages.get(words.shift()?.slice('--from='.length) ?? '')?.root : context
      const to = into(words.pop() ?? '')
      mkdirSync(to, { recursive: true })
      for (const source of words) {
        const whole = join(from ?? '', source)
        const isFolder = spawnSync('test', ['-d', whole]).status === 0
        const rules = from === context ? ignored.map((rule) => (rule.startsWith('**/') ? `--exclude=${rule.slice(3)}` : `--exclude=./${rule}`)) : []
        copy({ from: isFolder ? whole : join(whole, '..'), what: isFolder ? '.' : (source.split('/').at(-1) ?? ''), to, rules })
      }
    } else if (!['VOLUME', 'EXPOSE', 'STOPSIGNAL'].includes(word)) throw new Error(`not understood: ${line}`)
  }
  const image = stage as Stage
  say(`the image has ${execFileSync('du', ['-shx', join(image.root, 'opt')], { encoding: 'utf8' }).split('\t')[0]} of program`)
  image.env.CELLWRIGHT_PORT = PORT
  const [program = '', ...args] = inStage(image, start)
  const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'] })
  const code = new Promise<number | null>((resolve) => child.once('exit', resolve))
  try {
    const until = async (what: string, look: () => boolean | Promise<boolean>) => {
      const end = performance.now() + 180_000
      while (!(await look())) {
        if (child.exitCode !== null || performance.now() > end) throw new Error(`it does not become ${what}`)
        await wait(2000)
      }
      say(`ok: ${what}`)
    }
    const [check = '', ...words] = inStage(image, health)
    await until('healthy', () => spawnSync(check, words, { stdio: 'ignore' }).status === 0)
    await until('ready', async () => ((await (await fetch(`http://127.0.0.1:${PORT}/readyz`)).json()) as { isReady: boolean }).isReady)
  } finally {
    child.kill('SIGTERM')
    say(`ended with code ${await code}, asked to`)
  }
  if ((await code) !== 0) throw new Error('it does not end in order')
} finally {
  for (const { root } of stages.values()) takeBack(root)
}

function copy({ from, what, to, rules }: { from: string; what: string; to: string; rules: readonly string[] }): void {
  execFileSync('tar', ['-C', from, ...rules, '-cf', join(work, 'copy.tar'), what])
  execFileSync('tar', ['-C', to, '--no-same-owner', '-xf', join(work, 'copy.tar')])
  rmSync(join(work, 'copy.tar'))
}
