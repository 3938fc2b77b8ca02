/**
 * `npm run bench hosts`: three hosts, each with its launcher, gateway, flow runtime, connector host and guards, over one PostgreSQL and
 * one Redis. Work of each kind is asked for at all of them, and in the middle the first one (it leads, and a machine is wired to it) is
 * killed, all its processes at once; a minute later it starts again. Counted is what was done, not what rows say: lines that flows have
 * written into a file, confirmations in the outbox, lines that guards have sent. What a dead host may or may not have done waits for a
 * person; the bench looks into the file, as a person would, and has tried again what is not there (`asked`).
 */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { UserError } from '../../base/errors.ts'
import { createLog } from '../../base/log.ts'
import {
  addConnection,
  changeQueue,
  deployFlows,
  enqueueFlowJob,
  getJob,
  type Job,
  listDeadLetters,
  listHosts,
  listSteps,
  raiseEvent,
  retryJob,
  startProgram,
  uploadProgram,
} from '../../server/api/index.ts'
import { openStore } from '../../server/store/index.ts'
import { addMill, askToWait, doubles, flowsOf, linesSent, programOf, redisServer, startHosts, type TestHost, untilIdle, written } from '../hosts.ts'
import { until } from '../product.ts'
import { type Bench, conditions, keepSamples } from './bench.ts'

/** So many every {@link PAUSE_MS}: each host always has some in its flows. */
const AT_ONCE = 3
const PARTS = 480
const PAUSE_MS = 100
const WAITING = 6
const PROGRAMS = 4

interface Counted {
  what: string
  asked: number
  done: number
  lost: number
  doubled: number
}

const countOf = (what: string, asked: readonly string[], done: readonly string[]): Counted => ({
  what,
  asked: asked.length,
  done: done.length,
  lost: asked.filter((each) => !done.includes(each)).length,
  doubled: doubles(done).length,
})

export const bench: Bench = async ({ tell }) => {
  if (!redisServer) throw new Error('This bench needs redis-server on the PATH (or REDIS_SERVER).')
  const shop = await startHosts(['first', 'second', 'third'])
  const store = await openStore({ database: shop.postgres.database, log: createLog('bench', 'silent') })
  try {
    const [first, second, third] = shop.hosts as [TestHost, TestHost, TestHost]
    const file = join(shop.dir, 'done.txt')
    const [inbox, outbox] = [join(shop.dir, 'inbox'), join(shop.dir, 'outbox')]
    for (const dir of [inbox, outbox]) await mkdir(dir)
    const connection = await until('the connector host', 30_000, () =>
      first.product.client.call(addConnection, { body: { name: 'Orders', connector: 'work-order-folder', settings: { inbox, outbox }, isEnabled: true } }),
    )
    await addMill(first, 'mill-1')
    await addMill(second, 'mill-2')
    await first.product.client.call(deployFlows, { body: { flows: flowsOf({ file, connectionId: connection.id }), kind: 'full' } })
    await until('all hosts to run what was deployed', 60_000, async () =>
      (await second.product.client.call(listHosts, {})).every(({ deployment }) => deployment === 'current') ? true : undefined,
    )
    tell('Three hosts run the same flows')

    const confirmed = async () => {
      const names = (await readdir(outbox)).filter((name) => name.endsWith('.json'))
      return Promise.all(names.map(async (name) => (JSON.parse(await readFile(join(outbox, name), 'utf8')) as { workOrder: string }).workOrder))
    }

    // --- work of each kind, asked for at all three
    const waits = Array.from({ length: WAITING }, (_, index) => `wait-${index}`)
    for (const [index, name] of waits.entries()) await askToWait(shop.hosts[index % 2 ? 1 : 0] as TestHost, name)
    const programs: { machineId: string; job: Job }[] = []
    for (const machineId of ['mill-1', 'mill-2']) {
      // what waits behind a broken program is not cancelled but held, until a person has looked
      await third.product.client.call(changeQueue, { params: { queue: `machine-${machineId}` }, body: { afterBreak: 'hold' } })
      for (let index = 0; index < PROGRAMS; index += 1) {
        const path = join(shop.dir, `${machineId}-${index}.nc`)
        await writeFile(path, programOf(`${machineId} ${index}`, index === 0 ? 1500 : 60))
        const program = await third.product.client.upload(uploadProgram, { name: `${machineId}-${index}.nc` }, path)
        // at the host that has neither machine
        programs.push({ machineId, job: await third.product.client.call(startProgram, { body: { machineId, programId: program.id } }) })
      }
    }
    const jobOf = (id: string) => third.product.client.call(getJob, { params: { jobId: id } })
    await until('a program to run on the host that will die', 60_000, async () => {
      const [begun] = programs
      return begun && ((await jobOf(begun.job.id)).progress?.done ?? 0) > 20 ? true : undefined
    })
    const names: string[] = []
    const parts: Job[] = []
    let isKilled = false
    let failedAsks = 0
    const ask = async (index: number) => {
      const name = `P-${String(index).padStart(4, '0')}`
      const host = shop.hosts[isKilled ? 1 + (index % 2) : index % 3] as TestHost
      try {
        parts.push(await host.product.client.call(enqueueFlowJob, { body: { name: 'part', payload: name, idempotencyKey: name } }))
        names.push(name)
      } catch (error) {
        // refused is a fault of this bench; a host that cannot be reached has told whoever asked
        if (error instanceof UserError) throw error
        failedAsks += 1
      }
    }
    for (let index = 0; index < PARTS; index += AT_ONCE) {
      const asking = Promise.all(Array.from({ length: AT_ONCE }, (_, offset) => ask(index + offset)))
      if (!isKilled && index >= PARTS / 2) {
        tell('Killing the first host: launcher, gateway, runtime, connector host, guard and virtual machine')
        await first.kill()
        isKilled = true
      }
      await asking
      await wait(PAUSE_MS)
    }
    const killedAt = Date.now()
    await until('another host to lead', 90_000, async () =>
      (await second.product.client.call(listHosts, {})).some(({ leads, name }) => leads && name !== 'first') ? true : undefined,
    )
    tell('Another host leads')
    const waitedAtDeath = (await Promise.all(programs.filter(({ machineId }) => machineId === 'mill-1').map(({ job }) => jobOf(job.id)))).filter(
      ({ state }) => state === 'waiting',
    ).length
    // steps of the dead host go on at another one
    const { woken } = await third.product.client.call(raiseEvent, { params: { name: 'go' }, body: {} })
    await until('what waited to go on', 120_000, async () => ((await written(file, 'waited')).length >= WAITING ? true : undefined))

    // --- a person looks at what nobody knows
    let asked = 0
    await until('every part to end', 180_000, async () => {
      const { jobs: letters } = await third.product.client.call(listDeadLetters, { query: { queue: 'flow', limit: 200 } })
      const done = new Set(await written(file, 'part'))
      for (const letter of letters) {
        const index = parts.findIndex(({ id }) => id === letter.id)
        const name = names[index]
        if (name === undefined || done.has(name)) continue
        parts[index] = await third.product.client.call(retryJob, { params: { jobId: letter.id } })
        asked += 1
      }
      return names.every((name) => done.has(name)) ? true : undefined
    })
    await until('the confirmations', 120_000, async () => {
      const sent = await confirmed()
      // those whose flow died between the part and its confirmation are among the dead letters, and were done
      const open = new Set((await Promise.all(parts.map(({ id }) => jobOf(id)))).flatMap((job, index) => (job.state === 'interrupted' ? [names[index]] : [])))
      return names.every((name) => sent.includes(name) || open.has(name)) ? true : undefined
    })
    const interrupted = (await Promise.all(parts.map(({ id }) => jobOf(id)))).flatMap((job, index) => (job.state === 'interrupted' ? [names[index] ?? ''] : []))

    // --- the dead host comes back: its machine's queue goes on there
    await first.startAgain()
    const awayS = Math.round((Date.now() - killedAt) / 1000)
    tell(`The first host is back after ${awayS} s`)
    const broken = await until('the broken program to be told so', 90_000, async () => {
      const job = await jobOf(programs[0]?.job.id ?? '')
      return job.state === 'interrupted' ? job : undefined
    })
    await untilIdle(first, 'mill-1')
    await third.product.client.call(changeQueue, { params: { queue: 'machine-mill-1' }, body: { mode: 'open' } })
    const rest = programs.filter(({ job }) => job.id !== broken.id)
    for (const { job } of rest) await until(`${job.name} to end`, 120_000, async () => ((await jobOf(job.id)).endedAt ? true : undefined))
    const sent = new Map([...(await linesSent(first, 'mill-1')), ...(await linesSent(second, 'mill-2'))])
    const twice = [...sent.values()].filter((lines) => new Set(lines).size !== lines.length).length
    const ended = await Promise.all(rest.map(({ job }) => jobOf(job.id)))
    const programCount: Counted = {
      what: 'programs',
      asked: programs.length,
      done: ended.filter(({ state }) => state === 'completed').length + 1,
      lost: ended.filter(({ state }) => state !== 'completed').length + rest.filter(({ job }) => !sent.get(job.id)?.length).length,
      doubled: twice,
    }

    // --- schedules: each due second has one firing, and what it wrote stands there once
    const firings = await store.db
      .selectFrom('triggerFiring')
      .selectAll()
      .where('triggerId', '=', 'tick')
      .where('cause', '=', 'time')
      .orderBy('dueAt')
      .execute()
    const begun = firings.filter(({ state }) => state === 'begun')
    const dues = firings.map(({ dueAt }) => dueAt.getTime())
    const gaps = dues.slice(1).filter((at, index) => at - (dues[index] ?? 0) !== 1000).length
    const ticks = await written(file, 'tick')
    const unwritten = begun.filter(({ dueAt }) => !ticks.includes(dueAt.toISOString()))
    // begun in the runtime that was killed, and not come to the file: its run says so
    const runs = unwritten.length
      ? await store.db
          .selectFrom('run')
          .select(['id', 'state'])
          .where(
            'id',
            'in',
            unwritten.flatMap(({ runId }) => runId ?? []),
          )
          .execute()
      : []
    const told = runs.filter(({ state }) => state !== 'completed').length
    const schedule: Counted = {
      what: 'due times of a schedule',
      asked: firings.length,
      done: ticks.length,
      lost: gaps + unwritten.length - told,
      doubled: doubles(ticks).length,
    }
    const beats = (await written(file, 'beat')).map(Number).sort((a, b) => a - b)
    // two hosts that let the same node begin would beat twice a second
    const beatsTooClose = beats.slice(1).filter((at, index) => at - (beats[index] ?? 0) < 500).length

    const left = (await third.product.client.call(listSteps, { query: { limit: 100 } })).length
    const counts = [
      countOf('parts (flow jobs)', names, await written(file, 'part')),
      countOf(
        'confirmations in the outbox',
        names.filter((name) => !interrupted.includes(name)),
        (await confirmed()).filter((name) => !interrupted.includes(name)),
      ),
      countOf('steps that waited', waits, await written(file, 'waited')),
      programCount,
      schedule,
    ]
    const lost = counts.reduce((sum, each) => sum + each.lost, 0)
    const doubled = counts.reduce((sum, each) => sum + each.doubled, 0)
    const byHost = await store.db
      .selectFrom('job')
      .select(['host', (e) => e.fn.countAll<number>().as('jobs')])
      .where('kind', '=', 'flow')
      .groupBy('host')
      .execute()
    return {
      rows: [
        ...counts.map(({ what, ...rest }) => ({ what, ...rest })),
        { what: 'all', asked: '', done: '', lost, doubled },
        { what: 'broken by the death, shown and decided by a person', asked: '', done: asked + interrupted.length + 1, lost: '', doubled: '' },
        { what: 'programs that waited for their own host', asked: '', done: waitedAtDeath, lost: '', doubled: '' },
        { what: 'beats of an inject node in two hosts at once', asked: '', done: beats.length, lost: '', doubled: beatsTooClose },
      ],
      figures: {
        lost,
        doubled,
        counts: Object.fromEntries(counts.map(({ what, ...rest }) => [what, rest])),
        decidedByPerson: { triedAgain: asked, doneButForTheirEnd: interrupted.length, programs: 1 },
        tickBegunInTheDeadRuntime: told,
        machineQueueWaited: waitedAtDeath,
        refusedToWhoeverAsked: failedAsks,
        wokenSteps: woken,
        openStepsLeft: left,
        injectDoubled: beatsTooClose,
        jobsByHost: Object.fromEntries(byHost.map(({ host, jobs }) => [host ?? 'none', Number(jobs)])),
        awayS,
        n: names.length + waits.length + programs.length + firings.length,
        conditions: conditions({ hosts: 3, dispatch: 'redis', killed: 'first (leads, has a machine), SIGKILL of all its processes' }),
        samples: await keepSamples('hosts', { counts, ticks, firings: firings.map(({ dueAt, state, host }) => ({ dueAt, state, host })) }),
      },
    }
  } finally {
    await store.close()
    await shop.close()
  }
}
