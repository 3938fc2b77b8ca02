import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import type { Job } from '../api/index.ts'
import { createClient } from './client.ts'
import { followJob } from './follow-job.ts'

const interrupt = { asked: new AbortController().signal, insisted: new AbortController().signal } as Parameters<typeof followJob>[2]['interrupt']
const out = { progress: () => {} } as unknown as Parameters<typeof followJob>[2]['out']
const job = { id: 'job_1', machineId: 'mill', state: 'active' } as Job

/** A server that was started anew: it listens at once, and its token can be read some questions later. */
async function startedAnew(untilTokenIsThere: number) {
  let asked = 0
  const server = createServer((request, response) => {
    asked += 1
    const isKnown = request.headers.authorization === 'Bearer new'
    response.writeHead(isKnown ? 200 : 401, { 'content-type': 'application/json' })
    response.end(JSON.stringify(isKnown ? { ...job, state: 'completed', endedAt: '2026-11-23T12:00:00.000Z' } : { code: 'not-signed-in', status: 401 }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return createClient(() => ({ url, token: asked > untilTokenIsThere ? 'new' : 'old' }))
}

test('a program is followed over a restart, also when the server answers before its new token can be read', async () => {
  expect(await followJob(await startedAnew(3), job, { out, interrupt })).toMatchObject({ state: 'completed' })
})
