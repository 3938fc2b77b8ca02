/** Ending what runs, and dealing with what failed: a flow job and a run are cancelled with what hangs on them, dead letters tried again or put aside together. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  addMachine,
  enqueueFlowJob,
  type FlowNode,
  fireTrigger,
  getJob,
  getRetention,
  getRun,
  type Job,
  listDeadLetters,
  listJobs,
  listMachines,
  listRuns,
  listSteps,
  listTriggers,
  removeMachine,
  uploadProgram,
} from '../../server/api/index.ts'
import { until } from '../product.ts'
import { showScheme, violationsOf } from './axe.ts'
import { chromiumPath, SIZES } from './chromium.ts'
import { type Designer, openDesigner } from './designer.ts'
import { shot } from './hands.ts'

const MILL = 'cancel-mill'
const node = (id: string, type: string, more: Record<string, unknown> = {}): FlowNode => ({
  id,
  type,
  z: 'tab',
  name: id,
  x: 100,
  y: 100,
  wires: [[]],
  ...more,
})
const flows: FlowNode[] = [
  { id: 'tab', type: 'tab', label: 'Cell' },
  { id: 'mill', type: 'cw-machine', name: '', machineId: MILL },
  node('take', 'cw-job-in', { jobName: 'measure', wires: [['wait']] }),
  node('wait', 'cw-wait-until', { mode: 'for', duration: '3600', durationType: 'num', x: 300, wires: [['out']] }),
  node('out', 'cw-job-out', { state: 'completed', x: 500, wires: [] }),
  node('start', 'cw-manual-trigger', { y: 200, wires: [['run']] }),
  node('run', 'cw-run-program', { machine: 'mill', program: 'long.nc', programType: 'str', x: 300, y: 200, wires: [[], [], []] }),
]

describe.skipIf(!chromiumPath)('cancelling (needs Chromium or Chrome)', { timeout: 60_000 }, () => {
  let designer: Designer
  const look = async (what: string) => {
    const found: string[] = []
    for (const scheme of ['light', 'dark'] as const) {
      await showScheme(designer.page, scheme)
      await shot(designer.page, `cancel-${what}-${scheme}`)
      for (const violation of await violationsOf(designer.page, scheme === 'dark' ? ['color-contrast'] : undefined)) found.push(`${scheme}: ${violation}`)
    }
    await showScheme(designer.page, 'light')
    expect(found).toEqual([])
  }
  const goTo = (path: string) => designer.page.goto(`${designer.client.access.url}${path}`)
  const enqueue = (name: string) => designer.client.call(enqueueFlowJob, { body: { name, payload: { order: 'WO-4711' } } })
  const becomes = (job: Pick<Job, 'id'>, state: Job['state']) =>
    until(`${job.id} is ${state}`, 20_000, async () => {
      const found = await designer.client.call(getJob, { params: { jobId: job.id } })
      return found.state === state ? found : undefined
    })
  const letters = async () => (await designer.client.call(listDeadLetters, { query: { name: 'nobody takes it' } })).total

  beforeAll(async () => {
    designer = await openDesigner()
    const { client } = designer
    await client.call(addMachine, {
      body: {
        id: MILL,
        name: 'Mill 9',
        link: { kind: 'virtual', timeScale: 1 },
        envelopeMm: { min: [0, 0, -80], max: [400, 300, 20] },
        whenRequesterGone: 'finish',
      },
    })
    const file = join(designer.dataDir, 'long.nc')
    await writeFile(file, 'G21 G90\nG1 X150 F100\nG1 X10\nM2\n')
    await client.upload(uploadProgram, { name: 'long.nc' }, file)
    await designer.deploy(flows)
    await until('the mill stands', 30_000, async () =>
      (await client.call(listMachines, {})).some(({ id, state }) => id === MILL && state?.controller === 'idle') ? true : undefined,
    )
    await until('the trigger is announced', 30_000, async () => ((await client.call(listTriggers, {})).some(({ id }) => id === 'start') ? true : undefined))
  }, 120_000)
  afterAll(async () => {
    await designer?.client.call(removeMachine, { params: { machineId: MILL } }).catch(() => {})
    await designer?.close()
  }, 60_000)

  it('a flow job ends with what it waits for, and its run says so', async () => {
    const { client, page } = designer
    const job = await enqueue('measure')
    const { runId = '' } = await until('its flow waits', 20_000, async () => {
      const found = await client.call(getJob, { params: { jobId: job.id } })
      if (found.runId === undefined) return undefined
      const steps = await client.call(listSteps, { query: { runId: found.runId } })
      return steps.some(({ state }) => state === 'waiting') ? found : undefined
    })
    await goTo('/jobs#flow')
    await page.getByTestId(`cancel-${job.id}`).click()
    await page.getByTestId('cancel-ends').getByText('One wait ends').waitFor()
    await page.getByTestId('cancel-why').fill('wrong part')
    await look('job')
    await page.getByTestId('cancel-now').click()
    await page.getByTestId('cancel-dialog').waitFor({ state: 'detached' })
    expect((await becomes(job, 'cancelled')).reason).toMatch(/^Cancelled by .+: wrong part$/)
    await page.getByTestId(`cancel-${job.id}`).waitFor({ state: 'detached' })
    await until('its run is cancelled', 10_000, async () => ((await client.call(getRun, { params: { runId } })).state === 'cancelled' ? true : undefined))
    await expect.poll(async () => (await client.call(listSteps, { query: { runId } })).filter(({ state }) => state === 'waiting')).toEqual([])
    // the job has an address of its own, with everything around it
    await goTo(`/jobs#${job.id}`)
    const dialog = page.getByTestId('job-dialog')
    await dialog.getByText(/Cancelled by .+: wrong part/).waitFor()
    await dialog.getByText('What it was given').waitFor()
    await dialog.getByText('WO-4711').waitFor()
    await look('job-details')
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    await page.locator('[data-testid="queue-flow"][aria-pressed="true"]').waitFor()
  })

  it('a run is cancelled on its page, and the machine that works for it does what the person said', async () => {
    const { client, page } = designer
    await client.call(fireTrigger, { params: { triggerId: 'start' }, body: { fireId: 'cancel-0001', values: {} } })
    const job = await until('the mill runs it', 30_000, async () =>
      (await client.call(listJobs, { query: { machineId: MILL, limit: 5 } })).find(({ state }) => state === 'active'),
    )
    await until('it moves', 30_000, async () =>
      (await client.call(listMachines, {})).some(({ id, state }) => id === MILL && state?.controller === 'run') ? true : undefined,
    )
    await goTo(`/runs#${job.runId}`)
    await page.getByTestId('cancel-run').click()
    await page.getByTestId('cancel-machines').getByText('Mill 9 runs long.nc').waitFor()
    await page.getByTestId('machine-stop').check()
    await look('run')
    await page.getByTestId('cancel-now').click()
    await page.getByTestId('cancel-form').waitFor({ state: 'detached' })
    await becomes(job, 'stopped')
    await page.getByTestId('run-detail').getByText('Cancelled', { exact: true }).waitFor()
    await page.getByTestId('cancel-run').waitFor({ state: 'detached' })
    const [run] = await client.call(listRuns, { query: { state: 'cancelled', limit: 1 } })
    expect(run?.id).toBe(job.runId)
    // it stands there for good
    await page.setViewportSize(SIZES.tablet)
    await shot(page, 'cancel-run-tablet')
    await page.setViewportSize(SIZES.desktop)
  })

  it('dead letters say why and what to do, and are tried again together, counted first', async () => {
    const { client, page } = designer
    // others may have left runs in this product that wait for a person
    const others = new Set((await client.call(listRuns, { query: { state: 'active', limit: 50 } })).map(({ id }) => id))
    for (let i = 0; i < 3; i += 1) await enqueue('nobody takes it')
    await until('three letters', 20_000, async () => ((await letters()) === 3 ? true : undefined))
    await goTo('/jobs#letters')
    await page.getByTestId('letter-name').selectOption('nobody takes it')
    await page.getByTestId('letter-count').getByText('3 dead letters').waitFor()
    const list = page.getByTestId('letters')
    await list.getByText('No flow takes it.').first().waitFor()
    await list
      .getByText(/Deploy a flow with a "job in" node of this name/)
      .first()
      .waitFor()
    await look('letters')
    await page.getByTestId('retry-all').click()
    await page.getByTestId('retry-all-now').getByText('Queue 3 again').waitFor()
    await look('retry-all')
    await page.getByTestId('retry-all-now').click()
    await page.locator('[data-testid="letters-progress"][data-state="ended"]').getByText('3 queued again.').waitFor()
    await page.getByTestId('letters-close').click()
    // nobody has deployed anything: they come back as new ones, and the runs that never began say so
    await until('no run of them is active', 20_000, async () =>
      (await client.call(listRuns, { query: { state: 'active', limit: 50 } })).every(({ id }) => others.has(id)) ? true : undefined,
    )
    await until('they have failed again', 20_000, async () => ((await letters()) === 3 ? true : undefined))
  })

  it('how much history is kept stands on its page, and an administrator changes it there', async () => {
    const { client, page } = designer
    await goTo('/runs')
    await page.getByTestId('retention').click()
    await page
      .getByTestId('retention-holds')
      .getByText(/runs now/)
      .waitFor()
    await page.getByTestId('keep-maxRuns').fill('5000')
    await page.getByText('What is beyond the new limits is removed for good.').waitFor()
    await look('retention')
    await page.getByTestId('keep-save').click()
    await page.getByTestId('keep-save').waitFor({ state: 'detached' })
    await expect.poll(async () => (await client.call(getRetention, {})).limits.maxRuns).toBe(5000)
    await page.getByTestId('retention').click()
    await page.getByTestId('keep-usual').click()
    await expect.poll(async () => (await client.call(getRetention, {})).setBy).toBeUndefined()
  })

  it('dead letters are put aside with a reason, which stays with them', async () => {
    const { client, page } = designer
    await goTo('/jobs#letters')
    await page.getByTestId('letter-name').selectOption('nobody takes it')
    await page.getByTestId('letter-count').getByText('3 dead letters').waitFor()
    await page.getByTestId('dismiss-all').click()
    await page.getByTestId('dismiss-all-why').fill('trial of last week')
    await page.getByTestId('dismiss-all-now').click()
    await page.locator('[data-testid="letters-progress"][data-state="ended"]').getByText('3 put aside.').waitFor()
    await page.getByTestId('letters-close').click()
    expect(await letters()).toBe(0)
    const ended = await client.call(listJobs, { query: { queue: 'flow', limit: 20, isEnded: true } })
    expect(ended.filter(({ handledWhy }) => handledWhy === 'trial of last week')).toHaveLength(3)
    await page.getByText('No dead letter matches.').waitFor()
    expect(designer.complaints).toEqual([])
  })
})
