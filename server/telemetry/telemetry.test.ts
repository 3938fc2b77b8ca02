/** Spans as a collector gets them: a small OTLP/HTTP receiver, a real database under BullMQ. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLog } from '../../base/log.ts'
import { openPostgresBull } from '../jobs/bull-postgres.ts'
import { batch, ENDED, startTestHistory, type TestHistory, THREE_HOPS } from '../runs/testing.ts'
import { tracedBull } from './bull.ts'
import { idsOfRun } from './ids.ts'
import { openTelemetry, type Telemetry } from './index.ts'

interface Span {
  traceId: string
  spanId: string
  parentSpanId?: string
  name: string
  startTimeUnixNano: string
  endTimeUnixNano: string
  attributes: { key: string; value: Record<string, unknown> }[]
  status: { code?: number; message?: string }
}

const log = createLog('test', 'silent')

describe('OpenTelemetry', () => {
  const received: Span[] = []
  const services = new Set<unknown>()
  let receiver: Server
  let history: TestHistory
  let telemetry: Telemetry
  let endpoint: string

  beforeAll(async () => {
    receiver = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        expect(request.url).toBe('/v1/traces')
        const body = JSON.parse(Buffer.concat(chunks).toString()) as {
          resourceSpans: { resource: { attributes: Span['attributes'] }; scopeSpans: { spans: Span[] }[] }[]
        }
        for (const { resource, scopeSpans } of body.resourceSpans) {
          services.add(resource.attributes.find(({ key }) => key === 'service.name')?.value.stringValue)
          for (const { spans } of scopeSpans) received.push(...spans)
        }
        response.setHeader('content-type', 'application/json').end('{}')
      })
    })
    await new Promise<void>((listening) => receiver.listen(0, '127.0.0.1', listening))
    endpoint = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`
    // the exporter reads it itself
    process.env.OTEL_EXPORTER_OTLP_ENDPOINT = endpoint
    const opened = await openTelemetry({ version: '1.2.3', log })
    delete process.env.OTEL_EXPORTER_OTLP_ENDPOINT
    if (!opened) throw new Error('not opened')
    telemetry = opened
    history = await startTestHistory({ telemetry })
  })
  afterAll(async () => {
    await telemetry.close()
    await history.close()
    receiver.close()
  })
  const span = (name: string) => expect.poll(() => received.find((each) => each.name === name))

  it('is off without a collector', async () => {
    expect(await openTelemetry({ env: {}, version: '1', log })).toBeUndefined()
    expect(await openTelemetry({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_SDK_DISABLED: 'true' }, version: '1', log })).toBeUndefined()
  })

  it('is told of a run and its steps, with their times and errors, once', async () => {
    const failed = [...THREE_HOPS]
    failed.splice(17, 3, 2, 0, 40)
    const startedAt = Date.now()
    const { ids, notice } = batch([{ startedAt, detail: failed, end: { ...ENDED, isFailed: true, text: 2, atTenths: 500 } }])
    history.runs.rpc.notifications.trace(notice)
    await history.runs.flush()
    await history.runs.link(ids[0] ?? '', { kind: 'job', id: 'job_1', text: 'late' })
    await span('run tick').toBeDefined()
    const run = received.find(({ name }) => name === 'run tick')
    const ofRun = idsOfRun(ids[0] ?? '')
    expect(run).toMatchObject({ ...ofRun, status: { code: 2, message: 'out of material' } })
    expect(run?.attributes).toContainEqual({ key: 'cellwright.run.id', value: { stringValue: ids[0] } })
    expect(Number(BigInt(run?.endTimeUnixNano ?? 0) - BigInt(run?.startTimeUnixNano ?? 0)) / 1e6).toBeCloseTo(50, 0)
    const stepsOf = () => received.filter(({ parentSpanId }) => parentSpanId === ofRun.spanId)
    await expect.poll(() => stepsOf().length).toBe(3)
    const steps = stepsOf()
    expect(steps.map(({ name, traceId, status }) => [name, traceId, status.code])).toEqual([
      ['tick', ofRun.traceId, 0],
      ['cw-check', ofRun.traceId, 0],
      ['oddname', ofRun.traceId, 2],
    ])
    expect(Number(BigInt(steps[1]?.endTimeUnixNano ?? 0) - BigInt(steps[1]?.startTimeUnixNano ?? 0)) / 1e6).toBeCloseTo(2, 0)
    expect(services).toEqual(new Set(['cellwright']))
    await history.runs.flush()
    expect(received.filter(({ name }) => name === 'run tick')).toHaveLength(1)
  })

  it('is told of jobs: who works one goes on with the trace of who added it', async () => {
    const bull = tracedBull(await openPostgresBull({ database: history.test.database }), telemetry.bull)
    const queue = bull.queue('spans')
    let worked: () => void = () => {}
    const isWorked = new Promise<void>((resolve) => {
      worked = resolve
    })
    const worker = bull.worker('spans', async () => worked(), { concurrency: 1 })
    await queue.add('tell', {})
    await isWorked
    await worker.close()
    await queue.close()
    await bull.close()
    await expect.poll(() => received.filter(({ name }) => /^(add|process) spans/.test(name)).length).toBeGreaterThanOrEqual(2)
    const jobs = received.filter(({ name }) => /^(add|process) spans/.test(name))
    expect(new Set(jobs.map(({ traceId }) => traceId)).size).toBe(1)
  })
})
