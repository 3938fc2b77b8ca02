import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { RunningConnector } from '../contract.ts'
import { eventConformance } from '../event-conformance.ts'
import type { AnyConnector } from '../index.ts'
import { eventGateway } from '../testing-events.ts'
import { folderEvents } from './index.ts'

type Settings = Parameters<typeof folderEvents.start>[0]['settings']
const eventually = <T>(fact: () => T) => expect.poll(fact, { timeout: 30_000 })

describe('files that arrive in a folder', () => {
  let folder: string
  let gateway: ReturnType<typeof eventGateway>
  let running: RunningConnector | undefined
  const settings = (more: Partial<Settings> = {}): Settings => ({ folder, after: 'move', content: 'none', watching: 'events', settleSeconds: 0.1, ...more })
  const start = async (more: Partial<Settings> = {}) => {
    running = await folderEvents.start({ settings: settings(more), secrets: {}, context: gateway.context })
  }
  const stop = async () => {
    gateway.end()
    await running?.close()
    running = undefined
  }
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cw-folder-'))
    gateway = eventGateway()
  })
  afterEach(async () => {
    await stop()
    rmSync(folder, { recursive: true, force: true })
  })
  const names = () => gateway.events.map(({ subject }) => subject)

  it('are told of once, with their content, and moved only then', async () => {
    await start({ content: 'json' })
    writeFileSync(join(folder, 'a.json'), '{"bore":42.01}')
    await eventually(names).toEqual(['a.json'])
    expect(gateway.events[0]).toMatchObject({
      text: 'file a.json arrived',
      payload: { name: 'a.json', path: join(folder, 'done', 'a.json'), content: { bore: 42.01 } },
    })
    await eventually(() => readdirSync(folder)).toEqual(['done'])
    expect(readdirSync(join(folder, 'done'))).toEqual(['a.json'])
  })
  it('are told of when they were there before, and again after a gateway that was away', async () => {
    writeFileSync(join(folder, 'before.txt'), 'x')
    gateway.be(true)
    await start()
    await eventually(() => gateway.tries()).toBeGreaterThan(0)
    expect(readdirSync(folder)).toEqual(['before.txt'])
    gateway.be(false)
    await eventually(names).toEqual(['before.txt'])
  })
  it('stay where they are when they should: then only new and changed ones count', async () => {
    writeFileSync(join(folder, 'old.txt'), 'x')
    await start({ after: 'leave' })
    await eventually(() => gateway.states.at(-1)?.state).toBe('running')
    writeFileSync(join(folder, 'new.txt'), 'x')
    await eventually(names).toEqual(['new.txt'])
    expect(readdirSync(folder).sort()).toEqual(['new.txt', 'old.txt'])
  })
  it('are not told of while somebody still writes under another name', async () => {
    await start()
    writeFileSync(join(folder, 'big.csv.part'), 'half')
    writeFileSync(join(folder, 'other.csv'), 'x')
    await eventually(names).toEqual(['other.csv'])
    renameSync(join(folder, 'big.csv.part'), join(folder, 'big.csv'))
    await eventually(names).toEqual(['other.csv', 'big.csv'])
  })
  it('that are not JSON are a problem with a name, and nothing else stops', async () => {
    await start({ content: 'json' })
    writeFileSync(join(folder, 'bad.json'), '{')
    await eventually(() => gateway.problems).toMatchObject([{ source: 'bad.json', reason: expect.stringContaining('not JSON') }])
    writeFileSync(join(folder, 'good.json'), '1')
    await eventually(names).toEqual(['good.json'])
  })
  it('are told of again when the folder was away for a while', async () => {
    await start()
    rmSync(folder, { recursive: true })
    await eventually(() => gateway.states.at(-1)?.state).toBe('failing')
    mkdirSync(folder)
    await eventually(() => gateway.states.at(-1)?.state).toBe('running')
    writeFileSync(join(folder, 'back.txt'), 'x')
    await eventually(names).toEqual(['back.txt'])
  })
  it('are moved, and not told of again, when the folder was away before they could be; it is not made here meanwhile', async () => {
    await start()
    const release = gateway.hold()
    writeFileSync(join(folder, 'a.txt'), 'x')
    await eventually(() => gateway.tries()).toBe(1)
    renameSync(folder, `${folder}-away`)
    release()
    await eventually(() => gateway.problems).toMatchObject([{ source: 'a.txt' }])
    await eventually(() => gateway.states.at(-1)?.state).toBe('failing')
    expect(existsSync(folder)).toBe(false)
    renameSync(`${folder}-away`, folder)
    await eventually(() => existsSync(join(folder, 'done', 'a.txt'))).toBe(true)
    expect(names()).toEqual(['a.txt'])
  })
  it('are told of from a share that is mounted over an empty folder, and from the folder below again', async () => {
    await start()
    await eventually(() => gateway.states.at(-1)?.state).toBe('running')
    // another folder under the same name at once, as a mount is: nothing was ever away
    renameSync(folder, `${folder}-below`)
    mkdirSync(folder)
    writeFileSync(join(folder, 'mounted.txt'), 'x')
    await eventually(() => existsSync(join(folder, 'done', 'mounted.txt'))).toBe(true)
    rmSync(folder, { recursive: true })
    renameSync(`${folder}-below`, folder)
    writeFileSync(join(folder, 'below.txt'), 'x')
    await eventually(names).toEqual(['mounted.txt', 'below.txt'])
  })
  it('that stay and come while the folder is away are told of when it is back', async () => {
    writeFileSync(join(folder, 'old.txt'), 'x')
    await start({ after: 'leave' })
    await eventually(() => gateway.states.at(-1)?.state).toBe('running')
    renameSync(folder, `${folder}-away`)
    await eventually(() => gateway.states.at(-1)?.state).toBe('failing')
    writeFileSync(join(`${folder}-away`, 'meanwhile.txt'), 'x')
    renameSync(`${folder}-away`, folder)
    await eventually(names).toEqual(['meanwhile.txt'])
  })
  it('needs a folder that is there', async () => {
    await folderEvents.check(settings(), {})
    await expect(folderEvents.check(settings({ folder: join(folder, 'none') }), {})).rejects.toThrow(/no folder/)
    await expect(folderEvents.check(settings({ folder: 'here' }), {})).rejects.toThrow(/from the root/)
  })
})

eventConformance(folderEvents as unknown as AnyConnector, async () => {
  const home = mkdtempSync(join(tmpdir(), 'cw-folder-'))
  const folder = join(home, 'share')
  mkdirSync(folder)
  return {
    settings: { folder, settleSeconds: 0.1 },
    async happen(names) {
      for (const name of names) writeFileSync(join(folder, name), 'x')
    },
    nameOf: ({ subject }) => subject,
    isOrdered: false,
    // as an unmounted share: what it holds is away with it
    vanish: async () => renameSync(folder, join(home, 'away')),
    comeBack: async () => renameSync(join(home, 'away'), folder),
    keeps: true,
    close: async () => rmSync(home, { recursive: true, force: true }),
  }
})
