import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ownTime } from '../../base/own-time.ts'
import { startTestGateway, type TestGateway } from '../testing.ts'

let shop: TestGateway
let files: string
beforeAll(async () => {
  shop = await startTestGateway()
  files = join(shop.init.config.dataDir, 'files', 'programs')
})
afterAll(() => shop?.close())

const upload = (name: string, body: string | Buffer) => shop.admin(`/api/programs?name=${encodeURIComponent(name)}`, { method: 'POST', body })
const list = async () => (await shop.admin('/api/programs')).json as { id: string; name: string }[]
const leftovers = () => (existsSync(join(files, 'incoming')) ? readdirSync(join(files, 'incoming')) : [])

test('a program is stored by its content and read back line by line', async () => {
  const text = 'G21\r\nG90 (Fräsen)\nG0 X1\nM2'
  const { status, json } = await upload('Plate 1.nc', text)
  const sha256 = createHash('sha256').update(text).digest('hex')
  expect(status).toBe(201)
  expect(json).toMatchObject({ name: 'Plate 1.nc', sha256, lines: 4, bytes: Buffer.byteLength(text), uploadedBy: 'local' })
  const file = join(files, sha256.slice(0, 2), sha256)
  expect(readFileSync(file, 'utf8')).toBe(text)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  const lines = async (query: string) => (await shop.admin(`/api/programs/${json.id}/lines?${query}`)).json
  expect(await lines('')).toEqual({ from: 1, totalLines: 4, lines: ['G21', 'G90 (Fräsen)', 'G0 X1', 'M2'] })
  expect(await lines('from=2&count=2')).toEqual({ from: 2, totalLines: 4, lines: ['G90 (Fräsen)', 'G0 X1'] })
  expect((await lines('from=4')).lines).toEqual(['M2'])
  expect((await lines('from=5')).lines).toEqual([])
})

test('lines of a large program are found across the pieces it is read in', async () => {
  const text = Array.from({ length: 60_000 }, (_, i) => `N${i + 1} G1 X${i / 1000}`).join('\n')
  const { json } = await upload('large', `${text}\n`)
  expect(json.lines).toBe(60_000)
  const all: string[] = []
  for (let from = 1; from <= 60_000; from += 2000) all.push(...(await shop.admin(`/api/programs/${json.id}/lines?from=${from}&count=2000`)).json.lines)
  expect(all.join('\n')).toBe(text)
})

describe('revisions', () => {
  test('the same content under the same name is one program, also at once; under another name a second', async () => {
    const answers = await Promise.all([upload('twin', 'G0 X1\n'), upload('twin', 'G0 X1\n'), upload('other', 'G0 X1\n')])
    const [a, b, c] = answers.map(({ json }) => json)
    expect(a.id).toBe(b.id)
    expect(c.id).not.toBe(a.id)
    expect([a.revision, b.revision, c.revision]).toEqual([1, 1, 1])
  })

  test('other content under the same name is the next revision, and the name stands for the newest', async () => {
    const answers = await Promise.all(['A', 'B', 'C', 'D'].map((word) => upload('part', `(${word})\n`)))
    expect(answers.map(({ json }) => json.revision).sort()).toEqual([1, 2, 3, 4])
    const newest = answers.find(({ json }) => json.revision === 4)?.json
    const all = (await shop.admin('/api/programs')).json.filter(({ name }: { name: string }) => name === 'part')
    expect(all.map(({ revision }: { revision: number }) => revision)).toEqual([4, 3, 2, 1])
    // what stood there before is uploaded again: it is the newest now
    const again = await upload('part', `(${['A', 'B', 'C', 'D'][answers.findIndex(({ json }) => json.revision === 2)]})\n`)
    expect(again.json).toMatchObject({ revision: 5 })
    expect(again.json.id).not.toBe(newest.id)
  })

  test('a removed revision frees its content, not its number', async () => {
    const first = (await upload('renewed', 'M2\n')).json
    await shop.admin(`/api/programs/${first.id}`, { method: 'DELETE' })
    expect((await upload('renewed', 'M2\n')).json.revision).toBe(2)
  })
})

describe('the file', () => {
  test('comes back as it was uploaded, for saving, and only once to who has it', async () => {
    const bytes = Buffer.from('\ufeffG21\r\nG0 X1 (Fräsen)\n')
    const { json } = await upload('Teil "ä";\r\n../1.nc', bytes)
    const file = await shop.admin(`/api/programs/${json.id}/file`)
    expect(Buffer.from(file.text, 'utf8')).toEqual(bytes)
    expect(file.headers).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'content-length': String(bytes.length),
      'content-disposition': `attachment; filename="Teil ___;__.._1.nc"; filename*=UTF-8''Teil%20_%C3%A4_%3B__.._1.nc`,
      'x-content-type-options': 'nosniff',
    })
    const again = await shop.admin(`/api/programs/${json.id}/file`, { headers: { 'if-none-match': String(file.headers.etag) } })
    expect([again.status, again.text]).toEqual([304, ''])
  })

  test('a reader that goes away half-way leaves no open file and no error', async () => {
    const { json } = await upload('long', 'G1 X1.000 Y2.000 Z3.000 F100\n'.repeat(700_000))
    await new Promise<void>((resolve, reject) => {
      const half = request(`${shop.url}/api/programs/${json.id}/file`, { headers: { authorization: `Bearer ${shop.gateway.localToken}` } }, (response) => {
        response.once('data', () => {
          response.destroy()
          resolve()
        })
        response.on('error', () => {})
      })
      half.on('error', reject)
      half.end()
    })
    expect((await shop.admin(`/api/programs/${json.id}/file`)).text).toHaveLength(json.bytes)
  })

  test('one that is lost is said so, and an unknown program too', async () => {
    expect(await shop.admin('/api/programs/prg_none/file')).toMatchObject({ status: 404, json: { code: 'program-not-found' } })
    const { json } = await upload('lost', '(lost)\n')
    rmSync(join(files, json.sha256.slice(0, 2), json.sha256))
    expect(await shop.admin(`/api/programs/${json.id}/file`)).toMatchObject({ status: 503, json: { code: 'file-missing' } })
  })
})

describe('what is not a program is refused with its line, and nothing is kept', () => {
  test.each([
    ['zero bytes', Buffer.from('G0\nG1\0\n'), /zero bytes.*line 2/],
    ['a control character', Buffer.from('G0\u0007'), /control character 7/],
    ['Latin-1', Buffer.from('G0\n(Fr\xe4sen)\n', 'latin1'), /not UTF-8.*line/],
    ['a character cut off at the end', Buffer.from([0x47, 0xc3]), /not UTF-8/],
    ['a line of 10 kB', Buffer.from(`G0\nG1 ${'X1'.repeat(5000)}\n`), /longer than 4096.*line 2/],
    ['an empty file', Buffer.alloc(0), /empty/],
    ['a picture', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13]), /line/],
  ])('%s', async (_name, bytes, message) => {
    const before = await list()
    const answer = await upload('bad', bytes)
    expect(answer).toMatchObject({ status: 400, json: { code: 'program-invalid' } })
    expect(answer.json.detail).toMatch(message)
    expect(await list()).toEqual(before)
    expect(leftovers()).toEqual([])
  })
})

test('an upload that breaks off leaves nothing', async () => {
  const before = await list()
  await new Promise<void>((resolve) => {
    const half = request(`${shop.url}/api/programs?name=half`, {
      method: 'POST',
      headers: { authorization: `Bearer ${shop.gateway.localToken}`, 'content-length': '1000000' },
    })
    half.on('error', () => resolve())
    half.write('G0 X1\n'.repeat(1000))
    const timer = setInterval(() => {
      if (!leftovers().length) return
      clearInterval(timer)
      half.destroy()
    }, 5)
  })
  await expect.poll(leftovers, { timeout: 10_000 }).toEqual([])
  expect(await list()).toEqual(before)
})

test('stop answers while 50 MB stream in', async () => {
  await shop.admin('/api/machines', {
    method: 'POST',
    body: { id: 'm1', name: 'M', link: { kind: 'virtual', timeScale: 1 }, envelopeMm: { min: [0, 0, 0], max: [1, 1, 1] }, whenRequesterGone: 'finish' },
  })
  const uploading = upload('huge', 'G1 X1.000 Y2.000 Z3.000 F100\n'.repeat(1_724_138))
  let isDone = false
  uploading.then(() => {
    isDone = true
  })
  let slowest = 0
  let tries = 0
  while (!isDone) {
    const since = ownTime()
    expect((await shop.admin('/api/machines/m1/stop', { method: 'POST' })).json.code).toBe('guard-gone')
    slowest = Math.max(slowest, since())
    tries += 1
  }
  expect((await uploading).json.lines).toBe(1_724_138)
  expect(tries).toBeGreaterThan(3)
  // the test's own sending shares this event loop; a body read in one piece would take far longer
  expect(slowest).toBeLessThan(250)
})

test('a removed program is gone, and a job in waiting keeps it', async () => {
  const { json } = await upload('short-lived', 'M2\n')
  await shop.query(
    `insert into job (id, kind, queue, name, state, "programId", request, "requestedBy") values ('job_x', 'program', 'machine-m1', 'x', 'waiting', $1, '{}', 'x')`,
    [json.id],
  )
  expect(await shop.admin(`/api/programs/${json.id}`, { method: 'DELETE' })).toMatchObject({ status: 409, json: { code: 'program-in-use' } })
  await shop.query(`delete from job where id = 'job_x'`)
  expect((await shop.admin(`/api/programs/${json.id}`, { method: 'DELETE' })).status).toBe(200)
  expect((await shop.admin(`/api/programs/${json.id}`, { method: 'DELETE' })).status).toBe(404)
  expect((await list()).map(({ name }) => name)).not.toContain('short-lived')
  expect((await upload('short-lived', 'M2\n')).status).toBe(201)
})
