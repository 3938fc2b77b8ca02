/** The job board as a planner uses it: order by mouse and keys, hold and release, times, another machine, dead letters. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  addMachine,
  cancelJob,
  changeQueue,
  dismissLetters,
  enqueueFlowJob,
  getJob,
  type Job,
  listMachines,
  listQueue,
  placeJob,
  removeMachine,
  startProgram,
  uploadProgram,
} from '../../server/api/index.ts'
import { until } from '../product.ts'
import { showScheme, violationsOf } from './axe.ts'
import { chromiumPath, SIZES } from './chromium.ts'
import { type Designer, openDesigner } from './designer.ts'
import { drawn, shot } from './hands.ts'

const MILL = 'jobs-mill'
const SMALL = 'jobs-small'
const QUEUE = `machine-${MILL}`

describe.skipIf(!chromiumPath)('the job board (needs Chromium or Chrome)', { timeout: 60_000 }, () => {
  let designer: Designer
  const jobs: Job[] = []

  const start = async (name: string, { feed = 300, ...more }: { dueAt?: string; feed?: number } = {}) => {
    const file = join(designer.dataDir, name)
    await writeFile(file, `G21 G90\nG1 X150 F${feed}\nG1 X10\nM2\n(${name})\n`)
    const program = await designer.client.upload(uploadProgram, { name }, file)
    const job = await designer.client.call(startProgram, {
      body: { machineId: MILL, programId: program.id, ...(more.dueAt ? { plan: { dueAt: more.dueAt } } : {}) },
    })
    jobs.push(job)
    return job
  }
  const order = async () => (await designer.client.call(listQueue, { params: { queue: QUEUE }, query: {} })).jobs.map(({ name }) => name)
  const becomes = (names: string[]) => until(`the order ${names}`, 10_000, async () => ((await order()).join() === names.join() ? true : undefined))
  const look = async (what: string) => {
    const found: string[] = []
    for (const scheme of ['light', 'dark'] as const) {
      await showScheme(designer.page, scheme)
      await shot(designer.page, `${what}-${scheme}`)
      for (const violation of await violationsOf(designer.page, scheme === 'dark' ? ['color-contrast'] : undefined)) found.push(`${scheme}: ${violation}`)
    }
    await showScheme(designer.page, 'light')
    expect(found).toEqual([])
  }

  beforeAll(async () => {
    designer = await openDesigner()
    const { client } = designer
    const machine = (id: string, name: string, x: number) => ({
      id,
      name,
      link: { kind: 'virtual' as const, timeScale: 50 },
      envelopeMm: { min: [0, 0, -80] as [number, number, number], max: [x, 300, 20] as [number, number, number] },
      whenRequesterGone: 'finish' as const,
    })
    await client.call(addMachine, { body: machine(MILL, 'Mill 7', 400) })
    await client.call(addMachine, { body: machine(SMALL, 'Small mill', 100) })
    await until('both machines', 30_000, async () => {
      const views = await client.call(listMachines, {})
      return [MILL, SMALL].every((id) => views.find((view) => view.id === id)?.state?.controller === 'idle') ? true : undefined
    })
    await client.call(changeQueue, { params: { queue: QUEUE }, body: { mode: 'held', why: 'waiting for material' } })
    await start('bracket.nc')
    // the one that is looked at while it runs: for a quarter of a minute
    await start('flange.nc', { dueAt: new Date(Date.now() + 60_000).toISOString(), feed: 20 })
    await start('cover.nc')
    await designer.page.goto(`${client.access.url}/jobs#${QUEUE}`)
    await designer.page.getByTestId(`grip-${jobs[2]?.id}`).waitFor()
  }, 120_000)
  afterAll(async () => {
    for (const machineId of [MILL, SMALL]) await designer?.client.call(removeMachine, { params: { machineId } }).catch(() => {})
    await designer?.close()
  }, 60_000)

  it('shows who holds a queue and why, and what waits with its length and its due date', async () => {
    const { page } = designer
    await expect.poll(() => page.getByTestId('held').innerText()).toContain('waiting for material')
    // the guard has looked at the programs
    await until('estimates', 15_000, async () => ((await page.getByText(/^about \d+/).count()) >= 3 ? true : undefined))
    await expect.poll(() => page.getByTestId(`due-${jobs[1]?.id}`).innerText()).toMatch(/due/)
    await look('jobs-held')
  })

  it('puts a job elsewhere by mouse', async () => {
    const { page } = designer
    const from = await page.getByTestId(`grip-${jobs[2]?.id}`).boundingBox()
    const to = await page.getByTestId(`grip-${jobs[0]?.id}`).boundingBox()
    if (!from || !to) throw new Error('no grips')
    await page.mouse.move(from.x + 20, from.y + 20)
    await page.mouse.down()
    await page.mouse.move(from.x + 20, (from.y + to.y) / 2, { steps: 4 })
    await page.mouse.move(to.x + 20, to.y + 10, { steps: 4 })
    await shot(page, 'jobs-drag')
    await page.mouse.up()
    await becomes(['cover.nc', 'bracket.nc', 'flange.nc'])
  })

  it('puts a job elsewhere by keys, and leaves it with Escape', async () => {
    const { page } = designer
    await until('the new order in the page', 15_000, async () =>
      (await page.getByTestId(`job-${jobs[0]?.id}`).getAttribute('data-place')) === '1' ? true : undefined,
    )
    const grip = page.getByTestId(`grip-${jobs[0]?.id}`)
    await grip.focus()
    await page.keyboard.press('Space')
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('Escape')
    await drawn(page)
    expect(await order()).toEqual(['cover.nc', 'bracket.nc', 'flange.nc'])
    await page.keyboard.press('Space')
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('Space')
    await becomes(['bracket.nc', 'cover.nc', 'flange.nc'])
  })

  it('puts a job elsewhere by finger', async () => {
    const { page } = designer
    const isAt = (job: Job | undefined, place: string) =>
      until(`${job?.name} at place ${place} of the page`, 15_000, async () =>
        (await page.getByTestId(`job-${job?.id}`).getAttribute('data-place')) === place ? true : undefined,
      )
    await isAt(jobs[2], '1')
    const from = await page.getByTestId(`grip-${jobs[1]?.id}`).boundingBox()
    const to = await page.getByTestId(`grip-${jobs[0]?.id}`).boundingBox()
    if (!from || !to) throw new Error('no grips')
    const x = from.x + 20
    const finger = await page.context().newCDPSession(page)
    const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', y?: number) =>
      finger.send('Input.dispatchTouchEvent', { type, touchPoints: y === undefined ? [] : [{ x, y }] })
    await touch('touchStart', from.y + 20)
    for (const part of [0.3, 0.6, 1]) await touch('touchMove', from.y + 20 + (to.y + 10 - from.y - 20) * part)
    await touch('touchEnd')
    await becomes(['flange.nc', 'bracket.nc', 'cover.nc'])
    // and back, for what follows
    await designer.client.call(placeJob, { params: { jobId: jobs[1]?.id ?? '' }, body: { to: 'last' } })
    await isAt(jobs[1], '2')
  })

  it('changes times and priority of a job', async () => {
    const { page } = designer
    await page.getByTestId(`menu-${jobs[1]?.id}`).click()
    await page.getByTestId('priority-urgent').click()
    await becomes(['flange.nc', 'bracket.nc', 'cover.nc'])
    await page.getByTestId(`menu-${jobs[2]?.id}`).click()
    await page.getByTestId('job-plan').click()
    await page.getByTestId('plan-dueAt').fill('2020-01-02T03:04')
    await look('jobs-plan')
    await page.getByTestId('plan-save').click()
    await page.getByTestId(`due-${jobs[2]?.id}`).getByText('Late').waitFor()
  })

  it('says which machine cannot run a program, and why', async () => {
    const { page } = designer
    await page.getByTestId(`menu-${jobs[2]?.id}`).click()
    await page.getByTestId('job-move').click()
    const target = page.getByTestId(`target-${SMALL}`)
    await target.getByText('Cannot run it').waitFor()
    await expect.poll(() => target.innerText()).toMatch(/Line 2/)
    await look('jobs-move')
    await page.keyboard.press('Escape')
  })

  it('releases a queue by a kept press, and the machine runs what stands first', { timeout: 120_000 }, async () => {
    const { page, client } = designer
    await page.getByTestId('release-queue').click()
    const confirm = page.getByTestId('release-now')
    await confirm.waitFor()
    await expect.poll(() => confirm.innerText()).toContain('Mill 7 runs flange.nc')
    const box = await confirm.boundingBox()
    if (!box) throw new Error('no button')
    await page.mouse.move(box.x + 30, box.y + 20)
    await page.mouse.down()
    await until('the first to begin', 15_000, async () =>
      (await client.call(getJob, { params: { jobId: jobs[1]?.id ?? '' } })).state === 'waiting' ? undefined : true,
    )
    await page.mouse.up()
    await page.getByTestId(`active-${jobs[1]?.id}`).waitFor()
    await look('jobs-running')
    for (const job of jobs)
      await until(`${job.name} to end`, 40_000, async () =>
        (await client.call(getJob, { params: { jobId: job.id } })).state === 'completed' ? true : undefined,
      )
    await page.getByTestId('queue-empty').waitFor()
  })

  it('says before a stop what it cancels, and keeps it waiting when asked to', async () => {
    const { page, client } = designer
    const [slow, behind] = [await start('slow.nc', { feed: 4 }), await start('behind.nc')]
    const stops = page.locator('.cw-stops')
    await stops.getByTestId('stop-effects').getByText('A stop cancels one job that waits: behind.nc').waitFor()
    // on the buttons themselves: a glove has no pointer to rest on them
    await stops.getByTestId('stop-also').getByText('cancels 1 waiting job').waitFor()
    await page.getByTestId('stop-all-also').getByText('cancels 1 waiting job').waitFor()
    await look('jobs-stop-effects')
    await stops.getByTestId('stop-keeps').click()
    await page.getByTestId('stop-all-also').waitFor({ state: 'detached' })
    await stops.getByTestId('stop-effects').getByText('A stop keeps one waiting job').waitFor()
    await stops.getByTestId('stop').click()
    const stateOf = async ({ id }: Job) => (await client.call(getJob, { params: { jobId: id } })).state
    await until('the stop', 20_000, async () => ((await stateOf(slow)) === 'stopped' ? true : undefined))
    await page.locator('[data-testid="queue"][data-mode="held"]').waitFor()
    expect(await stateOf(behind)).toBe('waiting')
    await client.call(cancelJob, { params: { jobId: behind.id }, body: {} })
    await client.call(changeQueue, { params: { queue: QUEUE }, body: { mode: 'open', afterBreak: 'cancel' } })
    await page.locator('[data-testid="queue"][data-mode="open"]').waitFor()
  })

  it('has dead letters tried again and put aside', async () => {
    const { page, client } = designer
    // of others that had this product
    await client.call(dismissLetters, { body: { filter: {}, until: new Date().toISOString(), limit: 200, why: 'not of this test' } })
    // no flow takes it
    const lost = await client.call(enqueueFlowJob, { body: { name: 'nobody takes this', payload: 1 } })
    await page.getByTestId('queue-letters').click()
    await page.getByTestId(`retry-${lost.id}`).click()
    await until('another one', 10_000, async () => ((await client.call(getJob, { params: { jobId: lost.id } })).handledAt ? true : undefined))
    await page.getByTestId(`retry-${lost.id}`).waitFor({ state: 'detached' })
    const again = page.locator('[data-testid^="dismiss-job_"]').first()
    await again.waitFor()
    await look('jobs-letters')
    await again.click()
    await page.getByTestId('dismiss-why').fill('nobody wants it')
    await page.getByTestId('dismiss-now').click()
    await page.getByTestId('letters').getByText('No dead letters').waitFor()
  })

  it('is whole on a tablet held upright', async () => {
    const { page } = designer
    await page.setViewportSize({ width: 820, height: 1180 })
    await page.goto(`${designer.client.access.url}/jobs#${QUEUE}`)
    await page.getByTestId('queue-empty').waitFor()
    await look('jobs-tablet')
    await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0)
    await page.setViewportSize(SIZES.desktop)
    expect(designer.complaints).toEqual([])
  })
})
