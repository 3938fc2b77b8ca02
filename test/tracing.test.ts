/** What a collector gets of one story, from the whole product: trigger, run, job, BullMQ's delivery, steps and the call outside are one trace. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addConnection, deployFlows, type FlowNode, fireTrigger, listRuns, listTriggers } from '../server/api/index.ts'
import { idsOfRun } from '../server/telemetry/ids.ts'
import { type Product, startTestProduct, until } from './product.ts'

interface Span {
  traceId: string
  spanId: string
  parentSpanId?: string
  name: string
  kind: number
  attributes: { key: string; value: { stringValue?: string } }[]
}
const CLIENT = 3

/** Takes spans as OTLP over HTTP and JSON (opentelemetry.io, "OTLP Specification"). */
async function startReceiver(): Promise<{ server: Server; endpoint: string; spans: Span[] }> {
  const spans: Span[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      if (request.url === '/v1/traces') {
        const body = JSON.parse(Buffer.concat(chunks).toString()) as { resourceSpans: { scopeSpans: { spans: Span[] }[] }[] }
        for (const { scopeSpans } of body.resourceSpans) for (const scope of scopeSpans) spans.push(...scope.spans)
      }
      response.setHeader('content-type', 'application/json').end('{}')
    })
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  return { server, endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, spans }
}

const node = (id: string, type: string, more: Record<string, unknown> = {}): FlowNode => ({ id, type, z: 'tab', name: id, x: 1, y: 1, wires: [[]], ...more })

describe('OpenTelemetry of the product', () => {
  let receiver: Awaited<ReturnType<typeof startReceiver>>
  let product: Product
  let shop: string

  beforeAll(async () => {
    receiver = await startReceiver()
    shop = await mkdtemp(join(tmpdir(), 'cellwright-tracing-'))
    const folders = { inbox: join(shop, 'in'), outbox: join(shop, 'out') }
    for (const folder of Object.values(folders)) await mkdir(folder)
    product = await startTestProduct({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint })
    const { client } = product
    const { id: connectionId } = await client.call(addConnection, {
      body: { name: 'Orders', connector: 'work-order-folder', settings: folders, isEnabled: true },
    })
    const flows = [
      { id: 'tab', type: 'tab', label: 'Story' },
      node('by hand', 'cw-manual-trigger', { wires: [['ask']] }),
      node('ask', 'cw-enqueue', {
        jobName: 'tell',
        jobNameType: 'str',
        content: '{"workOrder":{"number":"WO-7"}}',
        contentType: 'json',
        waits: true,
        wires: [[], ['done'], []],
      }),
      node('done', 'debug', { active: false, wires: [] }),
      node('take', 'cw-job-in', { jobName: 'tell', wires: [['confirm']] }),
      node('confirm', 'cw-confirm', {
        connectionId,
        workOrder: 'payload.workOrder.number',
        workOrderType: 'msg',
        result: 'completed',
        resultType: 'str',
        wires: [['out']],
      }),
      node('out', 'cw-job-out', { state: 'completed', wires: [] }),
    ]
    await client.call(deployFlows, { body: { flows, kind: 'full' } })
    await until('the trigger is announced', 60_000, async () => (await client.call(listTriggers, {})).length === 1)
  })
  afterAll(async () => {
    await product?.close()
    receiver?.server.close()
    await rm(shop, { recursive: true, force: true })
  })

  it('is one trace from the trigger through job and flow to the call outside', async () => {
    const { client } = product
    await client.call(fireTrigger, { params: { triggerId: 'by hand' }, body: { fireId: 'tracing-0001', values: {} } })
    const run = await until('the run has ended', 60_000, async () =>
      (await client.call(listRuns, { query: {} })).find(({ trigger, state }) => trigger.nodeId === 'by hand' && state === 'completed'),
    )
    const { traceId, spanId } = idsOfRun(run.id)
    const ofTrace = () => receiver.spans.filter((span) => span.traceId === traceId)
    const named = (name: string) => ofTrace().find((span) => span.name === name)
    await until('every part of it is told', 60_000, () =>
      [
        ...['run by hand', 'ask', 'confirm', 'out', 'done'],
        ...['job tell', 'send confirmation of WO-7', 'job confirmation of WO-7', 'add adapter.row', 'process adapter'],
      ].every((name) => named(name))
        ? true
        : undefined,
    )
    // the run is the root; steps and jobs stand below it
    expect(named('run by hand')).toMatchObject({ spanId })
    expect(named('run by hand')?.parentSpanId ?? '').toBe('')
    for (const name of ['ask', 'confirm', 'out', 'done', 'job tell', 'job confirmation of WO-7'])
      expect([name, named(name)?.parentSpanId]).toEqual([name, spanId])
    // the call and BullMQ's delivery stand below the job that they are for
    const confirmation = named('job confirmation of WO-7')
    expect(named('send confirmation of WO-7')).toMatchObject({ kind: CLIENT, parentSpanId: confirmation?.spanId })
    const add = named('add adapter.row')
    expect(add?.parentSpanId).toBe(confirmation?.spanId)
    expect(named('process adapter')?.parentSpanId).toBe(add?.spanId)
    const jobId = confirmation?.attributes.find(({ key }) => key === 'cellwright.job.id')?.value.stringValue ?? ''
    expect(confirmation?.spanId).toBe(idsOfRun(jobId).spanId)
    // what is in messages is in no span
    expect(JSON.stringify(receiver.spans)).not.toContain('"workOrder"')
  })
})
