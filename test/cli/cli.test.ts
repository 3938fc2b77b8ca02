/** Every command of `cellwright` against one running product, as a person or a script would use it. */
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { getFlows, getJob, getMachine, type Job, listJobs, stopMachine } from '../../server/api/index.ts'
import { SETTINGS } from '../../server/config.ts'
import { MIGRATIONS } from '../../server/store/migrations/index.ts'
import { type Product, root, startTestProduct, until } from '../product.ts'
import { writeProgram, zigzag } from './programs.ts'
import { type CliOptions, type CliResult, endAll, runCli, startCli } from './run-cli.ts'

let product: Product
let dir: string
/** The whole demo takes its time: it runs beside the other tests. */
let demo: Promise<CliResult>

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cellwright-cli-'))
  product = await startTestProduct()
  // a database of the shop, set in the shell, is none of the demo's business
  demo = runCli(['demo'], { env: { DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/shop', CELLWRIGHT_PORT: 'none', TMPDIR: dir } })
  await Promise.all([cli('machine', 'add', 'mill', '--virtual', '--time-scale', '50'), cli('machine', 'add', 'lathe', '--virtual', '--time-scale', '50')])
}, 120_000)
afterAll(async () => {
  await endAll()
  await product?.close()
  await rm(dir, { recursive: true, force: true })
})

const here = (options: CliOptions = {}): CliOptions => ({ ...options, env: { CELLWRIGHT_DATA: product.dataDir, ...options.env } })
const cli = (...args: string[]) => runCli(args, here())
/** Fails the test with what the command said when it did not do it. */
async function done(...args: string[]): Promise<CliResult> {
  const result = await cli(...args)
  if (result.code !== 0) throw new Error(`cellwright ${args.join(' ')}: ${result.code} ${result.err}${result.out}`)
  return result
}
const isPlain = ({ err }: CliResult) => err !== '' && !/\n\s+at |node:internal|Error:/.test(err)

describe('the command line itself', () => {
  it('tells its version and how it is used, also as JSON', async () => {
    const [version, versionJson, help, group] = await Promise.all([cli('--version'), cli('--version', '--json'), cli('--help'), cli('machine', '--help')])
    const { version: ours } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
    expect(version).toMatchObject({ code: 0, out: `${ours}\n` })
    expect(versionJson.json).toEqual({ version: ours })
    for (const name of ['start', 'config', 'user', 'token', 'machine', 'program', 'hold', 'resume', 'stop', 'spc', 'flow', 'runs'])
      expect(help.out).toContain(`  ${name} `)
    expect(group.out).toMatch(/add .*\n[\s\S]*list .*\n[\s\S]*status/)
  })

  it('refuses a wrong use with code 2, in words and as JSON', async () => {
    const wrong = [
      ['bla'],
      ['machine'],
      ['machine', 'status'],
      ['machine', 'list', 'too-much'],
      ['program', 'run', 'x.nc'],
      ['machine', 'add', 'm9', '--virtual', '--time-scale', 'fast'],
      ['token', 'create', 't', '--days', '0'],
      ['user', 'add', 'bob', '--role', 'king', '--pin', '4713'],
    ]
    // `--json` counts before the command and behind it
    const results = await Promise.all(wrong.map((args, i) => cli(...(i % 2 ? ['--json', ...args] : [...args, '--json']))))
    for (const result of results) {
      expect(result).toMatchObject({ code: 2, err: '' })
      expect(result.json).toEqual({ error: { code: 'usage', message: expect.stringMatching(/^[A-Z].*[^.]\.$/) } })
    }
    for (const plain of await Promise.all([cli('bla'), cli('machine'), cli('machine', 'status')])) {
      expect(plain).toMatchObject({ code: 2, out: '' })
      expect(isPlain(plain)).toBe(true)
    }
  })

  it('lists every setting with its meaning, and shows no secret', async () => {
    const env = { CELLWRIGHT_OWNER: 'ann:secret-word', DATABASE_URL: 'postgresql://u:secret-word@h/d', CELLWRIGHT_PORT: '9000' }
    const [text, json, wrong] = await Promise.all([
      runCli(['config'], { env }),
      runCli(['config', '--json'], { env }),
      runCli(['config'], { env: { CELLWRIGHT_PORT: 'many' } }),
    ])
    for (const { env: name } of Object.values(SETTINGS)) expect(text.out).toContain(name)
    expect(text.out + json.out).not.toContain('secret-word')
    const rows = json.json as { env: string; value: unknown; isSet: boolean }[]
    expect(rows.find((row) => row.env === 'CELLWRIGHT_PORT')).toMatchObject({ value: 9000, isSet: true })
    expect(wrong).toMatchObject({ code: 2, err: 'CELLWRIGHT_PORT must be a whole number from 0 to 65535, not "many".\n' })
  })
})

describe('finding the server', () => {
  const list = (env: Record<string, string>) => runCli(['machine', 'list', '--json'], { env })

  it('uses URL and token of the environment, or the owner-only file of the data directory', async () => {
    expect((await stat(join(product.dataDir, 'cli-access.json'))).mode & 0o777).toBe(0o600)
    const { url, token } = product.client.access
    const [byFile, byEnvironment] = await Promise.all([cli('machine', 'list', '--json'), list({ CELLWRIGHT_URL: `${url}/`, CELLWRIGHT_TOKEN: token })])
    expect(byFile.json).toHaveLength(2)
    expect(byEnvironment.json).toHaveLength(2)
  })

  it('says in words when there is none, or not one that lets us in', async () => {
    const { url } = product.client.access
    const cases: [env: Record<string, string>, code: number, errorCode: string, message: RegExp][] = [
      [{ CELLWRIGHT_DATA: dir }, 2, 'no-server', /^No Cellwright runs on .*cellwright start/],
      [{ CELLWRIGHT_URL: url }, 2, 'no-server', /go together/],
      [{ CELLWRIGHT_URL: 'mill:8470', CELLWRIGHT_TOKEN: 't' }, 2, 'no-server', /http:\/\//],
      [{ CELLWRIGHT_URL: url, CELLWRIGHT_TOKEN: 'cw_wrong' }, 2, 'not-signed-in', /wrong, expired or revoked/],
      [{ CELLWRIGHT_URL: url, CELLWRIGHT_TOKEN: 'cw_é\n' }, 2, 'no-server', /characters/],
      [{ CELLWRIGHT_URL: 'http://127.0.0.1:9', CELLWRIGHT_TOKEN: 't' }, 1, 'server', /cannot be reached|No server answers/],
    ]
    await Promise.all(
      cases.map(async ([env, code, errorCode, message]) => {
        const result = await list(env)
        expect(result.code).toBe(code)
        expect(result.json).toMatchObject({ error: { code: expect.stringContaining(errorCode), message: expect.stringMatching(message) } })
      }),
    )
    expect(isPlain(await runCli(['machine', 'list'], { env: { CELLWRIGHT_DATA: dir } }))).toBe(true)
  })
})

describe('people and tokens', () => {
  it('adds a person with a password from standard input or the environment, never from an argument', async () => {
    const none = await cli('user', 'add', 'nobody')
    expect(none).toMatchObject({ code: 2, err: expect.stringContaining('--password-stdin') })
    const [ann, bob] = await Promise.all([
      runCli(['user', 'add', 'ann', '--name', 'Ann B.', '--role', 'engineer', '--password-stdin', '--json'], here({ input: 'a good long password\n' })),
      runCli(['user', 'add', 'bob', '--pin', '4711'], here({ env: { CELLWRIGHT_NEW_PASSWORD: 'another long password' } })),
    ])
    expect(ann.json).toMatchObject({ userName: 'ann', name: 'Ann B.', role: 'engineer', hasPin: false })
    expect(bob).toMatchObject({ code: 0, out: 'bob (bob) was added as operator.\n' })
    expect(await runCli(['user', 'add', 'ann', '--pin', '4712'], here())).toMatchObject({ code: 2, err: expect.stringContaining('taken') })
    expect((await done('user', 'list')).out).toMatch(/^USER +NAME +ROLE +PIN +STATE +SESSIONS +LAST SIGN-IN\nann +Ann B\. +engineer +no +active +0 +never\n/)
    // the new line is no part of the password
    const signIn = await fetch(`${product.client.access.url}/api/auth/sign-in/username`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-cellwright': '1' },
      body: JSON.stringify({ username: 'ann', password: 'a good long password' }),
    })
    expect(signIn.status).toBe(200)
    expect((await done('user', 'sessions', 'ann')).out).toMatch(/^BROWSER/)
    expect((await done('user', 'sign-out', 'ann')).out).toBe('ann: 1 ended.\n')
    expect((await done('user', 'link', 'bob')).out).toMatch(/^http\S+\/welcome#[\w-]{40,}\n$/)
    expect((await done('role', 'list')).out).toMatch(/\noperator +operator +machines\.view/)
  })

  it('makes a token that works within its role until it is revoked', async () => {
    const made = await done('token', 'create', 'panel display', '--role', 'viewer', '--days', '3', '--json')
    const { token, info } = made.json as { token: string; info: { id: string } }
    const as = (...args: string[]) => runCli(args, { env: { CELLWRIGHT_URL: product.client.access.url, CELLWRIGHT_TOKEN: token } })
    expect(await as('machine', 'list')).toMatchObject({ code: 0 })
    expect(await as('machine', 'add', 'own', '--virtual')).toMatchObject({ code: 2, err: expect.stringMatching(/^Your role does not include/) })
    const listed = await done('token', 'list')
    expect(listed.out).toContain('panel display')
    expect(listed.out).not.toContain(token)
    await done('token', 'revoke', info.id)
    expect(await as('machine', 'list')).toMatchObject({ code: 2, err: expect.stringContaining('revoked') })
    expect((await done('token', 'create', 'plain')).out).toMatch(/^cw_\S+\n$/)
  })
})

describe('machines', () => {
  it('adds, lists, shows and removes a machine', async () => {
    const added = await done('machine', 'add', 'router', '--virtual', '--name', 'Router 1', '--json')
    expect(added.json).toMatchObject({ id: 'router', name: 'Router 1', isVirtual: true, guard: 'running' })
    // the next command finds a machine that takes it
    expect(added.json.state).toMatchObject({ link: 'connected', controller: 'idle', modal: expect.arrayContaining(['G54']) })
    const [list, status, json] = await Promise.all([
      done('machine', 'list'),
      done('machine', 'status', 'router'),
      done('machine', 'status', 'router', '--json'),
    ])
    expect(list.out).toMatch(/^ID +NAME +KIND +STATE +JOB\n/)
    expect(list.out).toMatch(/^router +Router 1 +VIRTUAL +idle$/m)
    expect(status.out).toMatch(/^Router 1 \(router\), a VIRTUAL machine: idle\nwork position +0\.000 0\.000 0\.000 mm\n/)
    expect(json.json).toMatchObject({ id: 'router', state: { isStanding: true } })
    await done('machine', 'remove', 'router')
    expect(await cli('machine', 'status', 'router')).toMatchObject({ code: 2, err: 'There is no machine "router".\n' })
  })

  it('takes settings from a file, and names what is wrong in it', async () => {
    const settings = {
      name: 'Real mill',
      link: { kind: 'tcp', host: '127.0.0.1', port: 1 },
      envelopeMm: { min: [0, 0, 0], max: [1, 1, 1] },
      whenRequesterGone: 'hold',
    }
    const write = (name: string, value: unknown) => writeProgram(dir, name, typeof value === 'string' ? value : JSON.stringify(value))
    const cases: [string, unknown, RegExp][] = [
      ['odd-link.json', { ...settings, link: { kind: 'usb' } }, /\/link\/kind must be one of "virtual", "serial", "tcp"/],
      ['odd-port.json', { ...settings, link: { kind: 'tcp', host: 'h', port: '23' } }, /not valid: \/link\/port must be integer\.$/],
      ['broken.json', '{"name": ', /broken\.json is not valid JSON/],
      ['list.json', [], /must hold one JSON object/],
    ]
    await Promise.all(
      cases.map(async ([name, value, message]) => {
        const refused = await cli('machine', 'add', 'real', '--json', '--file', await write(name, value))
        expect(refused.code).toBe(2)
        expect((refused.json as { error: { message: string } }).error.message).toMatch(message)
      }),
    )
    expect(await cli('machine', 'add', 'real', '--file', join(dir, 'nowhere.json'))).toMatchObject({
      code: 2,
      err: `There is no file ${join(dir, 'nowhere.json')}.\n`,
    })
    expect(await cli('machine', 'add', 'real')).toMatchObject({ code: 2, err: expect.stringContaining('--virtual') })
    expect(await cli('machine', 'add', 'Real 1', '--virtual')).toMatchObject({ code: 2, err: expect.stringContaining('lower case letters') })
    expect(await cli('machine', 'add', 'mill', '--virtual')).toMatchObject({ code: 2, err: expect.stringContaining('already') })
    expect((await done('machine', 'list', '--json')).json).toHaveLength(2)
  })
})

/** Long enough for whatever is done meanwhile: 50 ms a line. */
const LONG = 4000
/** The job that was begun last on a machine, once it has sent some lines. */
const underWay = (machineId: string): Promise<Job> =>
  until(`a program under way on ${machineId}`, 60_000, async () =>
    (await product.client.call(listJobs, { query: { machineId } })).find((job) => job.state === 'active' && (job.progress?.done ?? 0) > 0),
  )
const stateOf = async (machineId: string) => (await product.client.call(getMachine, { params: { machineId } })).state
const becomes = (machineId: string, controller: string) =>
  until(`${machineId} to be in ${controller}`, 30_000, async () => ((await stateOf(machineId))?.controller === controller ? true : undefined))

describe('programs on a machine', () => {
  it('runs a program to its end and tells what came of it', async () => {
    const file = await writeProgram(dir, 'short.nc', zigzag(12))
    const [json, text] = await Promise.all([done('program', 'run', file, '--machine', 'mill', '--json'), done('program', 'run', file, '--machine', 'lathe')])
    expect(json.err).toBe('')
    expect(json.json).toMatchObject({
      name: 'short.nc',
      state: 'completed',
      machineId: 'mill',
      outcome: { linesSent: 15, linesAcknowledged: 15, totalLines: 15 },
    })
    expect(text.out).toMatch(/^All 15 lines were run/)
    const { id } = json.json as { id: string }
    expect((await done('jobs', 'show', id)).out).toContain('short.nc, completed')
    expect((await done('jobs', 'list', '--machine', 'mill')).out).toContain(id)
    expect((await done('program', 'list')).out).toMatch(/short\.nc +1 +15 /)
  })

  it('returns at once with --no-wait', async () => {
    const file = await writeProgram(dir, 'later.nc', zigzag(2))
    const queued = await done('program', 'run', file, '--machine', 'mill', '--no-wait', '--json')
    const { id } = queued.json as Job
    await until('its end', 60_000, async () => ((await product.client.call(getJob, { params: { jobId: id } })).state === 'completed' ? true : undefined))
  })

  it('can be held in the middle, resumed, and stopped', async () => {
    const running = startCli(['program', 'run', await writeProgram(dir, 'long.nc', zigzag(LONG)), '--machine', 'mill'], here())
    await underWay('mill')
    expect((await done('hold', 'mill')).out).toMatch(/^Hold sent at .*does not replace the hardware emergency stop/)
    await becomes('mill', 'hold')
    expect((await done('machine', 'status', 'mill')).out).toMatch(new RegExp(`: hold\\n[\\s\\S]*long\\.nc: holding, line \\d+ of ${LONG + 3}`))
    await until('the follower to say so', 30_000, () => (/held at line \d+ of \d+/.test(running.err) ? true : undefined))
    expect((await done('resume', 'mill', '--json')).json).toEqual({ ok: true })
    await becomes('mill', 'run')
    expect((await done('stop', 'mill', '--json')).json).toMatchObject({ ok: true, sentAt: expect.stringMatching(/^\d{4}-/) })
    const ended = await running.ended
    expect(ended).toMatchObject({ code: 1, out: '' })
    expect(ended.err).toMatch(/long\.nc: stopped\. Stopped by command line at line \d+/)
    expect(isPlain(ended)).toBe(true)
    await becomes('mill', 'idle')
    expect(await cli('resume', 'mill')).toMatchObject({ code: 2, err: expect.stringContaining('no hold to resume from') })
  })

  it('holds the machine when the person leaves with Ctrl-C; a job that only waits is cancelled instead', async () => {
    const file = await writeProgram(dir, 'long.nc', zigzag(LONG))
    const running = startCli(['program', 'run', file, '--machine', 'lathe', '--json'], here())
    const job = await underWay('lathe')
    const waiting = startCli(['program', 'run', file, '--machine', 'lathe'], here())
    await until('it to wait', 60_000, () => (waiting.err.includes('waiting for the machine') ? true : undefined))
    waiting.child.kill('SIGINT')
    expect(await waiting.ended).toMatchObject({ code: 2, out: '', err: expect.stringContaining('The machine was not started') })
    expect((await stateOf('lathe'))?.controller).toBe('run')

    running.child.kill('SIGINT')
    const left = await running.ended
    expect(left.code).toBe(2)
    expect(left.json).toMatchObject({
      error: { code: 'held', message: expect.stringMatching(/told to hold.*cellwright resume lathe/), details: { job: { id: job.id } } },
    })
    await becomes('lathe', 'hold')
    await expect.poll(async () => (await stateOf('lathe'))?.job).toMatchObject({ jobId: job.id, phase: 'holding' })
    await done('stop', 'lathe')
    await until('the end of the job', 30_000, async () =>
      (await product.client.call(getJob, { params: { jobId: job.id } })).state === 'stopped' ? true : undefined,
    )
  })

  it('says loudly when it cannot hold the machine', async () => {
    const running = startCli(['program', 'run', await writeProgram(dir, 'long.nc', zigzag(LONG)), '--machine', 'lathe'], here())
    await underWay('lathe')
    const gateway = await product.pidOf('gateway')
    process.kill(gateway, 'SIGSTOP')
    try {
      running.child.kill('SIGINT')
      // the second one, well after the first, is insistence; where both come at once the command tries for 20 s
      await new Promise((resolve) => setTimeout(resolve, 2_000))
      running.child.kill('SIGINT')
      expect(await running.ended).toMatchObject({ code: 1, err: expect.stringMatching(/could NOT be held.*may still be moving.*emergency stop/) })
    } finally {
      process.kill(gateway, 'SIGCONT')
    }
    await product.client.call(stopMachine, { params: { machineId: 'lathe' }, body: { hard: false } })
    await becomes('lathe', 'idle')
  })

  it('tells why a program does not run: code 2 for a file that is none, code 1 with the line for one that the guard refuses', async () => {
    const run = (file: string, ...more: string[]) => cli('program', 'run', file, '--machine', 'mill', ...more)
    expect(await run(join(dir, 'nowhere.nc'))).toMatchObject({ code: 2, err: `There is no file ${join(dir, 'nowhere.nc')}.\n` })
    expect(await run(dir)).toMatchObject({ code: 2, err: `${dir} is a folder, not a file.\n` })
    expect(await run(await writeProgram(dir, 'empty.nc', ''))).toMatchObject({ code: 2, err: expect.stringContaining('empty') })
    const outside = await run(await writeProgram(dir, 'outside.nc', 'G21 G90\nG0 X10\nG0 X900\n'), '--json')
    expect(outside).toMatchObject({ code: 1, err: '' })
    expect(outside.json).toMatchObject({
      error: { code: 'job-failed', message: expect.stringMatching(/Line 3 .*X would reach 900/), details: { job: { state: 'failed' } } },
    })
    expect(await cli('program', 'run', join(dir, 'short.nc'), '--machine', 'nothing')).toMatchObject({ code: 2, err: 'There is no machine "nothing".\n' })
  })

  it('checks a program as the guard does, without a server', async () => {
    const alone = (...args: string[]) => runCli(['program', 'check', ...args], { env: { CELLWRIGHT_DATA: dir } })
    const plate = join(root, 'flows', 'cut-a-part', 'programs', 'bearing-plate.nc')
    const machine = await writeProgram(
      dir,
      'small.json',
      JSON.stringify({
        name: 'Small',
        link: { kind: 'virtual', timeScale: 1 },
        envelopeMm: { min: [-20, -20, -60], max: [100, 100, 40] },
        whenRequesterGone: 'finish',
      }),
    )
    const [good, outside, shifted, refused] = await Promise.all([
      alone(plate, '--json'),
      alone(plate, '--machine-file', machine),
      alone(plate, '--machine-file', machine, '--work-offset', '-5,0,0', '--json'),
      alone(await writeProgram(dir, 'no-feed.nc', 'G21\nG1 X5\n')),
    ])
    expect(good.json).toMatchObject({ lines: 759, isEnvelopeChecked: false, extentsMm: { max: [104, 84, 15] } })
    expect(outside).toMatchObject({ code: 2, err: expect.stringMatching(/^bearing-plate\.nc cannot be run\.\nLine \d+, column \d+: X would reach/) })
    expect(shifted.json).toMatchObject({ isEnvelopeChecked: true })
    expect(refused).toMatchObject({ code: 2, err: expect.stringMatching(/\nLine 2, column 4: No feed/) })
  })
})

const cell = [
  { id: 'cell', type: 'tab', label: 'Cell 1', disabled: false, info: '', env: [] },
  { id: 'cell-mill', type: 'cw-machine', name: '', machineId: 'mill' },
  {
    id: 'hold',
    type: 'cw-machine-command',
    z: 'cell',
    name: 'hold',
    machine: 'cell-mill',
    command: 'hold',
    x: 300,
    y: 120,
    wires: [[]],
  },
  {
    id: 'begin',
    type: 'inject',
    z: 'cell',
    name: 'begin',
    once: true,
    props: [{ p: 'payload' }],
    payload: 'cell-mill',
    payloadType: 'str',
    x: 100,
    y: 60,
    wires: [['end']],
  },
  { id: 'end', type: 'debug', z: 'cell', name: 'end', active: true, tosidebar: true, complete: 'payload', targetType: 'msg', x: 300, y: 60, wires: [] },
]
// biome-ignore lint/suspicious/noExplicitAny: flow JSON of any type
type Node = Record<string, any> & { id: string; type: string }
const deployed = async () => (await product.client.call(getFlows, {})).flows as Node[]

describe('flows and runs', () => {
  it('deploys, lists, exports and imports flows; an import gets new ids and keeps what only reads like one', async () => {
    const file = await writeProgram(dir, 'cell.json', JSON.stringify(cell))
    expect((await done('flow', 'deploy', file, '--comment', 'first', '--json')).json).toEqual({ rev: expect.any(String), versionId: expect.any(String) })
    expect((await done('flow', 'list')).out).toMatch(/^ID +NAME +NODES +STATE\ncell +Cell 1 +3 +enabled\n$/)
    const out = join(dir, 'out.json')
    expect((await done('flow', 'export', out, '--json')).json).toMatchObject({ file: out, nodes: 5 })
    expect(JSON.parse(await readFile(out, 'utf8'))).toEqual(cell)
    expect(JSON.parse((await done('flow', 'export')).out)).toEqual(cell)

    expect((await done('flow', 'import', out, '--json')).json).toMatchObject({ added: 5 })
    const all = await deployed()
    expect(all.slice(0, 5)).toEqual(cell)
    const [tab, machine, hold, begin, end] = all.slice(5) as [Node, Node, Node, Node, Node]
    expect(new Set(all.map(({ id }) => id)).size).toBe(10)
    expect(machine).toMatchObject({ type: 'cw-machine', machineId: 'mill' })
    expect(hold).toMatchObject({ z: tab.id, machine: machine.id, command: 'hold' })
    expect(begin).toMatchObject({ z: tab.id, wires: [[end.id]], payload: 'cell-mill' })
    expect(end.z).toBe(tab.id)
  })

  it('refuses what cannot be deployed, says where, and leaves the flows as they were', async () => {
    const before = await deployed()
    const { rev } = await product.client.call(getFlows, {})
    const write = (name: string, value: unknown) => writeProgram(dir, name, typeof value === 'string' ? value : JSON.stringify(value))
    const [first, ...others] = cell
    const refusals: [string, RegExp][] = [
      [await write('cut.json', JSON.stringify(cell).slice(0, -20)), /cut\.json is not valid JSON/],
      [await write('object.json', { flows: cell }), /must be an array of nodes/],
      [await write('no-id.json', [first, { type: 'debug' }]), /entry 2 is no node/],
      [await write('unknown.json', [...cell, { id: 'u', type: 'plasma-cutter', z: 'cell', wires: [] }]), /plasma-cutter.*not installed/],
      [await write('two.json', [...others, { id: 'm', type: 'cw-machine' }]), /and \d more\) Nothing was changed\.\n {2}\S[\s\S]*\n {2}.*Machine is missing/],
    ]
    await Promise.all(
      refusals.map(async ([file, message]) => {
        const refused = await cli('flow', 'deploy', file)
        expect(refused).toMatchObject({ code: 2, out: '', err: expect.stringMatching(message) })
        expect(isPlain(refused)).toBe(true)
      }),
    )
    const stale = await cli('flow', 'deploy', join(dir, 'cell.json'), '--rev', 'older', '--json')
    expect(stale.json).toMatchObject({ error: { code: 'version-mismatch', details: { rev } } })
    expect(await cli('flow', 'export', join(dir, 'no-folder', 'x.json'))).toMatchObject({ code: 2, err: expect.stringContaining('folder does not exist') })
    expect(await deployed()).toEqual(before)
  })

  it('lists and shows the runs that flows made', async () => {
    const list = await until('a run of the flow', 30_000, async () => {
      const { json } = await done('runs', 'list', '--limit', '5', '--json')
      return (json as { id: string; state: string; trigger: { nodeName?: string } }[]).find(
        (run) => run.trigger.nodeName === 'begin' && run.state === 'completed',
      )
    })
    expect((await done('runs', 'list')).out).toMatch(/^RUN +STARTED +STATE +TRIGGER +WHAT\nrun_/)
    const [text, json] = await Promise.all([done('runs', 'show', list.id), done('runs', 'show', list.id, '--json')])
    expect(text.out).toMatch(/completed[\s\S]*begun .* by begin in "Cell 1"[\s\S]*ms {2}end: completed/)
    expect(json.json).toMatchObject({ id: list.id, detail: expect.any(Array) })
    expect(await cli('runs', 'show', 'run_nothing')).toMatchObject({ code: 2, err: expect.stringMatching(/^There is no such run/) })
  })

  it('finds runs by words, hands one out whole, and sends its message again', async () => {
    const [found] = (await done('runs', 'list', '--search', 'BEGIN', '--state', 'completed', '--limit', '1', '--json')).json as { id: string }[]
    expect((await done('runs', 'list', '--search', 'nothing of the kind')).out).toMatch(/No run matches/)
    const runId = found?.id as string
    expect((await done('runs', 'export', runId, '--json')).json).toMatchObject({ format: 'cellwright-run', run: { id: runId }, messages: expect.any(Array) })
    const again = (await done('runs', 'replay', runId, '--json')).json as { runId: string }
    await until('the end of the replay', 30_000, async () => {
      const { json } = await done('runs', 'show', again.runId, '--json')
      return (json as { state: string; replayOf: string }).state === 'completed' && (json as { replayOf: string }).replayOf === runId ? true : undefined
    })
  })
})

describe('when the server is started anew', () => {
  it('goes on following a program with the new token, and the program goes on', async () => {
    const before = product.client.access.token
    const running = startCli(['program', 'run', await writeProgram(dir, 'over.nc', zigzag(200)), '--machine', 'mill', '--json'], here())
    await underWay('mill')
    process.kill(await product.pidOf('gateway'), 'SIGKILL')
    const ended = await running.ended
    expect(ended.code).toBe(0)
    expect(ended.json).toMatchObject({ state: 'completed', outcome: { totalLines: 203, linesAcknowledged: 203 } })
    await until('the server to be there again', 30_000, () => done('machine', 'list'))
    expect(JSON.parse(await readFile(join(product.dataDir, 'cli-access.json'), 'utf8')).token).not.toBe(before)
  })
})

describe('version', () => {
  it('tells this program and its schema, and those of the server', async () => {
    const { json } = await runCli(['version', '--json'], { env: { CELLWRIGHT_DATA: product.dataDir } })
    expect(json).toMatchObject({ version: json.server.version, schema: json.server.schema.newest, node: process.versions.node })
    expect(json.schema).toBe(Object.keys(MIGRATIONS).sort().at(-1))
    const alone = await runCli(['version'], { env: { CELLWRIGHT_DATA: join(dir, 'nobody') } })
    expect(alone).toMatchObject({ code: 0, out: expect.stringContaining('No server of this data directory answers') })
  })
})

describe('service', () => {
  it('prints the unit without changing anything; a wrong setting is said before', async () => {
    const { json, code } = await runCli(['service', 'install', '--dry-run', '--port', '443', '--data', '/srv/shop', '--json'])
    expect(code).toBe(0)
    expect(json.unitText).toContain('CAP_NET_BIND_SERVICE')
    expect(json.unitText).toContain('ReadWritePaths="/srv/shop"')
    expect(json.envText).toContain('CELLWRIGHT_PORT=443')
    expect(await runCli(['service', 'install', '--dry-run', '--data', 'here'])).toMatchObject({ code: 2, err: expect.stringContaining('the whole path') })
    expect(await runCli(['service', 'logs', '../keys/guards'])).toMatchObject({ code: 2, err: expect.stringContaining('There is no log of') })
  })
})

describe('start', () => {
  it('does not start a second server on a data directory in use, and says so', async () => {
    const second = await runCli(['start'], { env: { CELLWRIGHT_DATA: product.dataDir, CELLWRIGHT_PORT: '0' } })
    expect(second.code).toBe(1)
    expect(second.err).toContain(product.dataDir)
    expect(await runCli(['start', '--json'], { env: { CELLWRIGHT_DATA: product.dataDir, CELLWRIGHT_LOG_LEVEL: 'loud' } })).toMatchObject({ code: 2 })
    await done('machine', 'list')
  })

  it('runs until Ctrl-C', async () => {
    const dataDir = join(dir, 'own')
    const server = startCli(['start', '--json'], { env: { CELLWRIGHT_DATA: dataDir, CELLWRIGHT_PORT: '0' } })
    let first = ''
    server.child.stdout?.on('data', (chunk: Buffer) => {
      first += chunk
    })
    // with a whole database to make
    await until('its address', 100_000, () => first.includes('\n') || server.child.exitCode !== null)
    const { url, setupUrl } = JSON.parse(first) as { url: string; setupUrl: string }
    expect(setupUrl).toMatch(/\/setup\?code=/)
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
    server.child.kill('SIGINT')
    expect((await server.ended).code).toBe(0)
    expect(existsSync(join(dataDir, 'cli-access.json'))).toBe(false)
  })
})

describe('the demo', () => {
  it('runs the whole job, prints one JSON object last, and leaves the confirmation to be looked at', async () => {
    const { code, out, err } = await demo
    expect(err).toContain('Kept: ')
    expect(code).toBe(0)
    const result = JSON.parse(out) as Record<string, unknown>
    expect(Object.keys(result)).toEqual(['workOrder', 'jobId', 'runId', 'linesSent', 'linesAcknowledged', 'checkPassed', 'confirmationFile', 'durationMs'])
    expect(result).toMatchObject({ workOrder: 'WO-2041', linesSent: 759, linesAcknowledged: 759, checkPassed: true })
    const file = result.confirmationFile as string
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ workOrder: 'WO-2041' })
    // nothing else of a whole database
    const shop = dirname(dirname(file))
    expect(await readdir(dirname(shop))).toEqual([basename(shop)])
    expect(dirname(dirname(shop))).toBe(dir)
  })
})
