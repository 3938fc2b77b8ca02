/**
 * An upgrade as a shop does it, and back again, on this computer without a service: `shop-story.ts` with the program of an earlier commit
 * and this one, on one data directory. Run: `node test/system/upgrade.ts [commit] [folder]` (the commit before this one is the default; the
 * folder keeps the old program between runs). Builds the old one, so it is no part of `npm test`; what each schema becomes is tested there
 * (`server/upgrade`). Some minutes; the same in a clean Debian is `shop.ts`.
 */
import { execFile, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { readdir, rename, rm } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { startProduct } from '../../server/cli/demo.ts'
import { startNeighbours } from '../life/shop-steps.ts'
import { fetchProgram, migrationsOf, root } from './programs.ts'
import { createTeller, type House, liveThrough, type Program } from './shop-story.ts'

const commit = process.argv[2] ?? 'HEAD~1'
const programs: Record<Program, string> = { older: process.argv[3] ?? mkdtempSync(join(tmpdir(), 'cellwright-old-')), present: root }
const teller = createTeller()
teller.say(`the program of ${commit} is brought to ${programs.older}`)
fetchProgram(commit, programs.older)

const dir = mkdtempSync(join(tmpdir(), 'cellwright-upgrade-'))
const dataDir = join(dir, 'data')
mkdirSync(dataDir, { mode: 0o700 })
const probe = createServer().listen(0, '0.0.0.0')
await new Promise((resolve) => probe.once('listening', resolve))
const { port } = probe.address() as AddressInfo
await new Promise((resolve) => probe.close(resolve))

const env = {
  CELLWRIGHT_HOST: '0.0.0.0',
  CELLWRIGHT_PORT: String(port),
  CELLWRIGHT_MDNS_NAME: 'off',
  CELLWRIGHT_OWNER: 'anna:a long enough password',
}
let product: Awaited<ReturnType<typeof startProduct>> | undefined
let installed: Program = 'older'
const run = promisify(execFile)
const cli = async (program: Program, args: readonly string[], more: Record<string, string> = {}) => {
  const { stdout } = await run(process.execPath, [join(programs[program], 'dist/cli.js'), ...args], {
    env: { ...process.env, CELLWRIGHT_DATA: dataDir, ...more },
  })
  return stdout.trim()
}
const stop = async () => {
  await product?.close()
  product = undefined
}

const house: House = {
  base: `https://127.0.0.1:${port}`,
  timeScale: 60,
  client() {
    if (!product) throw new Error('nothing runs')
    return product.client
  },
  cli: (args, more) => cli(installed, args, more),
  bring: async (folder) => folder,
  async start(program) {
    installed = program
    product = await startProduct({ root: programs[program], dataDir, env })
  },
  refusal: (program) =>
    new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [join(programs[program], 'bootstrap/run.mjs'), 'start'], {
        env: { ...process.env, ...env, CELLWRIGHT_DATA: dataDir },
        stdio: ['ignore', 'ignore', 'pipe'],
      })
      let said = ''
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        said += text
      })
      child.once('close', (code) => (code === 78 ? resolve(said) : reject(new Error(`It ended with ${code}: ${said}`))))
    }),
  stop,
  lose: () => rm(dataDir, { recursive: true, maxRetries: 10 }),
  async putAside() {
    await rename(dataDir, `${dataDir}.after`)
    return `${dataDir}.after`
  },
  async restore(program, file, from) {
    await cli(
      program,
      ['restore', file, '--as', 'replacement', ...('key' in from ? ['--key', from.key] : [])],
      'passphrase' in from ? { CELLWRIGHT_BACKUP_PASSPHRASE: from.passphrase } : {},
    )
  },
  fileFor: (name) => join(dir, name),
  namesIn: (folder) => readdir(join(dataDir, folder)).catch(() => []),
  async put(path, text) {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  },
}

const neighbours = await startNeighbours({ dir })
try {
  const hasOtherSchema = migrationsOf(programs.present).length !== migrationsOf(programs.older).length
  await liveThrough(house, { neighbours, dir, teller, hasOtherSchema })
} finally {
  await stop()
  await neighbours.close()
  await rm(dir, { recursive: true, force: true, maxRetries: 10 })
}
