/**
 * The whole life of a shop's installation in a clean Debian: the program of an earlier commit is installed there as a service, on the
 * network by HTTPS, and goes through `shop-story.ts`: back-up, loss, restore, upgrade to this program, and back again. People and ERP are on
 * this computer, outside of it. Run as root: `node test/system/shop.ts [commit] [folder]` (the commit before this one is the default; the
 * folder keeps Debian and the old program between runs; some 15 GB). Nothing of it is in `npm test`; debian-vm.ts says what it needs.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { messageOf, OperationalError } from '../../base/errors.ts'
import { type Client, createClient } from '../../server/cli/client.ts'
import { authorityOf, startNeighbours } from '../life/shop-steps.ts'
import { HOST, startDebian } from './debian-vm.ts'
import { fetchProgram, migrationsOf, root } from './programs.ts'
import { createTeller, type House, liveThrough, type Program, type Teller } from './shop-story.ts'

const commit = process.argv[2] ?? 'HEAD~1'
const work = process.argv[3] ?? mkdtempSync('/var/tmp/cellwright-debian-')
const [ssh = 21_050, port = 21_051] = (process.env.VM_PORTS ?? '21050,21051').split(',').map(Number)
const DATA = '/var/lib/cellwright'
const quoted = (word: string) => `'${word.replaceAll("'", `'\\''`)}'`

const teller = createTeller()
const { say } = teller
const must: Teller['must'] = teller.must
const older = join(work, 'older')
say(`the program of ${commit} is brought to ${older}`)
fetchProgram(commit, older)
say('Debian is prepared')
const at: Record<Program, string> = { older: '/opt/cellwright-older', present: '/opt/cellwright-present' }
const vm = await startDebian({ work, programs: { [at.older]: older, [at.present]: root }, ports: { ssh, product: port }, productPort: port })

/** The command, as somebody types it there. */
const command = (program: Program, args: readonly string[], env: Record<string, string> = {}, user?: string) =>
  [
    ...(user === undefined ? [] : ['sudo', '-u', user]),
    ...['env', ...Object.entries(env).map(([name, value]) => quoted(`${name}=${value}`))],
    // the file of an older program may not be one that is run by itself
    ...[...(program === 'older' ? ['node'] : []), `${at[program]}/bootstrap/cellwright.mjs`, ...args.map(quoted)],
  ].join(' ')
/** A computer that is as slow as this one says now and then that it cannot at the moment, and to try again. */
function patient(client: Client): Client {
  return {
    ...client,
    async call(route, input) {
      let last: unknown
      for (let tries = 0; tries < 100; tries += 1) {
        try {
          return await client.call(route, input, { timeoutMs: 600_000 })
        } catch (error) {
          if (!(error instanceof OperationalError)) throw error
          last = error
          await wait(5000)
        }
      }
      throw last
    },
  }
}

const base = `https://127.0.0.1:${port}`
let installed: Program = 'older'
let token = ''

const house: House = {
  base,
  withinMs: 900_000,
  timeScale: 20,
  client: () => patient(createClient(() => ({ url: base, token }))),
  async cli(args, env) {
    await vm.run(
      `for i in $(seq 600); do curl -sf http://localhost:${port}/readyz >/dev/null && exit 0; sleep 1; done; curl -s http://localhost:${port}/readyz; exit 1`,
    )
    return await vm.run(command(installed, args, env))
  },
  async bring(folder) {
    const archive = join(work, 'brought.tar')
    execFileSync('tar', ['-C', dirname(folder), '-cf', archive, basename(folder)])
    await vm.run('tar -C /srv -xf -', archive)
    return join('/srv', basename(folder))
  },
  async start(program) {
    const isFirst = token === ''
    say(await vm.run(command(program, ['service', 'install', ...(isFirst ? ['--host', '0.0.0.0', '--port', String(port)] : [])])))
    must((await vm.run('systemctl show -p ExecStart --value cellwright')).includes(`${at[program]}/`), `the service runs the ${program} program`)
    installed = program
    if (!isFirst) return
    setDefaultCACertificates([...getCACertificates('default'), await authorityOf(house)])
    // good through restore, upgrade and back
    token = (JSON.parse(await house.cli(['token', 'create', 'story', '--json'])) as { token: string }).token
  },
  async refusal(program) {
    const said = await vm.run(`${command(program, ['service', 'install'])} 2>&1 && echo started || true`)
    const status = JSON.parse(await vm.run(`${command(program, ['service', 'status', '--json'])} || true`)) as { state: string; restarts: number }
    must(status.state === 'failed' && status.restarts === 0, 'the service does not start, and is not tried again')
    return said
  },
  async stop() {
    await vm.run('systemctl stop cellwright')
    must((await vm.run('pgrep -u cellwright || echo none')) === 'none', 'the service stops in order, and leaves no process behind')
  },
  lose: async () => void (await vm.run(`rm -rf ${DATA}`)),
  async putAside() {
    await vm.run(`mv ${DATA} ${DATA}.after`)
    return `${DATA}.after`
  },
  async restore(program, file, from) {
    await vm.run(`install -d -m 0700 -o cellwright -g cellwright ${DATA}`)
    const [more, env] = 'key' in from ? [['--key', from.key], {}] : [[], { CELLWRIGHT_BACKUP_PASSPHRASE: from.passphrase }]
    // brought back from where it was kept, for the service's user alone
    await vm.run(`chown cellwright: ${file}`)
    say(await vm.run(command(program, ['restore', '--as', 'replacement', ...more, file], { CELLWRIGHT_DATA: DATA, ...env }, 'cellwright')))
  },
  fileFor: (name) => `/srv/${name}`,
  namesIn: async (folder) => (await vm.run(`ls -A ${DATA}/${folder} 2>/dev/null || true`)).split('\n').filter(Boolean),
  async put(path, text) {
    const file = join(work, 'put')
    writeFileSync(file, text)
    await vm.run(`sudo -u cellwright sh -c ${quoted(`mkdir -p ${dirname(path)} && cat > ${path}`)}`, file)
  },
}

const neighbours = await startNeighbours({ dir: mkdtempSync(join(work, 'company-')), host: HOST })
try {
  say(`Debian is up: ${vm.sh('. /etc/os-release; echo $PRETTY_NAME; systemctl --version | head -1').replaceAll('\n', ', ')}`)
  vm.sh(`mkdir -p /etc/cellwright && printf 'CELLWRIGHT_OWNER="anna:a long enough password"\\n' > /etc/cellwright/cellwright.env`)
  const hasOtherSchema = migrationsOf(root).length !== migrationsOf(older).length
  await liveThrough(house, { neighbours, dir: mkdtempSync(join(work, 'old-')), teller, hasOtherSchema })
} catch (error) {
  try {
    say(vm.sh('journalctl -u cellwright --no-pager -n 60; tail -n 40 /var/lib/cellwright/logs/gateway.log; true'))
  } catch (silence) {
    say(`It does not answer (${messageOf(silence)}); its console: ${join(work, 'console.log')}`)
  }
  throw error
} finally {
  vm.end()
  await neighbours.close()
}
