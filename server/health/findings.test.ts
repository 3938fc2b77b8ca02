import { describe, expect, it } from 'vitest'
import type { SystemReport } from '../api/index.ts'
import { jumpsOf } from './clock.ts'
import { findingsOf } from './findings.ts'
import { watchProcesses } from './processes.ts'

const NOW = '2026-11-23T12:00:00.000Z'
const ago = (ms: number) => new Date(Date.parse(NOW) - ms).toISOString()
const GB = 1024 ** 3
const well = (): Omit<SystemReport, 'findings'> => ({
  at: NOW,
  host: 'shop',
  hosts: [{ name: 'shop', isHere: true, state: 'living' }],
  versions: { program: '1', node: 'v24', system: 'Linux' },
  startedAt: NOW,
  isSafeMode: false,
  processes: [{ name: 'gateway', state: 'running', restarts: 0, lagMs: 3, silentMs: 900, heapBytes: 1, heapLimitBytes: 10, from: 'itself' }],
  memory: { totalBytes: 8 * GB, freeBytes: 4 * GB },
  cpu: { cores: 4, load: 1 },
  database: { state: 'ok', isEmbedded: true, connections: 7, mostConnections: 60, answerMs: 2, longestS: 0 },
  redis: 'none',
  queues: [{ queue: 'flow', name: 'flow', waiting: 3, active: 1, dead: 0, late: 0, mode: 'open' }],
  disk: { state: 'ok', freeBytes: 50 * GB, totalBytes: 100 * GB, path: '/data', lowBytes: 10 * GB, criticalBytes: 2 * GB },
  space: {
    host: 'shop',
    spaces: [{ kind: 'journals', bytes: GB, limitBytes: 4 * GB }],
    rule: { journalDays: 1, journalMb: 100, programDays: 1, logMb: 20, databaseMb: 500 },
  },
  machines: [{ id: 'm', name: 'Mill', isVirtual: false, guard: 'running', link: 'connected', silentMs: 200 }],
  clock: { offMs: 12, jumps: [] },
  certificate: { endsAt: ago(-90 * 86_400_000), names: ['shop.local'] },
  backup: { at: ago(3_600_000), isScheduled: true },
})
const codes = (change: Partial<Omit<SystemReport, 'findings'>>) =>
  findingsOf({ ...well(), ...change }).map(({ code, level, subject }) => [level, code, subject])

describe('findings', () => {
  it('there are none where all is well', () => expect(codes({})).toEqual([]))

  it.each<[string, Partial<Omit<SystemReport, 'findings'>>, unknown[]]>([
    ['safe mode', { isSafeMode: true }, ['problem', 'safe-mode', undefined]],
    [
      'a process that is down',
      { processes: [{ name: 'runtime', state: 'restarting', restarts: 3, text: 'x', from: 'itself' }] },
      ['problem', 'process-down', 'runtime'],
    ],
    [
      'one that says nothing',
      { processes: [{ name: 'runtime', state: 'running', restarts: 0, silentMs: 9000, from: 'itself' }] },
      ['problem', 'process-silent', 'runtime'],
    ],
    ['one that hangs', { processes: [{ name: 'gateway', state: 'running', restarts: 0, lagMs: 900, from: 'itself' }] }, ['warning', 'process-lag', 'gateway']],
    [
      'one that ended a while ago',
      { processes: [{ name: 'gateway', state: 'running', restarts: 1, lastEnd: { text: 'SIGKILL', at: ago(600_000) }, from: 'itself' }] },
      ['warning', 'process-restarted', 'gateway'],
    ],
    [
      'one that is nearly out of memory',
      { processes: [{ name: 'gateway', state: 'running', restarts: 0, heapBytes: 95, heapLimitBytes: 100, from: 'itself' }] },
      ['warning', 'process-memory', 'gateway'],
    ],
    ['a computer without memory', { memory: { totalBytes: 8 * GB, freeBytes: GB / 10 } }, ['warning', 'memory-low', undefined]],
    ['no database', { database: { state: 'away', isEmbedded: true } }, ['problem', 'database-away', undefined]],
    ['a slow one', { database: { state: 'ok', isEmbedded: true, answerMs: 900 } }, ['warning', 'database-slow', undefined]],
    ['one that is busy for long', { database: { state: 'ok', isEmbedded: true, longestS: 400 } }, ['warning', 'database-query', undefined]],
    [
      'one without connections',
      { database: { state: 'ok', isEmbedded: true, connections: 58, mostConnections: 60 } },
      ['warning', 'database-connections', undefined],
    ],
    ['no Redis', { redis: 'away' }, ['problem', 'redis-away', undefined]],
    [
      'a queue that is held',
      { queues: [{ queue: 'q', name: 'Mill', waiting: 1, active: 0, dead: 0, late: 0, mode: 'held' }] },
      ['warning', 'queue-held', 'Mill'],
    ],
    ['open failures', { queues: [{ queue: 'q', name: 'Mill', waiting: 0, active: 0, dead: 2, late: 0, mode: 'open' }] }, ['warning', 'letters-open', 'Mill']],
    ['late jobs', { queues: [{ queue: 'q', name: 'Mill', waiting: 2, active: 0, dead: 0, late: 1, mode: 'open' }] }, ['warning', 'queue-late', 'Mill']],
    ['a disk that fills', { disk: { ...well().disk, state: 'low' } }, ['warning', 'disk-low', undefined]],
    ['one that is nearly full', { disk: { ...well().disk, state: 'critical' } }, ['problem', 'disk-critical', undefined]],
    ['one that is full', { disk: { ...well().disk, state: 'full' } }, ['problem', 'disk-full', undefined]],
    [
      'what takes more than it may',
      { space: { ...well().space, spaces: [{ kind: 'journals', bytes: 5 * GB, limitBytes: 4 * GB }] } },
      ['warning', 'space-over', 'journals'],
    ],
    ['a guard that is gone', { machines: [{ id: 'm', name: 'Mill', isVirtual: false, guard: 'gone' }] }, ['problem', 'guard-away', 'Mill']],
    ['a link that is lost', { machines: [{ id: 'm', name: 'Mill', isVirtual: false, guard: 'running', link: 'lost' }] }, ['problem', 'link-lost', 'Mill']],
    [
      'a controller that says nothing',
      { machines: [{ id: 'm', name: 'Mill', isVirtual: false, guard: 'running', link: 'connected', silentMs: 9000 }] },
      ['warning', 'link-silent', 'Mill'],
    ],
    ['a clock that is off', { clock: { offMs: -9000, jumps: [] } }, ['warning', 'clock-off', undefined]],
    ['a clock that was set', { clock: { offMs: 0, jumps: [{ at: ago(1000), ms: 3_600_000 }] } }, ['warning', 'clock-jumped', undefined]],
    ['a certificate that was not taken', { certificate: { ...well().certificate!, trouble: 'no key' } }, ['problem', 'tls-trouble', undefined]],
    ['one that ends soon', { certificate: { names: [], endsAt: ago(-3 * 86_400_000) } }, ['warning', 'tls-ends', undefined]],
    ['one that has ended', { certificate: { names: [], endsAt: ago(1) } }, ['problem', 'tls-ended', undefined]],
    ['no back-up', { backup: { isScheduled: false } }, ['warning', 'backup-never', undefined]],
    ['an old one', { backup: { isScheduled: true, at: ago(20 * 86_400_000) } }, ['warning', 'backup-old', undefined]],
    ['one that failed', { backup: { isScheduled: true, at: ago(1), failed: 'no room' } }, ['problem', 'backup-failed', undefined]],
    ['a host that is silent', { hosts: [...well().hosts, { name: 'cell-2', isHere: false, state: 'silent' }] }, ['problem', 'host-silent', 'cell-2']],
  ])('%s', (_what, change, finding) => expect(codes(change)).toEqual([finding]))

  it('the worst stand first', () => {
    expect(codes({ clock: { offMs: 9000, jumps: [] }, redis: 'away' }).map(([level]) => level)).toEqual(['problem', 'warning'])
  })
})

it('a clock that is set is told from one that runs late', () => {
  let [wall, steady] = [1000, 0]
  const jump = jumpsOf({ wall: () => wall, steady: () => steady })
  const pass = (wallMs: number, steadyMs: number) => {
    wall += wallMs
    steady += steadyMs
    return jump()
  }
  expect([pass(5000, 5000), pass(60_000, 60_000), pass(5500, 5000), pass(3_605_000, 5000), pass(5000, 5000), pass(-55_000, 5000)]).toEqual([
    undefined,
    undefined,
    undefined,
    3_600_000,
    undefined,
    -60_000,
  ])
})

it('what a process does not tell of itself is read from the system', async () => {
  const look = watchProcesses(() => [
    { name: 'gateway', pid: process.pid, state: 'running', restarts: 0, rssBytes: 7, lagMs: 1 },
    { name: 'postgres', pid: process.pid, state: 'running', restarts: 0 },
    { name: 'guard:m', state: 'starting', restarts: 0 },
  ])
  const [gateway, postgres, guard] = await look()
  expect(gateway).toMatchObject({ rssBytes: 7, from: 'itself' })
  expect(guard).toMatchObject({ from: 'system' })
  if (process.platform !== 'linux') return
  expect(postgres?.rssBytes).toBeGreaterThan(10_000_000)
  expect((await look())[1]?.cpuPercent).toBeGreaterThanOrEqual(0)
})
