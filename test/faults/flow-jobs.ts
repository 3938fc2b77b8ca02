/** A flow whose jobs write down that they were worked, and what its tests do with them. */
import { readFile } from 'node:fs/promises'
import { expect } from 'vitest'
import { changeQueue, deployFlows, enqueueFlowJob, getJob, type Job, type JobPlan, listDeadLetters, retryJob } from '../../server/api/index.ts'
import { type Product, until } from '../product.ts'

const WORK = 'F-work'
/** Flow jobs in the runtime at once: so many may be on their way into it when something dies. */
const AT_ONCE = 10

/** Takes jobs, writes a line for each, works a while and ends it; "poison" kills the process that works on it. */
export const flowFor = (file: string) => [
  { id: 'jobs', type: 'tab', label: 'Jobs' },
  { id: 'job-in', type: 'cw-job-in', z: 'jobs', jobName: WORK, x: 100, y: 100, wires: [['job-note']] },
  {
    id: 'job-note',
    type: 'file',
    z: 'jobs',
    filename: file,
    filenameType: 'str',
    appendNewline: true,
    createDir: true,
    overwriteFile: 'false',
    encoding: 'none',
    x: 200,
    y: 100,
    wires: [['job-which']],
  },
  {
    id: 'job-which',
    type: 'switch',
    z: 'jobs',
    property: 'payload',
    propertyType: 'msg',
    rules: [{ t: 'eq', v: 'poison', vt: 'str' }, { t: 'else' }],
    checkall: 'false',
    repair: false,
    outputs: 2,
    x: 300,
    y: 100,
    wires: [['job-kill'], ['job-work']],
  },
  {
    id: 'job-kill',
    type: 'exec',
    z: 'jobs',
    // a plain sh: the shell that Node-RED takes by itself may first read what somebody has in their .bashrc
    command: '/bin/sh -c "kill -9 $PPID"',
    addpay: '',
    append: '',
    useSpawn: 'true',
    timer: '',
    oldrc: false,
    x: 400,
    y: 60,
    wires: [[], [], []],
  },
  { id: 'job-work', type: 'delay', z: 'jobs', pauseType: 'delay', timeout: '150', timeoutUnits: 'milliseconds', x: 400, y: 140, wires: [['job-out']] },
  { id: 'job-out', type: 'cw-job-out', z: 'jobs', state: 'completed', outcome: 'payload', outcomeType: 'msg', x: 500, y: 140, wires: [] },
]

export function shopOver(product: () => Product, file: () => string) {
  const call: Product['client']['call'] = (...args) => product().client.call(...args)
  const shop = {
    hold: (queue = 'flow') => call(changeQueue, { params: { queue }, body: { mode: 'held', why: 'test' } }),
    release: (queue = 'flow') => call(changeQueue, { params: { queue }, body: { mode: 'open' } }),
    ask: (payload: string, plan?: JobPlan) => call(enqueueFlowJob, { body: { name: WORK, payload, ...(plan ? { plan } : {}) } }),
    job: (id: string) => call(getJob, { params: { jobId: id } }),
    done: async () => (await readFile(file(), 'utf8').catch(() => '')).split('\n').filter(Boolean),
    async deploy() {
      await call(deployFlows, { body: { flows: flowFor(file()), kind: 'full' } })
    },
    /**
     * All of them complete, each worked once. One that was just being handed over may have been worked or not: nobody knows, so it is
     * interrupted, stands among the dead letters, and is worked when a person says so.
     */
    async expectEachOnce(jobs: readonly Job[], names: readonly string[]) {
      const retried: Job[] = []
      for (const [index, { id }] of jobs.entries()) {
        const state = await until(`${id} to complete`, 60_000, async () => {
          const job = await shop.job(id)
          // a flow that has it ends it all the same
          const isLost = job.state === 'interrupted' && !(await shop.done()).includes(names[index] ?? '')
          return job.state === 'completed' || isLost ? job.state : undefined
        })
        if (state === 'completed') continue
        const { jobs: letters } = await call(listDeadLetters, { query: { queue: 'flow' } })
        expect(letters.find((letter) => letter.id === id)?.reason).toMatch(/restarted|handed to a flow/)
        retried.push(await call(retryJob, { params: { jobId: id } }))
      }
      expect(retried.length).toBeLessThanOrEqual(AT_ONCE)
      for (const { id } of retried) await until(`${id} to complete`, 30_000, async () => ((await shop.job(id)).state === 'completed' ? true : undefined))
      expect((await shop.done()).filter((line) => names.includes(line)).toSorted()).toEqual([...names].toSorted())
    },
  }
  return shop
}
