/** The git mirror over a real database, in a process of its own, read with git itself and pushed to git's own server. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createLog } from '../../base/log.ts'
import type { FlowNode, MirrorStatus } from '../api/index.ts'
import type { Caller } from '../auth/caller.ts'
import type { EnvironmentMark } from '../environment/index.ts'
import { createVersions } from '../flows/versions.ts'
import { aloneHost } from '../hosts/contract.ts'
import type { RouteHandler } from '../http/handler.ts'
import { openSecrets } from '../secrets/index.ts'
import { startTestStore, type TestStore } from '../store/testing.ts'
import { keepVersion } from '../versions/keep.ts'
import { createMirror, type Mirror } from './index.ts'
import { type GitPeer, git, hasGit, startGitPeer } from './testing.ts'

const KEPT = 'a-password-of-the-shop'
const caller = { userId: 'u1', userName: 'ada', name: 'Ada', role: 'admin', capabilities: new Set(), via: 'session', session: 's' } as unknown as Caller

let db: TestStore
let root: string
beforeAll(async () => {
  db = await startTestStore()
}, 60_000)
afterAll(() => db?.close())

let mirror: Mirror | undefined
let deployed: () => void = () => {}
const open: (() => Promise<void> | void)[] = []
afterEach(async () => {
  await mirror?.close()
  mirror = undefined
  for (const close of open.splice(0)) await close()
  await db.store.db.deleteFrom('flowVersion').execute()
  await db.store.db.deleteFrom('mirror').execute()
  await db.store.db.deleteFrom('keptVersion').execute()
})

const versions = () => createVersions(db.store.db)
const tab = (label: string): FlowNode => ({ id: 'tab1', type: 'tab', label, disabled: false, info: '', env: [] })
const code = (func: string): FlowNode => ({ id: 'fn1', type: 'function', z: 'tab1', name: 'count parts', func, outputs: 1, x: 1, y: 2, wires: [['dbg1']] })
const show: FlowNode = { id: 'dbg1', type: 'debug', z: 'tab1', name: '', x: 3, y: 4, wires: [] }
const save = (flows: FlowNode[], comment?: string, author = 'Ada Lovelace') =>
  versions().save({ flows, sealed: undefined, author, kind: 'nodes', comment, state: 'deployed' })

/** A mirror in a folder; `again` opens another on the same folder, as a restart does. */
async function begin({ folder = 'mirror', firstPauseMs = 15_000 } = {}) {
  if (folder === 'mirror') {
    root = mkdtempSync(join(tmpdir(), 'cw-mirror-'))
    const made = root
    open.push(() => rmSync(made, { recursive: true, force: true }))
  }
  const secrets = await openSecrets({ keysDir: join(root, 'keys') })
  mirror = await createMirror({
    store: db.store,
    log: createLog('gateway', 'silent'),
    live: { provide: () => {}, publish: () => {} } as never,
    audit: { record: () => {} },
    secrets,
    hosts: aloneHost(),
    flows: {
      onDeployed: (listener) => {
        deployed = listener
      },
    },
    versions: { keep: keepVersion, own: () => {} },
    environment: { current: { kind: 'test', name: 'Test shop' }, asksReason: false, routes: [] } satisfies EnvironmentMark,
    keptSecrets: async () => [KEPT],
    dir: join(root, folder),
    firstPauseMs,
  })
  mirror.start()
  const route = async (id: string, body?: unknown): Promise<MirrorStatus> => {
    const found = mirror?.routes.find((each) => each.route.id === id) as RouteHandler
    return (await found.run({ caller, body } as never)) as MirrorStatus
  }
  return {
    dir: join(root, folder),
    status: () => route('getMirror'),
    set: (body: object) => route('setMirror', { isOn: true, ...body }),
    sync: () => route('syncMirror'),
    until: async (is: (status: MirrorStatus) => boolean) => {
      let last: MirrorStatus | undefined
      const look = async () => {
        last = await route('getMirror')
        return is(last) || last
      }
      // its process gives way to every other one, and a busy machine has many
      await expect.poll(look, { timeout: 120_000, interval: 50 }).toBe(true)
      return last as MirrorStatus
    },
  }
}

const gitTest = describe.skipIf(!hasGit)
gitTest(hasGit ? 'the git mirror' : 'the git mirror: SKIPPED, no git with http-backend on the PATH', { timeout: 300_000 }, () => {
  test('every version is a commit with its author, reason and time; git finds nothing wrong with it', async () => {
    await save([tab('Line 1')], 'first flow')
    await save([tab('Line 1'), code('return msg'), show], 'counts parts\nsince the ERP wants to know', 'Bob Noyce')
    const { set, until, dir } = await begin()
    await set({})
    const { commit, missing } = await until(({ commit, state }) => commit !== undefined && state === 'idle')
    expect(missing).toBe(0)
    expect(git(dir, 'fsck', '--strict', '--full')).toBe('')
    const log = git(dir, 'log', '--reverse', '--format=%an|%s', 'main').trim().split('\n')
    expect(log.map((line) => line.replace(/Version \d+/, 'Version N'))).toEqual(['Ada Lovelace|Version N: first flow', 'Bob Noyce|Version N: counts parts'])
    expect(git(dir, 'log', '-1', '--format=%B', 'main')).toContain('since the ERP wants to know')
    const [row] = await versions().list(1)
    expect(Number(git(dir, 'log', '-1', '--format=%at', 'main'))).toBe(Math.floor(Date.parse(row?.at ?? '') / 1000))
    expect(commit?.id).toBe(git(dir, 'rev-parse', 'main').trim())
    expect(git(dir, 'show', 'main:flows/line-1-tab1/count-parts-fn1.js')).toBe('return msg\n')
    expect(JSON.parse(git(dir, 'show', 'main:flows/line-1-tab1/flow.json')).nodes.map(({ id }: FlowNode) => id)).toEqual(['dbg1', 'fn1'])
    expect(git(dir, 'show', 'main:README.md')).toContain('outgoing only')
  })

  test('panels and imported templates are in it as well, without their secrets, and go when they are removed', async () => {
    const keep = (number: number, content: unknown, ageS: number) =>
      db.store.db
        .insertInto('keptVersion')
        .values({
          id: `kpt_${number}`,
          kind: 'panel',
          subject: 'haas/operator',
          number,
          title: 'Panel: haas',
          content: JSON.stringify(content),
          author: 'Ada',
          reason: 'larger buttons',
          at: new Date(Date.now() - ageS * 1000),
        })
        .execute()
    await save([tab('Line 1')], 'one')
    await keep(1, { tabs: [{ id: 'a', name: KEPT }] }, 60)
    const { set, sync, until, dir } = await begin()
    await set({})
    await until(({ commit, state }) => commit !== undefined && state === 'idle')
    const [file] = git(dir, 'ls-tree', '-r', '--name-only', 'main', 'panels/').trim().split('\n')
    expect(file).toMatch(/^panels\/haas-operator-.*\.json$/)
    expect(git(dir, 'show', `main:${file}`)).not.toContain(KEPT)
    expect(git(dir, 'log', '--format=%an|%s', 'main', '--', 'panels')).toContain('Ada|Panel "Panel: haas", version 1: larger buttons')
    await keep(2, null, 30)
    await sync()
    expect(git(dir, 'ls-tree', '-r', '--name-only', 'main')).not.toContain('panels/')
    expect(git(dir, 'ls-tree', '-r', '--name-only', 'main')).toContain('flows/')
    expect(git(dir, 'fsck', '--strict', '--full')).toBe('')
    await sync()
    expect(git(dir, 'rev-list', '--count', 'main').trim()).toBe('3')
  })

  test('a deploy is followed at once, and what was missed while it was off is caught up on', async () => {
    const first = await begin()
    await first.set({})
    await save([tab('Line 1')], 'one')
    deployed()
    await first.until(({ commit, missing }) => commit !== undefined && missing === 0)
    await first.set({ isOn: false })
    await save([tab('Line 2')], 'two')
    await save([tab('Line 3')], 'three')
    deployed()
    expect(git(first.dir, 'rev-list', '--count', 'main').trim()).toBe('1')
    await first.set({})
    await first.until(({ commit, state }) => commit !== undefined && state === 'idle' && git(first.dir, 'rev-list', '--count', 'main').trim() === '3')
    expect(git(first.dir, 'log', '-1', '--format=%s', 'main')).toMatch(/: three$/m)
  })

  test('it goes on from a repository that somebody has packed with git gc', async () => {
    for (let number = 1; number <= 5; number += 1) await save([tab(`Line ${number}`)], `version ${number}`)
    const { set, until, dir } = await begin()
    await set({})
    const count = () => git(dir, 'rev-list', '--count', 'main').trim()
    await until(({ commit, state }) => commit !== undefined && state === 'idle' && count() === '5')
    git(dir, 'gc', '--quiet')
    expect(git(dir, 'count-objects')).toMatch(/^0 objects/)
    await save([tab('Line 6')], 'packed')
    deployed()
    await until(({ commit, state }) => commit !== undefined && state === 'idle' && count() === '6')
    expect(git(dir, 'log', '--format=%s', 'main')).toMatch(/: packed\n(.*\n)*.*: version 1$/m)
    expect(git(dir, 'fsck', '--strict', '--full')).toBe('')
  })

  test('secrets are never in it: those that are kept, those that look like some, credentials', async () => {
    const token = `ghp_${'aB3'.repeat(12)}`
    const { privateKey } = await import('node:crypto').then(({ generateKeyPairSync }) => generateKeyPairSync('rsa', { modulusLength: 2048 }))
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
    await save(
      [
        tab(`Line ${KEPT}`),
        code(`const a = "${token}"; const b = "${KEPT}"; const k = \`${pem}\`; return msg`),
        {
          id: 'http1',
          type: 'http request',
          z: 'tab1',
          name: 'ask',
          password: 'openSesame',
          headers: [{ keyType: 'Authorization', value: 'Bearer abcdefghijklmnopqrstuv' }],
          x: 1,
          y: 1,
          wires: [],
          credentials: { user: 'x', password: 'plainly' },
        } as FlowNode,
      ],
      `token ${token}`,
    )
    const { set, until, dir } = await begin()
    await set({})
    await until(({ commit, missing }) => commit !== undefined && missing === 0)
    const all = git(dir, 'log', '-p', '--format=%an%n%B', 'main') + git(dir, 'ls-tree', '-r', '--name-only', 'main')
    for (const secret of [token, KEPT, 'openSesame', 'abcdefghijklmnopqrstuv', 'plainly', ...pem.split('\n').filter((line) => line.length === 64)])
      expect(all).not.toContain(secret)
    expect(all).toContain('return msg')
  })

  test('it is pushed with its token; a remote that is away or refuses is told, tried again, and holds up nothing', async () => {
    // longer than anything here takes: it is tried again when somebody says so
    const { set, until, sync, dir } = await begin({ firstPauseMs: 600_000 })
    const peer: GitPeer = await startGitPeer(root)
    open.push(() => peer.close())
    await save([tab('Line 1')], 'one')
    await set({ remote: peer.url, token: 'wrong' })
    const refused = await until(({ error, commit }) => error !== undefined && commit !== undefined)
    expect(refused.error).toMatchObject({ code: 'mirror-auth', attempts: 1 })
    expect(JSON.stringify(refused)).not.toContain('wrong')

    await set({ token: peer.token })
    await until(({ pushed, state }) => pushed !== undefined && state === 'idle')
    expect(git(peer.dir, 'rev-parse', 'main')).toBe(git(dir, 'rev-parse', 'main'))
    expect(git(peer.dir, 'fsck', '--strict', '--full')).toBe('')

    peer.answerWith(503)
    await save([tab('Line 2')], 'two')
    deployed()
    const waiting = await until(({ error, state }) => error?.attempts === 1 && state === 'waiting')
    expect(waiting).toMatchObject({ missing: 0, error: { code: 'mirror-unreachable' } })
    expect(Date.parse(waiting.error?.nextAt ?? '')).toBeGreaterThan(Date.now())
    const asked = peer.asked
    await save([tab('Line 3')], 'three')
    deployed()
    // what is here goes on, what is away is left alone until its time
    await until(({ missing }) => missing === 0)
    await until(() => git(dir, 'rev-list', '--count', 'main').trim() === '3')
    expect(peer.asked).toBe(asked)
    peer.answerWith(undefined)
    await sync()
    expect(git(peer.dir, 'rev-list', '--count', 'main').trim()).toBe('3')
    expect((await until(({ state }) => state === 'idle')).error).toBeUndefined()
  })

  test('a host that begins with nothing goes on from what the remote has; commits of others are never written over', async () => {
    const first = await begin()
    const peer = await startGitPeer(root)
    open.push(() => peer.close())
    await save([tab('Line 1')], 'one')
    await first.set({ remote: peer.url, token: peer.token })
    await first.until(({ pushed }) => pushed !== undefined)
    await mirror?.close()
    const second = await begin({ folder: 'elsewhere' })
    await save([tab('Line 2')], 'two')
    deployed()
    await second.until(
      ({ pushed, commit }) => pushed !== undefined && pushed.commit === commit?.id && git(peer.dir, 'rev-list', '--count', 'main').trim() === '2',
    )

    git(peer.dir, 'update-ref', 'refs/heads/foreign', git(peer.dir, 'commit-tree', '-m', 'by hand', '4b825dc642cb6eb9a060e54bf8d69288fbee4904').trim())
    const foreign = git(peer.dir, 'rev-parse', 'foreign')
    await second.set({ branch: 'foreign' })
    const told = await second.until(({ error }) => error !== undefined)
    expect(told.error).toMatchObject({ code: 'mirror-foreign' })
    expect(git(peer.dir, 'rev-parse', 'foreign')).toBe(foreign)
  })

  // the whole of 127.0.0.0/8 answers on Linux: an address that is not "this computer" by its name
  test.runIf(process.platform === 'linux')('over plain http it goes to the own network only when somebody has said so', async () => {
    const { set, until } = await begin()
    const peer = await startGitPeer(root, '127.0.0.2')
    open.push(() => peer.close())
    await save([tab('Line 1')], 'one')
    await expect(set({ remote: peer.url, token: peer.token })).rejects.toMatchObject({ code: 'mirror-plain-http' })
    expect(peer.asked).toBe(0)
    const said = await set({ remote: peer.url, token: peer.token, allowsPlainHttp: true })
    expect(said.settings).toMatchObject({ allowsPlainHttp: true })
    await until(({ pushed, state }) => pushed !== undefined && state === 'idle')
    expect(git(peer.dir, 'log', '--format=%s', 'main').trim().split('\n')).toHaveLength(1)
    // for this server, not for the next one
    await expect(set({ remote: 'http://10.1.2.3/shop.git' })).rejects.toMatchObject({ code: 'mirror-plain-http' })
    await expect(set({ remote: 'http://203.0.113.7/shop.git', allowsPlainHttp: true })).rejects.toMatchObject({ code: 'mirror-remote' })
    expect((await set({ remote: 'https://git.example.com/a.git', isOn: false })).settings.allowsPlainHttp).toBeUndefined()
  })

  test('a repository that cannot be read is put aside and made anew', async () => {
    const first = await begin()
    await save([tab('Line 1')], 'one')
    await first.set({})
    await first.until(({ commit }) => commit !== undefined)
    await mirror?.close()
    const id = git(first.dir, 'rev-parse', 'main').trim()
    rmSync(join(first.dir, 'objects', id.slice(0, 2)), { recursive: true })
    const third = await begin({ folder: '../'.concat(first.dir.split('/').slice(-2).join('/')), firstPauseMs: 100 })
    await third.sync()
    await third.until(({ commit, state }) => commit !== undefined && state === 'idle')
    expect(git(first.dir, 'fsck', '--strict')).toBe('')
    expect(git(first.dir, 'rev-parse', 'main').trim()).toBe(id)
  })
})

describe('settings of the git mirror', () => {
  test.each([
    ['http://git.example.com/a.git', /https/],
    ['https://me:secret@git.example.com/a.git', /password/],
    ['git@git.example.com:a.git', /is none|https/],
    ['https://git.example.com/a.git?token=1', /part behind/],
  ])('%s is refused as a remote', async (remote, why) => {
    const { set } = await begin()
    await expect(set({ remote })).rejects.toThrow(why)
  })

  test('a token never goes along to another address, and is never told', async () => {
    const { set } = await begin()
    const told = await set({ isOn: false, remote: 'https://git.example.com/a.git', token: 'top-secret' })
    expect(told.settings).toMatchObject({ hasToken: true })
    expect(JSON.stringify(told)).not.toContain('top-secret')
    expect((await set({ isOn: false, remote: 'https://git.example.com/b.git' })).settings.hasToken).toBe(true)
    expect((await set({ isOn: false, remote: 'https://elsewhere.example.com/b.git' })).settings.hasToken).toBe(false)
  })
})
