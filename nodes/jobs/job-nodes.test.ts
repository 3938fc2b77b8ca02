import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
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
    expect(await finished()).toEqual([{ jobId: job.jobId, state: 'failed', reason: expect.stringContaining('fixture check: Error: no fixture') }])
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
  it('queues with key and priority, and sends the message on', async () => {
    await red.deploy(
      flowOf([{ id: 'enq', type: 'cw-enqueue', jobName: 'cut part', jobNameType: 'str', onceFor: 'workOrder.number', onceForType: 'msg', priority: '5' }]),
    )
    red.give('enq', { _run: 'run-q', payload: { part: 1 }, workOrder: { number: 'WO-1' } })
    const message = await red.next('enq')
    expect(message).toMatchObject({ payload: { part: 1 }, queued: { name: 'cut part' } })
    expect(services.callsOf('enqueue')).toEqual([{ name: 'cut part', payload: { part: 1 }, key: 'WO-1', priority: 5, nodeId: 'enq', runId: 'run-q' }])
  })
})
