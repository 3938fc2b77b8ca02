/** The typed client as a program of somebody else: the package as it is published, compiled against, and run against a gateway. */
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildClient } from '../build/client.ts'
import { ROUTES } from '../server/api/index.ts'
import { startTestGateway, type TestGateway } from '../server/testing.ts'
import { root } from './product.ts'

const run = promisify(execFile)
let folder: string

/** Runs a program in the folder where the package is installed. */
async function program(text: string, env: Record<string, string> = {}): Promise<string> {
  const file = join(folder, 'program.mjs')
  await writeFile(file, text)
  const { stdout } = await run(process.execPath, [file], { env: { ...process.env, ...env }, timeout: 60_000 })
  return stdout.trim()
}

/** What the compiler says of a program; empty when it is content. */
async function compile(text: string): Promise<string> {
  await writeFile(join(folder, 'program.ts'), text)
  const options = ['--noEmit', '--strict', '--target', 'es2023', '--lib', 'es2023,dom', '--module', 'nodenext', '--types', '']
  try {
    await run(process.execPath, [join(root, 'node_modules/typescript-native/bin/tsc'), ...options, 'program.ts'], { cwd: folder })
    return ''
  } catch (error) {
    return (error as { stdout: string }).stdout
  }
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cw-client-'))
  await mkdir(join(folder, 'node_modules/@cellwright'), { recursive: true })
  await buildClient(join(folder, 'node_modules/@cellwright/client'))
  await writeFile(join(folder, 'package.json'), '{"type":"module"}')
}, 60_000)
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('for the compiler', () => {
  it('has a function for every route', async () => {
    const names = JSON.parse(await program(`import * as all from '@cellwright/client'; console.log(JSON.stringify(Object.keys(all)))`)) as string[]
    expect(names).toEqual(expect.arrayContaining([...ROUTES.map(({ id }) => id), 'connect', 'listen', 'Refusal']))
  })

  it('knows what a route takes and answers, and what a topic tells', async () => {
    const right = `
      import { addAccount, connect, listen, listMachines } from '@cellwright/client'
      const client = connect({ url: 'https://shop:8470', token: 'cw_x' })
      const { data } = await listMachines({ client })
      const names: string[] = data.map((machine) => machine.name)
      await addAccount({ client, body: { userName: 'otto', name: 'Otto', role: 'operator' } })
      const end: () => void = listen(client, 'machines', { onSnapshot: (all) => names.push(...all.map(({ id }) => id)), onChange: ({ name }) => names.push(name) })
      end()
      export {}
    `
    expect(await compile(right)).toBe('')
    expect(await compile(right.replace("'operator'", '7'))).toMatch(/'number' is not assignable to type 'string'/)
    expect(await compile(right.replace("'machines'", "'machine'"))).toMatch(/"machine"' is not assignable/)
    expect(await compile(right.replace('machine.name', 'machine.nmae'))).toMatch(/nmae/)
  })
})

describe('against a gateway', () => {
  let test: TestGateway
  let access: Record<string, string>
  beforeAll(async () => {
    test = await startTestGateway()
    access = { URL_OF: test.url, TOKEN: await test.tokenFor('admin') }
  }, 60_000)
  afterAll(() => test?.close())
  const opening = `import { addAccount, connect, getEnvironment, listAccounts, listen, Refusal, setEnvironment } from '@cellwright/client'
    const client = connect({ url: process.env.URL_OF, token: process.env.TOKEN })\n`

  it('calls with the rights of its token', async () => {
    const answer = await program(
      `${opening}
      const { data: made } = await addAccount({ client, body: { userName: 'otto', name: 'Otto Operator', role: 'operator', pin: '4711' } })
      const { data: all } = await listAccounts({ client })
      console.log(made.name, all.some(({ id }) => id === made.id))`,
      access,
    )
    expect(answer).toBe('Otto Operator true')
  })

  it('throws what the server refuses, with its code and its words', async () => {
    const nobody = createServer().listen(0, '127.0.0.1')
    await once(nobody, 'listening')
    const { port } = nobody.address() as AddressInfo
    await new Promise((resolve) => nobody.close(resolve))
    const answer = JSON.parse(
      await program(
        `${opening}
        const told = async (call) => call.then(() => 'done', (error) => ({ is: error instanceof Refusal, code: error.code, status: error.status, message: error.message }))
        console.log(JSON.stringify([
          await told(addAccount({ client, body: { userName: 'x', name: 'X', role: 'operator' } })),
          await told(listAccounts({ client: connect({ url: process.env.URL_OF, token: 'cw_wrong' }) })),
          await told(listAccounts({ client: connect({ url: process.env.NOBODY, token: 'cw_wrong' }) })),
        ]))`,
        { ...access, NOBODY: `http://127.0.0.1:${port}` },
      ),
    )
    expect(answer).toMatchObject([
      { is: true, code: 'invalid-input', status: 400 },
      { is: true, status: 401 },
      { is: true, code: 'unreachable', status: 0, message: expect.stringContaining('ECONNREFUSED') },
    ])
  })

  it('listens: all of it, what changes, and that it may not', async () => {
    const viewer = await test.tokenFor('viewer')
    const answer = JSON.parse(
      await program(
        `${opening}
        const told = []
        await new Promise((resolve) => {
          const end = listen(client, 'environment', {
            onSnapshot: async ({ kind }) => { told.push(kind); await setEnvironment({ client, body: { kind: 'test', name: 'Bench' } }) },
            onChange: ({ kind, name }) => { told.push(kind + ' ' + name); end(); resolve() },
          })
        })
        await new Promise((resolve) => {
          listen(connect({ url: process.env.URL_OF, token: process.env.VIEWER }), 'system', {
            onSnapshot: () => told.push('wrong'), onChange: () => told.push('wrong'),
            onRefused: ({ code }) => { told.push(code); resolve() },
          })
        })
        console.log(JSON.stringify(told))`,
        { ...access, VIEWER: viewer },
      ),
    )
    expect(answer).toEqual(['unmarked', 'test Bench', expect.stringMatching(/forbidden|not-allowed|denied/)])
  })
})
