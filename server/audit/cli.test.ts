/** `cellwright audit`: against a live gateway, and with an exported file where there is none. */
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../testing.ts'

let shop: TestGateway
const root = join(import.meta.dirname, '../..')
const dir = mkdtempSync(join(tmpdir(), 'cw-audit-cli-'))
const file = join(dir, 'log.jsonl')
beforeAll(async () => {
  shop = await startTestGateway()
})
afterAll(async () => {
  await shop?.close()
  rmSync(dir, { recursive: true, force: true })
})

interface Outcome {
  code: number
  out: string
  err: string
}
function cli(args: string[], access = { url: shop.url, token: shop.gateway.localToken }): Promise<Outcome> {
  const env = {
    PATH: process.env.PATH,
    CELLWRIGHT_DATA: dir,
    CELLWRIGHT_URL: access.url,
    CELLWRIGHT_TOKEN: access.token,
    NODE_COMPILE_CACHE: join(root, '.cache', 'compile'),
  }
  return new Promise((resolve) =>
    execFile(process.execPath, [join(root, 'server/cli/main.ts'), 'audit', ...args], { env }, (error, out, err) =>
      resolve({ code: error ? Number(error.code) : 0, out, err }),
    ),
  )
}

test('lists, verifies and exports; an exported file is verified without a server', async () => {
  expect(await cli(['export', file])).toMatchObject({ code: 0 })
  // it is written behind the answer
  await expect.poll(async () => (await cli(['list', '--action', 'export'])).out).toMatch(/command line, token "command line", .*audit\.export/)
  const live = await cli(['verify', '--json'])
  expect(live.code).toBe(0)
  const verdict = JSON.parse(live.out) as { fingerprint: string }
  expect(verdict).toMatchObject({ isWhole: true, checked: 1 })
  await cli(['export', file])
  const nowhere = { url: 'http://127.0.0.1:1', token: 'cw_none' }
  expect(await cli(['verify', file, '--key', verdict.fingerprint], nowhere)).toMatchObject({
    code: 0,
    out: expect.stringContaining('is whole: 1 entry') as string,
  })
  writeFileSync(file, readFileSync(file, 'utf8').replace('"who":"local"', '"who":"eve"'))
  expect(await cli(['verify', file], nowhere)).toMatchObject({
    code: 1,
    out: expect.stringMatching(/NOT whole\. Entry 1 \(.*, eve, audit\.export.*\) was changed/) as string,
  })
})

test('says and sets how long it is kept, and refuses what is no age; a table is not taken for a proof', async () => {
  expect((await cli(['keep'])).out).toContain('Every entry is kept.')
  expect(await cli(['keep', '7'])).toMatchObject({ code: 2, err: expect.stringContaining('from 30 to 36500') as string })
  expect(await cli(['keep', '3650', '--reason', 'by the manual'])).toMatchObject({
    code: 0,
    out: expect.stringContaining('kept for 3650 days (set by') as string,
  })
  await expect.poll(async () => (await cli(['list', '--from', '1h', '--action', 'audit.retention'])).out).toContain('audit.retention')
  expect(await cli(['verify', 'log.csv'])).toMatchObject({ code: 2, err: expect.stringContaining('is a table') as string })
})

test('a live log that somebody has changed is not whole', async () => {
  const client = new Client({ connectionString: shop.postgres.database })
  await client.connect()
  await client.query('set session_replication_role = replica')
  await client.query(`update audit set action = 'something harmless' where seq = 1`)
  await client.end()
  expect(await cli(['verify'])).toMatchObject({ code: 1, out: expect.stringMatching(/NOT whole\. Entry 1 .* was changed/) as string })
})
