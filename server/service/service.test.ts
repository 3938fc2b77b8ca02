/** The unit, judged by systemd's own tools; the environment file; where a program may lie. What only a real boot proves: test/system. */
import { spawnSync } from 'node:child_process'
import { accessSync, chmodSync, constants, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import fc from '../../test/property.ts'
import { FIRST_ENV_TEXT, readEnvText, withSettings } from './env-file.ts'
import { checkPath, checkPlace } from './place.ts'
import { type UnitFacts, unitText } from './unit.ts'

const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0
if (!hasSystemd && process.env.CELLWRIGHT_NO_SKIPS) throw new Error('systemd-analyze is needed')

let dir: string
beforeAll(() => {
  // not in /tmp, which the service does not see
  dir = mkdtempSync('/var/lib/cw-service-test-')
  chmodSync(dir, 0o755)
  for (const part of ['program/dist', 'program/bin']) mkdirSync(join(dir, part), { recursive: true })
  writeFileSync(join(dir, 'program/dist/cli.js'), '', { mode: 0o644 })
  writeFileSync(join(dir, 'program/bin/node'), '', { mode: 0o755 })
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const facts = (more: Partial<UnitFacts> = {}): UnitFacts => ({
  root: join(dir, 'program'),
  node: join(dir, 'program/bin/node'),
  envFile: '/etc/cellwright/cellwright.env',
  dataDir: '/var/lib/cellwright',
  writable: [],
  user: 'cellwright',
  serialGroup: 'dialout',
  needsLowPort: false,
  ...more,
})
const has = (text: string, line: string) => text.split('\n').includes(line)

test.skipIf(process.platform === 'win32')('the command is a program of its own, as the documents have people type it', () => {
  accessSync(join(import.meta.dirname, '../../bootstrap/cellwright.mjs'), constants.X_OK)
})

describe.skipIf(!hasSystemd)('systemd takes it', () => {
  const verified = (text: string, ...options: string[]) => {
    writeFileSync(join(dir, 'cellwright.service'), text)
    const { status, stdout, stderr } = spawnSync('systemd-analyze', [...options, 'verify', '--man=no', join(dir, 'cellwright.service')], {
      encoding: 'utf8',
      env: { ...process.env, XDG_RUNTIME_DIR: dir },
    })
    // words about other units of this computer are none of ours
    const about = `${stdout}${stderr}`.split('\n').filter((line) => line.includes('cellwright'))
    return { status, about }
  }
  const good = { status: 0, about: [] }

  test('without a word of complaint: for the computer, for a user, with an odd path, a low port, data elsewhere', () => {
    expect(verified(unitText(facts()))).toEqual(good)
    expect(verified(unitText(facts({ user: undefined })), '--user')).toEqual(good)
    expect(verified(unitText(facts({ needsLowPort: true, serialGroup: undefined, dataDir: '/srv/shop data', writable: ['/srv/50% "files"'] })))).toEqual(good)
    const odd = join(dir, 'a place, v1.0+2')
    mkdirSync(join(odd, 'bin'), { recursive: true })
    writeFileSync(join(odd, 'bin/node'), '', { mode: 0o755 })
    expect(verified(unitText(facts({ root: odd, node: join(odd, 'bin/node') })))).toEqual(good)
  })

  test('a mistake in it would be seen', () => {
    expect(verified(unitText(facts()).replace('KillMode=process', 'KillMode=everybody')).about.join('\n')).toContain('everybody')
  })

  test('what it may do is little: at most 2.5 of 10 by systemd-analyze security', () => {
    writeFileSync(join(dir, 'cellwright.service'), unitText(facts()))
    const { stdout } = spawnSync('systemd-analyze', ['security', '--offline=yes', '--no-pager', join(dir, 'cellwright.service')], { encoding: 'utf8' })
    const exposure = Number(/exposure level for cellwright\.service: ([\d.]+)/.exec(stdout)?.[1])
    expect(exposure).toBeGreaterThan(0)
    expect(exposure).toBeLessThanOrEqual(2.5)
  })
})

test('guards outlive a launcher that was killed, and the next one finds them', () => {
  const text = unitText(facts())
  // another KillMode ends every process of the unit when the first one has ended
  expect(has(text, 'KillMode=process')).toBe(true)
  // a private /tmp is another one with each start
  expect(has(text, 'Environment=CELLWRIGHT_RUN=/run/cellwright')).toBe(true)
  expect(has(text, 'RuntimeDirectoryPreserve=yes')).toBe(true)
  // the start of an out-of-memory kill must not stop the others
  expect(has(text, 'OOMPolicy=continue')).toBe(true)
})

test('it may write to its data and to the folders of its settings, and open ports below 1024 only where one is set', () => {
  const own = unitText(facts())
  expect(has(own, 'StateDirectory=cellwright')).toBe(true)
  expect(own).not.toContain('ReadWritePaths')
  expect(has(own, 'CapabilityBoundingSet=')).toBe(true)
  const other = unitText(facts({ dataDir: '/srv/data', writable: ['/mnt/files'], needsLowPort: true }))
  expect(other).not.toContain('StateDirectory=')
  expect(has(other, 'ReadWritePaths="/srv/data" "-/mnt/files"')).toBe(true)
  expect(has(other, 'AmbientCapabilities=CAP_NET_BIND_SERVICE')).toBe(true)
})

test('the environment file keeps what people wrote into it', () => {
  const text = `# ours\nCELLWRIGHT_PORT=8470\n\n  # theirs\nDATABASE_URL='postgresql://u:a b@h/d'\n`
  const changed = withSettings(text, { CELLWRIGHT_PORT: '443', CELLWRIGHT_HOST: '0.0.0.0' })
  expect(changed).toBe(`# ours\nCELLWRIGHT_PORT=443\n\n  # theirs\nDATABASE_URL='postgresql://u:a b@h/d'\nCELLWRIGHT_HOST=0.0.0.0\n`)
  expect(readEnvText(changed)).toEqual({ CELLWRIGHT_PORT: '443', DATABASE_URL: 'postgresql://u:a b@h/d', CELLWRIGHT_HOST: '0.0.0.0' })
  expect(withSettings(changed, { CELLWRIGHT_PORT: '443' })).toBe(changed)
  expect(readEnvText(FIRST_ENV_TEXT)).toEqual({})
  expect(() => withSettings('', { CELLWRIGHT_OWNER: 'a\nCELLWRIGHT_PORT=1' })).toThrow('one line')
})

test('every value that is one line comes back as it was', () => {
  fc.assert(
    fc.property(
      fc.string().filter((text) => !/[\r\n]/.test(text)),
      (value) => {
        expect(readEnvText(withSettings('', { NAME: value })).NAME).toBe(value)
      },
    ),
  )
})

test('a program in a home, or where others cannot pass, is refused with what to do', () => {
  const place = { root: join(dir, 'program'), node: join(dir, 'program/bin/node') }
  expect(checkPlace(place)).toEqual(place)
  chmodSync(join(dir, 'program'), 0o700)
  expect(() => checkPlace(place)).toThrow(`${join(dir, 'program')} is closed to others`)
  chmodSync(join(dir, 'program'), 0o755)
  chmodSync(join(dir, 'program/dist/cli.js'), 0o600)
  expect(() => checkPlace(place)).toThrow('cli.js is closed to others')
  chmodSync(join(dir, 'program/dist/cli.js'), 0o644)
  for (const path of ['/opt/$HOME', '/opt/a"b', '/opt/100%', '/opt/a\nb']) expect(() => checkPath(path)).toThrow('plain name')
  expect(() => checkPlace({ ...place, root: import.meta.dirname.startsWith('/tmp') ? import.meta.dirname : '/tmp' })).toThrow('hidden from the service')
})
