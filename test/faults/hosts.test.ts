/**
 * Three hosts, each with its own processes, over one PostgreSQL and one Redis; in the end one of them dies at once, with all it has.
 * What truly happened is counted in a file to which the flows of all hosts write, in an outbox, and in the journals of the guards.
 */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  actOnMachine,
  addConnection,
  cancelJob,
  changeQueue,
  deployFlows,
  enqueueFlowJob,
  getFlows,
  getJob,
  getMachine,
  holdMachine,
  type Job,
  listDeadLetters,
  listHosts,
  listQueues,
  listSteps,
  moveMachineToHost,
  raiseEvent,
  resumeMachine,
  retryJob,
  startProgram,
  stopMachine,
  uploadProgram,
} from '../../server/api/index.ts'
import {
  addMill,
  askToWait,
  doubles,
  flowsOf,
  linesSent,
  programOf,
  redisServer,
  startHosts,
  type TestHost,
  type TestHosts,
  untilIdle,
  written,
} from '../hosts.ts'
import { until } from '../product.ts'

describe.skipIf(!redisServer)(redisServer ? 'three hosts' : 'three hosts: SKIPPED, no redis-server on the PATH', { timeout: 240_000 }, () => {
  let shop: TestHosts
  let [first, second, third] = [] as unknown as [TestHost, TestHost, TestHost]
  let file = ''
  let outbox = ''
  const jobAt = (host: TestHost, id: string): Promise<Job> => host.product.client.call(getJob, { params: { jobId: id } })
  const machineAt = (host: TestHost, machineId: string) => host.product.client.call(getMachine, { params: { machineId } })
  const hold = (machineId: string, mode: 'held' | 'open') =>
    third.product.client.call(changeQueue, { params: { queue: `machine-${machineId}` }, body: { mode } })
  const start = async (host: TestHost, machineId: string, name: string, moves: number): Promise<Job> => {
    const path = join(shop.dir, name)
    await writeFile(path, programOf(name, moves))
    const program = await host.product.client.upload(uploadProgram, { name }, path)
    return host.product.client.call(startProgram, { body: { machineId, programId: program.id } })
  }
  const confirmed = async () => {
    const names = (await readdir(outbox)).filter((name) => name.endsWith('.json'))
    return Promise.all(names.map(async (name) => (JSON.parse(await readFile(join(outbox, name), 'utf8')) as { workOrder: string }).workOrder))
  }

  beforeAll(async () => {
    shop = await startHosts(['first', 'second', 'third'], { CELLWRIGHT_HOST_SILENT_S: '12' })
    ;[first, second, third] = shop.hosts as typeof shop.hosts & [TestHost, TestHost, TestHost]
    file = join(shop.dir, 'done.txt')
    outbox = join(shop.dir, 'outbox')
    const inbox = join(shop.dir, 'inbox')
    for (const dir of [inbox, outbox]) await mkdir(dir)
    const connection = await until('the connector host', 60_000, () =>
      first.product.client.call(addConnection, { body: { name: 'Orders', connector: 'work-order-folder', settings: { inbox, outbox }, isEnabled: true } }),
    )
    await addMill(first, 'mill-1')
    await addMill(second, 'mill-2')
    await first.product.client.call(deployFlows, { body: { flows: flowsOf({ file, connectionId: connection.id }), kind: 'full' } })
  }, 300_000)
  afterAll(() => shop?.close(), 120_000)

  it('run what one of them deploys, and one of them leads', async () => {
    for (const host of shop.hosts)
      await until(`${host.name} to see all hosts with the same deployment`, 90_000, async () => {
        const hosts = await host.product.client.call(listHosts, {})
        return hosts.length === 3 && hosts.every(({ deployment, state }) => deployment === 'current' && state === 'living') ? true : undefined
      })
    const { flows, rev } = await second.product.client.call(getFlows, {})
    expect((await first.product.client.call(getFlows, {})).rev).toBe(rev)
    const changed = flows.map((node) => (node.id === 'tick' ? { ...node, name: 'Tick of all' } : node))
    const { rev: next } = await third.product.client.call(deployFlows, { body: { flows: changed, kind: 'nodes', rev } })
    // whoever made a change from what was there before is told so, on whatever host
    await expect(first.product.client.call(deployFlows, { body: { flows, kind: 'nodes', rev } })).rejects.toMatchObject({ code: 'version-mismatch' })
    await until('all of them to run it', 60_000, async () =>
      (await first.product.client.call(listHosts, {})).every(({ deployment }) => deployment === 'current') ? true : undefined,
    )
    expect((await second.product.client.call(getFlows, {})).rev).toBe(next)
    const leaders = await Promise.all(
      shop.hosts.map(async (host) => (await host.product.client.call(listHosts, {})).flatMap(({ name, leads }) => (leads ? [name] : []))),
    )
    expect(leaders).toEqual([['first'], ['first'], ['first']])
  })

  it('let a node that begins by itself begin in one of them, and a schedule fire once', async () => {
    const before = (await written(file, 'beat')).length
    await until('some beats and ticks', 60_000, async () =>
      (await written(file, 'beat')).length >= before + 5 && (await written(file, 'tick')).length >= 5 ? true : undefined,
    )
    expect(doubles(await written(file, 'tick'))).toEqual([])
    // a clock of one runtime; two would beat in between
    const beats = (await written(file, 'beat')).slice(before).map(Number)
    expect(beats.slice(1).filter((at, index) => at - (beats[index] ?? 0) < 400)).toEqual([])
  })

  it('show each other’s machines; what stops is carried to the host of the machine, what moves is not', async () => {
    await until('the state to be told', 30_000, async () => ((await machineAt(third, 'mill-1')).state?.controller === 'idle' ? true : undefined))
    expect(await machineAt(third, 'mill-1')).toMatchObject({ guard: 'running', host: { name: 'first', isSilent: false, url: first.product.client.access.url } })
    expect((await machineAt(first, 'mill-1')).host).toBeUndefined()
    const away = third.product.client.call(actOnMachine, { params: { machineId: 'mill-1' }, body: { action: { kind: 'home' } } })
    await expect(away).rejects.toMatchObject({ code: 'machine-elsewhere', message: expect.stringContaining(first.product.client.access.url) })
    const job = await start(third, 'mill-1', 'long.nc', 2000)
    await until('the program to run', 60_000, async () => (((await jobAt(third, job.id)).progress?.done ?? 0) > 10 ? true : undefined))
    await third.product.client.call(holdMachine, { params: { machineId: 'mill-1' } })
    await until('the hold', 20_000, async () => ((await machineAt(first, 'mill-1')).state?.controller === 'hold' ? true : undefined))
    await expect(third.product.client.call(resumeMachine, { params: { machineId: 'mill-1' } })).rejects.toMatchObject({ code: 'machine-elsewhere' })
    const { sentAt } = await third.product.client.call(stopMachine, { params: { machineId: 'mill-1' }, body: { hard: false } })
    expect(Date.parse(sentAt)).toBeGreaterThan(0)
    // said by the guard, seen on the host that asked
    expect((await until('the end of the job', 60_000, async () => ((await jobAt(third, job.id)).endedAt ? jobAt(third, job.id) : undefined))).state).toBe(
      'stopped',
    )
    await untilIdle(first, 'mill-1')
  })

  it('move a machine to another host when a person says so and it is not in use, with what waits held', async () => {
    await hold('mill-2', 'held')
    const waits = await start(first, 'mill-2', 'moved.nc', 20)
    const busy = await start(second, 'mill-1', 'busy.nc', 2000)
    await until('the program to run', 60_000, async () => (((await jobAt(first, busy.id)).progress?.done ?? 0) > 10 ? true : undefined))
    const move = (machineId: string, host: string) => third.product.client.call(moveMachineToHost, { params: { machineId }, body: { host, hasLooked: false } })
    await expect(move('mill-1', 'third')).rejects.toMatchObject({ code: 'machine-busy' })
    await expect(move('mill-2', 'nowhere')).rejects.toMatchObject({ code: 'host-unknown' })
    // a job is stopped from any host as well
    await third.product.client.call(cancelJob, { params: { jobId: busy.id }, body: {} })
    await until('the job to be stopped', 60_000, async () => ((await jobAt(first, busy.id)).endedAt ? true : undefined))

    await move('mill-2', 'third')
    await untilIdle(third, 'mill-2')
    expect(await until('the old host to know', 30_000, async () => (await machineAt(second, 'mill-2')).host)).toMatchObject({ name: 'third' })
    expect((await jobAt(first, waits.id)).state).toBe('waiting')
    const queues = await first.product.client.call(listQueues, {})
    expect(queues.find(({ machineId }) => machineId === 'mill-2')).toMatchObject({
      mode: 'held',
      why: expect.stringMatching(/was moved from host "second" to host "third"/),
    })
    await hold('mill-2', 'open')
    await until('what waited to run there', 60_000, async () => ((await jobAt(first, waits.id)).state === 'completed' ? true : undefined))
    expect((await linesSent(third, 'mill-2')).get(waits.id)?.length).toBeGreaterThan(20)
    expect((await linesSent(second, 'mill-2')).get(waits.id)).toBeUndefined()
    await untilIdle(first, 'mill-1')
  })

  it('one of which dies: nothing is lost, nothing is done twice, and its machine waits for it', async () => {
    await third.product.client.call(changeQueue, { params: { queue: 'machine-mill-1' }, body: { mode: 'open', afterBreak: 'hold' } })
    const broken = await start(second, 'mill-1', 'broken.nc', 2000)
    const behind = await start(third, 'mill-1', 'behind.nc', 20)
    for (const name of ['a', 'b']) await askToWait(first, name)
    await until(
      'both to wait',
      30_000,
      async () => (await third.product.client.call(listSteps, { query: { nodeId: 'wait' } })).filter(({ state }) => state === 'waiting').length === 2,
    )
    await until('the program to run', 60_000, async () => (((await jobAt(third, broken.id)).progress?.done ?? 0) > 10 ? true : undefined))
    const names = Array.from({ length: 40 }, (_, index) => `D-${index}`)
    const parts: Job[] = []
    for (const [index, name] of names.entries()) {
      const host = index < 20 ? (shop.hosts[index % 3] as TestHost) : (shop.hosts[1 + (index % 2)] as TestHost)
      parts.push(await host.product.client.call(enqueueFlowJob, { body: { name: 'part', payload: name, idempotencyKey: name } }))
      if (index === 19) await first.kill()
    }
    const silent = await until('its silence to be shown', 90_000, async () => {
      const { host, guard, state } = await machineAt(third, 'mill-1')
      return host?.isSilent ? { guard, state } : undefined
    })
    expect(silent).toEqual({ guard: 'gone', state: undefined })
    await expect(third.product.client.call(stopMachine, { params: { machineId: 'mill-1' }, body: { hard: false } })).rejects.toMatchObject({
      code: 'stop-not-confirmed',
      message: expect.stringMatching(/has NOT stopped.*emergency stop/s),
    })
    await until('another host to lead', 90_000, async () =>
      (await third.product.client.call(listHosts, {})).some(({ leads, name }) => leads && name !== 'first') ? true : undefined,
    )
    await expect(
      third.product.client.call(moveMachineToHost, { params: { machineId: 'mill-1' }, body: { host: 'third', hasLooked: false } }),
    ).rejects.toMatchObject({
      code: 'old-host-silent',
    })

    // what the dead host may have done waits for a person, who looks into the file
    await until('every part to be made', 120_000, async () => {
      const done = await written(file, 'part')
      const { jobs: letters } = await third.product.client.call(listDeadLetters, { query: { queue: 'flow', limit: 200 } })
      for (const letter of letters) {
        const name = names[parts.findIndex(({ id }) => id === letter.id)]
        if (name !== undefined && !done.includes(name)) await third.product.client.call(retryJob, { params: { jobId: letter.id } })
      }
      return names.every((name) => done.includes(name)) ? true : undefined
    })
    expect(doubles(await written(file, 'part'))).toEqual([])
    await until('the confirmations of all that went through', 120_000, async () => {
      const open = (await Promise.all(parts.map(({ id }) => jobAt(third, id)))).flatMap(({ state }, index) => (state === 'interrupted' ? [names[index]] : []))
      const sent = await confirmed()
      return names.every((name) => sent.includes(name) || open.includes(name)) ? true : undefined
    })
    expect(doubles(await confirmed())).toEqual([])
    await third.product.client.call(raiseEvent, { params: { name: 'go' }, body: {} })
    await until('the steps of the dead host to go on at another one', 120_000, async () => ((await written(file, 'waited')).length >= 2 ? true : undefined))
    expect((await written(file, 'waited')).toSorted()).toEqual(['a', 'b'])
    expect(doubles(await written(file, 'tick'))).toEqual([])

    // its machine's queue has waited, and goes on there
    expect((await jobAt(third, behind.id)).state).toBe('waiting')
    await first.startAgain()
    await until('the broken program to be told so', 90_000, async () => ((await jobAt(third, broken.id)).state === 'interrupted' ? true : undefined))
    expect((await jobAt(third, behind.id)).state).toBe('waiting')
    await untilIdle(first, 'mill-1')
    await hold('mill-1', 'open')
    await until('what waited to run', 90_000, async () => ((await jobAt(third, behind.id)).state === 'completed' ? true : undefined))
    for (const lines of (await linesSent(first, 'mill-1')).values()) expect(new Set(lines).size).toBe(lines.length)
  })
})
