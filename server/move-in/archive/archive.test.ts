/** What is brought is hostile until it was read whole; what is not wanted costs nothing but its bytes. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { crc32, deflateRawSync, gzipSync } from 'node:zlib'
import { Header } from 'tar'
import { afterAll, describe, expect, test } from 'vitest'
import fc from '../../../test/property.ts'
import { readBrought } from './index.ts'
import { LIMITS } from './limits.ts'

const workDir = mkdtempSync(join(tmpdir(), 'cw-brought-'))
afterAll(() => rmSync(workDir, { recursive: true, force: true }))

interface Entry {
  path: string
  content?: string | Buffer
  type?: string
  linkpath?: string
}

/** A tar as anybody could write it. */
function tarOf(entries: readonly Entry[]): Buffer {
  const blocks = entries.flatMap(({ path, content = '', type = 'File', linkpath }) => {
    const body = Buffer.from(content as string)
    const block = Buffer.alloc(512)
    new Header({ path, mode: 0o644, size: body.length, mtime: new Date(0), type: type as never, ...(linkpath === undefined ? {} : { linkpath }) }).encode(block)
    return [block, body, Buffer.alloc((512 - (body.length % 512)) % 512)]
  })
  return Buffer.concat([...blocks, Buffer.alloc(1024)])
}

/** A zip as anybody could write it (APPNOTE 4.3): `mode` are the bits of a Unix packer, `claims` a size that is not true. */
function zipOf(entries: readonly (Entry & { mode?: number; claims?: number; flags?: number })[]): Buffer {
  const parts: Buffer[] = []
  const list: Buffer[] = []
  let at = 0
  for (const { path, content = '', mode = 0o100_644, claims, flags = 0x800 } of entries) {
    const body = Buffer.from(content as string)
    const packed = deflateRawSync(body)
    const name = Buffer.from(path)
    const local = Buffer.alloc(30)
    local.writeUInt32LE(0x04034b50, 0)
    local.writeUInt16LE(20, 4)
    local.writeUInt16LE(flags, 6)
    local.writeUInt16LE(8, 8)
    local.writeUInt32LE(crc32(body), 14)
    local.writeUInt32LE(packed.length, 18)
    local.writeUInt32LE(claims ?? body.length, 22)
    local.writeUInt16LE(name.length, 26)
    const central = Buffer.alloc(46)
    central.writeUInt32LE(0x02014b50, 0)
    central.writeUInt16LE((3 << 8) | 20, 4)
    central.writeUInt16LE(20, 6)
    central.writeUInt16LE(flags, 8)
    central.writeUInt16LE(8, 10)
    local.copy(central, 16, 14, 26)
    central.writeUInt16LE(name.length, 28)
    central.writeUInt32LE((mode << 16) >>> 0, 38)
    central.writeUInt32LE(at, 42)
    parts.push(local, name, packed)
    list.push(central, name)
    at += local.length + name.length + packed.length
  }
  const contents = Buffer.concat(list)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(entries.length, 8)
  end.writeUInt16LE(entries.length, 10)
  end.writeUInt32LE(contents.length, 12)
  end.writeUInt32LE(at, 16)
  return Buffer.concat([...parts, contents, end])
}

const read = (bytes: Buffer, name = 'brought') => readBrought(Readable.from([bytes]), { name, workDir })
const whyOf = (bytes: Buffer) =>
  read(bytes).then(
    () => 'taken',
    (error: { code?: string; details?: { why?: string } }) => error.details?.why ?? `${error.code} ${String(error)}`,
  )

const DIRECTORY: Entry[] = [
  { path: '.node-red/flows.json', content: '[]' },
  { path: '.node-red/settings.js', content: 'module.exports = {}' },
  { path: '.node-red/node_modules/x/package.json', content: '{}' },
  { path: '.node-red/node_modules/.bin/x', type: 'SymbolicLink', linkpath: '../x/cli.js' },
  { path: '.node-red/readme.txt', content: 'x' },
]

test.each([
  ['a packed tar', gzipSync(tarOf(DIRECTORY))],
  ['a tar', tarOf(DIRECTORY)],
  ['a zip', zipOf(DIRECTORY.map(({ type, ...entry }) => (type ? { ...entry, mode: 0o120_777 } : entry)))],
])('%s: what matters is read, the rest passed over', async (_, bytes) => {
  const { files, passedOver } = await read(bytes)
  expect([...files].map(([path, content]) => [path, content.toString()])).toEqual([
    ['.node-red/flows.json', '[]'],
    ['.node-red/settings.js', 'module.exports = {}'],
  ])
  expect(passedOver).toBe(3)
  expect(readdirSync(workDir)).toEqual([])
})

test('a file by itself keeps its name and none of its folders', async () => {
  expect([...(await read(Buffer.from('[]'), 'C:\\shop\\flows.json')).files.keys()]).toEqual(['flows.json'])
  expect([...(await read(Buffer.from('{}'), '../../.cncrc')).files.keys()]).toEqual(['.cncrc'])
})

describe('refused whole, with the reason', () => {
  test.each<[string, string, Buffer]>([
    ['a way out of the folder', 'path', gzipSync(tarOf([{ path: '../flows.json' }]))],
    ['a path from the root', 'path', gzipSync(tarOf([{ path: '/etc/flows.json' }]))],
    ['a way out of the folder in a zip', 'not-an-archive', zipOf([{ path: '../../flows.json' }])],
    ['a path of Windows in a zip', 'not-an-archive', zipOf([{ path: 'C:/flows.json' }])],
    ['flows that are a link', 'link', gzipSync(tarOf([{ path: 'flows.json', type: 'SymbolicLink', linkpath: '/etc/passwd' }]))],
    ['flows that are a hard link', 'link', gzipSync(tarOf([{ path: 'flows.json', type: 'Link', linkpath: 'x' }]))],
    ['flows that are a pipe', 'link', gzipSync(tarOf([{ path: 'flows.json', type: 'FIFO' }]))],
    ['flows that are a link in a zip', 'link', zipOf([{ path: 'flows.json', content: '/etc/passwd', mode: 0o120_777 }])],
    ['the same file twice', 'twice', gzipSync(tarOf([{ path: 'flows.json' }, { path: './Flows.json' }]))],
    ['the same file twice in a zip', 'twice', zipOf([{ path: 'flows.json' }, { path: 'flows.json' }])],
    ['a file in a zip under a password', 'encrypted', zipOf([{ path: 'flows.json', content: 'x', flags: 0x801 }])],
    ['zeros packed to a thousandth', 'ratio', gzipSync(Buffer.concat([tarOf([{ path: 'x.bin', content: Buffer.alloc(40_000_000) }])]))],
    ['zeros packed to a thousandth in a zip', 'ratio', zipOf([{ path: 'flows.json', content: Buffer.alloc(40_000_000) }])],
    ['a size in a zip that is not true', 'not-an-archive', zipOf([{ path: 'flows.json', content: Buffer.alloc(9_000_000), claims: 10 }])],
    ['an archive in an archive', 'not-an-archive', gzipSync(gzipSync(tarOf([{ path: 'flows.json' }])))],
    ['half an archive', 'not-an-archive', gzipSync(tarOf([{ path: 'flows.json', content: Buffer.alloc(9000, 'word ') }])).subarray(0, 60)],
    ['half a zip', 'not-an-archive', zipOf([{ path: 'flows.json', content: 'x' }]).subarray(0, 40)],
    ['nothing', 'empty', Buffer.alloc(0)],
  ])('%s', async (_, why, bytes) => {
    expect(await whyOf(bytes)).toBe(why)
    expect(readdirSync(workDir)).toEqual([])
  })

  test('more than anybody has, before it was read', async () => {
    let sent = 0
    const endless = Readable.from(
      (function* () {
        for (;;) {
          sent += 65_536
          yield Buffer.alloc(65_536, 0x20)
        }
      })(),
    )
    await expect(readBrought(endless, { name: 'flows.json', workDir })).rejects.toMatchObject({ code: 'move-in-refused' })
    expect(sent).toBeLessThan(LIMITS.fileBytes + 1_000_000)
  })
})

test('flows of fifty megabytes are read', async () => {
  const content = Buffer.alloc(49_000_000, 0x20)
  for (let i = 0; i < content.length; i += 7) content[i] = i % 94
  const { files } = await read(gzipSync(tarOf([{ path: 'flows.json', content }]), { level: 1 }))
  expect(files.get('flows.json')?.equals(content)).toBe(true)
})

test('whatever bytes come, the answer is files within the limits or a refusal', async () => {
  const good = zipOf([
    { path: 'flows.json', content: '[{"id":"a","type":"tab"}]' },
    { path: 'settings.js', content: 'module.exports = {}' },
  ])
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 12 }), async (changes) => {
      const bytes = Buffer.from(good)
      for (const [at, value] of changes) bytes[at] = value
      try {
        for (const path of (await read(bytes)).files.keys()) expect(path).not.toMatch(/(^|\/)\.\.(\/|$)|^\//)
      } catch (error) {
        expect(error).toMatchObject({ code: 'move-in-refused' })
      }
    }),
    { numRuns: 150 },
  )
})
