import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { RedConfig } from '../define-node/red.ts'
import { checkConfig } from '../index.ts'
import { flowOf, startNodeRed, type TestNodeRed } from '../testing/node-red.ts'
import { RecordingServices } from '../testing/recording-services.ts'

const services = new RecordingServices()
let red: TestNodeRed

beforeAll(async () => {
  red = await startNodeRed(services)
})
afterAll(() => red?.close())
beforeEach(() => {
  services.calls.length = 0
  services.refuse.clear()
})

let count = 0
const aJob = () => ({ jobId: `job_test${++count}`, name: 'cut part', payload: { part: 7 }, runId: `run_test${count}` })
const jobIn = (next: string, more: object = {}) => ({ id: 'in', type: 'cw-job-in', jobName: 'cut part', wires: [[next]], ...more })
const jobOut = (more: object = {}) => ({ id: 'out', type: 'cw-job-out', outputs: 0, ...more })
const failing = (more: object = {}) => ({ id: 'fails', type: 'function', name: 'fixture check', func: 'throw new Error("no fixture")', ...more })
const finished = () => red.until(() => services.callsOf('finishJob').length > 0, 'finishJob').then(() => services.callsOf('finishJob'))

describe('cw-job-in and cw-job-out', () => {
  it('start the flow with the payload and end the job with the outcome', async () => {
    await red.deploy(flowOf([jobIn('out'), jobOut()]))
    expect(red.statusOf('in').text).toBe('waiting for "cut part"')
    const job = aJob()
    await services.runJob(job)
    expect(await red.next('in')).toMatchObject({ payload: { part: 7 }, topic: 'cut part', job: { id: job.jobId, name: 'cut part' }, _run: job.runId })
    expect(await finished()).toEqual([{ jobId: job.jobId, state: 'completed', outcome: { part: 7 } }])
  })

  it('fail the job with a reason', async () => {
    await red.deploy(flowOf([jobIn('out'), jobOut({ state: 'failed', reason: 'no stock', reasonType: 'str' })]))
    const job = aJob()
    await services.runJob(job)
    expect(await finished()).toEqual([{ jobId: job.jobId, state: 'failed', outcome: { part: 7 }, reason: 'no stock' }])
  })

  it('fail the job at an error that no Catch node takes', async () => {
    await red.deploy(flowOf([jobIn('fails'), failing(), jobOut()]))
    const job = aJob()
    await services.runJob(job)
    expect(await finished()).toEqual([
      { jobId: job.jobId, state: 'failed', reason: expect.stringContaining('fixture check: Error: no fixture'), isUncaught: true },
    ])
    expect(red.statusOf('in')).toMatchObject({ fill: 'red', text: expect.stringContaining('no fixture') })
  })

  it('leave the end of the job to the flow when a Catch node takes the error', async () => {
    const catcher = { id: 'catch1', type: 'catch', scope: null, wires: [['out']] }
    await red.deploy(flowOf([jobIn('fails'), failing(), catcher, jobOut({ state: 'failed' })]))
    const job = aJob()
    await services.runJob(job)
    expect(await finished()).toEqual([expect.objectContaining({ jobId: job.jobId, state: 'failed', reason: expect.stringContaining('no fixture') })])
  })

  it('do not count a Catch node that is disabled, or made for other nodes', async () => {
    for (const catcher of [
      { id: 'catch1', type: 'catch', scope: null, d: true },
      { id: 'catch1', type: 'catch', scope: ['out'] },
    ]) {
      services.calls.length = 0
      await red.deploy(flowOf([jobIn('fails'), failing(), catcher, jobOut()]))
      await services.runJob(aJob())
      expect(await finished()).toEqual([expect.objectContaining({ state: 'failed' })])
    }
  })

  it('look for the Catch node outside of a subflow too', async () => {
    const subflow = { id: 'sub', type: 'subflow', name: 'fixture', in: [{ wires: [{ id: 'inside' }] }], out: [] }
    const inside = { id: 'inside', z: 'sub', type: 'function', name: 'inside', func: 'throw new Error("no fixture")', x: 1, y: 1, wires: [[]] }
    const instance = { id: 'inst', type: 'subflow:sub', outputs: 0 }
    const catcher = { id: 'catch1', type: 'catch', scope: null }
    await red.deploy([subflow, inside, ...flowOf([jobIn('inst'), instance, jobOut()])])
    await services.runJob(aJob())
    expect(await finished()).toEqual([expect.objectContaining({ state: 'failed' })])

    services.calls.length = 0
    await red.deploy([subflow, inside, ...flowOf([jobIn('inst'), instance, catcher, jobOut()])])
    const job = aJob()
    await services.runJob(job)
    expect((await red.next('catch1')).job).toEqual({ id: job.jobId, name: 'cut part' })
    expect(services.callsOf('finishJob')).toEqual([])
  })

  it('end a job once: what reaches "job out" after that is an error', async () => {
    const catcher = { id: 'catch1', type: 'catch', scope: ['out'] }
    await red.deploy(flowOf([jobIn('out'), catcher, jobOut()]))
    await services.runJob(aJob())
    const message = await red.next('in')
    await finished()
    red.give('out', { ...message })
    expect((await red.next('catch1')).error).toMatchObject({ code: 'job-ended' })
    red.give('out', { payload: 'of no job' })
    expect((await red.next('catch1')).error).toMatchObject({ code: 'no-job' })
    expect(services.callsOf('finishJob')).toHaveLength(1)
  })

  it('find the job by its run where a node made a new message', async () => {
    await red.deploy(flowOf([jobIn('out', { wires: [['sink']] }), jobOut()]))
    const job = aJob()
    await services.runJob(job)
    red.give('out', { _run: job.runId, payload: 'new' })
    expect(await finished()).toEqual([{ jobId: job.jobId, state: 'completed', outcome: 'new' }])
  })

  it('refuse a job that would go nowhere', async () => {
    await red.deploy(flowOf([jobIn('out', { wires: [[]] }), jobOut()]))
    await expect(services.runJob(aJob())).rejects.toMatchObject({ code: 'job-in-not-wired' })
  })

  it('say so when two take the same name', async () => {
    await red.deploy(flowOf([jobIn('out'), jobIn('out', { id: 'in2' }), jobOut()]))
    const texts = ['in', 'in2'].map((id) => red.statusOf(id).text)
    expect(texts).toContain('waiting for "cut part"')
    expect(texts).toContain('Another "job in" takes the jobs "cut part": give one of them another name.')
  })

  it('take the name again after a deploy', async () => {
    const flow = flowOf([jobIn('out'), jobOut()])
    await red.deploy(flow)
    await red.deploy(flow)
    await services.runJob(aJob())
    await finished()
    await red.deploy(flowOf([jobOut()]))
    expect(services.jobIns.size).toBe(0)
  })
})

describe('cw-enqueue', () => {
  const enqueue = (more: object = {}) => ({ id: 'enq', type: 'cw-enqueue', jobName: 'cut part', jobNameType: 'str', outputs: 3, ...more })

  it('queues with key and priority, and sends the message on', async () => {
    await red.deploy(flowOf([enqueue({ onceFor: 'workOrder.number', onceForType: 'msg', priority: '5' })]))
    red.give('enq', { _run: 'run-q', payload: { part: 1 }, workOrder: { number: 'WO-1' } })
    const message = await red.next('enq')
    expect(message).toMatchObject({ payload: { part: 1 }, queued: { name: 'cut part' } })
    expect(services.callsOf('enqueue')).toEqual([{ name: 'cut part', payload: { part: 1 }, key: 'WO-1', plan: { priority: 5 }, nodeId: 'enq', runId: 'run-q' }])
  })

  it('plans a job: times in the forms that messages have, and what it depends on', async () => {
    await red.deploy(
      flowOf([
        enqueue({
          due: 'workOrder.dueDate',
          dueType: 'msg',
          notBefore: 'at',
          notBeforeType: 'msg',
          deadline: '2026-12-01T00:00:00Z',
          deadlineType: 'str',
          dependsOn: 'queued',
          dependsOnType: 'msg',
          whenBlockerFails: 'fail',
        }),
      ]),
    )
    red.give('enq', { payload: 1, at: Date.UTC(2026, 10, 24), workOrder: { dueDate: '2026-11-30' }, queued: [{ jobId: 'job_a' }, 'job_b'] })
    await red.next('enq')
    expect(services.callsOf('enqueue')[0]?.plan).toEqual({
      dueAt: '2026-11-30T00:00:00.000Z',
      notBefore: '2026-11-24T00:00:00.000Z',
      deadlineAt: '2026-12-01T00:00:00.000Z',
      dependsOn: ['job_a', 'job_b'],
      whenBlockerFails: 'fail',
    })
  })

  it('refuses what is no time', async () => {
    const catcher = { id: 'catch1', type: 'catch', scope: ['enq'] }
    await red.deploy(flowOf([enqueue({ due: 'next week', dueType: 'str' }), catcher]))
    red.give('enq', { payload: 1 })
    expect((await red.next('catch1')).error).toMatchObject({ code: 'value-invalid' })
    expect(services.callsOf('enqueue')).toEqual([])
  })

  it('waits for the outcome where it is asked to, also over a deploy', async () => {
    const flow = flowOf([enqueue({ waits: true, wires: [['good'], ['good'], ['bad']] }), { id: 'good', type: 'junction' }, { id: 'bad', type: 'junction' }])
    await red.deploy(flow)
    red.give('enq', { payload: 1, keeps: 'this' })
    const { queued } = (await red.next('enq')) as { queued: { jobId: string } }
    await red.deploy(flow)
    services.progress(queued.jobId, { done: 3, total: 4 })
    await red.until(() => red.statusOf('enq').text === 'cut part: 3 of 4', 'progress')
    services.endJob({ jobId: queued.jobId, state: 'failed', reason: 'no stock' })
    expect(await red.next('enq', 2)).toMatchObject({ keeps: 'this', job: { id: queued.jobId, state: 'failed', reason: 'no stock' } })
    expect(red.statusOf('enq')).toMatchObject({ fill: 'red' })
  })
})

describe('cw-job-progress', () => {
  const progress = (more: object = {}) => ({ id: 'far', type: 'cw-job-progress', total: '8', totalType: 'num', text: 'deburring', textType: 'str', ...more })

  it('tells how far the job of the message is', async () => {
    await red.deploy(flowOf([jobIn('far'), progress()]))
    const job = aJob()
    await services.runJob({ ...job, payload: 2.6 })
    expect((await red.next('far')).payload).toBe(2.6)
    expect(services.callsOf('jobProgress')).toEqual([{ jobId: job.jobId, done: 3, total: 8, text: 'deburring' }])
  })

  it('refuses a message of no job', async () => {
    await red.deploy(flowOf([progress(), { id: 'catch1', type: 'catch', scope: ['far'] }]))
    red.give('far', { payload: 1 })
    expect((await red.next('catch1')).error).toMatchObject({ code: 'no-job' })
  })
})

describe('cw-queue-control', () => {
  it('holds and releases the queue of a machine, and says why', async () => {
    const control = (command: string, more: object = {}) => ({ id: command, type: 'cw-queue-control', command, machine: 'm', ...more })
    await red.deploy(
      flowOf([
        { id: 'm', type: 'cw-machine', machineId: 'mill-1' },
        control('hold', { why: 'fixture', whyType: 'str' }),
        control('release'),
        control('drain', { queue: 'flow' }),
      ]),
    )
    red.give('hold', { payload: 1 })
    expect((await red.next('hold')).queue).toEqual({ queue: 'machine-mill-1', mode: 'held', why: 'fixture', by: 'test' })
    red.give('release', {})
    await red.next('release')
    red.give('drain', {})
    await red.next('drain')
    expect(services.callsOf('controlQueue')).toEqual([
      { queue: 'machine-mill-1', mode: 'held', why: 'fixture', nodeId: 'hold' },
      { queue: 'machine-mill-1', mode: 'open', nodeId: 'release' },
      { queue: 'flow', mode: 'draining', nodeId: 'drain' },
    ])
  })
})

describe.each(['enqueue', 'queue-control'])('the example flow of %s', (name) => {
  const flow = JSON.parse(readFileSync(join(import.meta.dirname, `${name}.example.json`), 'utf8')) as (RedConfig & { wires?: string[][] })[]
  it('is configured, wired to what is there, and runs', async () => {
    const ids = new Set(flow.map(({ id }) => id))
    for (const node of flow) {
      expect({ [node.id]: checkConfig(node.type, node) }).toEqual({ [node.id]: [] })
      for (const target of (node.wires ?? []).flat()) expect(ids).toContain(target)
    }
    red.logged.length = 0
    await red.deploy(flow)
    expect(red.logged).toEqual([])
  })
})
