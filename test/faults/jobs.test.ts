/**
 * Queues over the death of what carries them: gateway, PostgreSQL and runtime killed while jobs wait and run, and a job that kills
 * whoever works on it (Redis: redis.test.ts). What truly happened is counted in a file, where each job of a flow writes one line.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addMachine, getMachine, type Job, listDeadLetters, listQueue, placeJob, retryJob, startProgram, uploadProgram } from '../../server/api/index.ts'
import { type Product, startTestProduct, until } from '../product.ts'
import { shopOver } from './flow-jobs.ts'
import { killAndWait, mayRuntimeDie } from './kill.ts'
import { expectSentOnce, journalOf, linesOf } from './shop.ts'

describe('kill -9 while jobs wait and run', { timeout: 120_000 }, () => {
  let product: Product
  const shop = shopOver(
    () => product,
    () => join(product.dataDir, 'done.txt'),
  )
  beforeAll(async () => {
    product = await startTestProduct()
    await shop.deploy()
  }, 120_000)
  afterAll(() => product?.close(), 60_000)

  it.each(['gateway', 'postgres'])('%s: every job of a flow is worked once, in the order in which a person put it', async (name) => {
    const names = Array.from({ length: 24 }, (_, index) => `${name}-${String(index).padStart(2, '0')}`)
    await shop.hold()
    const jobs: Job[] = []
    for (const each of names) jobs.push(await shop.ask(each))
    const last = jobs.at(-1) as Job
    await product.client.call(placeJob, { params: { jobId: last.id }, body: { to: 'first' } })
    await shop.release()
    await until('some to be worked', 30_000, async () => ((await shop.done()).filter((line) => line.startsWith(name)).length >= 3 ? true : undefined))
    await killAndWait(product, name)
    await shop.expectEachOnce(jobs, names)
    const began = await Promise.all(jobs.map(async ({ id }) => (await shop.job(id)).startedAt ?? ''))
    expect(began.toSorted()[0]).toBe(began.at(-1))
  })

  it('gateway, while jobs are asked for: what was accepted is worked once, and nothing twice', async () => {
    const accepted: { job: Job; name: string }[] = []
    let isOver = false
    const lanes = ['left', 'right'].map(async (lane) => {
      for (let i = 0; !isOver; i += 1) {
        const name = `asked-${lane}-${i}`
        // its answer is lost with the gateway: it may have been accepted or not
        const job = await shop.ask(name).catch(() => undefined)
        if (!job) return
        accepted.push({ job, name })
      }
    })
    await until('some to be worked', 30_000, async () => (await shop.done()).filter((line) => line.startsWith('asked')).length >= 5)
    await killAndWait(product, 'gateway')
    isOver = true
    await Promise.all(lanes)
    await shop.expectEachOnce(
      accepted.map(({ job }) => job),
      accepted.map(({ name }) => name),
    )
    const done = await shop.done()
    expect(new Set(done).size).toBe(done.length)
  })

  it('gateway, again while it is away: a queue that was held stays held, by whom and why', async () => {
    await shop.hold()
    const job = await shop.ask('held')
    await killAndWait(product, 'gateway')
    // what was asked for as the gateway died, and not accepted for all the asker knows, may just be coming to its end
    const board = async () => (await product.client.call(listQueue, { params: { queue: 'flow' }, query: {} })).jobs.map(({ id }) => id)
    await expect.poll(board, { timeout: 30_000 }).toEqual([job.id])
    expect((await shop.job(job.id)).state).toBe('waiting')
    await shop.release()
    await shop.expectEachOnce([job], ['held'])
  })

  it('a job that kills whoever works on it: it is worked once, told of as a dead letter, and the others go on', async () => {
    await shop.hold()
    await mayRuntimeDie()
    const poison = await shop.ask('poison')
    const names = Array.from({ length: 12 }, (_, index) => `beside-${index}`)
    const jobs: Job[] = []
    for (const each of names) jobs.push(await shop.ask(each))
    await shop.release()
    await until('the poisoned job to be given up', 60_000, async () => ((await shop.job(poison.id)).state === 'interrupted' ? true : undefined))
    // those that were in the same runtime are not begun again by themselves either; those that waited are worked by the next one
    for (const { id } of jobs)
      await until(`${id} to end`, 60_000, async () => (['completed', 'interrupted'].includes((await shop.job(id)).state) ? true : undefined))
    const deadLetters = async () => (await product.client.call(listDeadLetters, { query: { queue: 'flow' } })).jobs
    const letters = (await deadLetters()).map(({ id }) => id)
    const why = expect.stringMatching(/The flow runtime went away while a flow worked on it/)
    expect((await deadLetters()).find(({ id }) => id === poison.id)).toMatchObject({ state: 'interrupted', reason: why })
    const hit: Job[] = []
    for (const job of jobs) if ((await shop.job(job.id)).state === 'interrupted') hit.push(job)
    expect(hit.every(({ id }) => letters.includes(id))).toBe(true)
    const done = await shop.done()
    expect(done.filter((line) => line === 'poison')).toHaveLength(1)
    expect(new Set(done).size).toBe(done.length)
    // whoever tries it again gets it back as it was; one press
    await mayRuntimeDie()
    const again = await product.client.call(retryJob, { params: { jobId: poison.id } })
    await until('the poisoned job to be given up again', 60_000, async () => (await shop.job(again.id)).state === 'interrupted')
    expect((await deadLetters()).find(({ id }) => id === again.id)).toMatchObject({ reason: why })
    expect((await shop.done()).filter((line) => line === 'poison')).toHaveLength(2)
    for (const { id } of hit) {
      const again = await product.client.call(retryJob, { params: { jobId: id } })
      await until('the retry', 30_000, async () => ((await shop.job(again.id)).state === 'completed' ? true : undefined))
    }
  })

  it('gateway, with a program that runs and two that wait: each runs once, in order', async () => {
    const { client, dataDir } = product
    await client.call(addMachine, {
      body: {
        id: 'mill',
        name: 'Mill',
        link: { kind: 'virtual', timeScale: 100 },
        envelopeMm: { min: [0, 0, -80], max: [400, 300, 20] },
        whenRequesterGone: 'finish',
      },
    })
    await until('the machine', 30_000, async () =>
      (await client.call(getMachine, { params: { machineId: 'mill' } })).state?.controller === 'idle' ? true : undefined,
    )
    const jobs: Job[] = []
    await shop.hold('machine-mill')
    for (const name of ['one.nc', 'two.nc', 'three.nc']) {
      const file = join(dataDir, name)
      await writeFile(file, ['G21 G90', 'G1 F2000', ...Array.from({ length: 120 }, (_, i) => `G1 X${10 + (i % 2) * 60}`), 'M2', `(${name})`, ''].join('\n'))
      const program = await client.upload(uploadProgram, { name }, file)
      jobs.push(await client.call(startProgram, { body: { machineId: 'mill', programId: program.id } }))
    }
    await client.call(placeJob, { params: { jobId: jobs[2]?.id ?? '' }, body: { to: 'first' } })
    await shop.release('machine-mill')
    await until('the first to run', 30_000, async () => (((await shop.job(jobs[2]?.id ?? '')).progress?.done ?? 0) > 5 ? true : undefined))
    await killAndWait(product, 'gateway')
    for (const { id } of jobs) await until(`${id} to complete`, 60_000, async () => ((await shop.job(id)).state === 'completed' ? true : undefined))
    const journal = await journalOf({ product, machineId: 'mill' })
    for (const { id } of jobs) expectSentOnce(linesOf(journal, id))
    const began = journal.flatMap((record) => (record.kind === 'program' ? [record.jobId] : []))
    expect([...new Set(began)]).toEqual([jobs[2]?.id, jobs[0]?.id, jobs[1]?.id])
  })
})
