import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ownTime } from '../../base/own-time.ts'
import { startTestGateway, type TestGateway } from '../testing.ts'

let shop: TestGateway
let incoming: string
beforeAll(async () => {
  shop = await startTestGateway()
  incoming = join(shop.init.config.dataDir, 'files', 'programs', 'incoming')
})
afterAll(() => shop?.close())

const upload = async (name: string, body: string) => (await shop.admin(`/api/programs?name=${encodeURIComponent(name)}`, { method: 'POST', body })).json
const transform = (id: string, body: object) => shop.admin(`/api/programs/${id}/transform`, { method: 'POST', body })
const leftovers = () => (existsSync(incoming) ? readdirSync(incoming) : [])

test('a moved program is a new one that says where it comes from, with the proof', async () => {
  const source = await upload('plate.nc', 'G21 G90 G17 G94\nG0 X0 Y0 Z5\nG1 Z-1 F100\nG1 X10 Y5\nG2 X20 Y5 I5 J0\nG0 Z5\nM2\n')
  const { status, json } = await transform(source.id, { name: 'moved.nc', transform: { kind: 'offset', byMm: [10, 0, 0] } })
  expect(status).toBe(201)
  expect(json.program).toMatchObject({
    name: 'moved.nc',
    revision: 1,
    origin: { programId: source.id, name: 'plate.nc', revision: 1, text: 'moved by 10, 0, 0 mm' },
  })
  expect(json.report.largestDeviationMm).toBeLessThanOrEqual(json.report.toleranceMm)
  const text = (await shop.admin(`/api/programs/${json.program.id}/file`)).text.replaceAll(' ', '')
  expect(text).toMatch(/X20(\.0*)?Y5/)
  expect(leftovers()).toEqual([])
  const listed = (await shop.admin('/api/programs')).json.find(({ id }: { id: string }) => id === json.program.id)
  expect(listed.origin).toEqual(json.program.origin)
})

test('what has no right answer is refused with its line, and nothing is stored', async () => {
  const before = (await shop.admin('/api/programs')).json.length
  const map = { minMm: [0, 0], maxMm: [0, 0], columns: 2, rows: 2, heightsMm: [0, 0, 0, 0] }
  const source = await upload('plate 2.nc', 'G21 G90\nG1 X10 F100\nM2\n')
  const answer = await transform(source.id, { name: 'levelled.nc', transform: { kind: 'level', map } })
  expect(answer).toMatchObject({ status: 422, json: { code: 'transform-failed', detail: expect.stringMatching(/height map/) } })
  expect((await shop.admin('/api/programs')).json).toHaveLength(before + 1)
  expect(leftovers()).toEqual([])
  expect(await transform('prg_none', { name: 'x', transform: { kind: 'mirror', axis: 'X' } })).toMatchObject({
    status: 404,
    json: { code: 'program-not-found' },
  })
  expect((await transform(source.id, { name: '', transform: { kind: 'mirror', axis: 'X' } })).status).toBe(400)
})

test('stop answers while a long program is rewritten', { timeout: 120_000 }, async () => {
  const body = {
    id: 'm1',
    name: 'M',
    link: { kind: 'tcp', host: '127.0.0.1', port: 1 },
    envelopeMm: { min: [0, 0, 0], max: [1, 1, 1] },
    whenRequesterGone: 'finish',
  }
  await shop.admin('/api/machines', { method: 'POST', body })
  const lines = Array.from({ length: 60_000 }, (_, i) => `G1 X${(i % 97) / 10} Y${(i % 89) / 10} F500`)
  const source = await upload('long.nc', `G21 G90\n${lines.join('\n')}\nM2\n`)
  let isDone = false
  const working = transform(source.id, { name: 'long turned.nc', transform: { kind: 'rotate', angleDeg: 10 } }).finally(() => {
    isDone = true
  })
  let slowest = 0
  while (!isDone) {
    const since = ownTime()
    expect((await shop.admin('/api/machines/m1/stop', { method: 'POST' })).json.code).toBe('guard-gone')
    slowest = Math.max(slowest, since())
    // the one that rewrites gives way to everything else on this host, to this loop too
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  expect((await working).json.report).toMatchObject({ linesBefore: 60_002 })
  expect(slowest).toBeLessThan(500)
})
